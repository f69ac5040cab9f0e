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
        "Of the 2 outside it, 2 are not explained.",
        "The median absolute deviation is 0.20\u00a0%.",
    ]
    assert page["largest"]["deviation"] == "−4.8\u00a0%" and page["largest"]["arm"].startswith("tanh · He")
    assert page["largest"]["explanation"] == "It lies 4.8 % below, which is not explained."


def test_a_row_has_measurement_prediction_and_verdict(gathered):
    row = rows(gathered())["tanh · He · untrained, 30 layers"]
    assert (row.measured.text, row.measured.low, row.measured.high) == ("1.190", "1.178", "1.202")
    assert (row.predicted.text, row.deviation.text, row.inside.text) == ("1.250", "−4.76", "no")
    assert row.inside.warn and row.cause == "not explained" and row.is_unexplained and row.path == "deep-mlps/#arms"
    good = rows(gathered())["ReLU · He · untrained, 30 layers"]
    assert (good.inside.text, good.inside.warn, good.cause, good.remark) == ("yes", False, "", "")


def test_conditions_are_told_once_and_those_with_numbers_are_notes(gathered):
    page = gathered()
    (basis,) = page["bases"]
    ((number, arms, citation),) = basis.sources
    assert (number, arms) == (1, 8) and "Wide layers. They are taken as independent." in basis.conditions
    assert "Bengio et al. 1994" in citation and "<code>unheard2020</code>" in citation
    assert page["cited"] == ["bengio1994"]
    (note,) = page["notes"]
    assert (note.number, note.text, note.arms) == (1, "The size of an input matters: from 0.9 to 1.1.", 2)
    found = rows(page)
    assert found["ReLU · He · untrained, 30 layers"].notes == ((1, ""),)
    assert found["tanh · He · untrained, 30 layers"].notes == ()


def test_numbers_that_differ_between_the_arms_are_letters_in_the_note(gathered, fakes, tmp_path):
    said = "Wide layers. They are taken as independent. The size of an input matters: from -0.8 to 1.1."
    page = gathered(changed(fakes, tmp_path, "relu/he/untrained-30-layers", conditions=said))
    (note,) = page["notes"]
    assert note.text == "The size of an input matters: from <var>x</var> to 1.1."
    found = rows(page)
    assert found["ReLU · He · untrained, 30 layers"].notes == ((1, "x = −0.8"),)
    assert found["ReLU · He · trained, 20 layers"].notes == ((1, "x = 0.9"),)


def test_what_predictions_rest_on_is_told_once_for_all_numbers_and_sources(gathered, fakes, tmp_path):
    entry = changed(fakes, tmp_path, "relu/he/untrained-30-layers", conditions="One matrix for 10 steps.")
    frame = entry.analysis.theory
    frame.loc[frame["arm"] == "relu/he/trained-20-layers", "conditions"] = "One matrix for 9 steps."
    frame.loc[frame["arm"] == "relu/he/trained-20-layers", "source"] = "unheard2020"
    other, steps = gathered(entry)["bases"]
    assert "One matrix for 9 or 10 steps." in steps.conditions and "Wide layers" in other.conditions
    assert [(number, arms) for number, arms, _ in (*other.sources, *steps.sources)] == [(1, 6), (2, 1), (3, 1)]


def test_misses_come_worst_first_with_their_causes(gathered, fakes, tmp_path):
    entry = changed(
        fakes, tmp_path, "relu/he/trained-20-layers", inside=False, deviation=7.0, cause="finite width", allowed="8 %"
    )
    page = gathered(entry)
    worst, *others = page["misses"]
    assert (worst.deviation.text, worst.cause, worst.allowed) == ("+7.00", "finite width", "8\u00a0%")
    assert worst.cause_anchor == "cause-finite-width" and not worst.is_unexplained
    assert [row.is_unexplained for row in others] == [True, True]
    assert [(cause.title, cause.misses) for cause in page["causes"]] == [("finite width", 1), ("not explained", 2)]
    assert "Of the 3 outside it, 2 are not explained." in page["sentences"]


def test_a_study_is_summed_up_in_one_row(gathered):
    page = gathered()
    (group,) = page["groups"]
    assert (group.id, len(group.rows)) == ("study-deep-mlps", 8)
    assert (group.inside.text, group.unexplained.text, group.unexplained.warn) == ("6 of 8 (75\u00a0%)", "2", True)
    assert (group.median.text, group.largest.text) == ("0.20", "−4.76")
    assert group.largest.note.startswith("tanh · He")
    assert page["total"] == (8, group.inside, group.unexplained, group.median, group.largest)


def test_arms_without_theory_are_grouped_by_reason_and_keep_their_numbers(gathered):
    (reason,) = gathered()["reasons"]
    assert (reason.reason, reason.arms) == ("the units saturate, it seems", 2)
    ((_, path, labels),) = reason.studies
    assert path == "deep-mlps/" and labels[0] == "sigmoid · Glorot · untrained, 30 layers (by 0.3 here)"


def test_arms_that_share_runs_count_once(gathered, fakes, tmp_path):
    page = gathered(fakes.entry(tmp_path), fakes.entry(tmp_path, "second", title="Again", prose={}))
    assert page["sentences"][0] == "Of 10 arms at initialisation, 8 have a prediction."
    assert page["shared"].startswith("10 arms start from networks that another arm has: they count in the row")
    assert {row.remark for row in page["groups"][0].rows} == {""}
    (remark,) = {row.remark for row in page["groups"][1].rows}
    assert remark.startswith("the networks of “Activation, initialisation and depth")
    assert len(page["misses"]) == 2 and page["total"][0] == 8
    assert page["chart"].hits + page["chart"].misses == 8


def test_a_prediction_without_a_measurement_is_told(gathered, fakes, tmp_path):
    unknown = dict.fromkeys(("measured", "low", "high", "deviation"), math.nan)
    page = gathered(changed(fakes, tmp_path, "relu/he/untrained-30-layers", **unknown))
    row = rows(page)["ReLU · He · untrained, 30 layers"]
    assert (row.measured.text, row.deviation.text, row.inside.text) == ("–", "–", "–")
    assert row.predicted.text == "1.002" and row.remark == "nothing was measured"
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
    assert page["misses"] == page["notes"] == () and page["chart"] is None and page["shared"] == ""


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
    assert gathered(both)["shared"].startswith("1 arm starts from networks that another arm has: it counts in the row")
