"""Theory against measurement: the predicted decay factors of all studies beside the measured ones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reportgen.pages import numbers
from reportgen.pages.arms import Cell
from reportgen.pages.entries import absences, records
from reportgen.pages.markdown import Place, render, render_inline
from reportgen.study.effective import untrained

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView
    from reportgen.study.spec import Arm

PAGE = "theory/"

_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_DIGIT = re.compile(r"\d")
_NUMBERS = re.compile(r"\s*\(([^()]*\d[^()]*)\)")

Basis = tuple[tuple[str, ...], tuple[str, ...]]
"""Conditions that several predictions share, and the bibliography keys of their sources."""


@dataclass(frozen=True)
class Compared:
    """One arm with a prediction; `shared` is the title of the study whose runs it shares, "" if they are its own."""

    view: StudyView
    arm: Arm
    predicted: float
    measured: float
    low: float
    high: float
    deviation: float
    inside: bool | None
    explanation: str
    conditions: tuple[str, ...]
    sources: tuple[str, ...]
    shared: str
    scatter: float = math.nan
    measured_scatter: float = math.nan

    @property
    def is_measured(self) -> bool:
        """Whether there is something to compare the prediction with."""
        return math.isfinite(self.measured)


@dataclass(frozen=True)
class Unpredicted:
    """One arm without a prediction."""

    view: StudyView
    arm: Arm
    reason: str
    shared: str


@dataclass(frozen=True)
class Row:
    """One arm of the table as it is written; `basis` numbers the shared conditions, `conditions` are its own."""

    label: str
    path: str
    measured: Cell
    predicted: Cell
    deviation: Cell
    scatter: Cell
    inside: Cell
    explanation: str
    conditions: str
    basis: int


@dataclass(frozen=True)
class Group:
    """The arms of one study."""

    id: str
    title: str
    path: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Footnote:
    """What some predictions rest on."""

    number: int
    conditions: Markup
    citation: Markup
    arms: int


@dataclass(frozen=True)
class Reason:
    """Arms for which there is no theory: (title, path, labels) by study."""

    reason: str
    arms: int
    studies: tuple[tuple[str, str, tuple[str, ...]], ...]


def gather_theory(views: Sequence[StudyView], place: Place) -> dict[str, Any]:
    """Return the context of the page: sentences, groups of rows, what they rest on, and the arms without theory.

    Parameters
    ----------
    views : sequence of StudyView
        Their analyses have the frame ``theory`` of ``reportgen.analyse.study.Analysis``; one without it adds nothing.
    place : Place
        The page; what its texts cite is collected in it.
    """
    compared, unpredicted = _read(views)
    resting = [_shared(one) for one in compared]
    bases = {basis: number for number, basis in enumerate(dict.fromkeys(resting), start=1)}
    return {
        "sentences": _sentences(compared, unpredicted),
        "largest": _largest(compared),
        "groups": tuple(_groups(compared, bases)),
        "bases": tuple(_footnote(basis, number, resting.count(basis), place) for basis, number in bases.items()),
        "reasons": tuple(_reasons(unpredicted)),
    }


def _read(views: Sequence[StudyView]) -> tuple[list[Compared], list[Unpredicted]]:
    """Read the frames; an arm whose runs or untrained networks an earlier arm has is marked with that one's study."""
    compared: list[Compared] = []
    unpredicted: list[Unpredicted] = []
    owners: dict[str, str] = {}
    for view in views:
        frame = getattr(view.entry.analysis, "theory", None)
        absent = absences(view.entry.analysis)
        for row in [] if frame is None else records(frame):
            arm = view.entry.study.arm(row.arm)
            keys = [*(run.run_id for run in arm.runs), untrained(arm)]
            shared = next((owners[key] for key in keys if key in owners), "")
            owners.update({key: owners.get(key, view.entry.study.title) for key in keys})
            if row.reason:
                unpredicted.append(Unpredicted(view, arm, row.reason, shared))
            else:
                compared.append(_compared(view, arm, row, shared, absent))
    return compared, unpredicted


def _compared(view: StudyView, arm: Arm, row: Any, shared: str, absent: Mapping[tuple[str, str], str]) -> Compared:
    known = math.isfinite(row.measured) and math.isfinite(row.low) and math.isfinite(row.high)
    explanation = "" if row.explanation != row.explanation else str(row.explanation or "")
    if not math.isfinite(row.measured):
        explanation = absent.get(("decay-factor", arm.id), "nothing was measured")
    return Compared(
        view=view,
        arm=arm,
        predicted=float(row.factor),
        measured=float(row.measured),
        low=float(row.low),
        high=float(row.high),
        deviation=float(row.deviation),
        inside=bool(row.inside) if known else None,
        explanation=explanation,
        conditions=tuple(_SENTENCE.split(str(row.conditions).strip())),
        sources=tuple(filter(None, (key.strip() for key in str(row.source).split(",")))),
        shared=shared,
        scatter=float(getattr(row, "scatter", math.nan)),
        measured_scatter=float(getattr(row, "measured_scatter", math.nan)),
    )


def _sentences(compared: Sequence[Compared], unpredicted: Sequence[Unpredicted]) -> list[str]:
    """Say how well theory does; arms that share their runs are counted once."""
    own = [one for one in compared if not one.shared]
    total = len(own) + sum(not one.shared for one in unpredicted)
    if not total:
        return []
    sentences = [f"Of {_arms(total)} at initialisation, {len(own)} {_have(len(own))} a prediction."]
    measured = [one for one in own if one.is_measured]
    judged = [one for one in measured if one.inside is not None]
    if judged:
        inside = sum(bool(one.inside) for one in judged)
        share = numbers.percent(inside / len(judged))
        sentences.append(
            f"In {inside} of {len(judged)} ({share}) it lies within the 95{numbers.NBSP}% interval of the measurement."
        )
    if len(measured) > len(judged):
        sentences.append(f"{_arms(len(measured) - len(judged))} {_have(len(measured) - len(judged))} no interval.")
    if len(own) > len(measured):
        sentences.append(f"For {_arms(len(own) - len(measured))} with a prediction there is no measured factor.")
    if measured:
        middle = median(abs(one.deviation) for one in measured)
        sentences.append(f"The median absolute deviation is {numbers.number(middle, 2)}{numbers.NBSP}%.")
    shared = sum(bool(one.shared) for one in compared) + sum(bool(one.shared) for one in unpredicted)
    if shared:
        sentences.append(
            f"{_arms(shared)} whose networks another arm has {'are' if shared != 1 else 'is'} not counted."
        )
    return sentences


def _largest(compared: Sequence[Compared]) -> dict[str, str] | None:
    """Return the arm that is farthest from its prediction."""
    measured = [one for one in compared if not one.shared and one.is_measured]
    if not measured:
        return None
    one = max(measured, key=lambda candidate: abs(candidate.deviation))
    return {
        "deviation": f"{_signed(one.deviation, 1)}{numbers.NBSP}%",
        "arm": one.arm.label,
        "study": one.view.entry.study.title,
        "path": one.view.path,
        "explanation": one.explanation,
    }


def _arms(count: int) -> str:
    return f"{count} arm{'s' if count != 1 else ''}"


def _have(count: int) -> str:
    return "have" if count != 1 else "has"


def _shared(one: Compared) -> Basis:
    """Return what a prediction rests on: its first condition and others without numbers, which tell of its kind."""
    first, *others = one.conditions
    return (_NUMBERS.sub("", first), *(sentence for sentence in others if not _DIGIT.search(sentence))), one.sources


def _groups(compared: Sequence[Compared], bases: Mapping[Basis, int]) -> Iterable[Group]:
    for path in dict.fromkeys(one.view.path for one in compared):
        inside = [one for one in compared if one.view.path == path]
        study = inside[0].view.entry.study
        yield Group(f"study-{study.id}", study.title, path, tuple(_row(one, bases[_shared(one)]) for one in inside))


def _row(one: Compared, basis: int) -> Row:
    verdict = {True: "yes", False: "no", None: numbers.NONE}[one.inside]
    return Row(
        label=one.arm.label,
        path=f"{one.view.path}#arms",
        measured=_measured(one),
        predicted=Cell(_predicted(one), sort=f"{one.predicted:.12g}"),
        deviation=Cell(_signed(one.deviation), sort=f"{one.deviation:.12g}") if one.is_measured else Cell(numbers.NONE),
        scatter=_scatter(one),
        inside=Cell(verdict, sort="" if one.inside is None else verdict, warn=one.inside is False),
        explanation=one.explanation,
        conditions=" ".join(sentence for sentence in one.conditions[1:] if _DIGIT.search(sentence)),
        basis=basis,
    )


def _measured(one: Compared) -> Cell:
    note = f"the same networks as in “{one.shared}”" if one.shared else ""
    if not one.is_measured:
        return Cell(numbers.NONE, note=note)
    text, low, high = numbers.interval(one.measured, one.low, one.high)
    return Cell(text, low, high, note, f"{one.measured:.12g}")


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


def _signed(deviation: float, places: int = 2) -> str:
    text = numbers.fixed(deviation, places)
    return f"+{text}" if deviation > 0 and text.strip("0.") else text


def _footnote(basis: Basis, number: int, arms: int, place: Place) -> Footnote:
    conditions, sources = basis
    known = [key for key in sources if key in place.bibliography]
    cited = render_inline(f"[{'; '.join(f'@{key}' for key in known)}]", place) if known else Markup("")
    unknown = [key for key in sources if key not in place.bibliography]
    rest = Markup(", ").join(Markup("<code>{}</code>").format(key) for key in unknown)
    return Footnote(number, render(" ".join(conditions), place), Markup(" ").join(filter(None, (cited, rest))), arms)


def _reasons(unpredicted: Sequence[Unpredicted]) -> Iterable[Reason]:
    """Group the arms without theory by reason, those with most arms first; bracketed numbers stand with the arm."""
    by_reason: dict[str, list[Unpredicted]] = {}
    for one in unpredicted:
        by_reason.setdefault(_NUMBERS.sub("", one.reason), []).append(one)
    for reason, ones in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        studies: dict[tuple[str, str], list[str]] = {}
        for one in ones:
            studies.setdefault((one.view.entry.study.title, one.view.path), []).append(_labelled(one))
        yield Reason(
            reason, len(ones), tuple((title, path, tuple(labels)) for (title, path), labels in studies.items())
        )


def _labelled(one: Unpredicted) -> str:
    own = _NUMBERS.findall(one.reason)
    return f"{one.arm.label} ({'; '.join(own)})" if own else one.arm.label
