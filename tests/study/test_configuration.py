"""Dotted paths, and how settings follow one another."""

from __future__ import annotations

import pytest

from reportgen.study.spec import Component, Target


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("architecture.dept", "architecture.depth"),
        ("depth", "architecture.depth"),
        ("training.step", "training.steps"),
        ("seed", "seeds"),
        ("seeds.judge", "seeds.judged"),
        ("task.nois", "task.noise"),
        ("measure.point", "measure.points"),
    ],
)
def test_a_path_that_leads_nowhere_names_the_nearest(studies, path: str, near: str) -> None:
    problem = studies.problem(f"factors: {{{path}: [1, 2]}}")
    assert problem.message == f"the path '{path}' leads nowhere"
    assert problem.hint.startswith(f"did you mean '{near}'? allowed: ")
    assert (problem.line, problem.column) == (6, 11)


def test_a_path_may_lead_into_any_architecture_of_the_study(studies) -> None:
    study = studies.load("factors: {architecture: [stack, loop], architecture.gain: [0.5]}")
    assert [arm.skipped for arm in study.arms] == ["'stack' has no option 'gain'", ""]
    assert study.arms[1].architecture == Component("loop", 1, {"phi": "tanh", "gain": 0.5})


def test_levels_follow_in_the_order_of_the_factors_and_the_profile_comes_last(studies) -> None:
    text = """
    target: {metric: accuracy, value: 0.5}
    factors:
      a:
        x: {training.steps: 7, architecture: {name: stack, depth: 3, phi: relu}, target.value: 0.6}
        y: {target: null}
      architecture.depth: [5]
    profiles:
      quick: {set: {seeds.judged: 1, target.value: 0.7}}
    """
    x, y = studies.load(text).arms
    assert x.architecture.parameters == {"depth": 5, "phi": "relu"}
    assert (x.training.steps, y.training.steps) == (7, 100)
    assert (x.target, y.target) == (Target("accuracy", 0.6), None)
    x, y = studies.load(text, profile="quick").arms
    assert (x.target, y.target) == (Target("accuracy", 0.7), None)
    assert x.seeds == y.seeds == (0,)
    assert x.tuning_seeds == (1000, 1001)


def test_a_profile_does_not_train_what_is_measured_at_initialisation(studies) -> None:
    text = """
    factors: {stage: {raw: {training.steps: 0, seeds: 4}, trained: {}}}
    profiles: {quick: {set: {training.steps: 10}}}
    """
    raw, trained = studies.load(text, profile="quick").arms
    assert (raw.training.steps, trained.training.steps) == (0, 10)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("seeds: none", "'seeds' must be a number, or {tuning: …, judged: …}, not 'none'"),
        ("target: 5", "'target' must be null, or {metric: …, value: …}, not 5"),
        ("task: 7", "must be the name of a task, or a mapping with a name, not 7"),
        ("architecture: {depth: 3}", "the architecture has no name"),
        ("architecture: {name: 3}", "the name of the architecture must be text, not 3"),
        ("remedies: [clip, clip]", "the remedy 'clip' is in the list twice"),
        ("training.steps: -1", "must be at least 0, not -1"),
        ("target: {metric: accuracy}", "is missing"),
    ],
)
def test_faults_of_settings(studies, setting: str, message: str) -> None:
    problem = studies.problem(f"factors:\n  a:\n    b: {{{setting}}}\n    c: {{}}\n")
    assert (problem.line, problem.message) == (8, message)


def test_factors_cannot_undo_each_other(studies) -> None:
    same = studies.problem("factors: {architecture.depth: [1, 2], a: {b: {architecture.depth: 3}}}")
    assert same.message == "the factor 'architecture.depth' sets architecture.depth too"
    wider = studies.problem("factors: {architecture.depth: [1, 2], architecture: [stack]}")
    assert wider.message == "replaces what the factor 'architecture.depth' has set at architecture.depth"
    assert wider.hint == "put the factor 'architecture' before 'architecture.depth'"
    assert wider.column == 39
