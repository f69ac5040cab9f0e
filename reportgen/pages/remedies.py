"""What remedies do over all studies of the site: the compared pairs of arms, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from reportgen import registry
from reportgen.analyse.combinations import combinations
from reportgen.analyse.matrix import EXPLODES, LEVEL, UNKNOWN, VANISHES, cells, pairs, replacements
from reportgen.pages import numbers
from reportgen.pages.components import address
from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView

PAGE = "what-helps/"
PAIRS, NETWORKS, COMBINATIONS = f"{PAGE}pairs.csv", f"{PAGE}networks.csv", f"{PAGE}combinations.csv"

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


def lines_of(row: Any) -> Iterable[tuple[str, str]]:
    """Yield what is measured, as (name, numbers); a range follows where several pairs differ."""
    if not math.isnan(row.success_with):
        yield "success", _change(row, "success", numbers.percent)
    if not math.isnan(row.decay_with):
        yield "decay factor", _change(row, "decay", numbers.number)
    if not math.isnan(row.speed_up):
        yield "speed-up", f"{_times(row.speed_up)}{_range(row, 'speed_up', _short)}"
    if not math.isnan(row.cost):
        yield "cost of a step", f"{_times(row.cost)}{_range(row, 'cost', _short)}"


def _change(row: Any, name: str, write: Any) -> str:
    before, after = getattr(row, f"{name}_without"), getattr(row, f"{name}_with")
    spread = _range(row, f"{name}_with", write)
    return f"{write(before)} → {write(after)}{spread}"


def _range(row: Any, name: str, write: Any) -> str:
    least, most = write(getattr(row, f"{name}_least")), write(getattr(row, f"{name}_most"))
    return f" ({least} to {most})" if least != most else ""


def _short(value: float) -> str:
    return numbers.number(value, 2)


def _times(value: float) -> str:
    return f"{_short(value)}{numbers.NBSP}×"


def label_of(remedy: str, words: str) -> str:
    """Write a remedy with its setting in words."""
    return f"{remedy}: {words}" if words else remedy


def address_of(remedy: str) -> str:
    """Return the site path of a remedy's entry in the catalogue, or ""."""
    return address("remedies/", remedy)


def matrix_files(frames: Frames) -> dict[str, bytes]:
    """Return the page's tables as CSV, by site path."""
    held = {PAIRS: frames.pairs, NETWORKS: frames.networks, COMBINATIONS: frames.combinations}
    return {path: csv_text(frame).encode() for path, frame in held.items()}
