"""The site as an RO-Crate: every study, figure and file with its hash, and how each was made.

RO-Crate 1.2 (https://w3id.org/ro/crate/1.2), an attached crate whose root is the site. The crate has no clock: its
``datePublished``, which the specification requires, is the newest date that a study states. Where no study states one
it is left out, and a validator names exactly that as missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from reportgen.pages.cite.record import edition
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.crate_parts import (
    COMPLETED,
    done,
    each,
    fragment,
    licence_entity,
    licence_id,
    people,
    person_id,
    program,
    program_id,
    ref,
    runs,
    runs_id,
    terms,
)
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import all_authors, credit, named
from reportgen.pages.metadata.provenance import environments
from reportgen.pages.site import NAME

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import FigureView, StudyView

CRATE = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/crate/1.2"
ABOUT = (
    "A static site of reproducible comparative studies of vanishing and exploding gradients in neural networks: "
    "pages, figures in several formats, the data of each figure, and the estimates of each study."
)
MEDIA = {
    "citation.json": "application/vnd.citationstyles.csl+json",
    "linkset.json": "application/linkset+json",
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".css": "text/css",
    ".csv": "text/csv",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ris": "application/x-research-info-systems",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".typ": "text/plain",
    ".tex": "application/x-tex",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
"""Media types by the ending of a file's name; the first that fits."""
OTHER = "application/octet-stream"

ABOUT_FILES = {
    "estimates.csv": "All estimates of",
    "runs.txt": "The ids of the runs behind",
    "-dark.svg": "A drawing, for dark pages, of",
    ".bib": "A citation in BibTeX of",
    ".ris": "A citation in RIS of",
    "citation.json": "A citation in CSL-JSON of",
    "linkset.json": "The typed links of the pages of",
    ".csv": "Data of",
    ".parquet": "Data of",
    ".pdf": "A drawing of",
    ".png": "A drawing of",
    ".svg": "A drawing of",
    ".tex": "Values for LaTeX of",
    ".typ": "Values for Typst of",
    ".html": "A page of",
}
"""What a file is, by the ending of its name; the first that fits."""

GUIDE = "reproduce/"
"""The page that says how to get reportgen and to run it."""


def crate(files: Mapping[str, bytes | Path], views: Sequence[StudyView], address: Address) -> bytes:
    """Return ``ro-crate-metadata.json`` for all files of a site.

    Parameters
    ----------
    files : mapping
        Site path to bytes or file: everything that the site holds but the crate itself.
    views : sequence of StudyView
        The studies of the site.
    address : Address
        Where the site will be.
    """
    folders = _Folders(views, files)
    actions = [action for view in views for action in _actions(view, folders)]
    entities = [_descriptor(), _root(views, folders, actions, address)]
    for view in views:
        entities.append(_study(view, folders, address))
        entities += [_figure(figure, view, folders, address) for figure in view.figures]
    entities += [_file(path, files[path], folders.described(path)) for path in sorted(files)]
    entities += actions
    entities += _context(views, address)
    unique = {entity["@id"]: entity for entity in map(nodes.tidy, entities)}
    document = {"@context": f"{PROFILE}/context", "@graph": list(unique.values())}
    return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()


def _context(views: Sequence[StudyView], address: Address) -> list[Node]:
    """Return what the folders, files and actions refer to."""
    about = address.permanent(GUIDE) or ref(f"{GUIDE}index.html")
    found = [program(None, about), done()]
    for view in views:
        study = view.entry.study
        found += [runs(view), *(program(environment, about) for environment in environments(view.entry))]
        found += [entity for author in named(study.authors) for entity in people(author)]
        found.append(licence_entity(study))
    return found


class _Folders:
    """Which folder of the crate each file belongs to: a figure's, a study's, or the root, ""."""

    def __init__(self, views: Sequence[StudyView], files: Iterable[str]) -> None:
        self._studies = {view.path: view for view in views}
        self._figures = {figure.path: (figure, view) for view in views for figure in view.figures}
        self._homes = {path: self._home(path) for path in sorted(files)}
        self._inner: dict[str, list[str]] = {"": list(self._studies)}
        for path, (_, view) in self._figures.items():
            self._inner.setdefault(view.path, []).append(path)
        for path, home in self._homes.items():
            self._inner.setdefault(home, []).append(path)

    def parts(self, folder: str) -> list[Node]:
        """Return references to what a folder holds: folders first, then files."""
        return [ref(path) for path in self._inner.get(folder, [])]

    def files(self, folder: str) -> list[Node]:
        """Return references to the files that lie in a folder, but not in a folder of it that has an entity."""
        return [ref(path) for path, home in self._homes.items() if home == folder]

    def described(self, path: str) -> Node:
        """Return what is to say of a file beside its size and hash."""
        home = self._homes[path]
        if home in self._figures:
            figure, _ = self._figures[home]
            return _described(path.removeprefix(home), figure.figure.title, "the figure")
        if home in self._studies:
            return _described(path.removeprefix(home), self._studies[home].entry.study.title, "the study")
        return _described(path, NAME, "the site")

    def _home(self, path: str) -> str:
        folders = [f"{parent}/" for parent in PurePosixPath(path).parents]
        return next((folder for folder in folders if folder in self._figures or folder in self._studies), "")


def _described(path: str, title: str, of: str) -> Node:
    name = PurePosixPath(path).name
    about = next((words for ending, words in ABOUT_FILES.items() if name.endswith(ending)), "A file of")
    return {"name": f"{title}: {path}", "description": f"{about} {of} “{title}”."}


def _descriptor() -> Node:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "name": "RO-Crate metadata of this site",
        "conformsTo": {"@id": PROFILE},
        "about": {"@id": "./"},
    }


def _root(views: Sequence[StudyView], folders: _Folders, actions: Sequence[Node], address: Address) -> Node:
    studies = [view.entry.study for view in views]
    authors = all_authors(studies)
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": NAME,
        "description": ABOUT,
        "datePublished": nodes.newest(studies),
        "license": each([licence_id(study) for study in studies]),
        "author": each([person_id(author) for author in authors]),
        "publisher": each([person_id(author) for author in authors]),
        "creditText": credit(authors),
        "keywords": list(dict.fromkeys(keyword for study in studies for keyword in study.keywords)),
        "inLanguage": nodes.LANGUAGE,
        "version": address.release,
        "url": address.permanent(""),
        "hasPart": folders.parts(""),
        "mentions": [{"@id": action["@id"]} for action in actions],
    }


def _study(view: StudyView, folders: _Folders, address: Address) -> Node:
    study = view.entry.study
    return {
        **ref(view.path),
        "@type": "Dataset",
        "name": study.title,
        "description": study.question,
        **terms(study),
        "url": address.permanent(view.path),
        "version": edition(study),
        "keywords": list(study.keywords),
        "hasPart": folders.parts(view.path),
    }


def _figure(view: FigureView, study: StudyView, folders: _Folders, address: Address) -> Node:
    figure = view.figure
    return {
        **ref(view.path),
        "@type": "Dataset",
        "name": figure.title,
        "description": f"Figure {view.number}. {figure.caption} {figure.alt} Data hash (SHA-256): {figure.data_hash}.",
        **terms(study.entry.study),
        "url": address.permanent(view.path),
        "hasPart": folders.parts(view.path),
    }


def _file(path: str, source: bytes | Path, described: Node) -> Node:
    size, digest = _digest(source)
    return {
        **ref(path),
        "@type": "File",
        **described,
        "encodingFormat": next((kind for ending, kind in MEDIA.items() if path.endswith(ending)), OTHER),
        "contentSize": str(size),
        "sha256": digest,
    }


def _digest(source: bytes | Path) -> tuple[int, str]:
    if isinstance(source, bytes):
        return len(source), hashlib.sha256(source).hexdigest()
    with source.open("rb") as file:
        return source.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _actions(view: StudyView, folders: _Folders) -> list[Node]:
    """Return how a study's runs, estimates and figures were made."""
    study, trained = view.entry.study, {"@id": runs_id(view)}
    common: Node = {"@type": "CreateAction", "actionStatus": {"@id": COMPLETED}}
    made: list[Node] = [
        {
            "@id": f"#training-{fragment(study.id)}-{fragment(environment.environment_id)}",
            **common,
            "name": f"Training of the runs of “{study.title}”",
            "description": view.command,
            "instrument": {"@id": program_id(environment)},
            "result": trained,
        }
        for environment in environments(view.entry)
    ]
    for path, title in [(view.path, study.title), *((one.path, one.figure.title) for one in view.figures)]:
        made.append(
            {
                "@id": f"#making-{fragment(path.strip('/'))}",
                **common,
                "name": f"Making of “{title}” from its runs",
                "instrument": {"@id": program_id(None)},
                "object": trained,
                "result": folders.files(path),
            }
        )
    return made
