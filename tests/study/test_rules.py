"""Exclusion, baseline, report and profiles: whatever names factors and levels."""

from __future__ import annotations

import pytest

FACTORS = "factors: {architecture.phi: [tanh, relu], architecture.depth: [2, {label: deep, value: 9}]}\n"


@pytest.mark.parametrize(
    ("rule", "message", "hint"),
    [
        ("{when: {architecture.phi: relo}, reason: x}", "the factor 'architecture.phi' has no level 'relo'", "did you"),
        ("{when: {phi: relu}, reason: x}", "there is no factor called 'phi'", "allowed: architecture.depth"),
        ("{when: {architecture.phi: [tanh, relu]}, reason: x}", "the rule excludes every arm", "name a level"),
        ("{when: {architecture.phi: relu}}", "is missing", "Why, in a few words"),
        ("{when: {architecture.phi: relu}, reason: ''}", "must not be empty", ""),
        ("{when: {}, reason: x}", "the rule names no level", "write `when: {factor: level}`"),
        (
            "{when: {architecture.phi: []}, reason: x}",
            "the list is empty",
            "levels of 'architecture.phi': 'tanh', 'rel",
        ),
        ("{when: {architecture.phi: [relu, relu]}, reason: x}", "'relu' is in the list twice", ""),
        ("{when: {architecture.phi: tanh}, reason: x}", "the rule excludes the baseline (architecture.phi: tanh)", ""),
        ("{reason: x}", "is missing", "Factor to the label"),
        ("5", "must be a mapping of keys to values, not 5", ""),
    ],
)
def test_faults_of_exclusion(studies, rule: str, message: str, hint: str) -> None:
    problem = studies.problem(f"{FACTORS}exclude: [{rule}]\nbaseline: {{architecture.phi: tanh}}")
    assert (problem.line, problem.message) == (7, message)
    assert problem.hint.startswith(hint)


def test_the_first_rule_gives_the_reason(studies) -> None:
    text = f"""{FACTORS}exclude:
  - {{when: {{architecture.phi: relu, architecture.depth: [2, deep]}}, reason: one}}
  - {{when: {{architecture.depth: 9}}, reason: two}}
"""
    assert [arm.skipped for arm in studies.load(text).arms] == ["", "two", "one", "one"]


def test_rules_that_leave_nothing_are_a_problem(studies) -> None:
    rules = ["{when: {architecture.phi: tanh}, reason: one}", "{when: {architecture.phi: relu}, reason: two}"]
    problem = studies.problem(f"{FACTORS}exclude: [{', '.join(rules)}]")
    assert (problem.field, problem.message, problem.hint) == ("factors", "no arm is left to run", "one; two")


def test_a_partial_baseline_may_be_excluded_in_part(studies) -> None:
    text = f"{FACTORS}exclude: [{{when: {{architecture.phi: tanh, architecture.depth: 2}}, reason: x}}]\n"
    study = studies.load(f"{text}baseline: {{architecture.phi: tanh}}")
    assert study.baseline().id == "tanh/2"


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ("{architecture.phi: [tanh]}", "the baseline has one level of a factor, not a list"),
        ("{architecture.phi: tan}", "the factor 'architecture.phi' has no level 'tan'"),
        ("{phi: tanh}", "there is no factor called 'phi'"),
        ("tanh", "must be a mapping of keys to values, not 'tanh'"),
    ],
)
def test_faults_of_the_baseline(studies, baseline: str, message: str) -> None:
    problem = studies.problem(f"{FACTORS}baseline: {baseline}")
    assert (problem.line, problem.message) == (7, message)


def test_a_baseline_that_does_not_apply_is_a_problem(studies) -> None:
    text = "factors: {architecture: [stack, loop], architecture.gain: [1.0]}\nbaseline: {architecture: stack}"
    problem = studies.problem(text)
    assert (problem.message, problem.hint) == ("the baseline's arm is not run", "'stack' has no option 'gain'")


def test_a_figure_is_completed_and_finds_levels_by_label_and_number(studies) -> None:
    text = f"""{FACTORS}report:
  - {{id: a, kind: profile, title: A, caption: C, where: {{architecture.depth: [9, 2]}}, colour: architecture.phi}}
"""
    (figure,) = studies.load(text).report
    assert (figure.id, figure.kind, figure.title, figure.caption) == ("a", "profile", "A", "C")
    assert figure.where == {"architecture.depth": ("deep", "2")}
    assert figure.parameters == {"colour": "architecture.phi", "logarithmic": True}


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ("{id: A b, kind: profile, title: t}", "'A b' cannot be part of a web address", "use small letters"),
        ("{id: a, kind: profil, title: t}", "there is no figure kind called 'profil'", "did you mean 'profile'?"),
        ("{id: a, kind: profile}", "is missing", "A few words."),
        ("{kind: profile, title: t}", "is missing", "Part of the figure's"),
        ("{id: a, title: t}", "is missing", "The figure kind."),
        (
            "{id: a, kind: profile, title: t, color: x}",
            "the figure kind 'profile' has no parameter 'color'",
            "did you mean 'colour'?",
        ),
        ("{id: a, kind: profile, title: t, colour: phi}", "there is no factor called 'phi'", "allowed:"),
        ("{id: a, kind: profile, title: t, colour: 5}", "must be text, not 5", 'put it in quotes: "5"'),
        ("{id: a, kind: profile, title: t, logarithmic: on}", "must be true or false, not 'on'", ""),
        ("{id: a, kind: profile, title: t, where: {phi: x}}", "there is no factor called 'phi'", ""),
        ("{id: a, kind: profile, title: t, where: {architecture.phi: x}}", "the factor 'architecture.phi' has no", ""),
        ("{id: a, kind: profile, title: t, where: 3}", "must be a mapping of keys to values, not 3", ""),
        ("{id: a, kind: profile, title: t}, {id: a, kind: profile, title: t}", "two figures have the id 'a'", "the ot"),
        ("7", "must be a mapping of keys to values, not 7", ""),
    ],
)
def test_faults_of_the_report(studies, entry: str, message: str, hint: str) -> None:
    problem = studies.problem(f"{FACTORS}report: [{entry}]")
    assert problem.line == 7
    assert problem.message.startswith(message)
    assert problem.hint.startswith(hint)


def test_a_figure_of_excluded_arms_only_is_a_problem(studies) -> None:
    text = f"""{FACTORS}exclude: [{{when: {{architecture.phi: relu}}, reason: not today}}]
report: [{{id: a, kind: profile, title: t, where: {{architecture.phi: relu}}}}]
"""
    problem = studies.problem(text)
    assert (problem.line, problem.message) == (8, "no arm is left to show")
    assert problem.hint == "they are excluded: not today"


PROFILES = (
    FACTORS
    + """exclude: [{when: {architecture.depth: deep, architecture.phi: relu}, reason: slow}]
baseline: {architecture.phi: tanh}
report:
  - {id: deep, kind: profile, title: t, where: {architecture.depth: deep}}
  - {id: all, kind: profile, title: t, where: {architecture.depth: [2, deep]}}
profiles:
  quick: {factors: {architecture.depth: [2]}}
  other: {factors: {architecture.depth: {new: {architecture.depth: 5}}}}
"""
)


def test_a_profile_keeps_levels_and_drops_what_it_leaves_empty(studies) -> None:
    study = studies.load(PROFILES, profile="quick")
    assert study.profile == "quick"
    assert [arm.id for arm in study.arms] == ["tanh/2", "relu/2"]
    assert [(figure.id, figure.where) for figure in study.report] == [("all", {"architecture.depth": ("2",)})]


def test_a_profile_can_replace_an_axis(studies) -> None:
    study = studies.load(PROFILES, profile="other")
    assert [arm.id for arm in study.arms] == ["tanh/new", "relu/new"]
    assert study.arms[0].architecture.parameters["depth"] == 5


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("quick: {factors: {architecture.depht: [2]}}", "there is no factor called 'architecture.depht'"),
        ("quick: {factors: {architecture.depth: [3]}}", "the factor 'architecture.depth' has no level '3'"),
        ("quick: {factors: {architecture.phi: [relu]}}", "the profile leaves no arm of the baseline"),
        ("quick: {set: {training.step: 3}}", "the path 'training.step' leads nowhere"),
        ("quick: {set: {training.steps: few}}", "must be a whole number, not 'few'"),
        ("quick: {set: {architecture.depth: 0}}", "must be at least 1, not 0"),
        ("quick: {sets: {}}", "there is no key called 'sets'"),
        ("default: {}", "'default' is the study without a profile"),
        ("quick: 3", "must be a mapping of keys to values, not 3"),
    ],
)
def test_faults_of_a_profile_are_found_without_choosing_it(studies, profile: str, message: str) -> None:
    text = "factors: {architecture.phi: [tanh, relu], architecture.depth: [2]}\nbaseline: {architecture.phi: tanh}"
    if "architecture.depth: 0" in profile:
        text = "factors: {architecture.phi: [tanh]}\nbaseline: {architecture.phi: tanh}"
    problem = studies.problem(f"{text}\nprofiles: {{{profile}}}")
    assert (problem.line, problem.message) == (8, message)
