"""The register of claims: what explainers say, each as a sentence that an experiment can decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from reportgen.resources import studies_folder
from reportgen.study.document import read
from reportgen.study.problems import Problems
from reportgen.study.schema import Section, Slug, Written, one_of

REGISTER = "claims.yaml"
"""Name of the register's file, beside the study files."""

OTHER_SEEDS = "other-seeds.json"
"""Name of the file beside the study files that holds what ``reportgen verdicts --json`` says of other seeds."""

GROUPS = ("causes", "signs", "remedies for depth", "remedies for recurrence", "beyond the explainers")
"""Groups of claims, in the order of the pages."""

UNTESTED = "not tested"
"""The verdict of a claim that neither a study nor a sign tests."""


@dataclass(frozen=True)
class Claim:
    """One claim of the register.

    Attributes
    ----------
    id : str
        What study files name it by, and part of its address.
    group : str
        One of `GROUPS`.
    text : str
        The claim, as one plain sentence.
    sources : tuple of str
        Keys of the bibliography: who says so.
    says : str
        What the sources say, in our own words.
    untested : str
        Why no study decides it ("" if one can).
    """

    id: str
    group: str
    text: str
    sources: tuple[str, ...]
    says: str
    untested: str = ""


class _Entry(Section):
    """A claim as it stands in the register's file."""

    id: Slug = Field(description="Small letters, digits and hyphens; study files name the claim by it.")
    group: Annotated[str, one_of("group", GROUPS)] = Field(description=f"One of: {', '.join(GROUPS)}.")
    text: Written = Field(description="The claim, as one plain sentence.")
    sources: list[Written] = Field(min_length=1, description="Keys of the bibliography.")
    says: Written = Field(description="What the sources say, in one to three sentences.")
    untested: Annotated[str, AfterValidator(str.strip)] = Field(default="", description="Why no study decides it.")


def read_register(path: str | Path) -> dict[str, Claim]:
    """Read the register of claims.

    Parameters
    ----------
    path : path
        A YAML file with a list of claims under ``claims``, each with id, group, text, sources, says and, where nothing
        can decide it, untested.

    Returns
    -------
    dict
        Claims by id, in the order of the file.

    Raises
    ------
    StudyError
        With all problems of the file, each with its line and column.
    """
    return dict(_register(Path(path), Path(path).stat().st_mtime_ns)) if Path(path).is_file() else _parsed(Path(path))


@lru_cache(maxsize=8)
def _register(path: Path, changed: int) -> dict[str, Claim]:
    """Read a register once for all studies beside it; `changed` is when the file was."""
    return _parsed(path)


def _parsed(path: Path) -> dict[str, Claim]:
    document = read(path)
    problems = Problems(document)
    for key in document.value:
        if key != "claims":
            problems.add((key,), f"there is no key called '{key}'", "the register has one key, claims", key=True)
    given = document.value.get("claims")
    if not isinstance(given, list) or not given:
        hint = "write `claims:` and under it `- id: …`, `group: …`, `text: …`, `sources: […]`, `says: …`"
        problems.add(("claims",), "the register must have a list of claims", hint)
        given = []
    register = _claims(given, problems)
    problems.raise_any()
    return register


def find_register(studies: Sequence[Path]) -> dict[str, Claim]:
    """Read the register beside the first study that has one, else that of reportgen's own studies, if there is one.

    Parameters
    ----------
    studies : sequence of Path
        Study files.
    """
    path = beside(studies, REGISTER)
    return read_register(path) if path else {}


def beside(studies: Sequence[Path], name: str) -> Path | None:
    """Return the file of a name beside the first study that has one, else beside reportgen's own studies, or None."""
    folders = [*(path.parent for path in studies), studies_folder()]
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def _claims(given: Sequence[Any], problems: Problems) -> dict[str, Claim]:
    found: dict[str, Claim] = {}
    lines: dict[str, int] = {}
    for index, item in enumerate(given):
        entry = problems.validated(_Entry, item, ("claims", index))
        if entry is None:
            continue
        if entry.id in found:
            message = f"two claims have the id '{entry.id}'"
            problems.add(("claims", index, "id"), message, f"the other one is in line {lines[entry.id]}")
            continue
        lines[entry.id] = problems.document.place(("claims", index, "id")).line
        found[entry.id] = Claim(
            entry.id, entry.group, entry.text, tuple(entry.sources), entry.says.strip(), entry.untested
        )
    return found
