"""Gathering: everything that the pages of a study say, before anything is rendered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from reportgen.errors import ReportgenError, UnknownName
from reportgen.pages import facts, prose
from reportgen.pages.address import Address
from reportgen.pages.arms import Table, arm_tables, status_counts
from reportgen.pages.bibliography import Bibliography
from reportgen.pages.citations import Citable
from reportgen.pages.downloads import downloads
from reportgen.pages.entries import StudyEntry
from reportgen.pages.markdown import Place
from reportgen.pages.methods import anchor, resolve
from reportgen.pages.site import relative

if TYPE_CHECKING:
    from reportgen.figures.base import Figure

DATA_ROWS = 12
RUN_IDS = 60
ANSWER = "answer"
"""The section of a study's prose that answers its question; without it the key figure's finding does."""

_SIZE = re.compile(r"<svg[^>]*?\bviewBox=[\"']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)")


@dataclass(frozen=True)
class FigureView:
    """A figure as templates see it; `files` maps a kind of `reportgen.figures.stamp.MEDIA_TYPES` to a name."""

    figure: Figure
    number: int
    path: str
    files: Mapping[str, str]
    sources: Mapping[str, bytes | Path]
    width: int
    height: int
    head: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    methods: list[tuple[str, str]]
    run_ids: tuple[str, ...]
    citation: Citable
    previous: tuple[str, str] | None = None
    next: tuple[str, str] | None = None


@dataclass(frozen=True)
class StudyView:
    """A study as templates see it; `markdown` is its filled prose."""

    entry: StudyEntry
    path: str
    markdown: Mapping[str, str]
    figures: tuple[FigureView, ...]
    embedded: tuple[str, ...]
    tables: tuple[Table, ...]
    counts: Mapping[str, int]
    headlines: list[dict[str, str]]
    design: list[tuple[str, list[facts.Value]]]
    environment: list[tuple[str, str, list[str]]]
    file: str
    command: str
    verification: str
    carry: tuple[str, str]
    citation: Citable

    def figure(self, figure_id: str) -> FigureView:
        """Return the view of a figure; raises UnknownName."""
        for view in self.figures:
            if view.figure.id == figure_id:
                return view
        raise UnknownName("figure", figure_id, [view.figure.id for view in self.figures])


def gather_study(entry: StudyEntry, address: Address) -> StudyView:
    """Gather all that the pages of a study say.

    Raises
    ------
    ReportgenError
        If its prose is at fault, or a figure has not been drawn.
    """
    study = entry.study
    path = f"{study.id}/"
    numbered = prose.figure_numbers(entry)
    figures = sorted(entry.figures, key=lambda figure: numbered[figure.id])
    views = [_figure(entry, figure, numbered[figure.id], address) for figure in figures]
    return StudyView(
        entry=entry,
        path=path,
        markdown=prose.fill(entry),
        figures=tuple(_with_neighbours(views)),
        embedded=tuple(prose.embedded_figures(study.prose)),
        tables=arm_tables(entry),
        counts=status_counts(entry),
        headlines=facts.headlines(entry),
        design=facts.design(entry),
        environment=facts.environment_facts(entry),
        file=facts.study_file(entry),
        command=facts.command(entry),
        verification=facts.verification(entry),
        carry=facts.carry(entry),
        citation=Citable(path, study.title, study, address),
    )


def place(
    view: StudyView, page_path: str, bibliography: Bibliography, embed: Callable[[FigureView], Markup] | None = None
) -> Place:
    """Return where the study's prose stands on a page: figures are on the study's own page, by their anchor."""
    url = relative(page_path)
    base = "" if page_path == view.path else url(view.path)

    def figure_url(figure_id: str) -> str:
        return f"{base}#figure-{view.figure(figure_id).figure.id}"

    return Place(
        url=url,
        bibliography=bibliography,
        figure_url=figure_url,
        embed=None if embed is None else lambda figure_id: embed(view.figure(figure_id)),
    )


def _figure(entry: StudyEntry, figure: Figure, number: int, address: Address) -> FigureView:
    path = f"{entry.study.id}/{figure.id}/"
    drawn = dict(entry.files.get(figure.id, {}))
    files = downloads(figure, entry.study, drawn, address.permanent(path))
    if "svg" not in files:
        raise ReportgenError(f"the figure {entry.study.id}/{figure.id} has not been drawn", "draw the figures first")
    width, height = _size(Path(drawn["light.svg"]))
    return FigureView(
        figure=figure,
        number=number,
        path=path,
        files={kind: name for kind, (name, _) in files.items()},
        sources={kind: content for kind, (_, content) in files.items()},
        width=width,
        height=height,
        head=[str(column) for column in figure.data.columns],
        rows=_preview(figure),
        numeric=[kind.kind in "iuf" for kind in figure.data.dtypes],
        methods=[(dotted, anchor(found.name) if (found := resolve(dotted)) else "") for dotted in figure.method],
        run_ids=tuple(sorted(figure.run_ids)),
        citation=Citable(path, figure.title, entry.study, address, figure.data_hash),
    )


def _preview(figure: Figure) -> list[list[str]]:
    text = figure.data.head(DATA_ROWS)
    return [[_datum(value) for value in row] for row in text.itertuples(index=False, name=None)]


def _datum(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return "" if value is None else str(value)


def _size(drawing: Path) -> tuple[int, int]:
    """Return the width and height of an SVG's view box, rounded; 800 × 500 where it has none."""
    with drawing.open(encoding="utf-8", errors="replace") as file:
        match = _SIZE.search(file.read(4000))
    return (max(round(float(match[1])), 1), max(round(float(match[2])), 1)) if match else (800, 500)


def _with_neighbours(views: list[FigureView]) -> list[FigureView]:
    from dataclasses import replace

    named = [(view.figure.title, view.path) for view in views]
    before, after = [None, *named][: len(named)], [*named, None][1:]
    return [replace(v, previous=b, next=a) for v, b, a in zip(views, before, after, strict=True)]
