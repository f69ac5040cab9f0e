"""On what a verdict turns, in words."""

from __future__ import annotations

import itertools

import pytest

from reportgen.analyse.conditions import (
    Lean,
    Turn,
    branched,
    branching,
    leaning,
    listed,
    nearly,
    separating,
    uncapitalised,
    worded,
)

LABELS = {"depth": "Hidden layers", "gain": "Gain", "unit": "Activation", "start": "Initialisation"}
ORDERS = {
    "depth": ["2 layers", "5 layers", "20 layers"],
    "unit": ["sigmoid", "tanh", "ReLU"],
    "start": ["He", "Glorot"],
}


def grid(**factors):
    return [dict(zip(factors, levels, strict=True)) for levels in itertools.product(*factors.values())]


def test_the_factor_whose_levels_tell_the_answers_apart():
    levels = grid(unit=["tanh", "ReLU"], depth=["5 layers", "20 layers"])
    turn = separating(levels, [one["depth"] == "5 layers" for one in levels])
    assert turn == Turn(("depth",), (("5 layers",),), (("20 layers",),))


def test_a_pair_where_no_factor_does():
    levels = grid(unit=["tanh", "ReLU"], start=["He", "Glorot"])
    fits = {("tanh", "Glorot"), ("ReLU", "He")}
    turn = separating(levels, [(one["unit"], one["start"]) in fits for one in levels])
    assert turn.names == ("unit", "start")
    assert worded(turn, LABELS, ORDERS) == (
        "activation and initialisation: for tanh (Glorot) and ReLU (He), not for tanh (He) and ReLU (Glorot)"
    )


def test_nothing_where_more_than_two_factors_are_needed():
    levels = grid(a=["0", "1"], b=["0", "1"], c=["0", "1"])
    odd = [sum(map(int, one.values())) % 2 == 1 for one in levels]
    assert separating(levels, odd) is None


def test_fewest_levels_win_and_some_factors_come_last():
    levels = [
        {"study": "A", "unit": "tanh", "depth": "2 layers"},
        {"study": "B", "unit": "ReLU", "depth": "5 layers"},
        {"study": "B", "unit": "ReLU", "depth": "20 layers"},
    ]
    assert separating(levels, [True, False, False]).names == ("study",)
    assert separating(levels, [True, False, False], {"study": 2}).names == ("unit",)


def test_a_factor_that_not_all_strata_have_does_not_count():
    levels = [{"study": "A", "unit": "tanh"}, {"study": "B"}]
    assert separating(levels, [True, False]).names == ("study",)


@pytest.mark.parametrize(
    ("name", "holds", "fails", "text"),
    [
        ("depth", ["5 layers", "2 layers"], ["20 layers"], "hidden layers: for 2 and 5 layers, not for 20"),
        ("gain", ["gain 0.5"], ["gain 1.0", "gain 1.5"], "gain: for gain 0.5, not for 1.0 and 1.5"),
        ("unit", ["ReLU"], ["tanh", "sigmoid"], "activation: for ReLU, not for sigmoid and tanh"),
        ("start", ["wide nets"], ["deep nets"], "initialisation: for wide nets, not for deep nets"),
        ("task.length", ["50"], ["100"], "task.length: for 50, not for 100"),
    ],
)
def test_words(name, holds, fails, text):
    turn = Turn((name,), tuple((level,) for level in holds), tuple((level,) for level in fails))
    assert worded(turn, LABELS, ORDERS) == text


def test_lists_and_names_within_a_sentence():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert [uncapitalised(text) for text in ("Depth", "LSTM gates", "W", "")] == ["depth", "LSTM gates", "W", ""]


def test_a_single_factor_of_rank_one_wins_over_the_study_and_a_pair_that_tells_nothing_does_not():
    levels = [{"study": "A", "unit": "tanh"}, {"study": "B", "unit": "ReLU"}, {"study": "C", "unit": "ReLU"}]
    assert separating(levels, [True, False, False], {"study": 2, "unit": 1}).names == ("unit",)
    crossed = grid(unit=["tanh", "ReLU"], start=["He", "Glorot"])
    odd = [
        (one["unit"] == "tanh" and one["start"] == "He") or (one["unit"] == "ReLU" and one["start"] == "Glorot")
        for one in crossed
    ]
    assert separating(crossed, odd, {"unit": 1, "start": 1}) is None


def test_a_factor_with_few_exceptions():
    levels = [{"unit": "tanh"}] * 6 + [{"unit": "ReLU"}] * 6
    holds = [True] * 5 + [False] + [False] * 6
    lean = leaning(levels, holds)
    assert lean == Lean(Turn(("unit",), (("tanh",),), (("ReLU",),)), (5, 6), (0, 6))
    assert nearly(lean, LABELS, ORDERS) == "activation, mostly: for tanh in 5 of 6 comparisons, for ReLU in 0 of 6"


@pytest.mark.parametrize(
    "holds",
    [
        [True] * 4 + [False] * 2 + [True] + [False] * 5,  # three exceptions in twelve are not rare
        [True] * 6 + [True] * 5 + [False],  # one side would be empty
        [True, False] * 6,
    ],
)
def test_no_lean_where_exceptions_are_common(holds):
    assert leaning([{"unit": "tanh"}] * 6 + [{"unit": "ReLU"}] * 6, holds) is None


def test_the_study_alone_is_no_lean():
    levels = [{"study": "A"}] * 6 + [{"study": "B"}] * 6
    assert leaning(levels, [True] * 5 + [False] * 7, {"study": 2}) is None


def told(levels, holds, names=("by",)):
    found = branching(levels, holds, names)
    return found and "; ".join(branched(found, {"by": "by", "study": "in"}, LABELS, ORDERS))


def test_each_level_of_a_factor_can_have_its_own_condition():
    levels = grid(by=["loss", "time", "success", "cost"], unit=["sigmoid", "tanh"], depth=["5 layers", "20 layers"])
    rule = {
        "loss": lambda one: one["depth"] == "5 layers",
        "time": lambda one: one["unit"] == "tanh",
        "success": lambda one: False,
        "cost": lambda one: False,
    }
    holds = [rule[one["by"]](one) for one in levels]
    assert separating(levels, holds) is None and leaning(levels, holds) is None
    assert told(levels, holds) == (
        "by loss, hidden layers: for 5 layers, not for 20; by time, activation: for tanh, not for sigmoid; "
        "by success and cost, in none of 8 comparisons"
    )


def test_the_factor_that_leaves_the_fewest_comparisons_unexplained_is_taken():
    levels = [{"by": "loss", "study": study} for study in "AAB"] + [{"by": "time", "study": "B"}] * 3
    holds = [True, False, True, True, True, True]
    assert told(levels, holds, ("by", "study")) == "in A, in 1 of 2 comparisons; in B, in all 4 comparisons"


def test_what_no_factor_explains_is_counted_and_no_more_than_half_of_all():
    mixed, plain = [{"by": "loss"}] * 2, [{"by": "time"}] * 3
    assert told(mixed + plain, [True, False, True, True, True]) == (
        "by loss, in 1 of 2 comparisons; by time, in all 3 comparisons"
    )
    assert told(mixed + plain[:1], [True, False, True]) is None
    assert told(mixed, [True, False]) is None
    assert told([*plain, {"by": "loss"}], [True] * 3 + [False]) == (
        "by time, in all 3 comparisons; by loss, not in the only comparison"
    )
