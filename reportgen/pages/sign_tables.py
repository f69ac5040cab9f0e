"""The tables of the signs: cells, small drawings and lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen import registry
from reportgen.analyse.sign_catalogue import (
    FEWEST_RUNS,
    KINDS,
    SIGNS,
    Sign,
)
from reportgen.analyse.sign_verdicts import sign_verdicts
from reportgen.pages import numbers
from reportgen.pages.arms import GLYPH_MARGIN, GLYPH_WIDTH, Cell, Glyph
from reportgen.pages.entries import records

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.analyse.signs import Signs

COVERAGE = 0.8
"""Share of the runs on which a sign must be defined to be recommended for all of them."""

SMALLEST_SHARE = 1e-3
"""Below this a share is not written in per cent."""

KIND_TITLES = {
    "diverged": "diverged",
    "rate too small": "learning rate too small",
    "rate too large": "learning rate too large",
    "borderline": "only some seeds learn",
    "vanishing": "error signal vanishes",
    "exploding": "error signal explodes",
    "neither": "error signal level, yet learns at no rate",
}
"""The kinds of failure of ``sign_catalogue.KINDS`` as headings."""

BECAUSE = {
    "diverged": "diverged",
    "rate too small": "had too small a learning rate",
    "rate too large": "had too large a learning rate",
    "borderline": "had a rate at which only some seeds learn",
    "vanishing": "had an error signal that vanishes",
    "exploding": "had an error signal that explodes",
    "neither": "learns at no rate although its error signal is level",
}
"""The same as the end of "a run that" or "because it"."""

SPARK_WIDTH, SPARK_HEIGHT = 120.0, 30.0


@dataclass(frozen=True)
class SignRow:
    """One sign in the table of signs."""

    id: str
    title: str
    area: Cell
    alarm: Cell
    sensitivity: Cell
    false_alarms: Cell
    earliest: Cell
    cost: str
    misses: Cell
    verdict: str
    condition: str


@dataclass(frozen=True)
class Spark:
    """A small drawing of a ROC AUC over the course of training; the numbers stand beside it.

    `line` has the points of a polyline, `bars` (x, low, high) the intervals; `chance` is the height of 0.5.
    """

    line: str
    bars: tuple[tuple[float, float, float], ...]
    chance: float


@dataclass(frozen=True)
class Line:
    """One sign in a table by time or by group."""

    id: str
    title: str
    cells: tuple[Cell, ...]
    spark: Spark | None = None


@dataclass(frozen=True)
class GroupTable:
    """ROC AUC by architecture, by kind of failure or by study: (title, explanation) a column."""

    id: str
    title: str
    note: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


def sign_rows(found: Signs) -> Iterable[SignRow]:
    """Make the rows of the table, the best sign first; those without an interval come last."""
    verdicts: dict[str, Any] = {row.id: row for row in records(sign_verdicts(found))}
    ordered = sorted(records(found.overall), key=lambda row: (-_known(row.low, -1.0), -_known(row.auc, -1.0)))
    for row in ordered:
        sign = named(row.sign)
        verdict: Any = verdicts.get(sign.claim) if sign.primary else None
        missed = missed_most(found, sign) if math.isfinite(row.low) and not points_away(row) else None
        yield SignRow(
            id=sign.id,
            title=sign.title,
            area=_area(row),
            alarm=_alarm(sign, row),
            sensitivity=_share(row, row.sensitivity),
            false_alarms=_share(row, row.false_alarms),
            earliest=_earliest(row),
            cost=sign.cost,
            misses=_misses(missed),
            verdict="" if verdict is None else verdict.verdict,
            condition="" if verdict is None else verdict.condition or verdict.reason,
        )


def _misses(missed: Any) -> Cell:
    """Write which kind of failure a sign misses most, and what share of it the sign finds all the same."""
    if missed is None:
        return Cell(numbers.NONE)
    found = f"{numbers.percent(missed.found)} of {numbers.fixed(missed.n, 0)}"
    return Cell(BECAUSE[missed.kind], note=found, sort=f"{missed.found:.12g}")


def points_away(row: Any) -> bool:
    """Tell whether the interval of a ROC AUC lies below one half: the feared values are those of healthy runs."""
    return bool(math.isfinite(row.high) and row.high < 0.5)


def _area(row: Any) -> Cell:
    """Write a ROC AUC with its interval; one below one half points the wrong way."""
    if not math.isfinite(row.auc):
        return Cell(numbers.NONE, note="no run of one outcome" if row.n else "not measured")
    text, low, high = numbers.interval(row.auc, row.low, row.high)
    ends = [value if math.isfinite(value) else row.auc for value in (row.low, row.auc, row.high)]
    placed = [round(GLYPH_MARGIN + (GLYPH_WIDTH - 2 * GLYPH_MARGIN) * value, 1) for value in ends]
    wrong = points_away(row)
    note = "points the wrong way" if wrong else "" if math.isfinite(row.low) else f"no interval: {row.n} runs"
    return Cell(
        text, low, high, note, f"{row.auc:.12g}", wrong, Glyph(placed[0], placed[1], placed[2], GLYPH_WIDTH / 2)
    )


def _alarm(sign: Sign, row: Any) -> Cell:
    if not math.isfinite(row.threshold):
        return Cell(numbers.NONE)
    if points_away(row):
        return Cell(numbers.NONE, note="no threshold is of use")
    part = f"at {numbers.percent(row.fraction)} of the budget"
    note = part if row.coverage >= COVERAGE else f"{part}; defined on {numbers.percent(row.coverage)} of the runs"
    return Cell(limit(sign, row.threshold), note=note)


def limit(sign: Sign, threshold: float) -> str:
    """Write the condition of the alarm: "below 13 %"."""
    word = "below" if sign.alarm == "low" else "above"
    if sign.scale == "share" and threshold >= SMALLEST_SHARE:
        return f"{word} {numbers.percent(threshold, 0 if threshold >= 0.1 else 2)}"
    unit = {"decades": f"{numbers.NBSP}decades", "ratio": f"{numbers.NBSP}times"}.get(sign.scale, "")
    return f"{word} {numbers.number(threshold, 3 if sign.scale == 'ratio' else 2)}{unit}"


def _share(row: Any, value: float) -> Cell:
    if points_away(row) or not math.isfinite(value):
        return Cell(numbers.NONE)
    return Cell(
        numbers.percent(value), sort=f"{value:.12g}", note="" if row.is_validated else "of the runs that chose it"
    )


def _earliest(row: Any) -> Cell:
    if not math.isfinite(row.earliest):
        return Cell("never" if math.isfinite(row.low) else numbers.NONE, sort="2")
    return Cell(_moment(row.earliest), sort=f"{row.earliest:.12g}")


def _moment(fraction: float) -> str:
    return "before training" if fraction == 0 else numbers.percent(fraction)


def course_lines(found: Signs) -> Iterable[Line]:
    """Make the lines of the table by time, in the order of the catalogue."""
    for sign in SIGNS:
        rows = [row for row in records(found.course) if row.sign == sign.id]
        yield Line(sign.id, sign.title, tuple(_area_at(row) for row in rows), _spark(rows))


def _area_at(row: Any) -> Cell:
    if not math.isfinite(row.auc):
        return Cell(numbers.NONE)
    text, low, high = numbers.interval(row.auc, row.low, row.high)
    return Cell(text, low, high, sort=f"{row.auc:.12g}", note="" if low else f"{row.n} runs")


def _spark(rows: Sequence[Any]) -> Spark | None:
    """Draw the course from bottom (0) to top (1), the moments at equal distances."""
    known = [(number, row) for number, row in enumerate(rows) if math.isfinite(row.auc)]
    if len(known) < 2:
        return None
    step = (SPARK_WIDTH - 2 * GLYPH_MARGIN) / (len(rows) - 1)

    def height(value: float) -> float:
        return round(SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * value, 1)

    places = [(round(GLYPH_MARGIN + step * number, 1), row) for number, row in known]
    line = " ".join(f"{x},{height(row.auc)}" for x, row in places)
    bars = tuple((x, height(row.low), height(row.high)) for x, row in places if math.isfinite(row.low))
    return Spark(line, bars, height(0.5))


def group_tables(found: Signs) -> Iterable[GroupTable]:
    """Make the tables by architecture, by kind of failure and by study."""
    texts = (
        ("architecture", "By architecture", "The same signs, on the runs of one architecture at a time."),
        (
            "failure",
            "By kind of failure",
            "The failed runs of one kind, told from all healthy runs: what each sign sees.",
        ),
        ("study", "By study", "The runs of one study at a time, those that it shares with other studies included."),
    )
    architectures = {entry.name: entry.title for entry in registry.architectures.entries()}
    for by, title, note in texts:
        part = found.groups[found.groups["by"] == by]
        names = [str(name) for name in part["group"].unique()]
        names = [kind for kind in KINDS if kind in names] if by == "failure" else names
        if by == "architecture":
            names = sorted(names)
        if names:
            titles = {"failure": KIND_TITLES, "architecture": architectures}.get(by, {})
            columns = tuple((titles.get(name, name), _size(found.runs, by, name)) for name in names)
            yield GroupTable(f"by-{by}", title, note, columns, tuple(_lines(part, names)))


def _size(runs: pd.DataFrame, by: str, name: str) -> str:
    column = "kind" if by == "failure" else by
    here = runs[runs[column] == name]
    count = numbers.fixed(len(here), 0)
    return f"{count} runs" if by == "failure" else f"{count} runs, {numbers.fixed(int(here['failed'].sum()), 0)} failed"


def _lines(part: pd.DataFrame, names: Sequence[str]) -> Iterable[Line]:
    cells: dict[tuple[str, str], Any] = {(row.sign, str(row.group)): row for row in records(part)}
    for sign in SIGNS:
        own = [cells.get((sign.id, name)) for name in names]
        if any(row is not None for row in own):
            made = tuple(Cell(numbers.NONE) if row is None else _area_in(row) for row in own)
            yield Line(sign.id, sign.title, made)


def _area_in(row: Any) -> Cell:
    cell = _area_at(row)
    wrong = points_away(row)
    return Cell(cell.text, cell.low, cell.high, "the wrong way" if wrong else cell.note, cell.sort, wrong)


def missed_most(found: Signs, sign: Sign) -> Any:
    """Return the kind of failure, of those with enough runs, of which the sign finds the smallest share."""
    rows = [row for row in records(found.found) if row.sign == sign.id and row.n >= FEWEST_RUNS]
    return min(rows, key=lambda row: row.found, default=None)


def named(sign_id: str) -> Sign:
    """Return the sign with an id."""
    return next(sign for sign in SIGNS if sign.id == sign_id)


def _known(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise
