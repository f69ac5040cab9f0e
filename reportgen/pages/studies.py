"""The pages of one study: its own, and one for each figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from reportgen.pages import facts, prose
from reportgen.pages.bibliography import Bibliography
from reportgen.pages.cite.page import figure_citing, study_citing
from reportgen.pages.cite.values import study_values
from reportgen.pages.gather import ANSWER, RUN_IDS, FigureView, StudyView, place
from reportgen.pages.glossary import Glossary
from reportgen.pages.markdown import Place
from reportgen.pages.metadata.identifiers import licence
from reportgen.pages.metadata.provenance import RUN_TABLES, provenance
from reportgen.pages.site import Page, relative
from reportgen.pages.text import shorten

if TYPE_CHECKING:
    from reportgen.pages.claims import ClaimView
    from reportgen.pages.evidence import Evidence

TITLES = {"background": "Background", "design": "Design", "results": "Results", "limits": "Limits"}
"""Sections of prose with their headings; the abstract stands at the top, the answer on the home page."""

STUDIES = ("Studies", "studies/")


class StudyPages:
    """Makes the pages of studies, and keeps who cited what.

    Parameters
    ----------
    templates : jinja2.Environment
    bibliography : Bibliography
    glossary : Glossary
    claims : sequence of ClaimView
        The claims of the site; a study's page lists those that it has evidence for.
    """

    def __init__(
        self,
        templates: jinja2.Environment,
        bibliography: Bibliography,
        glossary: Glossary,
        claims: Sequence[ClaimView] = (),
    ) -> None:
        self._claims = claims
        self._templates = templates
        self.bibliography = bibliography
        self.glossary = glossary
        self.cited: dict[str, dict[str, str]] = {}

    def pages(self, view: StudyView) -> list[Page]:
        """Return the study's page and its figures' pages."""
        return [self._study(view), *(self._figure(view, figure) for figure in view.figures)]

    def answer(self, view: StudyView, page_path: str) -> Markup:
        """Return the one sentence that answers the study's question, made from data."""
        if view.markdown.get(ANSWER, "").strip():
            where = place(view, page_path, self.bibliography)
            html = prose.to_html(view.entry, view.markdown, {ANSWER: where}, inline=True)[ANSWER]
            self.record(where, view.path, view.entry.study.title)
            return html
        return Markup.escape(view.figures[0].figure.alt if view.figures else "")

    def section(self, view: StudyView, section: str, page_path: str, top: int) -> Markup:
        """Return one section of the study's prose for another page than its own; "" if it has none."""
        if section not in view.markdown:
            return Markup("")
        where = place(view, page_path, self.bibliography)
        where.prefix, where.top = f"{view.entry.study.id}-{section}", top
        return prose.to_html(view.entry, view.markdown, {section: where})[section]

    def _study(self, view: StudyView) -> Page:
        study = view.entry.study
        sections = self._sections(view)
        description = shorten(study.question, 200)
        return Page(
            path=view.path,
            template="study.html",
            title=study.title,
            description=description,
            context={
                "view": view,
                "study": study,
                "abstract": sections.get("abstract", Markup("")),
                "sections": [(key, title, sections[key]) for key, title in TITLES.items() if key in sections],
                "decided": self._decided(view),
                "rest": [figure for figure in view.figures if figure.figure.id not in view.embedded],
                "cite": study_citing(view),
                "has_values": bool(study_values(study.id, view.entry.analysis.estimates)),
                "licence_url": licence(study.licence).url,
            },
            crumbs=(STUDIES,),
            subject=view,
        )

    def _decided(self, view: StudyView) -> list[tuple[ClaimView, Evidence]]:
        """Return the claims that the study has evidence for, with each piece of it."""
        return [(claim, piece) for claim in self._claims for piece in claim.evidence if piece.view is view]

    def _sections(self, view: StudyView) -> dict[str, Markup]:
        """Render the prose; glossary terms, ids and citations are shared by all sections of the page."""
        terms, linked, ids = self.glossary.linkable(), set[str](), set[str]()
        places = {}
        for section in view.markdown:
            if section == ANSWER:
                continue
            where = place(view, view.path, self.bibliography, lambda figure: self.figure_html(view.path, figure))
            where.terms, where.linked, where.ids, where.prefix = terms, linked, ids, section
            places[section] = where
        done = prose.to_html(view.entry, view.markdown, places)
        for where in places.values():
            self.record(where, view.path, view.entry.study.title)
        return done

    def record(self, where: Place, path: str, title: str) -> None:
        """Remember that the page at `path` cites what was cited in `where`."""
        for key in where.cited:
            self.cited.setdefault(key, {})[path] = title

    def figure_html(self, page_path: str, figure: FigureView, level: int = 3) -> Markup:
        """Return the HTML that shows a figure on a page."""
        macros: Any = self._templates.get_template("macros.html").module
        return Markup(macros.figure(figure, relative(page_path), level))

    def _figure(self, view: StudyView, figure: FigureView) -> Page:
        drawn = figure.figure
        return Page(
            path=figure.path,
            template="figure.html",
            title=drawn.title,
            description=shorten(drawn.alt or drawn.caption or drawn.title, 200),
            context={
                "view": view,
                "study": view.entry.study,
                "figure": figure,
                "drawn": drawn,
                "shown_ids": figure.run_ids[:RUN_IDS],
                "provenance": provenance(view.entry),
                "tables": RUN_TABLES,
                "verification": facts.verification(view.entry, drawn.id),
                "export": facts.export(view.entry, drawn.id),
                "cite": figure_citing(figure),
                "licence_url": licence(view.entry.study.licence).url,
            },
            crumbs=(STUDIES, (view.entry.study.title, view.path)),
            subject=figure,
        )
