"""Conditions: on what a verdict turns, in words, from the levels that the strata differ in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Levels = Mapping[str, str]
"""Factor name to level label."""

_NUMBER = re.compile(r"[-−+]?[\d.,]+(e[-+]?\d+)?")

BY_MEASURE, BY_STUDY = "what is measured: ", "the study: "
"""With what a condition begins that has a part for each measure, or for each study."""

BETWEEN = "; "
"""What stands between such parts."""

LONGEST = 6
"""Most levels, or pairs of levels, that are listed on a side."""

RARE = 5
"""One stratum in so many may be an exception where a factor goes with the answer nearly always."""


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


@dataclass(frozen=True)
class Lean:
    """A factor whose levels nearly tell where a claim holds.

    Attributes
    ----------
    turn : Turn
        The levels at which it mostly holds, and at which it mostly does not.
    where_holds, where_fails : (int, int)
        In how many strata of these levels it holds, and how many there are.
    """

    turn: Turn
    where_holds: tuple[int, int]
    where_fails: tuple[int, int]


@dataclass(frozen=True)
class Branch:
    """One level of a factor, and on what a claim turns there.

    Attributes
    ----------
    level : str
    holds, of : int
        In how many strata of this level it holds, and how many there are.
    turn : Turn or Lean or None
        None where all have one answer, and where nothing tells them apart.
    """

    level: str
    holds: int
    of: int
    turn: Turn | Lean | None

    @property
    def is_mixed(self) -> bool:
        """Whether it holds in some strata and in others not."""
        return 0 < self.holds < self.of


@dataclass(frozen=True)
class Branching:
    """A factor within each of whose levels a claim turns on something else."""

    name: str
    parts: tuple[Branch, ...]


def separating(levels: Sequence[Levels], holds: Sequence[bool], ranks: Mapping[str, int] | None = None) -> Turn | None:
    """Return the factor, or else the pair of factors, each of whose levels has one answer only.

    Of several the one of the lowest rank is taken, then a single factor before a pair, then the one with the fewest
    levels, then the first. A pair that has as many combinations of levels as there are strata tells nothing, unless
    both factors have rank 0.

    Parameters
    ----------
    levels : sequence of mapping
        Of each stratum that is decided.
    holds : sequence of bool
        Whether the claim is supported there.
    ranks : mapping, optional
        Factor name to its rank, 0 for those that it lacks; a pair has the higher of its factors.

    Returns
    -------
    Turn or None
        None where no factor and no pair separates the answers, or where one side would have more than `LONGEST` levels.
    """
    found = []
    for names, rank in _candidates(levels, ranks or {}):
        turn = _turn(names, levels, holds)
        if turn is None or max(len(turn.holds), len(turn.fails)) > LONGEST:
            continue
        size = len(turn.holds) + len(turn.fails)
        if len(names) == 1 or not rank or size < len(levels):
            found.append(((rank, len(names), size), turn))
    return min(found, key=lambda one: one[0])[1] if found else None


def leaning(levels: Sequence[Levels], holds: Sequence[bool], ranks: Mapping[str, int] | None = None) -> Lean | None:
    """Return the factor whose levels go with the answer nearly always, where none separates the answers.

    Each level is given the answer that most of its strata have; the others are exceptions. A factor counts if at most
    one stratum in `RARE` is an exception, and at most half as many are as without it, when all strata are given the
    commoner answer. That with the fewest exceptions is taken, then as in `separating`; rank 2 and above do not count.

    Parameters
    ----------
    levels, holds, ranks
        As in `separating`.

    Returns
    -------
    Lean or None
    """
    rarer = min(sum(holds), len(holds) - sum(holds))
    found = []
    for names, rank in _candidates(levels, ranks or {}):
        if len(names) > 1 or rank > 1:
            continue
        answers = _answers(names, levels, holds)
        exceptions = sum(min(sum(given), len(given) - sum(given)) for given in answers.values())
        mostly = {key: 2 * sum(given) > len(given) for key, given in answers.items()}
        sides = [tuple(key for key, yes in mostly.items() if yes is side) for side in (True, False)]
        fits = exceptions * RARE <= len(levels) and 2 * exceptions <= rarer and all(sides)
        if fits and max(map(len, sides)) <= LONGEST:
            whole = [[answer for key in side for answer in answers[key]] for side in sides]
            counts = [(sum(given), len(given)) for given in whole]
            found.append(((exceptions, rank, len(answers)), Lean(Turn(names, *sides), *counts)))
    return min(found, key=lambda one: one[0])[1] if found else None


def branching(
    levels: Sequence[Levels], holds: Sequence[bool], names: Sequence[str], ranks: Mapping[str, int] | None = None
) -> Branching | None:
    """Return the factor within whose levels others tell where a claim holds, where none does so for all strata.

    Within a level either all strata have one answer, or `separating` or `leaning` finds what tells them apart, or the
    level stays unexplained. The factor that leaves the fewest strata unexplained is taken, of those the first; one that
    leaves more than half does not count, nor one with more than `LONGEST` levels.

    Parameters
    ----------
    levels, holds, ranks
        As in `separating`.
    names : sequence of str
        Factors that come into question.

    Returns
    -------
    Branching or None
    """
    found: list[tuple[int, Branching]] = []
    for name in names:
        given = dict.fromkeys(one[name] for one in levels if name in one)
        if not 1 < len(given) <= LONGEST or any(name not in one for one in levels):
            continue
        parts = []
        for level in given:
            rows = [(one, answer) for one, answer in zip(levels, holds, strict=True) if one[name] == level]
            among, answers = [one for one, _ in rows], [answer for _, answer in rows]
            mixed = len(set(answers)) > 1
            turn = (separating(among, answers, ranks) or leaning(among, answers, ranks)) if mixed else None
            parts.append(Branch(level, sum(answers), len(answers), turn))
        unexplained = sum(part.of for part in parts if part.is_mixed and part.turn is None)
        if 2 * unexplained <= len(levels):
            found.append((unexplained, Branching(name, tuple(parts))))
    return min(found, key=lambda one: one[0])[1] if found else None


def _candidates(levels: Sequence[Levels], ranks: Mapping[str, int]) -> list[tuple[tuple[str, ...], int]]:
    """Factors, and pairs of them, that all strata have, with their ranks."""
    shared = [name for name in levels[0] if all(name in one for one in levels)] if levels else []
    return [
        (names, max(ranks.get(name, 0) for name in names))
        for size in (1, 2)
        for names in itertools.combinations(shared, size)
    ]


def _turn(names: tuple[str, ...], levels: Sequence[Levels], holds: Sequence[bool]) -> Turn | None:
    answers = _answers(names, levels, holds)
    if any(len(set(given)) > 1 for given in answers.values()):
        return None
    sides = {answer: tuple(key for key, given in answers.items() if answer in given) for answer in (True, False)}
    return Turn(names, sides[True], sides[False]) if sides[True] and sides[False] else None


def _answers(
    names: tuple[str, ...], levels: Sequence[Levels], holds: Sequence[bool]
) -> dict[tuple[str, ...], list[bool]]:
    """Answers by the levels of the named factors."""
    answers: dict[tuple[str, ...], list[bool]] = {}
    for one, answer in zip(levels, holds, strict=True):
        answers.setdefault(tuple(one[name] for name in names), []).append(answer)
    return answers


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
    holds, fails = _sides(turn, orders)
    return f"{_heading(turn, labels)}: for {holds}, not for {fails}"


def nearly(lean: Lean, labels: Mapping[str, str], orders: Mapping[str, Sequence[str]]) -> str:
    """Write a lean as part of a sentence: ``depth, mostly: for 2 layers in 7 of 8 comparisons, for 20 in 1 of 9``."""
    holds, fails = _sides(lean.turn, orders)
    (held, of), (still, rest) = lean.where_holds, lean.where_fails
    said = f"for {holds} in {held} of {of} comparisons, for {fails} in {still} of {rest}"
    return f"{_heading(lean.turn, labels)}, mostly: {said}"


def branched(
    branching: Branching, leads: Mapping[str, str], labels: Mapping[str, str], orders: Mapping[str, Sequence[str]]
) -> list[str]:
    """Write the parts of a branching: ``by loss, depth: for 2 layers, not for 20`` and ``by time, in none of 3``.

    Parameters
    ----------
    branching : Branching
    leads : mapping
        Factor name to the words before its levels.
    labels, orders
        As in `worded`.
    """
    lead = leads[branching.name]
    told = [f"{lead} {part.level}{_within(part, labels, orders)}" for part in branching.parts if part.is_mixed]
    for holds in (True, False):
        alike = [part for part in branching.parts if not part.is_mixed and bool(part.holds) is holds]
        if alike:
            told.append(f"{lead} {listed([part.level for part in alike])}, {_throughout(holds, alike)}")
    return told


def _within(part: Branch, labels: Mapping[str, str], orders: Mapping[str, Sequence[str]]) -> str:
    if isinstance(part.turn, Turn):
        return f", {worded(part.turn, labels, orders)}"
    if isinstance(part.turn, Lean):
        return f", {nearly(part.turn, labels, orders)}"
    return f", in {part.holds} of {part.of} comparisons"


def _throughout(holds: bool, parts: Sequence[Branch]) -> str:
    count = sum(part.of for part in parts)
    if count == 1:
        return "in the only comparison" if holds else "not in the only comparison"
    return f"in all {count} comparisons" if holds else f"in none of {count} comparisons"


def _heading(turn: Turn, labels: Mapping[str, str]) -> str:
    return " and ".join(uncapitalised(labels.get(name, name)) for name in turn.names)


def _sides(turn: Turn, orders: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """List the levels at which a claim holds, and at which it does not."""
    sides = [sorted(side, key=lambda key: _place(key, turn.names, orders)) for side in (turn.holds, turn.fails)]
    if len(turn.names) > 1:
        return listed(_gathered(sides[0])), listed(_gathered(sides[1]))
    before, after = _shared_words([key[0].split() for side in sides for key in side])
    holds, fails = ([_bare(key[0], before, after) for key in side] for side in sides)
    return " ".join([*before, listed(holds), *after]), listed(fails)


def _gathered(keys: Sequence[tuple[str, ...]]) -> list[str]:
    """Write combinations of levels by the first of each: "ReLU (Glorot, He)"."""
    found: dict[str, list[str]] = {}
    for first, *others in keys:
        found.setdefault(first, []).append(" with ".join(others))
    return [f"{first} ({', '.join(others)})" for first, others in found.items()]


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
