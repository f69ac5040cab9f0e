"""What the pages are made of: one entry a study, with its analysis, its figures and their drawn files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from reportgen.errors import UsageError
from reportgen.study.names import is_device

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.analyse.claims import ClaimResult
    from reportgen.figures.base import Figure
    from reportgen.study.spec import Study

RESERVED = frozenset(
    {
        "assets",
        "studies",
        "methods",
        "limits",
        "glossary",
        "references",
        "data",
        "reproduce",
        "releases",
        "figures",
        "arms",
        "claims",
        "learn",
        "search",
        "compare",
        "remedies",
        "architectures",
        "tasks",
        "theory",
        "signs",
        "cite",
        "changes",
        "what-helps",
    }
)
"""First folders of the site that a study's id must leave free."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")


class Analysed(Protocol):
    """The frames that the pages read; ``reportgen.analyse.study.Analysis`` has them."""

    @property
    def estimates(self) -> pd.DataFrame:
        """Columns of ``reportgen.analyse.estimates.COLUMNS``."""

    @property
    def statuses(self) -> pd.DataFrame:
        """Columns arm, planned, completed, diverged, failed, missing."""

    @property
    def chosen(self) -> pd.DataFrame:
        """Columns arm, learning_rate, at_edge, n_tuning."""

    @property
    def rates(self) -> pd.DataFrame:
        """Columns arm, learning_rate, metric, is_chosen, and others."""

    @property
    def run_ids(self) -> Mapping[str, tuple[str, ...]]:
        """Arm id to the ids of the stored runs behind it; studies may share runs."""


@dataclass(frozen=True)
class StudyEntry:
    """A study with all that its pages show.

    Attributes
    ----------
    study : reportgen.study.spec.Study
    analysis : Analysed
        ``reportgen.analyse.study.Analysis`` or anything with its frames.
    figures : tuple of Figure
        In the order of the study's report; the first is the key figure.
    files : mapping
        Figure id to format ("light.svg", "dark.svg", "png", "pdf", "csv") to the drawn file.
    environments : pandas.DataFrame or None
        The store's environments that the runs were made in.
    runs : mapping
        Status to number of runs; counted from the analysis if it is empty.
    """

    study: Study
    analysis: Analysed | Any
    figures: tuple[Figure, ...] = ()
    files: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    environments: pd.DataFrame | None = None
    runs: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def evidence(self) -> tuple[ClaimResult, ...]:
        """What the study says of the claims that it names, one result a request."""
        if not self.study.claims:
            return ()
        from reportgen.analyse.claims import decide  # scipy, only where there is something to decide

        analysis: Any = self.analysis
        return decide(self.study, analysis)


def check_ids(entries: Sequence[StudyEntry]) -> None:
    """Check that every id is a plain folder name that is free and unique (also where case does not count).

    Raises
    ------
    UsageError
        If one is not; the message names it.
    """
    taken: dict[str, str] = {name: "a page of the site" for name in RESERVED}
    for entry in entries:
        _claim(taken, entry.study.id, "study")
        inner: dict[str, str] = {"arms": "a folder of the study"}
        for figure in entry.figures:
            _claim(inner, figure.id, f"figure of {entry.study.id}")


def _claim(taken: dict[str, str], name: str, kind: str) -> None:
    if not _ID.match(name) or is_device(name):
        raise UsageError(
            f"the id {name!r} of a {kind} cannot be a folder of the site",
            "an id begins with a letter or digit and has letters, digits, '-' and '_' only, 100 at most",
        )
    if name.casefold() in taken:
        raise UsageError(f"the id '{name}' of a {kind} is taken by {taken[name.casefold()]}", "rename it")
    taken[name.casefold()] = f"the {kind} '{name}'"


def absences(analysis: Analysed | Any) -> dict[tuple[str, str], str]:
    """Return why an arm lacks an estimate, by the estimate's name and the arm; empty if the analysis does not say."""
    frame = getattr(analysis, "absent", None)
    return {} if frame is None else {(row.name, row.arm): row.reason for row in records(frame)}


def records(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a frame as named tuples."""
    return list(frame.itertuples(index=False, name="Row"))
