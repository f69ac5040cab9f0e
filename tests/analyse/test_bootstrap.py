"""The bootstrap against scipy, and the interquartile mean by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from reportgen.analyse.bootstrap import bca, interquartile_mean
from reportgen.analyse.intervals import generator

VALUES = np.random.default_rng(4).exponential(1.0, 12)


def test_bca_agrees_with_scipy():
    def mean(values, axis=-1):
        return values.mean(axis=axis)

    found = bca(mean, VALUES, np.random.default_rng(1), expanded=False)
    expected = stats.bootstrap((VALUES,), mean, n_resamples=20_000, rng=np.random.default_rng(2)).confidence_interval
    assert found == pytest.approx((expected.low, expected.high), abs=0.03)


def test_expanded_is_wider_and_converges_to_bca():
    def width(values, expanded):
        low, high = bca(lambda x: x.mean(axis=-1), values, np.random.default_rng(1), expanded=expanded)
        return high - low

    assert width(VALUES, True) > 1.15 * width(VALUES, False)
    many = np.random.default_rng(5).normal(size=400)
    assert width(many, True) == pytest.approx(width(many, False), rel=0.02)


def test_the_same_seed_gives_the_same_interval():
    first, second = (bca(interquartile_mean, VALUES, generator("arm", "interquartile-mean")) for _ in range(2))
    assert first == second


def test_values_that_are_all_the_same_have_no_width():
    assert bca(interquartile_mean, [0.5] * 5, np.random.default_rng(0)) == (0.5, 0.5)


def test_nothing_below_three_seeds():
    assert np.isnan(bca(interquartile_mean, [0.1, 0.2], np.random.default_rng(0))).all()


@pytest.mark.parametrize(("n", "kept"), [(3, slice(0, 3)), (5, slice(1, 4)), (8, slice(2, 6)), (10, slice(2, 8))])
def test_a_quarter_at_either_end_is_left_out(n, kept):
    values = np.arange(n, dtype=float) ** 2
    assert interquartile_mean(values[::-1]) == pytest.approx(values[kept].mean())
    assert interquartile_mean(values) == pytest.approx(stats.trim_mean(values, 0.25))
