"""The exception tree: every error that a user can meet has a message and a hint."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class ReportgenError(Exception):
    """An error that a user can act on.

    Parameters
    ----------
    message : str
        What is wrong, as one sentence.
    hint : str, optional
        What is allowed, or what to do about it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(ReportgenError):
    """The command or the study is wrong; nothing has been run (exit code 2)."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that no registry, study or store knows; the hint gives the nearest one.

    Parameters
    ----------
    kind : str
        What the name should name, in the singular ("architecture").
    name : str
        The name that was given.
    known : iterable of str
        The names that exist.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        super().__init__(f"there is no {kind} called '{name}'", suggestion(name, self.known))


@dataclass(frozen=True)
class Problem:
    """One fault of a study file, at a place in it.

    Attributes
    ----------
    line, column : int
        Where it is, both counted from 1; line 0 stands for the file as a whole.
    field : str
        The dotted path of the field (``factors.architecture.depth``).
    message : str
        What is wrong.
    hint : str
        What is allowed, and the nearest valid name.
    excerpt : str
        The line of the file, without its end of line.
    """

    line: int
    column: int
    field: str
    message: str
    hint: str = ""
    excerpt: str = ""


class StudyError(UsageError):
    """All that is wrong with a study file, at once.

    Parameters
    ----------
    path : str
        The file.
    problems : sequence of Problem
        At least one, in the order of the file.
    """

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path, self.problems = path, tuple(problems)
        super().__init__("\n\n".join(self._text(problem) for problem in self.problems))

    def _text(self, problem: Problem) -> str:
        place = f"{self.path}:{problem.line}:{problem.column}" if problem.line else self.path
        lines = [f"{place} {problem.field}: {problem.message}" if problem.field else f"{place}: {problem.message}"]
        if problem.excerpt.strip():
            excerpt, caret = _window(problem.excerpt.expandtabs(1), problem.column)
            lines += [f"    {excerpt}", f"    {caret}"]
        if problem.hint:
            lines.append(f"  {problem.hint}")
        return "\n".join(lines)


_WIDEST = 110
"""Characters of a line that an error shows."""


def _window(line: str, column: int) -> tuple[str, str]:
    """Cut a long line around `column` (from 1) and place a caret under it, wide characters counted twice."""
    start = max(0, min(column - 1 - _WIDEST // 2, len(line) - _WIDEST))
    shown = line[start : start + _WIDEST].rstrip()
    before = line[start : column - 1]
    if start:
        shown, before = f"…{shown}", f"…{before}"
    if start + _WIDEST < len(line):
        shown += "…"
    blank = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in before)
    return shown, " " * blank + "^"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like `name`, or None if none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.65)
    return by_folded[found[0]] if found else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, and which there are."""
    names = sorted(known)
    if not names:
        return "there is none so far"
    near = nearest(name, names)
    meant = f"did you mean '{near}'? " if near else ""
    return f"{meant}allowed: {', '.join(names)}"
