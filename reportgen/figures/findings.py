"""Sentences that state what a figure shows, made from its data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from reportgen.figures.select import Selection
from reportgen.figures.text import count, interval, listing, number


def labelled(selection: Selection, data: pd.DataFrame) -> list[tuple[str, Any]]:
    """Return label and row (a named tuple) of each row of a frame with a column `arm`."""
    labels = {arm.id: selection.full_label(arm) for arm in selection.arms}
    return [(labels[str(row.arm)], row) for row in data.itertuples(index=False)]


def measured(row: Any, unit: str = "", digits: int = 3) -> str:
    """Return "0.91 per layer (95 % interval 0.90 to 0.92)" for a row with estimate, low and high."""
    amount = f"{number(row.estimate, digits)} {unit}".rstrip()
    return f"{amount} {interval(row.low, row.high, digits)}"


def extremes(rows: Sequence[tuple[str, Any]], say: Callable[[Any], str], what: str) -> str:
    """Return one sentence with the lowest and the highest of the rows (their attribute `estimate`).

    Rows that are equally low or high to twelve digits are named together.
    """
    ordered = sorted(rows, key=lambda item: item[1].estimate)
    (_, lowest), (_, highest) = ordered[0], ordered[-1]
    if len(ordered) == 1:
        return f"{what} is {say(lowest)} for {ordered[0][0]}."
    if _same(lowest, highest):
        return f"{what} is the same, {number(lowest.estimate)}, for all {len(ordered)} arms."
    low_names = few([name for name, row in ordered if _same(row, lowest)])
    high_names = few([name for name, row in ordered if _same(row, highest)])
    return f"{what} is lowest for {low_names}, {say(lowest)}, and highest for {high_names}, {say(highest)}."


def _same(one: Any, other: Any) -> bool:
    return f"{one.estimate:.12g}" == f"{other.estimate:.12g}"


def few(names: Sequence[str], most: int = 3) -> str:
    """Return up to `most` names, and how many more there are."""
    if len(names) <= most:
        return listing(names)
    return f"{', '.join(names[:most])} and {count(len(names) - most, 'more arm')}"


def each(rows: Iterable[tuple[str, Any]], say: Callable[[Any], str]) -> str:
    """Return one short sentence a row."""
    return " ".join(f"{name}: {say(row)}." for name, row in rows)


def seeds(values: Iterable[float]) -> str:
    """Return "8 seeds" or "5 to 8 seeds" for the numbers of seeds behind the rows."""
    known = sorted({int(n) for n in values if n == n})
    if not known:
        return "an unknown number of seeds"
    return count(known[0], "seed") if len(known) == 1 else f"{known[0]} to {known[-1]} seeds"
