"""What all studies of a site say together: verdicts on claims, and what remedies do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.pages.claims import EVIDENCE, ClaimView, evidence_csv, gather_claims
from reportgen.pages.remedies import Frames, gather_frames, matrix_files
from reportgen.resources import studies_folder
from reportgen.study.claims import REGISTER, Claim, read_register

if TYPE_CHECKING:
    from reportgen.analyse.signs import Signs
    from reportgen.pages.gather import StudyView


@dataclass(frozen=True)
class Across:
    """Claims with their verdicts, and the frames of the remedy matrix."""

    claims: tuple[ClaimView, ...]
    frames: Frames

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
    found = None
    if signs is not None:
        from reportgen.analyse.sign_verdicts import sign_verdicts

        found = sign_verdicts(signs)
    return Across(gather_claims(register_of(views), views, found), gather_frames(views))


def register_of(views: Sequence[StudyView]) -> Mapping[str, Claim]:
    """Read the register beside the first study that has one, else that of reportgen's own studies, if there is one."""
    folders = [*(Path(view.entry.study.path).parent for view in views), studies_folder()]
    path = next((folder / REGISTER for folder in folders if (folder / REGISTER).is_file()), None)
    return read_register(path) if path else {}
