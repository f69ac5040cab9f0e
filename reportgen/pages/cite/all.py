"""All citations and snippets of a work, by the names of their formats, and the files of a site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from reportgen.pages.cite import formats, snippets, styles
from reportgen.pages.cite.record import Record
from reportgen.pages.cite.snippets import Shown

CITATIONS: Mapping[str, Callable[[Record], str]] = {
    "text": styles.text,
    "bibtex": formats.bibtex,
    "apa": styles.apa,
    "chicago": styles.chicago,
    "ris": formats.ris,
    "csl-json": lambda record: formats.csl_json([record]),
}
SNIPPETS: Mapping[str, Callable[[Shown], str]] = {
    "latex": snippets.latex,
    "markdown": snippets.markdown,
    "html": snippets.html,
    "typst": snippets.typst,
}
TITLES = {
    "text": "Text", "bibtex": "BibTeX", "apa": "APA", "chicago": "Chicago", "ris": "RIS", "csl-json": "CSL-JSON",
    "latex": "LaTeX", "markdown": "Markdown", "html": "HTML", "typst": "Typst",
}  # fmt: skip
"""Names of formats for readers."""


def citations(record: Record) -> dict[str, str]:
    """Return the citation of a work in every format."""
    return {name: write(record) for name, write in CITATIONS.items()}


def citation_snippets(shown: Shown) -> dict[str, str]:
    """Return what shows a figure, in every format."""
    return {name: write(shown) for name, write in SNIPPETS.items()}


def citation_files(records: Iterable[Record], stem: str) -> dict[str, bytes]:
    """Return the files of references for one work or many: ``stem.bib``, ``stem.ris``, ``stem.json``."""
    works = list(records)
    return {
        f"{stem}.bib": ("\n\n".join(map(formats.bibtex, works)) + "\n").encode(),
        f"{stem}.ris": "".join(map(formats.ris, works)).encode(),
        f"{stem}.json": (formats.csl_json(works) + "\n").encode(),
    }
