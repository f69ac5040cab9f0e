"""The arms that theory and measurement are compared for, read from the analyses of all studies."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.pages import numbers
from reportgen.pages.entries import absences, records
from reportgen.study.effective import untrained

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView
    from reportgen.study.spec import Arm

UNEXPLAINED = "not explained"
"""The cause, of those in ``causes.CAUSES``, of a miss that no rule explains."""

Basis = tuple[str, tuple[str, ...]]
"""Conditions that several predictions share, but for numbers, and the bibliography keys of their sources."""

GAP = "\0"
"""What stands for a number in a sentence that was taken apart."""

IN_BRACKETS = re.compile(r"\s*\(([^()]*\d[^()]*)\)")
"""Numbers that a reason or a condition has in brackets."""

_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.^])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


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
    cause: str
    allowed: str
    conditions: tuple[str, ...]
    sources: tuple[str, ...]
    shared: str
    scatter: float = math.nan
    measured_scatter: float = math.nan

    @property
    def is_measured(self) -> bool:
        """Whether there is something to compare the prediction with."""
        return math.isfinite(self.measured)

    @property
    def anchor(self) -> str:
        """The id of its study's table on the page."""
        return f"study-{self.view.entry.study.id}"

    @property
    def kind(self) -> str:
        """The conditions that tell of its kind: the first, and the others without numbers."""
        first, *others = self.conditions
        return " ".join([IN_BRACKETS.sub("", first), *(other for other in others if not _DIGIT.search(other))])

    @property
    def basis(self) -> Basis:
        """What it rests on."""
        return taken_apart(self.kind)[0], self.sources

    @property
    def with_numbers(self) -> tuple[str, ...]:
        """The conditions, but for the first, that have numbers: they are its own, and stand in its row."""
        return tuple(sentence for sentence in self.conditions[1:] if _DIGIT.search(sentence))


@dataclass(frozen=True)
class Unpredicted:
    """One arm without a prediction."""

    view: StudyView
    arm: Arm
    reason: str
    shared: str


def read(views: Sequence[StudyView]) -> tuple[list[Compared], list[Unpredicted]]:
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
    explanation = _text(row.explanation)
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
        cause=_text(getattr(row, "cause", "")) or (UNEXPLAINED if known and not row.inside else ""),
        allowed=_text(getattr(row, "allowed", "")).replace(" %", f"{numbers.NBSP}%"),
        conditions=tuple(_SENTENCE.split(str(row.conditions).strip())),
        sources=tuple(filter(None, (key.strip() for key in str(row.source).split(",")))),
        shared=shared,
        scatter=float(getattr(row, "scatter", math.nan)),
        measured_scatter=float(getattr(row, "measured_scatter", math.nan)),
    )


def _text(value: Any) -> str:
    return "" if value != value else str(value or "")


def taken_apart(sentence: str) -> tuple[str, tuple[str, ...]]:
    """Return a sentence without its numbers, and these."""
    return _NUMBER.sub(GAP, sentence), tuple(_NUMBER.findall(sentence))


def signed(deviation: float, places: int = 2) -> str:
    """Write a deviation with its sign."""
    text = numbers.fixed(deviation, places)
    return f"+{text}" if deviation > 0 and text.strip("0.") else text
