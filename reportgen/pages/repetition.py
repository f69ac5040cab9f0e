"""Repetition: which verdicts change when everything is done again with other seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import ReportgenError
from reportgen.pages.claims import ClaimView
from reportgen.study.claims import OTHER_SEEDS, UNTESTED, beside
from reportgen.study.design import design_hash

if TYPE_CHECKING:
    from reportgen.study.spec import Study

OPPOSITE = {"supported": "refuted", "refuted": "supported"}
LIMIT = 5_000_000


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
    changes : tuple of Change
        In the order of the register.
    outdated : tuple of Study
        Studies whose design has changed since; the claims that they decide are not compared.
    """

    offset: int
    compared: tuple[ClaimView, ...]
    changes: tuple[Change, ...]
    outdated: tuple[Study, ...] = ()

    @property
    def opposite(self) -> int:
        """How many verdicts turned into their opposite."""
        return sum(change.is_opposite for change in self.changes)

    def sentence(self, claim: ClaimView) -> str:
        """Say what other seeds said of a claim; "" where it was not compared."""
        if not any(one is claim for one in self.compared):
            return ""
        change = next((change for change in self.changes if change.claim is claim), None)
        if change is None:
            return "Repeated with other seeds, the verdict is the same."
        turned = f"depends on {change.condition}" if change.condition else change.verdict
        return f"Repeated with other seeds, the verdict is another: {turned}."


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
    changes = tuple(
        Change(claim, *verdicts[claim.claim.id]) for claim in compared if verdicts[claim.claim.id][0] != claim.verdict
    )
    return RepetitionView(offset, tuple(compared), changes, tuple(study for study in studies if study.id in changed))


def _fits(claim: ClaimView, changed: set[str]) -> bool:
    """Tell whether a claim is tested by studies none of which has changed; signs are tested by all of them."""
    deciding = {piece.view.entry.study.id for piece in claim.evidence}
    return claim.verdict != UNTESTED and not (deciding & changed if deciding else changed)


def _read(path: Path) -> tuple[int, str, Mapping[str, str], Mapping[str, tuple[str, str]]]:
    try:
        if path.stat().st_size > LIMIT:
            raise ValueError("too large")
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != 1:
            raise ValueError("another format")
        verdicts = {str(key): (str(one["verdict"]), str(one["condition"])) for key, one in found["verdicts"].items()}
        designs = {str(key): str(value) for key, value in found["studies"].items()}
        return int(found["seed_offset"]), str(found["profile"]), designs, verdicts
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "reportgen verdicts --seed-offset N --json writes it; or remove it"
        raise ReportgenError(f"{path} is not a record of verdicts: {error}", hint) from error
