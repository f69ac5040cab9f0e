"""Which arms a figure shows, and what it says of the others."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from reportgen.errors import UnknownName
from reportgen.figures.select import reason, select


def test_where_restricts_the_arms(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    request = fakes.request("decay-factor", where={"initialisation": ("He",)})
    selection = select(study, fakes.analysis(study), request)
    assert [arm.id for arm in selection.arms] == ["sigmoid/He", "ReLU/He"]
    assert selection.colour is not None and selection.colour.name == "activation"
    assert [selection.series(arm) for arm in selection.arms] == ["sigmoid", "ReLU"]


def test_a_factor_without_a_part_joins_the_series(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    selection = select(study, fakes.analysis(study), fakes.request("decay-factor"), colour="initialisation")
    assert [selection.series(arm) for arm in selection.arms][:2] == ["Glorot · sigmoid", "He · sigmoid"]
    assert selection.grouping()["details"] == 2


def test_panels_and_axis_take_their_factors_out_of_the_series(fakes: SimpleNamespace) -> None:
    study = fakes.study({"unit": ("tanh", "ReLU"), "gain": ("0.5", "1.5")})
    selection = select(study, fakes.analysis(study), fakes.request("decay-factor"), panels="unit", against="gain")
    assert set(selection.groups["series"]) == {""}
    assert list(selection.groups["panel"]) == ["tanh", "tanh", "ReLU", "ReLU"]
    assert list(selection.groups["x"]) == [0.5, 1.5, 0.5, 1.5]


def test_an_unknown_factor_is_named_with_the_nearest(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    with pytest.raises(UnknownName, match=r"no factor called 'activatoin'.*\n.*did you mean 'activation'"):
        select(study, fakes.analysis(study), fakes.request("decay-factor"), colour="activatoin")
    with pytest.raises(UnknownName, match="depth"):
        select(study, fakes.analysis(study), fakes.request("decay-factor", where={"depth": ("3",)}))


def test_reasons(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    skipped, diverged, missing, told = study.arms
    statuses = analysis.statuses.set_index("arm")
    statuses.loc[diverged.id, ["completed", "diverged", "failed"]] = [0, 3, 1]
    statuses.loc[missing.id, ["completed", "missing"]] = [0, 4]
    analysis.statuses = statuses.reset_index()
    analysis.absent.loc[0] = [told.id, "decay-factor", "fewer than three positions."]
    assert reason(analysis, replace(skipped, skipped="He is for ReLU")) == "skipped, He is for ReLU"
    assert reason(analysis, diverged) == "of 4 planned, 3 runs diverged and 1 run failed"
    assert reason(analysis, missing) == "not run yet"
    assert reason(analysis, told, "decay-factor") == "fewer than three positions"
    assert reason(analysis, told) == "nothing was measured"
    assert reason(analysis, replace(told, target=None), "success") == "the arm has no target"
