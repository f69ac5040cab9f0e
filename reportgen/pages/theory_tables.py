"""The tables of theory against measurement: what is compared, by study, the misses, and the notes below them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from reportgen.analyse.causes import CAUSES
from reportgen.pages import numbers
from reportgen.pages.arms import Cell
from reportgen.pages.text import slug
from reportgen.pages.theory_arms import GAP, UNEXPLAINED, Basis, Compared, signed, taken_apart

_LETTERS = "xyzuvwabcdefghijklmnopqrst"


@dataclass(frozen=True)
class Row:
    """One arm of a table as it is written; `basis` numbers the shared conditions, `notes` has those with numbers.

    A note is its number and what stands for its letters; `cause` is one of ``causes.CAUSES`` with its anchor;
    `remark` says why nothing was judged, and whose networks they are.
    """

    label: str
    path: str
    study: str
    anchor: str
    measured: Cell
    predicted: Cell
    deviation: Cell
    scatter: Cell
    inside: Cell
    cause: str
    cause_anchor: str
    allowed: str
    is_unexplained: bool
    remark: str
    notes: tuple[tuple[int, str], ...]
    basis: int


@dataclass(frozen=True)
class Group:
    """The arms of one study, and how well theory does on them."""

    id: str
    title: str
    path: str
    rows: tuple[Row, ...]
    inside: Cell
    unexplained: Cell
    median: Cell
    largest: Cell


@dataclass(frozen=True)
class Cause:
    """Why some predictions miss."""

    id: str
    title: str
    meaning: str
    misses: int


@dataclass(frozen=True)
class Note:
    """A condition with numbers that several predictions have; letters stand for the numbers that differ."""

    number: int
    text: Markup
    arms: int


class Notes:
    """Numbers the conditions with numbers: equal but for these, they are one note."""

    def __init__(self, compared: Iterable[Compared]) -> None:
        self._found: dict[str, list[tuple[str, ...]]] = {}
        for one in compared:
            for sentence in one.with_numbers:
                skeleton, values = taken_apart(sentence)
                self._found.setdefault(skeleton, []).append(values)
        self._numbers = {skeleton: number for number, skeleton in enumerate(self._found, start=1)}
        self._letters = {skeleton: _lettered(values) for skeleton, values in self._found.items()}

    def of(self, one: Compared) -> tuple[tuple[int, str], ...]:
        """Return the notes of an arm: number, and what its letters stand for."""
        told = []
        for sentence in one.with_numbers:
            skeleton, values = taken_apart(sentence)
            pairs = zip(self._letters[skeleton], values, strict=True)
            stands = ", ".join(f"{letter} = {numbers.setting(float(value))}" for letter, value in pairs if letter)
            told.append((self._numbers[skeleton], stands))
        return tuple(told)

    def all(self) -> tuple[Note, ...]:
        """Return all notes in order."""
        return tuple(
            Note(number, _put_together(skeleton, self._found[skeleton][0], self._letters[skeleton]), len(found))
            for (skeleton, found), number in zip(self._found.items(), self._numbers.values(), strict=True)
        )


def _lettered(found: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return a letter for each place at which the numbers differ, "" for the others and where letters run out."""
    left = iter(_LETTERS)
    return tuple(next(left, "") if len(set(column)) > 1 else "" for column in zip(*found, strict=True))


def _put_together(skeleton: str, values: Sequence[str], letters: Sequence[str]) -> Markup:
    first, *rest = skeleton.split(GAP)
    text = Markup.escape(first)
    for value, letter, part in zip(values, letters, rest, strict=True):
        said = Markup("<var>{}</var>").format(letter) if letter else Markup.escape(numbers.setting(float(value)))
        text += said + Markup.escape(part)
    return text


def groups(compared: Sequence[Compared], bases: Mapping[Basis, int], notes: Notes) -> Iterable[Group]:
    """Make the tables of the studies, in their order."""
    for path in dict.fromkeys(one.view.path for one in compared):
        own = [one for one in compared if one.view.path == path]
        study = own[0].view.entry.study
        rows = tuple(row(one, bases, notes) for one in own)
        yield Group(own[0].anchor, study.title, path, rows, *summary(own))


def summary(compared: Sequence[Compared]) -> tuple[Cell, Cell, Cell, Cell]:
    """Say of some arms how many lie within, how many misses are unexplained, and the median and largest deviation."""
    judged = [one for one in compared if one.inside is not None]
    measured = [one for one in compared if one.is_measured]
    none = Cell(numbers.NONE)
    within, unexplained, middle, largest = none, none, none, none
    if judged:
        count = sum(bool(one.inside) for one in judged)
        share = count / len(judged)
        within = Cell(f"{count} of {len(judged)} ({numbers.percent(share)})", sort=f"{share:.12g}")
        without = sum(one.cause == UNEXPLAINED for one in judged)
        unexplained = Cell(str(without), sort=str(without), warn=without > 0)
    if measured:
        half = median(abs(one.deviation) for one in measured)
        far = max(measured, key=lambda one: abs(one.deviation))
        middle = Cell(numbers.fixed(half, 2), sort=f"{half:.12g}")
        largest = Cell(signed(far.deviation), note=far.arm.label, sort=f"{abs(far.deviation):.12g}")
    return within, unexplained, middle, largest


def row(one: Compared, bases: Mapping[Basis, int], notes: Notes) -> Row:
    """Write one arm."""
    verdict = {True: "yes", False: "no", None: numbers.NONE}[one.inside]
    return Row(
        label=one.arm.label,
        path=f"{one.view.path}#arms",
        study=one.view.entry.study.title,
        anchor=one.anchor,
        measured=_measured(one),
        predicted=Cell(_predicted(one), sort=f"{one.predicted:.12g}"),
        deviation=Cell(signed(one.deviation), sort=f"{one.deviation:.12g}") if one.is_measured else Cell(numbers.NONE),
        scatter=_scatter(one),
        inside=Cell(verdict, sort="" if one.inside is None else verdict, warn=one.inside is False),
        cause=one.cause,
        cause_anchor=f"cause-{slug(one.cause)}" if one.cause in CAUSES else "",
        allowed=one.allowed,
        is_unexplained=one.cause == UNEXPLAINED,
        remark="; ".join(filter(None, ("" if one.cause else one.explanation, _owner(one)))),
        notes=notes.of(one),
        basis=bases[one.basis],
    )


def misses(compared: Iterable[Compared]) -> list[Compared]:
    """Return the arms outside the interval, the worst first, those that share their networks once."""
    outside = [one for one in compared if one.inside is False and not one.shared]
    return sorted(outside, key=lambda one: -abs(one.deviation))


def causes(missed: Sequence[Compared]) -> Iterable[Cause]:
    """Describe the causes of some misses, those that no rule explains last."""
    for title, meaning in CAUSES.items():
        count = sum(one.cause == title for one in missed)
        if count:
            yield Cause(f"cause-{slug(title)}", title, meaning, count)


def _owner(one: Compared) -> str:
    return f"the networks of “{one.shared}”" if one.shared else ""


def _measured(one: Compared) -> Cell:
    if not one.is_measured:
        return Cell(numbers.NONE)
    text, low, high = numbers.interval(one.measured, one.low, one.high)
    return Cell(text, low, high, sort=f"{one.measured:.12g}")


def _scatter(one: Compared) -> Cell:
    """Write by how much the factor differs between seeds, in per cent, and what finite-width theory says of it."""
    told, measured = (100 * math.log(10) * value for value in (one.scatter, one.measured_scatter))
    note = f"theory: {numbers.fixed(told, 2)}" if math.isfinite(told) else ""
    if not math.isfinite(measured):
        return Cell(numbers.NONE, note=note)
    return Cell(numbers.fixed(measured, 2), note=note, sort=f"{measured:.12g}")


def _predicted(one: Compared) -> str:
    """Write the prediction with the decimals of the measurement beside it."""
    if not one.is_measured or not numbers.SMALLEST_PLAIN <= one.predicted < numbers.LARGEST_PLAIN:
        return numbers.number(one.predicted, 4)
    return numbers.fixed(one.predicted, numbers.decimals(one.measured, one.low, one.high))
