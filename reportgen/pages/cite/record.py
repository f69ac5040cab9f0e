"""What a citation says, whatever its format: of a study, of a figure, and of reportgen itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportgen import __version__
from reportgen.pages.cite.names import Name, parse_name
from reportgen.pages.text import clean

if TYPE_CHECKING:
    from reportgen.pages.citations import Citable
    from reportgen.study.spec import Study

SHOWN_HASH = 16
"""Digits of a data hash in citations; the snippets and CSL-JSON have all of them."""
SOFTWARE_TITLE = "reportgen: static reports of reproducible comparative studies of vanishing and exploding gradients"
GROUP = "The reportgen authors"


@dataclass(frozen=True)
class Record:
    """What all formats write of a work.

    Attributes
    ----------
    kind : str
        "figure", "study" or "software".
    id : str
        ``study`` or ``study/figure``.
    key : str
        The key of BibTeX, CSL-JSON and ``@key``.
    title : str
    study : str
        The title of the study that a figure is of, else "".
    authors : tuple of Name
    date : str
        "2026-11-21", or "" where the study has none.
    version : str
        Of the study, with profile and shifted seeds where these are not the study's own; or of the software.
    url, doi : str
    data_hash : str
        Of a figure, 64 digits; else "".
    keywords : tuple of str
    question : str
        What the study asks; "" for others.
    """

    kind: str
    id: str
    key: str
    title: str
    study: str
    authors: tuple[Name, ...]
    date: str
    version: str
    url: str
    doi: str = ""
    data_hash: str = ""
    keywords: tuple[str, ...] = ()
    question: str = ""

    @property
    def year(self) -> str:
        """The year, or ""."""
        return self.date[:4]

    @property
    def short_hash(self) -> str:
        """The first digits of the data hash, or ""."""
        return self.data_hash[:SHOWN_HASH]

    @property
    def note(self) -> str:
        """What identifies the work beyond its title: its id, version and data hash."""
        if self.kind == "figure":
            of_study = f"Figure {self.id} of the study “{self.study}”, version {self.version}"
            return f"{of_study}; data SHA-256 {self.short_hash}"
        return f"Study {self.id}, version {self.version}" if self.kind == "study" else f"Version {self.version}"

    @property
    def made_by(self) -> str:
        """What kind of work it is and what made it."""
        return "Software" if self.kind == "software" else f"Computational study, reportgen {__version__}"


def record(work: Citable) -> Record:
    """Return what citations say of a study or a figure."""
    study = work.study
    path = clean(work.path).strip("/")
    is_figure = bool(work.data_hash)
    return Record(
        kind="figure" if is_figure else "study",
        id=path,
        key=cite_key(path),
        title=_line(work.title) or path,
        study=_line(study.title) if is_figure else "",
        authors=tuple(parse_name(author.name) for author in study.authors if author.name.strip()),
        date=study.date,
        version=edition(study),
        url=work.url,
        doi="" if is_figure else re.sub(r"[{}\\\s]", "", clean(study.doi)),
        data_hash=work.data_hash,
        keywords=tuple(_line(keyword) for keyword in study.keywords),
        question="" if is_figure else _line(study.question),
    )


def software() -> Record:
    """Return what citations say of reportgen."""
    return Record(
        "software", "reportgen", "reportgen", SOFTWARE_TITLE, "", (parse_name(GROUP),), "", __version__, ""
    )  # fmt: skip


def cite_key(path: str) -> str:
    """Return the key of a study or figure by its id: ``deep-mlps/profile`` gives ``deep-mlps:profile``."""
    return re.sub(r"[^A-Za-z0-9:._-]", "-", path.strip("/").replace("/", ":"))


def edition(study: Study) -> str:
    """Return a study's version; a profile or shifted seeds are said, since they change the numbers."""
    return edition_of(study.version, study.profile, study.seed_offset)


def edition_of(version: str, profile: str, seed_offset: int) -> str:
    """Return the same from its parts."""
    parts = [f"profile {_line(profile)}"] if profile != "default" else []
    parts += [f"seeds shifted by {seed_offset}"] if seed_offset else []
    return ", ".join([_line(version), *parts])


def _line(text: str) -> str:
    return " ".join(clean(text).split())
