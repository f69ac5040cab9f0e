"""Levels, labels and addresses."""

from __future__ import annotations

import pytest

from reportgen.study.factors import slug


@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("trained, 5 layers", "trained-5-layers"),
        ("ReLU", "relu"),
        ("0.9", "0.9"),
        ("1e-05", "1e-05"),
        ("-1", "minus-1"),
        ("\N{MINUS SIGN}0.5", "minus-0.5"),
        ("He & Glorot...", "he-glorot"),
        ("Größe é", "groe-e"),
        ("+", ""),
        ("../etc", "etc"),
    ],
)
def test_a_label_becomes_part_of_an_address(label: str, address: str) -> None:
    assert slug(label) == address


def test_a_path_takes_scalars_and_labelled_values(studies) -> None:
    study = studies.load("factors: {architecture.depth: [5, {label: deep, value: 20}, 1e1]}", head=HEAD_ANY)
    factor = study.factors[0]
    assert factor.levels == ("5", "deep", "10.0")
    assert factor.numeric
    assert [arm.values["architecture.depth"] for arm in study.arms] == [5.0, 20.0, 10.0]


HEAD_ANY = """\
title: T
question: Q?
base: {task: dots, architecture: stack}
training: {learning_rate: 0.1}
"""


@pytest.fixture(autouse=True)
def _any_depth(catalogue) -> None:
    @catalogue.architectures.register("any", version=1, summary="Takes a number.")
    def stack(shape: object, *, depth: float = 1.0) -> None: ...

    catalogue.architectures._entries["stack"] = catalogue.architectures["any"]


def test_a_named_factor_is_numeric_where_each_level_sets_one_number(studies) -> None:
    text = "factors: {size: {small: {architecture.depth: 2}, 5: {architecture.depth: 5}}}"
    study = studies.load(text, head=HEAD_ANY)
    assert study.factors[0].levels == ("small", "5")
    assert study.factors[0].numeric
    assert study.arms[0].values == {"size": 2.0}
    mixed = studies.load("factors: {size: {a: {architecture.depth: 2, seeds: 3}, b: {}}}", head=HEAD_ANY)
    assert not mixed.factors[0].numeric
    assert mixed.arms[0].values == {"size": "a"}


def test_a_factor_is_named_for_readers(studies) -> None:
    text = "factors: {training.batch_size: [1], x: {a: {}}}\nlabels: {x: The x}"
    assert [factor.label for factor in studies.load(text, head=HEAD_ANY).factors] == ["Batch size", "The x"]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("factors: {architecture.depth: []}", 31, "the factor 'architecture.depth' has no levels"),
        ("factors: {a: {}}", 14, "the factor 'a' has no levels"),
        ("factors: {a: 5}", 14, "a factor must have levels, not 5"),
        ("factors: {a: {b: 5}}", 18, "a level of a named factor is a mapping of settings, not 5"),
        ("factors: {architecture.depth: {b: 5}}", 31, "a factor that is a path takes a list of levels, not a mapping"),
        ("factors: {architecture.depth: [2, 2]}", 35, "the level '2' is here twice"),
        (
            "factors: {a: {He: {}, he!: {}}}",
            28,
            "the levels 'He' and 'he!' would have the same web address, 'he'",
        ),
        ("factors: {a: {+: {}}}", 18, "the level '+' cannot be part of a web address"),
        (
            "factors: {architecture.depth: [{lable: 1, value: 2}]}",
            32,
            "a level that is a mapping has a label and a value, and nothing else",
        ),
        ("factors: {architecture.depth: [[1]]}", 32, "a level that is a list needs a label"),
    ],
)
def test_faults_of_levels(studies, text: str, column: int, message: str) -> None:
    problem = studies.problem(text, head=HEAD_ANY)
    assert (problem.line, problem.column, problem.message) == (5, column, message)
