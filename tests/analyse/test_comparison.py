"""Paired comparisons and Holm's adjustment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reportgen.analyse.comparison import COMPARISON_COLUMNS, Comparison, baseline_of, holm, paired_p, with_holm
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
    again = named(Comparison().speed("a", "b", pairs([10.0, 20.0, 30.0], [40.0, 80.0, 300.0]), 200.0))
    assert (again["low"], again["high"]) == (found["low"], found["high"])


def test_a_constant_ratio_has_no_spread():
    found = named(Comparison().speed("a", "b", pairs([10.0, 20.0, 40.0], [20.0, 40.0, 80.0]), 200.0))
    assert (found["low"], found["estimate"], found["high"]) == (2.0, 2.0, 2.0)


def test_the_bootstrap_interval_covers():
    rng = np.random.default_rng(9)
    hits = 0
    for number in range(300):
        base = rng.gamma(20.0, 5.0, 20)
        mine = base / 2 * rng.lognormal(-0.02, 0.2, 20)
        found = named(Comparison(resamples=400).speed(f"arm-{number}", "b", pairs(mine, base), 1e9))
        hits += found["low"] <= 2.0 <= found["high"]
    assert 0.88 <= hits / 300 <= 0.98


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
