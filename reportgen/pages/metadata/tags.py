"""Tags in the head of a page: Highwire for reference managers and indexes, Open Graph for previews of links."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.pages.cite.names import parse_name
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.identifiers import bare_doi
from reportgen.pages.metadata.people import named
from reportgen.pages.site import NAME
from reportgen.pages.text import clean, shorten

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import FigureView, StudyView
    from reportgen.pages.site import Page

Tags = list[tuple[str, str]]

LONGEST_ALT = 400
_PNG = b"\x89PNG\r\n\x1a\n"


def highwire(view: StudyView, address: Address) -> Tags:
    """Return the Highwire tags of a study's page as names and contents, as Google Scholar reads them.

    There is no date where the study states none, and no ``citation_pdf_url`` since a study has no PDF.
    """
    study, date = view.entry.study, nodes.date(view.entry.study)
    url = address.page(view.path)
    tags = [("citation_title", study.title)]
    tags += [("citation_author", parse_name(author.name).natural) for author in named(study.authors)]
    tags += [("citation_publication_date", date.replace("-", "/"))]
    tags += [("citation_doi", bare_doi(study.doi))]
    tags += [("citation_abstract_html_url", url), ("citation_fulltext_html_url", url)]
    tags += [("citation_keywords", keyword) for keyword in study.keywords]
    tags += [("citation_technical_report_number", study.id), ("citation_language", nodes.LANGUAGE)]
    return [(name, " ".join(clean(content).split())) for name, content in tags if content]


def open_graph(page: Page, address: Address, figure: FigureView | None, study: StudyView | None) -> Tags:
    """Return the Open Graph tags of a page as properties and contents.

    The protocol wants absolute addresses, so a site without one has neither ``og:url`` nor ``og:image``.

    Parameters
    ----------
    page : Page
    address : Address
    figure : FigureView or None
        What a preview of the page shows.
    study : StudyView or None
        What the page is of; such a page is an article.
    """
    tags = [
        ("og:title", page.title),
        ("og:description", page.description),
        ("og:type", "article" if study else "website"),
        ("og:site_name", NAME),
        ("og:locale", nodes.LANGUAGE.replace("-", "_")),
    ]
    if address.base_url:
        tags.append(("og:url", address.page(page.path)))
        tags += _image(figure, address) if figure else []
    if study:
        tags.append(("article:published_time", nodes.date(study.entry.study)))
        tags += [("article:tag", keyword) for keyword in study.entry.study.keywords]
    return [(name, " ".join(clean(content).split())) for name, content in tags if content]


def _image(figure: FigureView, address: Address) -> Tags:
    if "png" not in figure.files:
        return []
    size = png_size(figure.sources["png"])
    return [
        ("og:image", address.page(f"{figure.path}{figure.files['png']}")),
        ("og:image:type", "image/png"),
        ("og:image:width", str(size[0]) if size else ""),
        ("og:image:height", str(size[1]) if size else ""),
        ("og:image:alt", shorten(figure.figure.alt or figure.figure.title, LONGEST_ALT)),
    ]


def png_size(source: bytes | Path) -> tuple[int, int] | None:
    """Return the width and height that the header of a PNG states, None if it is not one."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = file.read(24)
    else:
        head = source[:24]
    if len(head) < 24 or not head.startswith(_PNG) or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def twitter(properties: Sequence[tuple[str, str]]) -> Tags:
    """Return the one tag that Open Graph has no word for: how large a preview is."""
    large = any(name == "og:image" for name, _ in properties)
    return [("twitter:card", "summary_large_image" if large else "summary")]
