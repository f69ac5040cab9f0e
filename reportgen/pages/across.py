"""What all studies of a site say together: verdicts on claims, and what remedies do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.pages.claims import EVIDENCE, ClaimView, evidence_csv, gather_claims
from reportgen.pages.remedies import Frames, gather_frames, matrix_files
from reportgen.pages.repetition import RepetitionView, gather_repetition
from reportgen.study.claims import find_register

if TYPE_CHECKING:
    from reportgen.analyse.signs import Signs
    from reportgen.pages.gather import StudyView


@dataclass(frozen=True)
class Across:
    """Claims with their verdicts, the frames of the remedy matrix, and what other seeds said."""

    claims: tuple[ClaimView, ...]
    frames: Frames
    repetition: RepetitionView | None = None

    @property
    def files(self) -> Mapping[str, bytes]:
        """The tables behind both, by site path."""
        return {EVIDENCE: evidence_csv(self.claims), **matrix_files(self.frames)}


def gather_across(views: Sequence[StudyView], signs: Signs | None = None) -> Across:
    """Put together what the studies say.

    Raises
    ------
    ReportgenError
        If the register of claims is at fault, or lacks a claim that a study names.
    """
    paths = [Path(view.entry.study.path) for view in views]
    register = find_register(paths)
    found = None
    if signs is not None:
        from reportgen.analyse.sign_verdicts import sign_verdicts

        found = sign_verdicts(signs)
    claims = gather_claims(register, views, found)
    return Across(claims, gather_frames(views), gather_repetition(claims, [view.entry.study for view in views]))
