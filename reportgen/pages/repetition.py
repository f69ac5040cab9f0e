"""Repetition: which verdicts change when everything is done again with other seeds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import ReportgenError
from reportgen.pages.claims import ClaimView
from reportgen.study.claims import OTHER_SEEDS, UNTESTED, beside
from reportgen.study.design import design_hash

if TYPE_CHECKING:
    from reportgen.study.spec import Study

OPPOSITE = {"supported": "refuted", "refuted": "supported"}
DEPENDS = "depends"
LIMIT = 5_000_000


@dataclass(frozen=True)
class Repeated:
    """What other seeds said of a claim: the verdict, on what it depends or "", and the answer of each comparison."""

    verdict: str
    condition: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class Tally:
    """How comparisons came out with both sets of seeds."""

    alike: int = 0
    neither: int = 0
    once: int = 0
    opposite: int = 0

    @classmethod
    def of(cls, here: Mapping[str, str], there: Mapping[str, str]) -> Tally:
        """Count the comparisons that were made both times."""
        found = Counter(_outcome(here[name], there[name]) for name in here.keys() & there.keys())
        return cls(*(found[one.name] for one in fields(cls)))

    def __add__(self, other: Tally) -> Tally:
        """Count the comparisons of both."""
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))

    @property
    def total(self) -> int:
        """How many there are."""
        return self.alike + self.neither + self.once + self.opposite

    def __str__(self) -> str:
        """Say it: "9 were decided alike both times and 1 only once"."""
        parts = [f"{self.alike or 'none'} {'were' if self.alike > 1 else 'was'} decided alike both times"]
        rest = (self.once, "only once"), (self.neither, "neither time"), (self.opposite, "the opposite way")
        parts += [f"{count} {how}" for count, how in rest if count]
        return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class Change:
    """A claim that other seeds gave another verdict; `condition` is on what theirs depends, or ""."""

    claim: ClaimView
    verdict: str
    condition: str

    @property
    def is_opposite(self) -> bool:
        """Whether one of them is "supported" and the other "refuted"."""
        return OPPOSITE.get(self.claim.verdict) == self.verdict


@dataclass(frozen=True)
class RepetitionView:
    """What a repetition with other seeds came to.

    Attributes
    ----------
    offset : int
        By how much all seeds were shifted.
    compared : tuple of ClaimView
        Claims with a verdict in both.
    repeated : tuple of Repeated
        What other seeds said of each of them.
    outdated : tuple of Study
        Studies whose design has changed since; the claims that they decide are not compared.
    """

    offset: int
    compared: tuple[ClaimView, ...]
    repeated: tuple[Repeated, ...]
    outdated: tuple[Study, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """The claims whose verdict is another, in the order of the register."""
        return tuple(
            Change(one, other.verdict, other.condition) for one, other in self._pairs() if one.verdict != other.verdict
        )

    @property
    def opposite(self) -> int:
        """How many verdicts turned into their opposite."""
        return sum(change.is_opposite for change in self.changes)

    @property
    def depend(self) -> int:
        """How many verdicts depend on something both times."""
        return sum(one.verdict == other.verdict == DEPENDS for one, other in self._pairs())

    @property
    def turn_alike(self) -> int:
        """How many of these depend on the same."""
        return sum(one.verdict == other.verdict == DEPENDS and _turns_alike(one, other) for one, other in self._pairs())

    @property
    def tally(self) -> Tally:
        """How the comparisons behind all of the claims came out; one that two claims share counts for both."""
        return sum((Tally.of(one.answers, other.answers) for one, other in self._pairs()), Tally())

    def sentence(self, claim: ClaimView) -> str:
        """Say what other seeds said of a claim; "" where it was not compared."""
        other = next((other for one, other in self._pairs() if one is claim), None)
        if other is None:
            return ""
        tally = Tally.of(claim.answers, other.answers)
        counted = f" Of its {tally.total} comparisons {tally}." if tally.total > max(tally.alike, 1) else ""
        if claim.verdict != other.verdict:
            turned = f"depends on {other.condition}" if other.condition else other.verdict
            return f"Repeated with other seeds, the verdict is another: {turned}.{counted}"
        if other.verdict == DEPENDS and not _turns_alike(claim, other):
            return f"Repeated with other seeds, it depends too, though not on exactly the same.{counted}"
        if tally.total > 1 and not counted:
            return f"Repeated with other seeds, the verdict is the same, and so are all {tally.total} comparisons."
        return f"Repeated with other seeds, the verdict is the same.{counted}"

    def _pairs(self) -> Iterator[tuple[ClaimView, Repeated]]:
        return zip(self.compared, self.repeated, strict=True)


def gather_repetition(claims: Sequence[ClaimView], studies: Sequence[Study]) -> RepetitionView | None:
    """Compare the verdicts of a site with those that a repetition with other seeds left beside the study files.

    Parameters
    ----------
    claims : sequence of ClaimView
        Of the site.
    studies : sequence of Study
        Of the site.

    Returns
    -------
    RepetitionView or None
        None where there is no repetition of this profile, or none of a claim whose studies are as they were.

    Raises
    ------
    ReportgenError
        If the file is at fault.
    """
    path = beside([Path(study.path) for study in studies], OTHER_SEEDS)
    if path is None or not studies:
        return None
    offset, profile, designs, verdicts = _read(path)
    if any(study.profile != profile or study.seed_offset == offset for study in studies):
        return None
    changed = {study.id for study in studies if designs.get(study.id) != design_hash(study)}
    compared = [claim for claim in claims if claim.claim.id in verdicts and _fits(claim, changed)]
    if not compared:
        return None
    repeated = tuple(verdicts[claim.claim.id] for claim in compared)
    return RepetitionView(offset, tuple(compared), repeated, tuple(study for study in studies if study.id in changed))


def _outcome(here: str, there: str) -> str:
    """Name the field of `Tally` in which a comparison counts."""
    if OPPOSITE.get(here) == there:
        return "opposite"
    if here == there:
        return "alike" if here in OPPOSITE else "neither"
    return "once"


def _turns_alike(claim: ClaimView, other: Repeated) -> bool:
    return claim.condition == other.condition


def _fits(claim: ClaimView, changed: set[str]) -> bool:
    """Tell whether a claim is tested by studies none of which has changed; signs are tested by all of them."""
    deciding = {piece.view.entry.study.id for piece in claim.evidence}
    return claim.verdict != UNTESTED and not (deciding & changed if deciding else changed)


def _read(path: Path) -> tuple[int, str, Mapping[str, str], Mapping[str, Repeated]]:
    try:
        if path.stat().st_size > LIMIT:
            raise ValueError("too large")
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != 2:
            raise ValueError("another format")
        verdicts = {
            str(key): Repeated(
                str(one["verdict"]),
                str(one["condition"]),
                {str(name): str(said) for name, said in one["comparisons"].items()},
            )
            for key, one in found["verdicts"].items()
        }
        designs = {str(key): str(value) for key, value in found["studies"].items()}
        return int(found["seed_offset"]), str(found["profile"]), designs, verdicts
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "reportgen verdicts --seed-offset N --json writes it; or remove it"
        raise ReportgenError(f"{path} is not a record of verdicts: {error}", hint) from error
