"""Survival against an example worked by hand, and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from reportgen.analyse.survival import KaplanMeier, log_rank, median_time, restricted_mean

# 6 runs: events at 3, 5, 5, 8; censored at 6 and at the budget 10.
STEPS = np.array([3, 5, 5, 6, 8, 10])
CENSORED = np.array([False, False, False, True, False, True])


def test_kaplan_meier_by_hand():
    frame = KaplanMeier()(STEPS, CENSORED, 10)
    assert frame["step"].tolist() == [0, 3, 5, 8, 10]
    assert frame["at_risk"].tolist() == [6, 6, 5, 2, 1]
    assert frame["not_reached"].tolist() == pytest.approx([1, 5 / 6, 1 / 2, 1 / 4, 1 / 4])


def test_the_band_agrees_with_scipy():
    frame = KaplanMeier()(STEPS, CENSORED, 10).set_index("step")
    data = stats.CensoredData(uncensored=STEPS[~CENSORED], right=STEPS[CENSORED])
    survival = stats.ecdf(data).sf
    band = survival.confidence_interval(method="log-log")
    for step in (3, 5, 8):
        assert frame.loc[step, "not_reached"] == pytest.approx(survival.evaluate(step))
        assert frame.loc[step, "low"] == pytest.approx(band.low.evaluate(step))
        assert frame.loc[step, "high"] == pytest.approx(band.high.evaluate(step))


def test_the_band_has_a_width_where_all_or_none_have_reached_the_target():
    all_there = KaplanMeier()([10, 10, 10, 10], [False] * 4, 50)
    assert all_there["not_reached"].tolist() == [1, 0, 0]
    assert all_there.loc[0, "low"] == pytest.approx(stats.binomtest(4, 4).proportion_ci(method="wilson").low)
    assert all_there.loc[1, "high"] == pytest.approx(stats.binomtest(0, 4).proportion_ci(method="wilson").high)
    none = KaplanMeier()([50, 50, 50], [True] * 3, 50)
    assert none["not_reached"].tolist() == [1, 1]


def test_no_band_below_three_runs():
    assert KaplanMeier()([10, 20], [False, False], 50)["low"].isna().all()


def test_restricted_mean_is_the_area_under_the_survival_curve():
    steps, budget = np.array([20.0, 40.0, 60.0, 100.0]), 100.0
    frame = KaplanMeier()(steps, steps >= budget, budget)
    area = float(np.sum(np.diff(frame["step"]) * frame["not_reached"].to_numpy()[:-1]))
    estimate, low, high = restricted_mean(steps, budget)
    assert estimate == pytest.approx(area) == 55.0
    assert low < 55.0 < high <= budget


def test_without_censoring_the_interval_of_the_restricted_mean_is_students():
    found = restricted_mean([20, 30, 40, 50], 60)
    expected = stats.t.interval(0.95, 3, 35, stats.sem([20, 30, 40, 50]))
    assert found == pytest.approx((35, *expected))


def test_where_no_run_reaches_the_target_the_interval_is_that_of_the_share():
    # Wilson's upper limit of 0 of 5 is z^2 / (5 + z^2)
    z2 = stats.norm.ppf(0.975) ** 2
    assert restricted_mean([100] * 5, 100) == pytest.approx((100, 100 * 5 / (5 + z2), 100))


def test_where_all_that_reach_it_do_so_at_once_the_interval_is_that_of_the_share():
    low, high = stats.binomtest(2, 5).proportion_ci(method="wilson")
    assert restricted_mean([40, 40, 100, 100, 100], 100) == pytest.approx((76, 100 - 60 * high, 100 - 60 * low))


def test_a_single_run_that_reaches_the_target_says_little_of_when():
    estimate, low, high = restricted_mean([50, 100, 100, 100, 100], 100)
    assert estimate == 90
    assert high == 100
    assert 0 <= low < 90


def test_median_is_where_half_have_reached_the_target():
    assert median_time(KaplanMeier()([10, 20, 30, 40], [False] * 4, 50))[0] == 20
    assert np.isnan(median_time(KaplanMeier()([10, 50, 50], [False, True, True], 50))[0])


def test_the_log_rank_test_agrees_with_scipy():
    rng = np.random.default_rng(2)
    time = np.ceil(rng.exponential(40, 14) / 5) * 5
    cut, time = time > 60, np.minimum(time, 60)
    first, second = (stats.CensoredData.right_censored(time[part], cut[part]) for part in (slice(6), slice(6, 14)))
    expected = stats.logrank(first, second).pvalue
    assert log_rank(time[:6], cut[:6], time[6:], cut[6:]) == pytest.approx(expected)


def test_no_log_rank_test_below_three_runs_or_without_an_event():
    assert np.isnan(log_rank([1, 2], [False] * 2, [1, 2, 3], [False] * 3))
    assert np.isnan(log_rank([9] * 3, [True] * 3, [9] * 3, [True] * 3))
