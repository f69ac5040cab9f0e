"""What remedies do over all studies of the site: the compared pairs of arms, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from reportgen import registry
from reportgen.analyse.combinations import combinations
from reportgen.analyse.matrix import EXPLODES, LEVEL, UNKNOWN, VANISHES, cells, pairs, replacements
from reportgen.pages import numbers
from reportgen.pages.arms import Cell
from reportgen.pages.components import address
from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView

PAGE = "what-helps/"
PAIRS, NETWORKS, COMBINATIONS = f"{PAGE}pairs.csv", f"{PAGE}networks.csv", f"{PAGE}combinations.csv"

MEASURED = ("Success", "Decay factor", "Speed-up", "Cost of a step")
"""Columns of the numbers of a remedy."""

Write = Callable[[float], str]

PROBLEMS = {
    VANISHES: "where the gradient vanishes",
    EXPLODES: "where the gradient explodes",
    LEVEL: "where the gradient stays level",
    UNKNOWN: "where no decay factor is measured",
}
"""What the network does without the remedy, in the order of a cell's parts."""


@dataclass(frozen=True)
class Frames:
    """What all studies of the site say of remedies, and of other networks in a plainer one's place.

    The columns are those of the analyses; `network_cells` is of `networks` what `cells` is of `pairs`.
    """

    pairs: pd.DataFrame
    cells: pd.DataFrame
    combinations: pd.DataFrame
    networks: pd.DataFrame
    network_cells: pd.DataFrame


def gather_frames(views: Sequence[StudyView]) -> Frames:
    """Compare remedies over all studies."""
    analysed = [(view.entry.study, view.entry.analysis) for view in views]
    compared = pairs(analysed)
    entries = registry.architectures.entries()
    replaces, kinds = (
        {one.name: one.facts[fact] for one in entries if fact in one.facts} for fact in ("replaces", "kinds")
    )
    networks = replacements(analysed, replaces, kinds)
    return Frames(compared, cells(compared), combinations(analysed), networks, cells(networks))


def effect_of(row: Any) -> tuple[str, str]:
    """Say in words what the pairs of a cell come to, and name the mark for it."""
    judged = row.n_pairs - row.unjudged
    if judged == 0:
        return "not judged", "none"
    for count, word, mark in ((row.helps, "helps", "up"), (row.hurts, "hurts", "down")):
        if count == judged:
            return word, mark
    if row.unclear == judged:
        return "no clear difference", "level"
    said = [f"{word} in {count}" for count, word in ((row.helps, "helps"), (row.hurts, "hurts")) if count]
    return f"{', '.join(said)} of {judged}", "mixed" if row.helps and row.hurts else "up" if row.helps else "down"


def measured(row: Any) -> tuple[Cell, ...]:
    """Return what is measured, in the order of `MEASURED`; a range stands below where several pairs differ."""
    return (
        _change(row, "success", numbers.percent),
        _change(row, "decay", numbers.number),
        _cell(row, "speed_up", _times, _short),
        _cell(row, "cost", _times, _short),
    )


def _change(row: Any, name: str, write: Write) -> Cell:
    before = write(getattr(row, f"{name}_without"))
    return _cell(row, f"{name}_with", lambda after: f"{before} → {write(after)}", write)


def _cell(row: Any, name: str, write: Write, write_range: Write) -> Cell:
    value = getattr(row, name)
    if math.isnan(value):
        return Cell(numbers.NONE)
    least, most = (write_range(getattr(row, f"{name}_{end}")) for end in ("least", "most"))
    return Cell(write(value), note=f"{least} to {most}" if least != most else "", sort=f"{value:.12g}")


def _short(value: float) -> str:
    return numbers.number(value, 2)


def _times(value: float) -> str:
    return f"{_short(value)}{numbers.NBSP}×"


def label_of(remedy: str, words: str) -> str:
    """Write a remedy with its setting as in sentences: "batch normalisation"."""
    return registry.remedies.called(f"{remedy}: {words}" if words else remedy)


def address_of(remedy: str) -> str:
    """Return the site path of a remedy's entry in the catalogue, or ""."""
    return address("remedies/", remedy)


def matrix_files(frames: Frames) -> dict[str, bytes]:
    """Return the page's tables as CSV, by site path."""
    held = {PAIRS: frames.pairs, NETWORKS: frames.networks, COMBINATIONS: frames.combinations}
    return {path: csv_text(frame).encode() for path, frame in held.items()}
