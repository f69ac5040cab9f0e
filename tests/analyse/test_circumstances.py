"""What the arms of a comparison have in common, in names that all studies share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen.analyse.circumstances import LABELS, circumstances
from reportgen.analyse.claims import decide
from reportgen.analyse.evidence import Held


@pytest.fixture
def known(toy, deciding):
    """Circumstances of the arm "on" against "off", whose end-to-end ratios are given in decades by seed."""

    def found(on, off, estimate="success"):
        study = deciding.crossed(toy, remedy=["on", "off"])
        values = {"on": on, "off": off}
        analysis = deciding.analysis(study, signal_ratio=lambda levels: dict(enumerate(values[levels["remedy"]])))
        held = Held(analysis.outcomes, analysis.statuses, analysis.absent)
        arms = {arm.levels["remedy"]: arm for arm in study.arms}
        return circumstances([arms["on"]], [arms["off"]], estimate, held)

    return found


@pytest.mark.parametrize(
    ("ratios", "word"),
    [
        ((-1.1, -1.1, 5.0), "vanishing"),
        ((-0.9, -0.9, -9.0), "level"),
        ((0.9, 0.9, 9.0), "level"),
        ((1.1, 1.1, -5.0), "exploding"),
        ((float("nan"), 3.0, 3.0), "exploding"),
    ],
)
def test_the_median_of_the_end_to_end_ratio_names_the_gradient(known, ratios, word):
    found = known(on=(0.0, 0.0, 0.0), off=ratios)
    assert (found["gradient with"], found["gradient without"]) == ("level", word)


def test_what_was_not_measured_is_not_there(known):
    assert "gradient with" not in known(on=(float("nan"),), off=(0.0,))


def test_before_and_in_training(known):
    assert known((0.0,), (0.0,))["when"] == "in training"
    assert known((0.0,), (0.0,), "decay-factor")["when"] == "before training"


def test_names_are_those_of_the_catalogue_and_have_labels(known, toy):
    found = known((0.0,), (0.0,))
    arm = toy.arm("a", levels={})
    assert (arm.architecture.name, found["architecture of"]) == ("mlp", "multilayer perceptron")
    assert found["task of"] == arm.task.name == "digits"
    assert found["activation of"].endswith(" units") and found["optimiser of"] == "plain SGD"
    assert set(found) <= set(LABELS)


def test_a_verdict_turns_on_the_gradient_without_the_remedy_where_no_factor_tells(toy, deciding):
    """Four places; the remedy helps in two, and these two have in common only that the gradient vanishes there."""
    study = deciding.crossed(toy, place=["A", "B", "C", "D", "E", "F", "G"], remedy=["on", "off"])
    bad = {"A", "B", "C"}

    def ratio(levels):
        vanishes = levels["place"] in bad and levels["remedy"] == "off"
        return dict.fromkeys(range(5), -9.0 if vanishes else 0.0)

    def metric(levels):
        gain = 0.5 if levels["remedy"] == "on" and levels["place"] in bad else 0.0
        return {seed: gain + 0.001 * seed * (1 + (levels["remedy"] == "on")) for seed in range(5)}

    asked = deciding.request(estimate="final-metric", margin=0.1)
    analysis = deciding.analysis(study, signal_ratio=ratio, final_metric=metric)
    (found,) = decide(replace(study, claims=(asked,)), analysis)
    assert found.verdict == "depends"
    assert [one["gradient without"] for one in found.circumstances] == ["vanishing"] * 3 + ["level"] * 4
    assert "place: for A, B and C, not for D, E, F and G" in found.condition

    wider = deciding.crossed(toy, place=[*"ABCDEFGHIJ"], remedy=["on", "off"])
    (found,) = decide(
        replace(wider, claims=(asked,)), deciding.analysis(wider, signal_ratio=ratio, final_metric=metric)
    )
    assert found.condition == (
        "the gradient before training in the networks compared with: for vanishing, not for level"
    )
