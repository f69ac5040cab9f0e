"""The remedy matrix: remedies by architectures, and remedies two by two, over all studies of the site."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from reportgen import registry
from reportgen.analyse.matrix import UNJUDGED
from reportgen.pages import numbers
from reportgen.pages.arms import Cell
from reportgen.pages.components import ALREADY, address, reads_sequences, refusal
from reportgen.pages.entries import records
from reportgen.pages.in_short import SIDES, in_short
from reportgen.pages.remedies import (
    COMBINATIONS,
    MEASURED,
    NETWORKS,
    PAIRS,
    PROBLEMS,
    Frames,
    address_of,
    effect_of,
    label_of,
    measured,
)
from reportgen.pages.text import slug

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView

TABLES = (
    ("layers", "Networks of layers", "The decay factor is per layer.", False),
    ("sequences", "Networks that read sequences", "The decay factor is per time step.", True),
)
"""Anchor, title, what a decay factor is of, and whether the architectures read sequences."""


@dataclass(frozen=True)
class Part:
    """One part of a cell: pairs whose network has the same problem without the remedy.

    `counts` are the pairs that help, that hurt, and all that are judged.
    """

    anchor: str
    gradient: str
    effect: str
    mark: str
    counts: tuple[int, int, int]
    cells: tuple[Cell, ...]
    count: str
    reason: int
    studies: tuple[tuple[str, str], ...]

    @property
    def problem(self) -> str:
        """What the network does without the remedy, in words."""
        return PROBLEMS[self.gradient]

    @property
    def short(self) -> str:
        """Say in how many of the judged pairs it helps or hurts, where not in all; of the mixed it says nothing."""
        helps, hurts, judged = self.counts
        count = {"up": helps, "down": hurts}.get(self.mark, judged)
        return f"{count} of {judged}" if count != judged else ""


@dataclass(frozen=True)
class MatrixCell:
    """A remedy in an architecture: its parts, or in words why there is none; `reason` numbers a footnote, or is 0."""

    parts: tuple[Part, ...] = ()
    words: str = ""
    reason: int = 0


@dataclass(frozen=True)
class MatrixRow:
    """A remedy in all architectures of a table."""

    label: str
    path: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class MatrixTable:
    """Remedies by the architectures of one kind.

    `architectures` are names in sentences, paths, and what their gradients do without a remedy in what was tried, in
    the words of `PROBLEMS`' keys. `rows` were tried in one of them at least, `untried` in none; `nowhere` are remedies
    that none takes, with the numbers of their footnotes.
    """

    id: str
    title: str
    note: str
    architectures: tuple[tuple[str, str, tuple[str, ...]], ...]
    rows: tuple[MatrixRow, ...]
    untried: tuple[MatrixRow, ...] = ()
    nowhere: tuple[tuple[str, str, tuple[int, ...]], ...] = ()


class Footnotes:
    """Numbers reasons in the order of their first mention."""

    def __init__(self) -> None:
        self.reasons: dict[str, int] = {}

    def number(self, reason: str) -> int:
        """Return the number of a reason, or 0 for ""."""
        return self.reasons.setdefault(reason, len(self.reasons) + 1) if reason else 0


def gather_matrix(frames: Frames, views: Sequence[StudyView]) -> dict[str, Any]:
    """Return the context of the page.

    Parameters
    ----------
    frames : Frames
    views : sequence of StudyView
        The studies that they come from.
    """
    notes = Footnotes()
    tables = tuple(_tables(frames.cells, views, notes))
    networks = {table.id: _networks(frames.network_cells, table.id, views, notes) for table in tables}
    return {
        "tables": tables,
        "networks": networks,
        "sides": SIDES,
        "measured": MEASURED,
        "short": tuple(line for table in tables for line in in_short(table, networks[table.id])),
        "usual": tuple(table.architectures[0][0] for table in tables if table.rows),
        "reasons": tuple((number, reason) for reason, number in notes.reasons.items()),
        "sentences": _sentences(frames),
        "combinations": tuple(_combination(row, views) for row in records(frames.combinations)),
        "downloads": (
            (PAIRS, "All pairs of arms, CSV"),
            (NETWORKS, "Other networks, CSV"),
            (COMBINATIONS, "Remedies two by two, CSV"),
        ),
    }


def _networks(frame: pd.DataFrame, anchor: str, views: Sequence[StudyView], notes: Footnotes) -> MatrixTable | None:
    """Return other networks by the plainer ones in whose place they stood; None if none of this kind was tried."""
    sequences = {name: reads for name, *_, reads in TABLES}[anchor]
    found: dict[tuple[str, str], list[Any]] = {}
    for row in records(frame):
        if reads_sequences(row.remedy) == sequences:
            found.setdefault((row.remedy, row.architecture), []).append(row)
    plain = sorted({name for _, name in found})
    rows = []
    for network in sorted({name for name, _ in found}):
        parts = [_parts(found.get((network, name), ()), views, notes) for name in plain]
        cells = tuple(MatrixCell(part, "" if part else "not tested") for part in parts)
        label = registry.architectures.called(network)
        rows.append(MatrixRow(label, address("architectures/", network), cells))
    columns = _columns(plain, rows)
    return MatrixTable(f"{anchor}-networks", "", "", columns, tuple(rows)) if rows else None


def _columns(names: Sequence[str], rows: Sequence[MatrixRow]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the columns' names in sentences, with their paths, and what their gradients do without a remedy."""
    found = []
    for index, name in enumerate(names):
        met = {part.gradient for row in rows for part in row.cells[index].parts}
        path = address("architectures/", name.partition(":")[0])
        found.append((registry.architectures.called(name), path, tuple(one for one in PROBLEMS if one in met)))
    return tuple(found)


def _parts(rows: Sequence[Any], views: Sequence[StudyView], notes: Footnotes) -> tuple[Part, ...]:
    """Return the parts of a cell, by the problem of the network without the remedy."""
    order = list(PROBLEMS)
    return tuple(_part(row, views, notes) for row in sorted(rows, key=lambda row: order.index(row.gradient)))


def _sentences(frames: Frames) -> list[str]:
    """Say how much there is to see."""
    compared = frames.pairs
    if compared.empty:
        return []
    judged = int((compared["effect"] != UNJUDGED).sum())
    count = f"{len(compared)} pair{'s' if len(compared) != 1 else ''}"
    other = f"{len(frames.networks)} in which another network stands in a plainer one's place"
    both = f"{len(frames.combinations)} combination{'s' if len(frames.combinations) != 1 else ''} of two remedies"
    return [
        f"The studies have {count} of arms that differ in one remedy, of which {judged} can be judged; {other}; "
        f"and {both}.",
    ]


def _tables(frame: pd.DataFrame, views: Sequence[StudyView], notes: Footnotes) -> Iterator[MatrixTable]:
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in records(frame):
        found.setdefault((row.remedy, row.setting, row.architecture), []).append(row)
    tested = frame["architecture"].value_counts()
    for anchor, title, note, sequences in TABLES:
        kind = [name for name in registry.architectures.names() if reads_sequences(name) == sequences]
        kind.sort(key=lambda name: -int(tested.get(name, 0)))
        rows: list[MatrixRow] = []
        untried: list[MatrixRow] = []
        nowhere = []
        for remedy, words in _remedies(frame):
            made = [_cell(remedy, words, name, found, views, notes) for name in kind]
            label, path = label_of(remedy, words), address_of(remedy)
            if all(cell.reason and not cell.parts for cell in made):
                nowhere.append((label, path, tuple(dict.fromkeys(cell.reason for cell in made))))
            else:
                tried = any(cell.parts for cell in made)
                (rows if tried else untried).append(MatrixRow(label, path, tuple(made)))
        columns = _columns(kind, rows)
        if columns:
            yield MatrixTable(anchor, title, note, columns, tuple(rows), tuple(untried), tuple(nowhere))


def _remedies(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Return remedies with their settings in words: those that were tested, and each of the catalogue once."""
    tested = set(zip(frame["remedy"], frame["setting"], strict=True))
    names = {name for name, _ in tested}
    listed = tested | {(name, "") for name in registry.remedies.names() if name not in names}
    return sorted(listed, key=lambda one: (label_of(*one).casefold(), one))


def _cell(
    remedy: str,
    words: str,
    architecture: str,
    found: Mapping[tuple[str, str, str], Sequence[Any]],
    views: Sequence[StudyView],
    notes: Footnotes,
) -> MatrixCell:
    rows = found.get((remedy, words, architecture), ())
    if rows:
        return MatrixCell(_parts(rows, views, notes))
    reason = ""
    if remedy in registry.remedies:
        reason = refusal(registry.remedies[remedy], registry.architectures[architecture])
    if reason and ALREADY not in reason:
        return MatrixCell(words="does not apply", reason=notes.number(reason))
    return MatrixCell(words="not tested")


def _part(row: Any, views: Sequence[StudyView], notes: Footnotes) -> Part:
    titles = {view.entry.study.id: (view.entry.study.title, view.path) for view in views}
    effect, mark = effect_of(row)
    several = row.n_pairs > 1
    count = f"{row.n_pairs} pairs" if several else "1 pair"
    count += f", {row.n} judged runs" if row.n else ""
    count += ", beside other remedies" if row.beside else ""
    reason = notes.number(row.reason) if row.unjudged else 0
    studies = tuple((titles[name][0], f"{titles[name][1]}#arms") for name in row.studies.split())
    counts = row.helps, row.hurts, row.n_pairs - row.unjudged
    anchor = slug(f"{label_of(row.remedy, row.setting)} in {row.architecture}, {row.gradient}")
    return Part(anchor, row.gradient, effect, mark, counts, measured(row), count, reason, studies)


def _combination(row: Any, views: Sequence[StudyView]) -> dict[str, Any]:
    """Return a row of the table of two remedies."""
    view = next(view for view in views if view.entry.study.id == row.study)
    marks = {"add": "up", "hurt": "down", "redundant": "level"}
    return {
        "first": registry.remedies.called(row.first),
        "second": registry.remedies.called(row.second),
        "architecture": registry.architectures.called(row.architecture),
        "task": registry.tasks.called(row.task),
        "cells": [
            *(_share(getattr(row, f"success_{name}")) for name in ("bare", "first", "second", "both")),
            *(_speed(row, name) for name in ("over_first", "over_second")),
        ],
        "n": row.n,
        "verdict": row.verdict,
        "mark": marks.get(row.verdict, "none"),
        "reason": row.reason,
        "study": view.entry.study.title,
        "path": f"{view.path}#arms",
    }


def _share(value: float) -> Cell:
    return Cell(numbers.percent(value), sort=f"{value:.12g}")


def _speed(row: Any, name: str) -> Cell:
    values = [getattr(row, f"{name}{end}") for end in ("", "_low", "_high")]
    if math.isnan(values[0]):
        return Cell(numbers.NONE)
    text, low, high = numbers.interval(*values)
    return Cell(f"{text}{numbers.NBSP}×", low, high, sort=f"{values[0]:.12g}")
