"""By which rates a list may be extended."""

from __future__ import annotations

import random

import pytest

from reportgen.study.rates import MOST, further

WIDE = (1e-30, 1e30)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((0.003, 0.01, 0.03, 0.1, 0.3, 1.0), (0.0001, 0.0003, 0.001, 3.0, 10.0, 30.0)),
        ((0.1, 0.3, 1.0), (0.003, 0.01, 0.03, 3.0, 10.0, 30.0)),
        ((0.03, 0.1), (0.001, 0.003, 0.01, 0.3, 1.0, 3.0)),
        ((0.1, 0.3), (0.003, 0.01, 0.03, 1.0, 3.0, 10.0)),
        ((0.03, 0.3), (0.00003, 0.0003, 0.003, 3.0, 30.0, 300.0)),
        ((0.1, 0.2, 0.5, 1.0), (0.01, 0.02, 0.05, 2.0, 5.0, 10.0)),
        ((1.0, 2.0, 4.0), (0.125, 0.25, 0.5, 8.0, 16.0, 32.0)),
        ((0.01, 0.0316227766, 0.1), (0.000316227766, 0.001, 0.00316227766, 0.316227766, 1.0, 3.16227766)),
    ],
)
def test_a_list_goes_on_as_it_began(rates, expected):
    assert further(rates, WIDE) == expected


def test_an_uneven_list_goes_on_with_the_ratio_at_each_end():
    assert further((0.01, 0.02, 0.08), (0.004, 3.0)) == (0.005, 0.32, 1.28)


def test_bounds_are_met_and_not_passed():
    assert further((0.01, 0.03, 0.1), (0.001, 0.3)) == (0.001, 0.003, 0.3)
    assert further((0.01, 0.03, 0.1), (0.0011, 0.29)) == (0.003,)
    assert further((0.01, 0.03, 0.1), (0.01, 0.1)) == ()


@pytest.mark.parametrize("rates", [(), (0.1,)])
def test_what_has_no_pattern_is_not_extended(rates):
    assert further(rates, WIDE) == ()


@pytest.mark.parametrize("seed", range(20))
def test_added_rates_are_outside_the_list_within_the_bounds_and_few(seed):
    chance = random.Random(seed)
    rates = sorted({round(10 ** chance.uniform(-4, 1), chance.randint(4, 8)) for _ in range(chance.randint(2, 8))})
    bounds = rates[0] * 10 ** chance.uniform(-3, 0), rates[-1] * 10 ** chance.uniform(0, 3)
    added = further(rates, bounds)
    assert list(added) == sorted(set(added))
    assert all(bounds[0] * (1 - 1e-6) <= rate <= bounds[1] * (1 + 1e-6) for rate in added)
    below, above = [rate for rate in added if rate < rates[0]], [rate for rate in added if rate > rates[-1]]
    assert len(below) + len(above) == len(added)
    assert max(len(below), len(above)) <= MOST
