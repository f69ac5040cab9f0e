from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from reportgen.pages.address import Address
from reportgen.pages.gather import gather_study
from reportgen.pages.markdown import Place
from reportgen.pages.site import relative
from reportgen.pages.theory import gather_theory
from reportgen.study.spec import Component


@pytest.fixture
def gathered(fakes, tmp_path):
    """Gather the page of some entries."""
    from reportgen.pages.bibliography import read_bibliography

    def gather(*entries):
        views = [gather_study(entry, Address()) for entry in entries or [fakes.entry(tmp_path)]]
        place = Place(url=relative("theory/"), bibliography=read_bibliography(fakes.bibliography(tmp_path)))
        return gather_theory(views, place) | {"cited": place.cited}

    return gather


def rows(page, group=0):
    return {row.label: row for row in page["groups"][group].rows}


def changed(fakes, folder, arm, **values):
    """Return the study's entry with other values in one row of its theory."""
    entry = fakes.entry(folder)
    frame = entry.analysis.theory.copy()
    for name, value in values.items():
        frame[name] = frame[name].astype(object) if name in frame else math.nan
        frame.loc[frame["arm"] == arm, name] = value
    return replace(entry, analysis=replace(entry.analysis, theory=frame))


def test_the_sentences_count_what_the_rows_say(gathered):
    page = gathered()
    # 10 arms; the two of sigmoid have no theory, the two of tanh with He miss by 5 %, four deviate by 0.2 %
    assert page["sentences"] == [
        "Of 10 arms at initialisation, 8 have a prediction.",
        "In 6 of 8 (75\u00a0%) it lies within the 95\u00a0% interval of the measurement.",
        "The median absolute deviation is 0.20\u00a0%.",
    ]
    assert page["largest"]["deviation"] == "−4.8\u00a0%" and page["largest"]["arm"].startswith("tanh · He")
    assert page["largest"]["explanation"] == "It lies 4.8 % below, which is not explained."


def test_a_row_has_measurement_prediction_and_verdict(gathered):
    row = rows(gathered())["tanh · He · untrained, 30 layers"]
    assert (row.measured.text, row.measured.low, row.measured.high) == ("1.190", "1.178", "1.202")
    assert (row.predicted.text, row.deviation.text, row.inside.text) == ("1.250", "−4.76", "no")
    assert row.inside.warn and row.explanation.startswith("It lies") and row.path == "deep-mlps/#arms"
    good = rows(gathered())["ReLU · He · untrained, 30 layers"]
    assert (good.inside.text, good.inside.warn, good.explanation) == ("yes", False, "")


def test_conditions_are_told_once_and_those_with_numbers_in_the_row(gathered):
    page = gathered()
    (basis,) = page["bases"]
    assert basis.arms == 8 and "Wide layers. They are taken as independent." in basis.conditions
    assert "Bengio et al. 1994" in basis.citation and "<code>unheard2020</code>" in basis.citation
    assert page["cited"] == ["bengio1994"]
    found = rows(page)
    assert found["ReLU · He · untrained, 30 layers"].conditions == "The size of an input matters: from 0.9 to 1.1."
    assert found["tanh · He · untrained, 30 layers"].conditions == ""


def test_arms_without_theory_are_grouped_by_reason_and_keep_their_numbers(gathered):
    (reason,) = gathered()["reasons"]
    assert (reason.reason, reason.arms) == ("the units saturate, it seems", 2)
    ((_, path, labels),) = reason.studies
    assert path == "deep-mlps/" and labels[0] == "sigmoid · Glorot · untrained, 30 layers (by 0.3 here)"


def test_arms_that_share_runs_count_once(gathered, fakes, tmp_path):
    page = gathered(fakes.entry(tmp_path), fakes.entry(tmp_path, "second", title="Again", prose={}))
    assert page["sentences"][0] == "Of 10 arms at initialisation, 8 have a prediction."
    assert page["sentences"][-1] == "10 arms whose networks another arm has are not counted."
    assert {row.measured.note for row in page["groups"][0].rows} == {""}
    (note,) = {row.measured.note for row in page["groups"][1].rows}
    assert note.startswith("the same networks as in “Activation, initialisation and depth")


def test_a_prediction_without_a_measurement_is_told(gathered, fakes, tmp_path):
    unknown = dict.fromkeys(("measured", "low", "high", "deviation"), math.nan)
    page = gathered(changed(fakes, tmp_path, "relu/he/untrained-30-layers", **unknown))
    row = rows(page)["ReLU · He · untrained, 30 layers"]
    assert (row.measured.text, row.deviation.text, row.inside.text) == ("–", "–", "–")
    assert row.predicted.text == "1.002" and row.explanation == "nothing was measured"
    assert "For 1 arm with a prediction there is no measured factor." in page["sentences"]
    assert any(sentence.startswith("In 5 of 7 (71\u00a0%)") for sentence in page["sentences"])


def test_without_an_interval_nothing_is_judged(gathered, fakes, tmp_path):
    page = gathered(changed(fakes, tmp_path, "relu/he/untrained-30-layers", low=math.nan, high=math.nan))
    assert rows(page)["ReLU · He · untrained, 30 layers"].inside.text == "–"
    assert "1 arm has no interval." in page["sentences"]


def test_a_site_without_predictions_says_nothing(gathered, fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    entry = replace(entry, analysis=replace(entry.analysis, theory=entry.analysis.theory.iloc[:0]))
    page = gathered(entry)
    assert page["sentences"] == [] and page["groups"] == page["bases"] == page["reasons"] == () and not page["largest"]


def test_the_scatter_of_the_seeds_stands_beside_that_of_finite_width(gathered, fakes, tmp_path):
    label, arm = "tanh · He · untrained, 30 layers", "tanh/he/untrained-30-layers"
    # a standard deviation of log10 of 0.01 is one of 2.3 % of the factor
    entry = changed(fakes, tmp_path, arm, scatter=0.01, measured_scatter=0.02)
    cell = rows(gathered(entry))[label].scatter
    assert (cell.text, cell.note) == ("4.61", "theory: 2.30")
    without = changed(fakes, tmp_path, arm, scatter=math.nan, measured_scatter=0.02)
    assert rows(gathered(without))[label].scatter.note == ""


def test_arms_whose_remedies_leave_the_untrained_network_as_it_is_count_once(gathered, fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    study = entry.study
    own = study.arm("relu/he/untrained-30-layers")
    clipped = replace(own, id="clipped", label="clipped", remedies=(Component("clip-norm", 1, {"max_norm": 1.0}),))
    frame = entry.analysis.theory
    same = frame[frame["arm"] == own.id].assign(arm="clipped")
    both = replace(
        entry,
        study=replace(study, arms=(*study.arms, clipped)),
        analysis=replace(entry.analysis, theory=pd.concat([frame, same], ignore_index=True)),
    )
    assert gathered(both)["sentences"][-1] == "1 arm whose networks another arm has is not counted."
