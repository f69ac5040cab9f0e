from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from reportgen.pages.theory_chart import chart


@dataclass(frozen=True)
class Point:
    """What the chart reads of an arm with a prediction."""

    predicted: float
    measured: float
    low: float
    high: float
    inside: bool | None = True
    is_measured: bool = True
    arm = SimpleNamespace(label="tanh · 30 layers")
    view = SimpleNamespace(entry=SimpleNamespace(study=SimpleNamespace(title="Deep")))

    @property
    def deviation(self) -> float:
        return 100 * (self.measured / self.predicted - 1)


def point(predicted, measured=None, half=0.01, **changes):
    value = predicted if measured is None else measured
    return Point(predicted, value, value * (1 - half), value * (1 + half), **changes)


def places(path):
    return [tuple(map(float, pair)) for pair in re.findall(r"M([-\d.e+]+) ([-\d.e+]+)", path)]


def test_a_prediction_that_holds_lies_on_the_line():
    factors, differences = chart([point(0.1), point(1.0), point(10.0)]).panels
    x1, y1, x2, y2 = factors.line
    for x, y in places(factors.hits):
        assert (y - y1) / (y2 - y1) == pytest.approx((x - x1) / (x2 - x1), abs=0.001)
    across = [x for x, _ in places(factors.hits)]
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.15)  # a decade is a decade
    assert {y for _, y in places(differences.hits)} == {differences.line[1]}


def test_a_miss_is_another_shape_of_its_own_with_a_title():
    drawn = chart([point(0.5), point(1.0, 1.1, inside=False), point(2.0, inside=None)])
    assert (drawn.hits, drawn.misses, drawn.unjudged) == (1, 1, 1)
    for panel in drawn.panels:
        ((path, title),) = panel.misses
        assert path.endswith("z") and title == "tanh · 30 layers (Deep): 1.100, +10.0\u00a0% from theory"
        assert len(places(panel.hits)) == len(places(panel.unjudged)) == 1


def test_a_deviation_above_is_drawn_above_with_its_interval():
    _, differences = chart([point(1.0, 1.1, 0.02, inside=False), point(1.0, 0.95, 0.02)]).panels
    zero = differences.line[1]
    ((x, low),) = places(differences.miss_ranges)
    high = float(differences.miss_ranges.split("V")[1])
    assert high < low < zero
    ((at, y),) = places(differences.hits)
    assert at == x and y > zero


def test_the_words_give_the_numbers_of_the_drawing():
    drawn = chart([point(0.5, 0.51), point(1.0, 1.1, inside=False), point(2.0)])
    factors, differences = (panel.text for panel in drawn.panels)
    assert factors.startswith("3 points, one an arm, on two logarithmic axes, from 0.50 to 2.")
    assert drawn.caption == "Half of the points lie within 2.0\u00a0% of theory, 95\u00a0% within 10\u00a0%."
    assert differences.endswith("They go from 0.0\u00a0% to +10.0\u00a0%.")


@pytest.mark.parametrize(("low", "high"), [(0.999, 1.001), (0.5, 2.0), (1e-6, 1e3)])
def test_axes_have_ticks_inside_the_drawing(low, high):
    for panel in chart([point(low), point(high)]).panels:
        assert len(panel.x_ticks) >= 2 or high / low < 1.1
        assert all(52 <= place <= 448 for place, _ in panel.x_ticks)
        assert all(26 <= place <= 330 for place, _ in panel.y_ticks)
        assert "0" in {label for _, label in panel.y_ticks} or panel.y_name == "measured factor"


def test_what_cannot_be_placed_is_left_out():
    assert chart([]) is None
    assert chart([point(0.0, 0.5), point(0.5, float("nan"), is_measured=False)]) is None
