"""Intervals against textbook values, scipy and repeated sampling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reportgen.analyse.intervals import generator, grouped_mean, t_interval, wilson


def test_t_interval_of_a_textbook_sample():
    # 4 values of mean 10 and standard deviation 2: 10 +- 3.182446 * 2 / 2
    low, high = t_interval(10.0, 2.0, 4)
    assert (float(low), float(high)) == pytest.approx((6.817554, 13.182446), abs=1e-6)


def test_t_interval_covers_the_mean_in_95_per_cent_of_repetitions():
    samples = np.random.default_rng(3).normal(1.0, 2.0, (1000, 8))
    low, high = t_interval(samples.mean(axis=1), samples.std(axis=1, ddof=1), np.full(1000, 8))
    assert 0.93 <= np.mean((low <= 1.0) & (high >= 1.0)) <= 0.97


def test_no_interval_below_three():
    low, high = t_interval([1.0, 1.0], [0.1, 0.1], [2, 3])
    assert np.isnan(low[0]) and np.isnan(high[0])
    assert np.isfinite(low[1])
    assert np.isnan(wilson(1, 2)[0])


def test_wilson_of_a_textbook_value():
    # 15 of 20: Agresti and Coull (1998) give 0.531 to 0.888
    low, high = wilson(15, 20)
    assert (float(low), float(high)) == pytest.approx((0.531, 0.888), abs=5e-4)


@pytest.mark.parametrize(("successes", "n"), [(0, 5), (3, 8), (8, 8)])
def test_wilson_agrees_with_scipy(successes, n):
    expected = stats.binomtest(successes, n).proportion_ci(0.95, "wilson")
    assert tuple(float(end) for end in wilson(successes, n)) == pytest.approx((expected.low, expected.high))


def test_grouped_mean_counts_numbers_only_and_clips():
    frame = pd.DataFrame({"arm": ["a"] * 4 + ["b"], "x": [0.0, 1.0, 1.0, np.nan, np.nan]})
    result = grouped_mean(frame, ["arm"], "x", (0.0, 1.0)).set_index("arm")
    assert result.loc["a", "n"] == 3
    assert result.loc["a", "estimate"] == pytest.approx(2 / 3)
    assert (result.loc["a", "low"], result.loc["a", "high"]) == (0.0, 1.0)
    assert result.loc["b", "n"] == 0
    assert np.isnan(result.loc["b", "estimate"])


def test_the_generator_depends_on_arm_and_name_only():
    assert generator("a", "speed-up").random() == generator("a", "speed-up").random()
    assert generator("a", "speed-up").random() != generator("b", "speed-up").random()
    assert generator("a", "speed-up").random() != generator("a", "success").random()
