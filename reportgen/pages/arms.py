"""The tables of arms: what was run, what came out, and what was left out and why."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.analyse.estimates import KINDS
from reportgen.pages import numbers
from reportgen.pages.entries import absences, records

if TYPE_CHECKING:
    from reportgen.pages.entries import StudyEntry
    from reportgen.study.spec import Arm

GLYPH_WIDTH, GLYPH_MARGIN = 84.0, 4.0


@dataclass(frozen=True)
class Glyph:
    """A small drawing of an estimate with its interval, in user units of ``GLYPH_WIDTH``; `mark` is a reference."""

    low: float
    middle: float
    high: float
    mark: float | None


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the ends of the interval, a remark, and what it is sorted by."""

    text: str
    low: str = ""
    high: str = ""
    note: str = ""
    sort: str = ""
    warn: bool = False
    glyph: Glyph | None = None


@dataclass(frozen=True)
class Row:
    """One arm that is run."""

    levels: tuple[str, ...]
    cells: tuple[Cell, ...]
    is_baseline: bool
    label: str


@dataclass(frozen=True)
class Table:
    """A table of arms.

    Attributes
    ----------
    id, title, note : str
    factors : tuple of str
        Headings of the columns that name the arm.
    columns : tuple of (title, meaning)
    rows : tuple of Row
    left_out : tuple of (reason, labels)
        The arms that the study skips, by reason.
    """

    id: str
    title: str
    note: str
    factors: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()


def arm_tables(entry: StudyEntry) -> tuple[Table, ...]:
    """Return the table of the arms that are measured untrained, and that of the trained ones, where there are any."""
    view = _Estimates(entry)
    untrained = [arm for arm in entry.study.arms if arm.training.steps == 0]
    trained = [arm for arm in entry.study.arms if arm.training.steps > 0]
    tables = []
    if untrained:
        note = (
            "Networks at initialisation; nothing is trained. A decay factor below 1 means that the gradient vanishes."
        )
        tables.append(_table(entry, "untrained", "Arms at initialisation", note, untrained, view.untrained(untrained)))
    if trained:
        note = "Each arm has its learning rate chosen on tuning seeds, and is judged on other seeds and on test data."
        tables.append(_table(entry, "trained", "Trained arms", note, trained, view.trained(trained)))
    return tuple(tables)


def status_counts(entry: StudyEntry) -> dict[str, int]:
    """Count the study's runs by status, in the order planned, completed, diverged, failed, missing."""
    names = ("planned", "completed", "diverged", "failed", "missing")
    if entry.runs:
        return {name: int(entry.runs.get(name, 0)) for name in names}
    frame = entry.analysis.statuses
    return {name: int(frame[name].sum()) for name in names}


_Column = tuple[str, str, Callable[[str], Cell]]


def _table(
    entry: StudyEntry, table_id: str, title: str, note: str, arms: Sequence[Arm], columns: Sequence[_Column]
) -> Table:
    run = [arm for arm in arms if not arm.skipped]
    shared = [f.name for f in entry.study.factors if len({arm.levels.get(f.name) for arm in run}) == 1 and len(run) > 1]
    shown = [factor for factor in entry.study.factors if factor.name not in shared]
    rows = tuple(
        Row(
            levels=tuple(arm.levels.get(factor.name, "") for factor in shown),
            cells=tuple(make(arm.id) for _, _, make in columns),
            is_baseline=arm.is_baseline,
            label=arm.label,
        )
        for arm in arms
        if not arm.skipped
    )
    reasons = dict.fromkeys(arm.skipped for arm in arms if arm.skipped)
    left_out = tuple((reason, tuple(arm.label for arm in arms if arm.skipped == reason)) for reason in reasons)
    headings = tuple((name, meaning) for name, meaning, _ in columns)
    return Table(table_id, title, note, tuple(f.label or f.name for f in shown), headings, rows, left_out)


class _Estimates:
    """Cells made from the frames of one study."""

    def __init__(self, entry: StudyEntry) -> None:
        frames = entry.analysis
        self._rows: dict[Any, Any] = {(row.name, row.arm): row for row in records(frames.estimates)}
        self._statuses: dict[Any, Any] = {row.arm: row for row in records(frames.statuses)}
        self._chosen: dict[Any, Any] = {row.arm: row for row in records(frames.chosen)}
        self._absent = absences(frames)

    def untrained(self, arms: Iterable[Arm]) -> list[_Column]:
        """Return the columns for arms that are not trained."""
        ids = [arm.id for arm in arms]
        wanted = (
            "decay-factor",
            "theory-decay-factor",
            "theory-deviation",
            "exponential-fit",
            "weight-gradient-factor",
        )
        columns: list[_Column] = [("Runs", "Runs that completed, and those that did not.", self._status)]
        return columns + [self._column(name, ids) for name in wanted if self._any(name, ids)]

    def trained(self, arms: Iterable[Arm]) -> list[_Column]:
        """Return the columns for arms that are trained."""
        ids = [arm.id for arm in arms]
        rate = ("Chosen rate", KINDS["learning-rate"].meaning, self._rate)
        columns: list[_Column] = [
            ("Runs", "Runs of all rates and seeds that completed, and those that did not.", self._status)
        ]
        columns += [self._column(name, ids) for name in ("decay-factor",) if self._any(name, ids)]
        columns += [rate] if any(arm_id in self._chosen for arm_id in ids) else []
        wanted = ("success", "time-to-target", "final-metric", "speed-up", "metric-difference", "seconds-per-step")
        return columns + [self._column(name, ids) for name in wanted if self._any(name, ids)]

    def _any(self, name: str, ids: Iterable[str]) -> bool:
        return any((name, arm_id) in self._rows for arm_id in ids)

    def _column(self, name: str, ids: Sequence[str]) -> _Column:
        kind = KINDS[name]
        scale = self._scale(name, ids)
        unit = f" ({kind.unit})" if kind.unit in {"steps", "s", "%"} else ""
        return f"{kind.title}{unit}", kind.meaning, lambda arm_id: self._cell(name, arm_id, scale)

    def _cell(self, name: str, arm_id: str, scale: Callable[[float], float] | None) -> Cell:
        row = self._rows.get((name, arm_id))
        if row is None or math.isnan(row.estimate):
            return Cell(numbers.NONE, note=self._absent.get((name, arm_id), ""))
        text, low, high = numbers.interval(row.estimate, row.low, row.high, row.unit)
        note = ""
        if name == "time-to-target" and row.n and row.n_censored >= row.n:
            text, low, high, note = f"≥{numbers.NBSP}{text}", "", "", "no run reached it"
        elif row.n_censored:
            note = f"{int(row.n_censored)} of {int(row.n)} censored"
        glyph = _glyph(row, scale, 1.0 if name == "decay-factor" else None) if scale else None
        return Cell(text, low, high, note, sort=f"{row.estimate:.12g}", glyph=glyph)

    def _scale(self, name: str, ids: Iterable[str]) -> Callable[[float], float] | None:
        """Return the map from a value to the glyph's width, or None where the column has no glyphs."""
        if name == "success":
            return lambda value: GLYPH_MARGIN + (GLYPH_WIDTH - 2 * GLYPH_MARGIN) * min(max(value, 0.0), 1.0)
        if name != "decay-factor":
            return None
        rows = [self._rows[name, arm_id] for arm_id in ids if (name, arm_id) in self._rows]
        values = [v for row in rows for v in (row.estimate, row.low, row.high, 1.0) if math.isfinite(v) and v > 0]
        low, high = math.log(min(values, default=1.0)), math.log(max(values, default=1.0))
        span = (high - low) or 1.0
        return lambda value: GLYPH_MARGIN + (GLYPH_WIDTH - 2 * GLYPH_MARGIN) * (math.log(value) - low) / span

    def _status(self, arm_id: str) -> Cell:
        row = self._statuses.get(arm_id)
        if row is None:
            return Cell(numbers.NONE, note="no runs", sort="0")
        bad = [f"{int(getattr(row, name))} {name}" for name in ("diverged", "failed", "missing") if getattr(row, name)]
        warn = bool(row.failed or row.missing)
        return Cell(numbers.fixed(row.completed, 0), note=", ".join(bad), sort=str(int(row.completed)), warn=warn)

    def _rate(self, arm_id: str) -> Cell:
        row = self._chosen.get(arm_id)
        if row is None or math.isnan(row.learning_rate):
            return Cell(numbers.NONE, note="none chosen")
        note = "edge of the list" if row.at_edge else ""
        return Cell(
            numbers.setting(row.learning_rate), note=note, sort=f"{row.learning_rate:.12g}", warn=bool(row.at_edge)
        )


def _glyph(row: Any, scale: Callable[[float], float], mark: float | None) -> Glyph | None:
    if row.estimate <= 0 and mark is not None:
        return None
    ends = [v if math.isfinite(v) and (v > 0 or mark is None) else row.estimate for v in (row.low, row.high)]
    placed = [round(scale(v), 1) for v in (ends[0], row.estimate, ends[1])]
    return Glyph(placed[0], placed[1], placed[2], None if mark is None else round(scale(mark), 1))


def extreme(entry: StudyEntry, name: str, choose: Callable[..., Any]) -> Mapping[str, str] | None:
    """Return the arm whose estimate `choose` (min or max) picks: its text and label."""
    rows = [row for row in records(entry.analysis.estimates) if row.name == name and math.isfinite(row.estimate)]
    if not rows:
        return None
    row: Any = choose(rows, key=lambda candidate: candidate.estimate)
    return {"text": numbers.number(row.estimate), "arm": entry.study.arm(row.arm).label}
