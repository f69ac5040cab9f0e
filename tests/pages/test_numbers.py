from __future__ import annotations

import math

import pytest

from reportgen.pages import numbers

NB, MINUS = numbers.NBSP, numbers.MINUS


@pytest.mark.parametrize(
    ("estimate", "low", "high", "expected"),
    [
        (0.25124, 0.2493, 0.2534, ("0.251", "0.249", "0.253")),
        (0.25124, 0.2499, 0.2526, ("0.2512", "0.2499", "0.2526")),
        (212.4, 181.2, 243.4, ("212", "181", "243")),
        (-0.6, -0.61, -0.59, (f"{MINUS}0.600", f"{MINUS}0.610", f"{MINUS}0.590")),
        (1.0, 1.0, 1.0, ("1.00", "1.00", "1.00")),
        (2.51e-7, 2.49e-7, 2.53e-7, tuple(f"{v}{NB}×{NB}10⁻⁷" for v in ("2.51", "2.49", "2.53"))),
        (0.25, math.nan, math.nan, ("0.250", "", "")),
    ],
)
def test_digits_follow_the_interval(estimate, low, high, expected):
    assert numbers.interval(estimate, low, high) == expected


def test_shares_are_written_in_per_cent():
    assert numbers.interval(0.875, 0.6, 1.0, "share of runs") == (f"88{NB}%", f"60{NB}%", f"100{NB}%")


def test_interval_in_words():
    assert numbers.with_interval(0.25124, 0.2493, 0.2534) == f"0.251 (95{NB}% interval 0.249 to 0.253)"
    assert numbers.with_interval(0.25124, math.nan, math.nan) == "0.251 (no interval)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.000123456, "0.000123"), (1234567.0, f"1.23{NB}×{NB}10⁶"), (-3.0, f"{MINUS}3"), (0.0, "0"), (0.5, "0.500")],
)
def test_plain_numbers_have_three_significant_digits(value, expected):
    assert numbers.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(0.003, "0.003"), (1.0, "1"), (1e-7, f"1{NB}×{NB}10⁻⁷"), (-2, f"{MINUS}2")]
)
def test_settings_are_as_short_as_exact(value, expected):
    assert numbers.setting(value) == expected


def test_what_is_not_finite_is_no_number():
    assert (numbers.fixed(math.nan, 2), numbers.fixed(-math.inf, 2), numbers.percent(math.nan)) == (
        "–",
        f"{MINUS}∞",
        "–",
    )


def test_a_negative_number_that_rounds_to_zero_has_no_sign():
    assert numbers.fixed(-0.001, 1) == "0.0"
