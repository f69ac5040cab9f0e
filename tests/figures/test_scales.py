"""Ticks and ranges of axes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reportgen.figures.scales import log10, log_ticks, padded, spread


def test_many_decades_are_labelled_with_powers() -> None:
    assert log_ticks(-301.0, 1.0) == [(-300.0, "10⁻³⁰⁰"), (-200.0, "10⁻²⁰⁰"), (-100.0, "10⁻¹⁰⁰"), (0.0, "10⁰")]


def test_few_decades_are_labelled_with_numbers() -> None:
    assert [label for _, label in log_ticks(-2.1, 0.1)] == ["0.01", "0.1", "1"]


@pytest.mark.parametrize("limits", [(-0.35, 0.1), (-0.6, 0.7), (-3.0, 8.0), (-0.01, 0.01), (-40.0, 40.0), (0.0, 0.5)])
@pytest.mark.parametrize("most", [3, 6])
def test_ticks_lie_where_their_labels_say_and_are_few(limits: tuple[float, float], most: int) -> None:
    ticks = log_ticks(*limits, most)
    assert 1 <= len(ticks) <= most + 1
    for place, label in ticks:
        assert limits[0] <= place <= limits[1]
        if not label.startswith("10⁻") and "⁰" not in label and "10" not in label[:2]:
            assert math.log10(float(label)) == pytest.approx(place, abs=1e-6)


def test_log10_of_what_is_not_positive_is_unknown() -> None:
    assert log10([1.0, 0.0, -1.0, np.nan]) == pytest.approx([0, np.nan, np.nan, np.nan], nan_ok=True)


def test_padding_ignores_what_is_not_finite() -> None:
    assert padded([[0.0, np.inf], [1.0, np.nan]], share=0.1) == pytest.approx((-0.1, 1.1))
    assert padded([[np.nan]]) == (0.0, 1.0)


def test_spread_is_centred() -> None:
    assert spread(1, 0.5) == [0.0]
    assert spread(3, 0.5) == pytest.approx([-0.25, 0.0, 0.25])
