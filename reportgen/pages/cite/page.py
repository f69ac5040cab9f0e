"""What the site shows of citing: a block on each figure's and study's page, a page of its own, and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportgen.pages.cite import values
from reportgen.pages.cite.all import TITLES, citation_files, citation_snippets, citations
from reportgen.pages.cite.record import record, software
from reportgen.pages.cite.snippets import Shown
from reportgen.pages.cite.values import Value, study_values
from reportgen.pages.site import Page

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import FigureView, StudyView

PATH = "cite/"
FIRST = ("text", "bibtex")
"""Formats that are shown at once; the others are opened by readers who want them."""
DOWNLOADS = (("bib", "BibTeX"), ("ris", "RIS"), ("json", "CSL-JSON"))
MACROS = (
    ("rgvalue", "the estimate"),
    ("rginterval", "the estimate with its 95 % interval"),
    ("rglow", "the lower end of the interval"),
    ("rghigh", "the upper end"),
    ("rgunit", "the unit; none for a share, which is printed in per cent"),
    ("rgn", "how many runs are behind it"),
    ("rgraw", "the number as it is stored, for calculations and plots"),
)
"""What a paper may ask of a value; LaTeX's macros and Typst's functions have the same names."""


@dataclass(frozen=True)
class Citing:
    """What a page shows of citing its work; each pair is a format's name and its text.

    Attributes
    ----------
    first, more, snippets : list of (str, str)
        Formats shown at once, further formats, and snippets (of figures alone).
    files : list of (str, str)
        File beside the page, and the name of its format.
    """

    first: list[tuple[str, str]]
    more: list[tuple[str, str]]
    snippets: list[tuple[str, str]]
    files: list[tuple[str, str]]


def study_citing(view: StudyView) -> Citing:
    """Return what a study's page shows."""
    return _citing(citations(record(view.citation)), {})


def figure_citing(view: FigureView) -> Citing:
    """Return what a figure's page shows."""
    return _citing(citations(record(view.citation)), citation_snippets(shown(view)))


def shown(view: FigureView) -> Shown:
    """Return a figure as snippets show it."""
    work = view.citation
    stem = view.files["svg"].removesuffix(".svg")
    return Shown(record(work), view.figure.caption, view.figure.alt, stem, work.address.permanent(work.path))


def cite_page(views: Sequence[StudyView], address: Address) -> Page:
    """Return the page that says how to cite studies, figures, numbers and reportgen, and how to check."""
    example = next((figure for view in views for figure in view.figures), None)
    found = [(view, _values(view)) for view in views]
    value = next((value for _, of_study in found for value in of_study), None)
    context = {
        "example": (example, figure_citing(example)) if example else None,
        "works": sum(1 + len(view.figures) for view in views),
        "downloads": DOWNLOADS,
        "values": [(view, len(of_study)) for view, of_study in found if of_study],
        "value": value,
        "macros": _macros(value) if value else [],
        "software": _citing(citations(software()), {}),
    }
    about = "How to cite a study, a figure, a number or reportgen, and how to check that what was cited still holds."
    return Page(PATH, "cite.html", "Cite", about, context)


def cite_files(views: Sequence[StudyView]) -> dict[str, bytes]:
    """Return the files of references and of values: beside each page, and of everything in one."""
    everything = [record(view.citation) for view in views]
    everything += [record(figure.citation) for view in views for figure in view.figures]
    files = citation_files([*everything, software()], f"{PATH}all")
    for view in views:
        for work in (view.citation, *(figure.citation for figure in view.figures)):
            files.update(citation_files([record(work)], f"{work.path}citation"))
        if of_study := _values(view):
            files[f"{view.path}values.tex"] = values.latex(of_study).encode()
            files[f"{view.path}values.typ"] = values.typst(of_study).encode()
    return files


def _values(view: StudyView) -> list[Value]:
    return study_values(view.entry.study.id, view.entry.analysis.estimates)


def _citing(made: Mapping[str, str], shows: Mapping[str, str]) -> Citing:
    return Citing(
        first=[(TITLES[name], made[name]) for name in FIRST],
        more=[(TITLES[name], text.replace("\r\n", "\n")) for name, text in made.items() if name not in FIRST],
        snippets=[(TITLES[name], text) for name, text in shows.items()],
        files=[(f"citation.{ending}", title) for ending, title in DOWNLOADS],
    )


def _macros(value: Value) -> list[tuple[str, str, str]]:
    """Return the macros with what each prints for a value."""
    middle, low, high = value.texts
    printed = {
        "rgvalue": middle, "rginterval": value.interval, "rglow": low, "rghigh": high, "rgunit": value.shown_unit,
        "rgn": str(value.n), "rgraw": value.raw[0],
    }  # fmt: skip
    return [(name, meaning, printed[name]) for name, meaning in MACROS]
