"""Conditions: on what a verdict turns, in words, from the levels that the strata differ in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Levels = Mapping[str, str]
"""Factor name to level label."""

_NUMBER = re.compile(r"[-−+]?[\d.,]+(e[-+]?\d+)?")

LONGEST = 6
"""Most levels, or pairs of levels, that are listed on a side."""


@dataclass(frozen=True)
class Turn:
    """A factor, or a pair, whose levels tell where a claim holds.

    Attributes
    ----------
    names : tuple of str
        Factor names.
    holds, fails : tuple of tuple of str
        Levels of these factors, in the order of the strata.
    """

    names: tuple[str, ...]
    holds: tuple[tuple[str, ...], ...]
    fails: tuple[tuple[str, ...], ...]


def separating(levels: Sequence[Levels], holds: Sequence[bool], last: Sequence[str] = ()) -> Turn | None:
    """Return the factor, or else the pair of factors, each of whose levels has one answer only.

    Of several factors the one with the fewest levels is taken, then the first; of several pairs likewise.

    Parameters
    ----------
    levels : sequence of mapping
        Of each stratum that is decided.
    holds : sequence of bool
        Whether the claim is supported there.
    last : sequence of str
        Factors that come into question only where no other separates.

    Returns
    -------
    Turn or None
        None where no factor and no pair separates the answers, or where one side would have more than `LONGEST` levels.
    """
    shared = [name for name in levels[0] if all(name in one for one in levels)] if levels else []
    for size in (1, 2):
        turns = [turn for names in itertools.combinations(shared, size) if (turn := _turn(names, levels, holds))]
        turns = [turn for turn in turns if max(len(turn.holds), len(turn.fails)) <= LONGEST]
        if turns:
            return min(turns, key=lambda turn: (any(n in last for n in turn.names), len(turn.holds) + len(turn.fails)))
    return None


def _turn(names: tuple[str, ...], levels: Sequence[Levels], holds: Sequence[bool]) -> Turn | None:
    answers: dict[tuple[str, ...], set[bool]] = {}
    for one, answer in zip(levels, holds, strict=True):
        answers.setdefault(tuple(one[name] for name in names), set()).add(answer)
    if any(len(found) > 1 for found in answers.values()):
        return None
    sides = {answer: tuple(key for key, found in answers.items() if answer in found) for answer in (True, False)}
    return Turn(names, sides[True], sides[False]) if sides[True] and sides[False] else None


def worded(turn: Turn, labels: Mapping[str, str], orders: Mapping[str, Sequence[str]]) -> str:
    """Write a turn as part of a sentence: ``depth: for 2 and 5 layers, not for 20``.

    Parameters
    ----------
    turn : Turn
    labels : mapping
        Factor name to its name for readers.
    orders : mapping
        Factor name to its levels in the study's order.
    """
    heading = " and ".join(uncapitalised(labels.get(name, name)) for name in turn.names)
    sides = [sorted(side, key=lambda key: _place(key, turn.names, orders)) for side in (turn.holds, turn.fails)]
    if len(turn.names) > 1:
        holds, fails = ([" with ".join(key) for key in side] for side in sides)
        return f"{heading}: for {listed(holds)}, not for {listed(fails)}"
    before, after = _shared_words([key[0].split() for side in sides for key in side])
    holds, fails = ([_bare(key[0], before, after) for key in side] for side in sides)
    head = " ".join([*before, listed(holds), *after])
    return f"{heading}: for {head}, not for {listed(fails)}"


def listed(items: Sequence[str]) -> str:
    """Write a list: ``a, b and c``."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else list(items))


def uncapitalised(text: str) -> str:
    """Write a name within a sentence: without its capital, unless it is an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _place(key: tuple[str, ...], names: Sequence[str], orders: Mapping[str, Sequence[str]]) -> list[int]:
    known = [list(orders.get(name, ())) for name in names]
    return [order.index(label) if label in order else 0 for label, order in zip(key, known, strict=True)]


def _shared_words(labels: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Words that all labels begin with, or that all end with, where what is left of each is a number."""

    def common(texts: Sequence[Sequence[str]]) -> int:
        longest = min(len(text) for text in texts) - 1
        return next((n for n in range(longest) if len({text[n] for text in texts}) > 1), max(longest, 0))

    front, back = common(labels), common([text[::-1] for text in labels])
    if front and all(len(text) == front + 1 and _NUMBER.fullmatch(text[-1]) for text in labels):
        return list(labels[0][:front]), []
    if back and all(len(text) == back + 1 and _NUMBER.fullmatch(text[0]) for text in labels):
        return [], list(labels[0][1:])
    return [], []


def _bare(label: str, before: Sequence[str], after: Sequence[str]) -> str:
    words = label.split()
    return " ".join(words[len(before) : len(words) - len(after)])
