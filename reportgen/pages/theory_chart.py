"""The chart of theory against measurement: two small drawings, made of the numbers in the tables below them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reportgen.pages import numbers
from reportgen.pages.theory_arms import Compared, signed

WIDTH, HEIGHT = 460.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 448.0, 26.0, 330.0
PADDING = 0.05
"""Share of an axis that is left free at either end."""

FEWEST_TICKS = 3

Ticks = tuple[tuple[float, str], ...]
"""Place and label of each."""


@dataclass(frozen=True)
class Panel:
    """One drawing: paths of the dots and the diamonds, of their intervals, and the line of perfect prediction.

    `misses` are (path, title) of each diamond.
    """

    id: str
    title: str
    text: str
    x_name: str
    y_name: str
    x_ticks: Ticks
    y_ticks: Ticks
    line: tuple[float, float, float, float]
    hits: str
    hit_ranges: str
    misses: tuple[tuple[str, str], ...]
    miss_ranges: str
    unjudged: str


@dataclass(frozen=True)
class Chart:
    """Both drawings, and how many points are of which kind."""

    panels: tuple[Panel, Panel]
    hits: int
    misses: int
    unjudged: int
    caption: str


@dataclass(frozen=True)
class _Axis:
    """A scale from values between `low` and `high` to places between `start` and `end`; others stand at its ends."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def chart(compared: Sequence[Compared]) -> Chart | None:
    """Draw the measured against the predicted factors, and the deviations; None where there is nothing to draw."""
    shown = [one for one in compared if one.is_measured and one.predicted > 0 and one.measured > 0]
    if not shown:
        return None
    ends = [math.log10(value) for one in shown for value in (one.predicted, one.measured)]
    across, upwards = _axis(ends, LEFT, RIGHT), _axis(ends, BOTTOM, TOP)
    most = max(abs(one.deviation) for one in shown) or 1.0
    deviations = _axis([-most, most], BOTTOM, TOP)
    ticks = _factor_ticks(across.low, across.high)
    places = tuple((across.place(math.log10(value)), text) for value, text in ticks)
    factors = _panel(
        shown,
        lambda one: (across.place(math.log10(one.predicted)), upwards.place(math.log10(one.measured))),
        lambda one: None,
        id="chart-factors",
        title="Measured against predicted decay factor",
        text=f"{_points(shown)} on two logarithmic axes, from {_least(shown)} to {_largest(shown)}. The line is where "
        f"both are equal. {_closeness(shown)}",
        x_name="predicted factor",
        y_name="measured factor",
        x_ticks=places,
        y_ticks=tuple((upwards.place(math.log10(value)), text) for value, text in ticks),
        line=(across.start, upwards.start, across.end, upwards.end),
    )
    middle = deviations.place(0)
    differences = _panel(
        shown,
        lambda one: (across.place(math.log10(one.predicted)), deviations.place(one.deviation)),
        lambda one: tuple(deviations.place(100 * (end / one.predicted - 1)) for end in (one.low, one.high)),
        id="chart-deviations",
        title="Deviation of the measurement from theory",
        text=f"{_points(shown)} by predicted factor, each with its interval: the deviation in per cent. The line is no "
        f"deviation. {_spread(shown)}",
        x_name="predicted factor",
        y_name="deviation (%)",
        x_ticks=places,
        y_ticks=tuple((deviations.place(value), signed(value, 0)) for value in _even_ticks(most)),
        line=(across.start, middle, across.end, middle),
    )
    kinds = [one.inside for one in shown]
    counts = kinds.count(True), kinds.count(False), kinds.count(None)
    return Chart((factors, differences), *counts, _closeness(shown))


def _axis(values: Sequence[float], start: float, end: float) -> _Axis:
    low, high = min(values), max(values)
    room = PADDING * (high - low) or 0.1
    return _Axis(low - room, high + room, start, end)


def _panel(
    shown: Sequence[Compared],
    where: Callable[[Compared], tuple[float, float]],
    interval: Callable[[Compared], tuple[float, ...] | None],
    **words: object,
) -> Panel:
    """Draw points of each kind; those of one kind are one path, but for the misses, which have a title each."""
    dots: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    ranges: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    misses = []
    for one in shown:
        x, y = where(one)
        ends = interval(one) if one.inside is not None else None
        if ends:
            ranges[one.inside].append(f"M{x:g} {ends[0]:g}V{ends[1]:g}")
        if one.inside is False:
            misses.append((f"M{x:g} {y - 5:g}l5 5-5 5-5-5z", _told(one)))
        else:
            dots[one.inside].append(f"M{x:g} {y:g}h0")
    return Panel(
        hits="".join(dots[True]),
        hit_ranges="".join(ranges[True]),
        misses=tuple(misses),
        miss_ranges="".join(ranges[False]),
        unjudged="".join(dots[None]),
        **words,  # type: ignore[arg-type]
    )


def _told(one: Compared) -> str:
    text, *_ = numbers.interval(one.measured, one.low, one.high)
    study = one.view.entry.study.title
    return f"{one.arm.label} ({study}): {text}, {signed(one.deviation, 1)}{numbers.NBSP}% from theory"


def _points(shown: Sequence[Compared]) -> str:
    return f"{len(shown)} point{'s' if len(shown) != 1 else ''}, one an arm,"


def _least(shown: Iterable[Compared]) -> str:
    return numbers.number(min(min(one.predicted, one.measured) for one in shown), 2)


def _largest(shown: Iterable[Compared]) -> str:
    return numbers.number(max(max(one.predicted, one.measured) for one in shown), 2)


def _closeness(shown: Sequence[Compared]) -> str:
    """Say within how many per cent of the line half of the points lie, and nineteen in twenty."""
    far = sorted(abs(one.deviation) for one in shown)
    half, most = (far[math.ceil(share * len(far)) - 1] for share in (0.5, 0.95))
    return (
        f"Half of the points lie within {numbers.number(half, 2)}{numbers.NBSP}% of theory, "
        f"95{numbers.NBSP}% within {numbers.number(most, 2)}{numbers.NBSP}%."
    )


def _spread(shown: Sequence[Compared]) -> str:
    low, high = (pick(one.deviation for one in shown) for pick in (min, max))
    return f"They go from {signed(low, 1)}{numbers.NBSP}% to {signed(high, 1)}{numbers.NBSP}%."


def _factor_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return factors between two powers of ten to write at an axis: 1, 2 and 5, or more where there are few."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    for digits in ((1.0, 2.0, 5.0), tuple(d / 10 for d in range(10, 100, 2))):
        values = [digit * 10.0**decade for decade in decades for digit in digits]
        found = [value for value in values if low <= math.log10(value) <= high]
        if len(found) >= FEWEST_TICKS:
            break
    return [(value, numbers.setting(value)) for value in found]


def _even_ticks(most: float) -> list[float]:
    """Return round values from -most to most, among them 0."""
    power = 10.0 ** math.floor(math.log10(most))
    step = next(size for size in (power / 2, power, 2 * power, 5 * power) if most / size < 4)
    count = math.floor(most / step)
    return [step * number for number in range(-count, count + 1)]
