"""ROC AUC, its bootstrap over arms, and thresholds, against closed forms and explicit loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reportgen.analyse.roc import RESAMPLES, auc, auc_interval, validated, youden


def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize(
    ("failing", "healthy", "area"),
    [
        ([3, 4], [1, 2], 1.0),
        ([1, 2], [3, 4], 0.0),
        ([5, 5], [5, 5, 5], 0.5),
        ([1, 3], [2, 3], (0 + 0 + 1 + 0.5) / 4),
        ([math.inf, 0], [1, -math.inf], 0.75),
    ],
)
def test_the_area_is_the_share_of_pairs_won_with_ties_one_half(failing, healthy, area):
    failed = [True] * len(failing) + [False] * len(healthy)
    assert auc([*failing, *healthy], failed) == pytest.approx(area)


def test_without_both_outcomes_there_is_no_area_and_no_threshold():
    assert math.isnan(auc([1.0, 2.0], [True, True]))
    assert math.isnan(auc([], []))
    assert math.isnan(youden([1.0, 2.0], [False, False]).threshold)


def test_the_interval_is_that_of_whole_arms_drawn_with_replacement():
    random = np.random.default_rng(1)
    arms = np.repeat(np.arange(8), 6)
    scores = np.round(random.normal(size=48) + arms % 2, 1)  # rounded, so that there are ties
    failed = random.random(48) < 0.3 + 0.4 * (arms % 2)
    low, high = auc_interval(scores, failed, arms, rng())
    areas = []
    for counts in rng().multinomial(8, np.full(8, 1 / 8), size=RESAMPLES):
        rows = np.concatenate([np.tile(np.flatnonzero(arms == arm), times) for arm, times in enumerate(counts)])
        areas.append(auc(scores[rows], failed[rows]))
    assert (low, high) == pytest.approx(tuple(np.nanquantile(areas, [0.025, 0.975])))
    assert low < auc(scores, failed) < high


def test_runs_of_one_arm_add_nothing_when_they_repeat_it():
    arms = np.arange(12)
    scores, failed = np.tile([1.0, 4.0, 2.0, 3.0], 3), np.tile([True, True, False, False], 3)
    many = np.repeat(arms, 20)
    wide = auc_interval(np.repeat(scores, 20), np.repeat(failed, 20), many, rng())
    independent = auc_interval(np.repeat(scores, 20), np.repeat(failed, 20), np.arange(240), rng())
    assert wide[1] - wide[0] > 3 * (independent[1] - independent[0])


@pytest.mark.parametrize(("failing_arms", "runs"), [(2, 30), (5, 9)])
def test_few_runs_or_arms_of_one_outcome_have_no_interval(failing_arms, runs):
    arms = np.concatenate([np.arange(runs) % failing_arms, 100 + np.arange(40)])
    failed = np.concatenate([np.ones(runs, bool), np.zeros(40, bool)])
    assert all(math.isnan(end) for end in auc_interval(np.arange(len(arms)), failed, arms, rng()))


def test_a_perfect_detector_has_an_interval_without_width():
    arms = np.arange(40) // 2
    assert auc_interval(np.arange(40), np.arange(40) >= 20, arms, rng()) == (1.0, 1.0)


def test_the_threshold_lies_midway_between_the_two_sides():
    alarm = youden([1, 2, 3, 6, 7, 8], [False, False, False, True, True, True])
    assert (alarm.threshold, alarm.sensitivity, alarm.false_alarms) == (4.5, 1.0, 0.0)


def test_the_threshold_between_magnitudes_is_midway_on_the_logarithmic_scale():
    failed = [False, True]
    assert youden([1e-6, 1e-2], failed).threshold == pytest.approx(1e-4)
    assert youden([-1e-2, -1e-6], failed).threshold == pytest.approx(-1e-4)  # where small values are feared


def test_the_threshold_maximises_sensitivity_less_false_alarms():
    alarm = youden([1, 2, 3, 4, 5, 6], [False, True, False, False, True, True])
    assert (alarm.threshold, alarm.sensitivity, alarm.false_alarms) == (4.5, pytest.approx(2 / 3), 0.0)


@pytest.mark.parametrize("scores", [[-math.inf, 1.0], [1.0, math.inf], [-math.inf, math.inf]])
def test_infinite_scores_have_a_threshold_that_separates_them(scores):
    alarm = youden(scores, [False, True])
    assert scores[0] < alarm.threshold <= scores[1] and alarm.sensitivity == 1.0


def test_alarms_are_judged_on_arms_that_did_not_choose_the_threshold():
    # each arm has a scale of its own: a threshold of other arms is worth less than its own would be
    arms = np.repeat(np.arange(10), 10)
    scores = 10.0 * arms + np.tile(np.arange(10), 10)
    failed = np.tile(np.arange(10) >= 5, 10)
    raised = validated(scores, failed, arms, rng())
    assert np.isfinite(raised).all()
    honest = raised[failed].mean() - raised[~failed].mean()
    own = youden(scores, failed)
    assert honest < own.sensitivity - own.false_alarms


def test_separable_arms_validate_without_error():
    arms = np.repeat(np.arange(10), 4)
    failed = np.tile([True, True, False, False], 10)
    assert (validated(failed.astype(float), failed, arms, rng()) == failed).all()


def test_too_few_arms_are_not_validated():
    assert np.isnan(validated([1.0, 2.0, 3.0, 4.0], [True, False, True, False], [0, 1, 2, 3], rng())).all()
