"""Which file, figure or store a word on the command line means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.cli.consent import Leave
from reportgen.errors import UnknownName, UsageError
from reportgen.resources import studies_folder

if TYPE_CHECKING:
    from reportgen.figures import Figure
    from reportgen.store import Store
    from reportgen.study.spec import Study

SUFFIXES = (".yaml", ".yml")

StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="A study file, or the name of one in studies/.")]
StudyNames = Annotated[list[str], typer.Argument(metavar="STUDY", help="Study files, or names of files in studies/.")]
SomeStudies = Annotated[
    list[str] | None,
    typer.Argument(metavar="STUDY", help="Study files, or names of files in studies/; all of them if left out."),
]
Profile = Annotated[str, typer.Option("--profile", help="A profile that the study defines, such as quick.")]
SeedOffset = Annotated[
    int, typer.Option("--seed-offset", metavar="N", help="Shift all seeds by N, to repeat everything with others.")
]
StoreUrl = Annotated[str, typer.Option("--store", metavar="URL", help="The store of results: a folder or a URL.")]
Plugins = Annotated[
    bool, typer.Option("--allow-plugins", help="Import the modules that a study names, this once and without asking.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]

DEFAULT_STORE = "results"


def folder() -> Path:
    """Return where studies are looked up by name: ``studies/`` here, else those that reportgen comes with."""
    here = Path("studies")
    return here if here.is_dir() else studies_folder()


def known() -> dict[str, Path]:
    """Return the studies of `folder` by name, sorted."""
    return {path.stem: path for path in _study_files(folder())}


def locate(name: str) -> Path:
    """Return the file of a study that is given by its path or name.

    Raises
    ------
    UnknownName, UsageError
        If there is none; the first gives the nearest name.
    """
    path = Path(name)
    if path.is_file():
        return path
    if path.is_dir():
        raise UsageError(f"'{name}' is a folder, not a study file", f"studies in it: {_stems(path)}")
    if len(path.parts) > 1 or path.suffix in SUFFIXES:
        raise UsageError(f"there is no file '{name}'", f"studies in {folder()}: {_stems(folder())}")
    studies = known()
    if name not in studies:
        raise UnknownName("study", name, studies)
    return studies[name]


def located(names: Sequence[str] | None) -> list[Path]:
    """Return the files of the named studies, or of all of them, each once and no two with one id."""
    paths = [locate(name) for name in names] if names else list(known().values())
    if not paths:
        raise UsageError(f"there is no study in {folder()}", "reportgen new NAME writes one to begin with")
    by_id: dict[str, Path] = {}
    for path in paths:
        held = by_id.setdefault(path.stem, path)
        if held.resolve() != path.resolve():
            raise UsageError(f"two studies have the id '{path.stem}': {held} and {path}", "rename one of the files")
    return list(by_id.values())


def load_all(
    names: Sequence[str] | None, profile: str, allow_plugins: bool | Leave, seed_offset: int = 0
) -> list[Study]:
    """Load the named studies, or all of them, under a profile; without leave the person is asked about plug-ins.

    Raises
    ------
    StudyError
        For the first study that is at fault.
    """
    from reportgen import study

    leave = allow_plugins if isinstance(allow_plugins, Leave) else Leave(allow_plugins)
    return [study.load(path, profile, leave, seed_offset) for path in located(names)]


def as_extended(studies: Sequence[Study], store: Store) -> list[Study]:
    """Return the studies with the learning rates that their results call for (``reportgen.analyse.extension``).

    Whatever compares a study with the store goes by these, or it would take the runs of added rates for none of it.
    """
    if not any(arm.further_rates for study in studies for arm in study.arms):
        return list(studies)
    from reportgen.analyse.extension import extended

    return [extended(study, store) for study in studies]


def split_figure(address: str) -> tuple[str, str]:
    """Split ``study/figure`` into its parts; a path of a study file is one part ("" for the figure)."""
    if Path(address).is_file():
        return address, ""
    name, _, figure = address.rpartition("/")
    return (name, figure) if name and not figure.endswith(SUFFIXES) else (address, "")


def prepared(study: Study, figure_id: str, store: Store) -> Figure:
    """Return a figure of a study as the store's results make it.

    Raises
    ------
    UnknownName
        If the study's report has no such figure.
    """
    from dataclasses import replace

    from reportgen import figures
    from reportgen.analyse.study import analyse

    wanted = [request for request in study.report if request.id == figure_id]
    if not wanted:
        raise UnknownName(f"figure of {study.id}", figure_id, [request.id for request in study.report])
    return figures.prepare(replace(study, report=tuple(wanted)), analyse(study, store))[0]


def _stems(place: Path) -> str:
    return ", ".join(path.stem for path in _study_files(place)) or "none"


def _study_files(place: Path) -> list[Path]:
    from reportgen.study.claims import REGISTER

    paths = (path for path in place.iterdir() if path.suffix in SUFFIXES and path.is_file())
    return sorted(path for path in paths if path.name != REGISTER)
