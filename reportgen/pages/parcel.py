"""A study as one archive: its definition, its runs and its figures, so that its pages can be made anywhere again."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen import __version__
from reportgen.pages import citations, facts
from reportgen.pages.cite.all import citation_files
from reportgen.pages.cite.record import record
from reportgen.pages.metadata.identifiers import licence
from reportgen.pages.text import clean
from reportgen.store.extract import extract

if TYPE_CHECKING:
    from reportgen.pages.citations import Citable
    from reportgen.pages.entries import StudyEntry
    from reportgen.store.store import Store

FORMAT = 1
_ALLOWED = re.compile(
    r"README\.txt|LICENSE\.txt|citation\.(bib|ris|json)|studies/references\.bib|studies/[a-z0-9-]+\.ya?ml"
    r"|results/(runs|measurements|curves|environments)/[0-9a-f]{16}\.parquet"
    r"|figures/[A-Za-z0-9._-]+\.(svg|png|pdf|csv|parquet)"
)


def belongs(name: str) -> bool:
    """Return whether a file of this name can be part of a study's archive; nothing else is unpacked."""
    return _ALLOWED.fullmatch(name) is not None


def parcel(
    entry: StudyEntry,
    store: Store,
    cited: Citable,
    figures: Mapping[str, bytes | Path],
    folder: Path,
    *,
    bibliography: Path | None,
    register: Path | None,
) -> tuple[dict[str, bytes | Path], dict[str, Any]]:
    """Gather the files of a study's archive.

    Parameters
    ----------
    entry : StudyEntry
    store : Store
        The study's runs are taken from it, and nothing else.
    cited : Citable
        How the study is cited.
    figures : mapping
        Names and contents of its figures' files.
    folder : Path
        An empty folder for files that are made for the archive; it must last until they are packed.
    bibliography, register : Path or None
        The BibTeX file and the register of claims that the study is built with.

    Returns
    -------
    files : dict
        Name in the archive to its content.
    about : dict
        What the archive's list says of the study.
    """
    study = entry.study
    runs = [run.run_id for arm in study.arms for run in arm.runs]
    extract(store, runs, folder / "results")
    files: dict[str, bytes | Path] = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.parquet"))
    }
    files[facts.study_file(entry)] = Path(study.path)
    for name, path in (("references.bib", bibliography), ("claims.yaml", register)):
        if path is not None:
            files[f"studies/{name}"] = path
    files.update({f"figures/{name}": content for name, content in figures.items()})
    files["README.txt"] = _readme(entry, cited).encode()
    files["LICENSE.txt"] = _licence(entry).encode()
    files.update(citation_files([record(cited)], "citation"))
    about = {"format": FORMAT, "study": study.id, "title": clean(study.title), "version": clean(study.version)}
    about |= {"profile": study.profile, "seed_offset": study.seed_offset, "reportgen": __version__}
    return files, {**about, "runs": len(store.runs(runs)), "build": _build(entry)}


def _build(entry: StudyEntry) -> str:
    return f"{facts.command(entry)} --no-run"


def _readme(entry: StudyEntry, cited: Citable) -> str:
    study = entry.study
    paragraphs = [
        clean(study.title),
        clean(study.question),
        f"This archive holds the definition of the study (studies/), the raw results of its runs (results/, Parquet "
        f"files that any tool can open) and its figures with their data (figures/). archive.json lists all files "
        f"with their SHA-256. It was made by reportgen {__version__}.",
        "To make the study's pages again, without training and without a network:",
        f"    reportgen import {study.id}.zip\n    cd {study.id}\n    {_build(entry)}",
        "If the study names plug-ins, their modules are not in this archive and must be installed.",
        "Cite as:",
        citations.text(cited),
    ]
    return "\n\n".join(p if p.startswith("    ") else textwrap.fill(p, 100) for p in paragraphs) + "\n"


def _licence(entry: StudyEntry) -> str:
    study = entry.study
    address = licence(study.licence).url
    people = ", ".join(clean(author.name) for author in study.authors)
    return f"{clean(study.title)}\nby {people}\n\nLicence: {clean(study.licence)}{f' ({address})' if address else ''}\n"
