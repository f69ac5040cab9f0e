"""Paired comparisons and Holm's adjustment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reportgen.analyse.comparison import (
    COMPARISON_COLUMNS,
    Comparison,
    baseline_of,
    effect_size,
    holm,
    paired_p,
    with_holm,
)
from reportgen.study.spec import Training


def named(row):
    return dict(zip(COMPARISON_COLUMNS, row, strict=True))


def pairs(mine, base, censored=(), diverged=()):
    n = len(mine)
    return pd.DataFrame(
        {
            "final": mine,
            "final_base": base,
            "step": mine,
            "step_base": base,
            "reached": [index not in censored for index in range(n)],
            "reached_base": True,
            "diverged": [index in diverged for index in range(n)],
            "diverged_base": False,
        }
    )


def test_holm_by_hand():
    # sorted 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1, made monotone
    assert holm([0.04, 0.01, np.nan, 0.03, 0.02]) == pytest.approx([0.06, 0.04, np.nan, 0.06, 0.06], nan_ok=True)
    assert holm([0.5, 0.9]).tolist() == [1.0, 1.0]


def test_paired_p_agrees_with_scipy():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 7))
    assert paired_p(a - b) == pytest.approx(stats.ttest_rel(a, b).pvalue)
    assert paired_p([0.0, 0.0, 0.0]) == 1.0
    assert np.isnan(paired_p([0.1, 0.2]))


def test_the_difference_is_taken_within_seeds():
    found = named(Comparison().metric("a", "b", pairs([0.9, 0.8, 0.7], [0.8, 0.7, 0.6], diverged=(1,)), True))
    assert found["estimate"] == pytest.approx(0.1)
    assert found["high"] - found["low"] == pytest.approx(0.0, abs=1e-12)
    assert (found["n"], found["n_censored"], found["improvement"]) == (3, 1, 1.0)


def test_improvement_counts_ties_as_half_and_knows_the_direction():
    up = named(Comparison().metric("a", "b", pairs([0.9, 0.5, 0.5, 0.1], [0.5] * 4), True))
    down = named(Comparison().metric("a", "b", pairs([0.9, 0.7, 0.5, 0.1], [0.5] * 4), False))
    assert up["improvement"] == 0.5
    assert down["improvement"] == 0.375


def test_the_speed_up_is_the_ratio_of_restricted_means():
    found = named(Comparison().speed("a", "b", pairs([10.0, 20.0, 30.0], [40.0, 80.0, 300.0]), 200.0))
    assert found["estimate"] == pytest.approx(320 / 60)
    assert found["low"] < found["estimate"] < found["high"]
    assert found["n_censored"] == 1


def test_the_interval_of_the_speed_up_by_hand():
    found = named(Comparison().speed("a", "b", pairs([10.0, 20.0, 30.0], [40.0, 80.0, 60.0]), 200.0))
    # linearised: base over its mean 60 less time over its mean 20 are 1/6, 1/3, -1/2; t of 2 degrees is 4.302653
    half = 4.302653 * np.std([1 / 6, 1 / 3, -1 / 2], ddof=1) / np.sqrt(3)
    assert found["estimate"] == pytest.approx(3.0)
    assert (found["low"], found["high"]) == pytest.approx((3 * np.exp(-half), 3 * np.exp(half)), rel=1e-6)


def test_a_constant_ratio_has_no_spread():
    found = named(Comparison().speed("a", "b", pairs([10.0, 20.0, 40.0], [20.0, 40.0, 80.0]), 200.0))
    assert (found["low"], found["estimate"], found["high"]) == pytest.approx((2.0, 2.0, 2.0))


def test_the_effect_size_by_hand():
    # mean 2, standard deviation 1, n 5: J = 1 - 3 / 15
    estimate, low, high = effect_size([1.0, 1.5, 2.0, 2.0, 3.5])
    deviation = np.std([1.0, 1.5, 2.0, 2.0, 3.5], ddof=1)
    assert estimate == pytest.approx(0.8 * 2 / deviation)
    t = 2 / deviation * np.sqrt(5)
    assert stats.nct.cdf(t, 4, low / 0.8 * np.sqrt(5)) == pytest.approx(0.975)
    assert stats.nct.cdf(t, 4, high / 0.8 * np.sqrt(5)) == pytest.approx(0.025)


def test_no_effect_size_without_scatter_or_with_two_seeds():
    assert np.isnan(effect_size([0.3, 0.3, 0.3])).all()
    assert np.isnan(effect_size([0.1, 0.4])).all()


def test_the_effect_size_is_positive_where_the_arm_is_better():
    frame = pairs([0.1, 0.2, 0.2, 0.1], [0.5, 0.4, 0.6, 0.3])
    for upwards, sign in ((True, -1), (False, 1)):
        improvement, size = (named(row) for row in Comparison().sizes("a", "b", frame, upwards))
        assert np.sign(size["estimate"]) == sign
        assert improvement["estimate"] == (0.0 if upwards else 1.0)
        assert np.isnan(size["p"])


def test_the_probability_of_improvement_has_wilsons_interval():
    (row,) = (
        row
        for row in Comparison().sizes("a", "b", pairs([0.9, 0.5, 0.5, 0.1], [0.5] * 4), True)
        if row[0] != "effect-size"
    )
    found = named(row)
    expected = stats.binomtest(2, 4).proportion_ci(0.95, "wilson")
    assert (found["estimate"], found["low"], found["high"]) == pytest.approx((0.5, expected.low, expected.high))


def test_the_log_rank_test_stands_beside_the_speed_up():
    frame = pairs([10.0, 20.0, 30.0, 20.0], [40.0, 80.0, 300.0, 90.0])
    row = named(Comparison().ranks("a", "b", frame, 200.0))
    assert row["p"] == row["estimate"] < 0.05
    assert row["n_censored"] == 1
    assert Comparison().ranks("a", "b", frame[:2], 200.0) is None


def test_nothing_below_three_seeds_or_where_nobody_gets_there():
    assert Comparison().metric("a", "b", pairs([0.1, 0.2], [0.1, 0.2]), True) is None
    assert Comparison().speed("a", "b", pairs([1.0, 2.0], [1.0, 2.0]), 10.0) is None
    frame = pairs([10.0] * 3, [10.0] * 3, censored=(0, 1, 2)).assign(reached_base=False)
    assert Comparison().speed("a", "b", frame, 10.0) is None


def test_with_holm_adjusts_each_name_apart():
    rows = [
        Comparison().metric(arm, "base", pairs([0.5, 0.6, gap], [0.1, 0.1, 0.1]), True)
        for arm, gap in (("a", 0.7), ("b", 0.9))
    ]
    frame = with_holm(rows)
    assert frame["p_holm"].to_numpy() == pytest.approx(holm(frame["p"].to_numpy()))
    assert with_holm([]).empty


def test_baseline_of_shares_most_levels(toy):
    def arm(activation, depth, **changes):
        return toy.arm(f"{activation}/{depth}", levels={"activation": activation, "depth": depth}, **changes)

    base5, base20 = arm("relu", "5", is_baseline=True), arm("relu", "20", is_baseline=True)
    tanh20, tanh50 = arm("tanh", "20"), arm("tanh", "50")
    study = toy.study(base5, base20, tanh20, tanh50)
    assert baseline_of(study, tanh20) is base20
    assert baseline_of(study, tanh50) is base5
    assert baseline_of(study, base20) is base20
    assert baseline_of(toy.study(tanh20), tanh20) is None


def test_a_skipped_or_untrained_arm_is_no_baseline_of_a_trained_one(toy):
    def arm(stage, depth, **changes):
        return toy.arm(f"{stage}/{depth}", levels={"stage": stage, "depth": depth}, **changes)

    skipped = arm("clipped", "5", is_baseline=True, skipped="no reason")
    untrained = arm("untrained", "20", is_baseline=True, training=Training(steps=0))
    trained, clipped = arm("trained", "5", is_baseline=True), arm("clipped", "20")
    assert baseline_of(toy.study(skipped, untrained, trained, clipped), clipped) is trained
