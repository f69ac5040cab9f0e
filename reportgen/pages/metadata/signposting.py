"""Typed links that lead machines from a page to what it is of: the FAIR Signposting Profile (https://signposting.org/FAIR/).

A static site has no say over HTTP headers, so the links are ``<link>`` elements, as the profile allows for pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportgen.figures.stamp import MEDIA_TYPES
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.identifiers import doi_url, licence, orcid_url
from reportgen.pages.metadata.studies import ESTIMATES

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import FigureView, StudyView
    from reportgen.study.spec import Study

LANDING = f"{nodes.CONTEXT}/AboutPage"
CRATE = "ro-crate-metadata.json"
CITATIONS = {
    "citation.bib": "application/x-bibtex",
    "citation.ris": "application/x-research-info-systems",
    "citation.json": "application/vnd.citationstyles.csl+json",
}
"""Files of a citation beside a page, with their media types."""
LINKSET = "linkset.json"
BACK = {"item": "collection", "describedby": "describes"}
"""Relations with those that lead back."""


@dataclass(frozen=True)
class Link:
    """A typed link: `path` is a path on this site, else `href` is an absolute address."""

    rel: str
    href: str = ""
    path: str = ""
    type: str = ""


def study_links(view: StudyView, address: Address) -> list[Link]:
    """Return the links of a study's page."""
    study = view.entry.study
    return [
        *_work(study, doi_url(study.doi) or address.permanent(view.path), "ScholarlyArticle"),
        *_described(view.path),
        Link("item", path=f"{view.path}{ESTIMATES}", type="text/csv"),
        *(Link("item", path=figure.path, type="text/html") for figure in view.figures),
        Link("collection", path="", type="text/html"),
        *_linkset(view, address),
    ]


def figure_links(view: FigureView, study: StudyView, address: Address) -> list[Link]:
    """Return the links of a figure's page; its items are its files."""
    return [
        *_work(study.entry.study, address.permanent(view.path), "ImageObject"),
        *_described(view.path),
        *(Link("item", path=f"{view.path}{name}", type=MEDIA_TYPES[kind]) for kind, name in view.files.items()),
        Link("collection", path=study.path, type="text/html"),
        *_linkset(study, address),
    ]


def home_links(views: Iterable[StudyView], address: Address) -> list[Link]:
    """Return the links of the home page: all studies belong to the site."""
    return [
        *([Link("cite-as", address.permanent(""))] if address.base_url else []),
        Link("type", LANDING),
        Link("type", f"{nodes.CONTEXT}/Dataset"),
        Link("describedby", path=CRATE, type="application/ld+json"),
        *(Link("item", path=view.path, type="text/html") for view in views),
    ]


def _work(study: Study, cite_as: str, kind: str) -> list[Link]:
    """Return what names a work: how to cite it, what it is, who made it, and under which licence."""
    terms = licence(study.licence).url
    return [
        *([Link("cite-as", cite_as)] if cite_as else []),
        Link("type", LANDING),
        Link("type", f"{nodes.CONTEXT}/{kind}"),
        *(Link("author", url) for author in study.authors if (url := orcid_url(author.orcid))),
        *([Link("license", terms)] if terms else []),
    ]


def _linkset(study: StudyView, address: Address) -> list[Link]:
    known = Link("linkset", path=f"{study.path}{LINKSET}", type="application/linkset+json")
    return [known] if address.base_url else []


def _described(path: str) -> list[Link]:
    files = [Link("describedby", path=f"{path}{name}", type=kind) for name, kind in CITATIONS.items()]
    return [*files, Link("describedby", path=CRATE, type="application/ld+json")]
