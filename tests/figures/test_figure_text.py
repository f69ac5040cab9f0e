"""Numbers and labels as text."""

from __future__ import annotations

import math

import pytest

from reportgen.figures.text import (
    axis_label,
    clean,
    from_log10,
    interval,
    listing,
    missing_text,
    number,
    with_unit,
    wrapped,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.957, "0.957"),
        (1.0, "1"),
        (9.9996, "10"),
        (100.0, "100"),
        (1234.0, "1230"),
        (1234567.0, "1.23 × 10⁶"),
        (-0.0012, "−0.0012"),
        (1.25e-5, "1.25 × 10⁻⁵"),
        (0.0, "0"),
        (math.nan, "unknown"),
        (-math.inf, "−infinite"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_powers_beyond_the_range_of_floats() -> None:
    assert from_log10(-400 + math.log10(5)) == "5 × 10⁻⁴⁰⁰"
    assert from_log10(-400 + math.log10(9.99)) == "1 × 10⁻³⁹⁹"
    assert from_log10(-2) == "0.01"


def test_an_unknown_interval_is_said_to_be_unknown() -> None:
    assert interval(0.5, 0.75) == "(95 % interval 0.5 to 0.75)"
    assert interval(math.nan, 1.0) == "(no interval: fewer than three seeds)"


def test_clean_leaves_no_character_that_xml_forbids() -> None:
    assert clean("a\x00b\nc\t d\ud800") == "a b c d\N{REPLACEMENT CHARACTER}"


def test_listing() -> None:
    assert [listing("a"), listing("ab"), listing("abc"), listing("")] == ["a", "a and b", "a, b and c", ""]


def test_missing_arms_are_told_by_reason() -> None:
    told = missing_text([("a", "not run yet"), ("b", "skipped, x"), ("c", "not run yet")])
    assert told == ["No data for a and c: not run yet.", "No data for b: skipped, x."]


def test_units_on_axes() -> None:
    assert axis_label("error_signal_rms") == "Error signal (root mean square, loss per unit)"
    assert with_unit("Gain", "") == "Gain"
    assert axis_label("unheard_of") == "unheard of"


def test_wrapping_breaks_long_words() -> None:
    assert wrapped("x" * 20, 10) == "x" * 10 + "\n" + "x" * 10
