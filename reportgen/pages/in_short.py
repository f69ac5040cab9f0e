"""What helps and what hurts, in short: by the problem of the network without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportgen.pages.remedies import PROBLEMS

if TYPE_CHECKING:
    from reportgen.pages.matrix import MatrixRow, MatrixTable, Part

SIDES = {
    "up": "helps",
    "mixed": "helps or hurts, by the setting",
    "down": "hurts",
    "level": "no clear difference",
}
"""Marks of a part by what its pairs come to, with the words for it; of the mixed some help and some hurt."""


@dataclass(frozen=True)
class InShort:
    """What stands on each side for one problem of one kind of network: by mark, label, path and where, of each."""

    kind: str
    problem: str
    sides: Mapping[str, tuple[tuple[str, str, str], ...]]


def in_short(table: MatrixTable, networks: MatrixTable | None) -> Iterator[InShort]:
    """Gather what helps and what hurts, by the problem of the network without it: remedies, then other networks.

    The network is not named where it is the table's first.

    Parameters
    ----------
    table, networks : MatrixTable
        Remedies, and other networks in a plainer one's place (None if there are none), of one kind.
    """
    found: dict[str, dict[str, dict[tuple[str, str], list[str]]]] = {}
    for row, part, network in (*_parts(table, "{}", table.architectures[0][0]), *_parts(networks, "in place of {}")):
        sides = found.setdefault(part.problem, {side: {} for side in SIDES})
        where = ": ".join(filter(None, (network, _few(part))))
        sides[part.mark].setdefault((row.label, row.path), []).append(where)
    for problem in (words for words in PROBLEMS.values() if words in found):
        sides = found[problem]
        named = {
            side: tuple((label, path, "; ".join(filter(None, places))) for (label, path), places in sides[side].items())
            for side in SIDES
        }
        yield InShort(table.title, problem, named)


def _parts(table: MatrixTable | None, place: str, usual: str = "") -> Iterator[tuple[MatrixRow, Part, str]]:
    """Yield what was judged: its row, the part, and the network in words, "" for the usual one."""
    for row in table.rows if table else ():
        for cell, (architecture, *_) in zip(row.cells, table.architectures if table else (), strict=True):
            network = "" if architecture == usual else place.format(architecture)
            yield from ((row, part, network) for part in cell.parts if part.mark in SIDES)


def _few(part: Part) -> str:
    """Say in how many comparisons, where it is not in all."""
    helps, hurts, judged = part.counts
    if part.mark == "mixed":
        return f"helps in {helps}, hurts in {hurts} of {judged}"
    return f"in {part.short}" if part.short else ""
