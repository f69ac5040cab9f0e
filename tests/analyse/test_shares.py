"""Differences of shares against published values, and the errors of their tests, by enumeration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from reportgen.analyse.intervals import wilson
from reportgen.analyse.shares import difference_exceeds, newcombe, share_exceeds


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Newcombe (1998), table II, method 10
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0000)),
    ],
)
def test_newcombe_as_published(first, second, expected):
    low, high = newcombe(first[0] / first[1], first[1], second[0] / second[1], second[1])
    assert (float(low), float(high)) == pytest.approx(expected, abs=6e-5)


def test_the_test_is_the_interval_inverted():
    for level in (0.8, 0.95, 0.999):
        low, high = newcombe(0.8, 10, 0.3, 10, level)
        assert difference_exceeds(0.8, 10, 0.3, 10, float(low)) == pytest.approx((1 - level) / 2, rel=1e-6)
        assert difference_exceeds(0.8, 10, 0.3, 10, float(high)) == pytest.approx((1 + level) / 2, rel=1e-6)
    assert difference_exceeds(0.8, 10, 0.3, 10, 0.5) == 0.5


def test_five_of_five_against_none_of_five_is_certain_enough_for_a_dozen_tests():
    assert difference_exceeds(1.0, 5, 0.0, 5, 0.0) == pytest.approx(2.6e-4, rel=0.02)


@pytest.mark.parametrize(
    ("n", "level", "size"), [(5, 0.025, 0.031), (10, 0.025, 0.0215), (5, 0.00625, 0.011), (10, 0.00625, 0.0065)]
)
def test_how_often_the_test_errs_whatever_the_share(n, level, size):
    rejected = np.array(
        [[difference_exceeds(a / n, n, b / n, n, 0.0) < level for b in range(n + 1)] for a in range(n + 1)]
    )
    chances = [stats.binom.pmf(np.arange(n + 1), n, p) for p in np.linspace(0.01, 0.99, 99)]
    assert max(float(chance @ rejected @ chance) for chance in chances) <= size


@pytest.mark.parametrize("k", [0, 2, 5])
def test_a_share_against_a_number_is_wilsons_interval_inverted(k):
    low, high = (float(end) for end in wilson(k, 5))
    if low > 0:
        assert share_exceeds(k / 5, 5, low) == pytest.approx(0.025)
    if high < 1:
        assert share_exceeds(1 - k / 5, 5, 1 - high) == pytest.approx(0.025)


def test_the_ends_of_the_range():
    assert share_exceeds(0.2, 5, 0.0) == 0.0  # one success shows that the share is not 0
    assert share_exceeds(0.0, 5, 0.0) == 1.0
    assert share_exceeds(0.0, 5, 1 - 0.8 - 0.2) == 1.0
    assert share_exceeds(1.0, 5, 1.0) == 1.0


def test_nothing_below_three_runs():
    assert np.isnan(newcombe(1.0, 2, 0.0, 5)[0])
    assert np.isnan(difference_exceeds(1.0, 2, 0.0, 5, 0.0))
    assert np.isnan(share_exceeds(1.0, 2, 0.0))
