"""The pages that belong to no single study."""

from __future__ import annotations

from collections.abc import Sequence

import jinja2

from reportgen.pages.gather import StudyView
from reportgen.pages.markdown import Place, render
from reportgen.pages.methods import gather_methods
from reportgen.pages.site import NAME, Page, relative
from reportgen.pages.studies import StudyPages
from reportgen.store.tables import HISTOGRAM_EDGES, TABLES

SUMMARY = (
    "Measured, reproducible comparisons of vanishing and exploding gradients in neural networks: every number "
    "comes from stored runs, with its interval, its data and the command that makes it again."
)


def general_pages(views: Sequence[StudyView], studies: StudyPages, templates: jinja2.Environment) -> list[Page]:
    """Return the home page and all pages that belong to no single study; the studies' own come before these."""
    methods = _methods(views, studies)
    limits = _limits(views, studies, templates)
    return [_home(views, studies), _list(views, studies), methods, limits, *_reference_pages(views, studies)]


def _home(views: Sequence[StudyView], studies: StudyPages) -> Page:
    answers = [(view, studies.answer(view, ""), view.figures[0] if view.figures else None) for view in views]
    return Page("", "home.html", NAME, SUMMARY, {"answers": answers, "totals": _totals(views)})


def _totals(views: Sequence[StudyView]) -> dict[str, int]:
    arms = sum(not arm.skipped for view in views for arm in view.entry.study.arms)
    figures = sum(len(view.figures) for view in views)
    runs = sum(view.counts["completed"] + view.counts["diverged"] for view in views)
    return {"studies": len(views), "arms": arms, "runs": runs, "figures": figures}


def _list(views: Sequence[StudyView], studies: StudyPages) -> Page:
    answers = [(view, studies.answer(view, "studies/")) for view in views]
    return Page(
        "studies/", "studies.html", "Studies", "All studies, with the question that each answers.", {"answers": answers}
    )


def _methods(views: Sequence[StudyView], studies: StudyPages) -> Page:
    used = [
        (dotted, f"{figure.figure.title}", figure.path)
        for view in views
        for figure in view.figures
        for dotted, _ in figure.methods
    ]
    where = Place(url=relative("methods/"), bibliography=studies.bibliography, prefix="methods", top=5)
    context = {"sections": gather_methods(where, used)}
    return Page(
        "methods/", "methods.html", "Methods", "How each number on this site is measured and estimated.", context
    )


def _limits(views: Sequence[StudyView], studies: StudyPages, templates: jinja2.Environment) -> Page:
    where = Place(
        url=relative("limits/"),
        bibliography=studies.bibliography,
        terms=studies.glossary.linkable(),
        prefix="general",
        top=2,
    )
    loader = templates.loader
    assert loader is not None
    source = loader.get_source(templates, "limits.md")[0]
    general = render(source, where)
    for key in where.cited:
        studies.cited.setdefault(key, {})["limits/"] = "Limits"
    own = [(view, html) for view in views if (html := studies.section(view, "limits", "limits/", 4))]
    context = {"general": general, "own": own}
    return Page("limits/", "limits.html", "Limits", "What these results do not show.", context)


def _reference_pages(views: Sequence[StudyView], studies: StudyPages) -> list[Page]:
    """Return the pages to look things up in; the references come last, since the others cite."""
    cited = [(studies.bibliography[key], sorted(studies.cited[key].items())) for key in sorted(studies.cited)]
    cited.sort(key=lambda item: (item[0].label.casefold(), item[0].key))
    terms = "Every technical term, estimate and stored column, in one sentence each."
    stored = "What is stored of each run, in which units, and how to read it."
    again = "How to make every number and figure of this site again."
    data = {"tables": TABLES, "edges": HISTOGRAM_EDGES, "views": views}
    return [
        Page("glossary/", "glossary.html", "Glossary", terms, {"glossary": studies.glossary}),
        Page("data/", "data.html", "Data", stored, data),
        Page("reproduce/", "reproduce.html", "Reproduce", again, {"views": views}),
        Page("references/", "references.html", "References", "The works that the studies cite.", {"references": cited}),
    ]
