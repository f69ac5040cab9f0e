"""The bounds within which lists of learning rates may grow, as study files state them."""

from __future__ import annotations

import pytest

RATES = "[0.01, 0.03, 0.1]"


def line(extend_to: str, rates: str = RATES) -> str:
    return f"training: {{learning_rate: {rates}, steps: 100, extend_to: {extend_to}}}"


def test_an_arm_knows_by_which_rates_its_list_may_grow(studies, head):
    (arm,) = studies.load(head=head(training=line("[0.001, 1]"))).arms
    assert arm.learning_rates == (0.01, 0.03, 0.1)
    assert arm.further_rates == (0.001, 0.003, 0.3, 1.0)


def test_bounds_alone_change_no_run(studies, head):
    bounded = studies.load(head=head(training=line("[0.001, 1]")))
    plain = studies.load(head=head(training=line("null")))
    assert bounded.arms[0].runs == plain.arms[0].runs
    assert plain.arms[0].further_rates == ()


def test_a_study_without_bounds_has_no_further_rates(studies):
    assert studies.load().arms[0].further_rates == ()


def test_a_profile_may_switch_the_extension_off_and_a_factor_may_set_it(studies, head):
    text = """
    factors: {a: {short: {}, long: {training.learning_rate: [1, 3, 10], training.extend_to: [1, 30]}}}
    profiles: {quick: {set: {training.extend_to: null}}}
    """
    lists = head(training=line("[0.003, 0.3]"))
    assert [arm.further_rates for arm in studies.load(text, lists).arms] == [(0.003, 0.3), (30.0,)]
    assert [arm.further_rates for arm in studies.load(text, lists, profile="quick").arms] == [(), ()]


def test_what_is_not_tuned_is_not_extended(studies, head):
    text = "factors: {a: {raw: {training.steps: 0}, one: {training.learning_rate: 5}, solved: {architecture: pond}}}"
    lists = head(training=line("[0.003, 0.3]"))
    assert [arm.further_rates for arm in studies.load(text, lists).arms] == [(), (), ()]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[0.1]", "must be the lowest and the highest rate, not [0.1]"),
        ("[0.1, 1, 3]", "must be the lowest and the highest rate, not [0.1, 1, 3]"),
        ("[1, 0.001]", "must be the lowest and the highest rate, not [1, 0.001]"),
        ("[0.1, 0.1]", "must be the lowest and the highest rate, not [0.1, 0.1]"),
        ("[0, 1]", "must be greater than 0, not 0"),
        ("[0.001, .inf]", "must be a finite number, not .inf"),
        ("[0.001, wide]", "must be a number, not 'wide'"),
        ("3", "must be a list, not 3"),
        ("[0.02, 1]", "the learning rates, 0.01 to 0.1, are not within 0.02 to 1"),
        ("[0.001, 0.03]", "the learning rates, 0.01 to 0.1, are not within 0.001 to 0.03"),
    ],
)
def test_faults_of_the_bounds(studies, head, given, message):
    problem = studies.problem(head=head(training=line(given)))
    assert (problem.line, problem.message) == (4, message)
    assert problem.field.startswith("training.extend_to")


def test_bounds_of_a_factor_are_checked_where_they_are(studies, head):
    text = "factors: {a: {short: {}, long: {training.learning_rate: [0.1, 1, 10]}}}"
    problem = studies.problem(text, head(training=line("[0.003, 0.3]")))
    assert problem.message == "the learning rates, 0.1 to 10, are not within 0.003 to 0.3"
