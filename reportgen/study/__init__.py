"""Stage 1: study files, checked and expanded into arms and runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportgen.errors import Problem
    from reportgen.study.plugins import Leave
    from reportgen.study.spec import Study

__all__ = ["check", "load", "template"]


def load(path: str | Path, profile: str = "default", allow_plugins: Leave = False, seed_offset: int = 0) -> Study:
    """Read a study file, check it, and expand it under a profile.

    Parameters
    ----------
    path : path
        The file; its stem is the study's id.
    profile : str
        One of the file's profiles, or "default".
    allow_plugins : bool or callable
        Whether the modules that the file names under ``plugins`` are imported, before anything is checked. Nothing
        else in a file can run code.
    seed_offset : int
        What all seeds are shifted by, to repeat everything with others.

    Raises
    ------
    StudyError
        With all problems of the file, in the order of the file.
    UnknownName
        If the file has no such profile.
    UsageError
        If the seeds cannot be shifted so; see `reportgen.study.seeds.shifted`.
    """
    from reportgen.study import reading
    from reportgen.study.seeds import shifted

    return shifted(reading.load_study(Path(path), profile, allow_plugins), seed_offset)


def check(path: str | Path, allow_plugins: Leave = False) -> tuple[Problem, ...]:
    """Return all problems of a study file under all its profiles, in the order of the file; none if it is sound."""
    from reportgen.errors import StudyError

    try:
        load(path, allow_plugins=allow_plugins)
    except StudyError as error:
        return error.problems
    return ()


def template(name: str) -> str:
    """Return a commented minimal study called `name`, as text that ``reportgen new`` writes."""
    from reportgen.study.templates import template as text

    return text(name)
