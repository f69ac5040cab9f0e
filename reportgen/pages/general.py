"""The pages that belong to no single study."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import jinja2

from reportgen.pages.across import Across
from reportgen.pages.bibliography import Bibliography
from reportgen.pages.catalogue import LEADS, gather_catalogue
from reportgen.pages.choices import MUCH, gather_choices
from reportgen.pages.claim_pages import claim_pages
from reportgen.pages.components import REGISTRIES
from reportgen.pages.gather import StudyView
from reportgen.pages.home import home_page
from reportgen.pages.markdown import Place, render
from reportgen.pages.matrix import gather_matrix
from reportgen.pages.methods import gather_methods
from reportgen.pages.remedies import PAGE as MATRIX
from reportgen.pages.repetition import RepetitionView
from reportgen.pages.signs import PAGE as SIGNS
from reportgen.pages.signs import gather_signs
from reportgen.pages.site import Page, relative
from reportgen.pages.studies import StudyPages
from reportgen.pages.study_list import list_page
from reportgen.pages.theory import PAGE as THEORY
from reportgen.pages.theory import gather_theory
from reportgen.store.tables import HISTOGRAM_EDGES, TABLES

if TYPE_CHECKING:
    from reportgen.analyse.signs import Signs


def general_pages(
    views: Sequence[StudyView],
    studies: StudyPages,
    templates: jinja2.Environment,
    sources: Bibliography,
    across: Across,
    signs: Signs | None = None,
) -> list[Page]:
    """Return the home page and all pages that belong to no single study; the studies' own come before these.

    `sources` has what the catalogue and the theory cite beside the works of the studies' own bibliography.
    """
    matrix = gather_matrix(across.frames, views)
    pages = [home_page(views, studies, across.claims, matrix)]
    pages += claim_pages(across.claims, studies, sources, across.repetition, has_signs=signs is not None)
    pages += [_matrix(matrix), list_page(views, studies), _theory(views, studies, sources)]
    pages += [_signs(signs, studies, sources)]
    pages += [_catalogue(path, views, studies, sources) for path in REGISTRIES]
    pages += [_methods(views, studies), _limits(views, studies, templates, across.repetition)]
    return [*pages, *_reference_pages(views, studies, sources)]


def _matrix(context: dict[str, object]) -> Page:
    about = (
        "What each remedy changed in each kind of network: success, decay factor, speed and cost, with and without it."
    )
    return Page(MATRIX, "matrix.html", "What helps", about, context)


def _theory(views: Sequence[StudyView], studies: StudyPages, sources: Bibliography) -> Page:
    title = "Theory against measurement"
    where = Place(url=relative(THEORY), bibliography=sources, terms=studies.glossary.linkable(), prefix="theory")
    context = gather_theory(views, where)
    studies.record(where, THEORY, title)
    about = "How well theory predicts by which factor the error signal decays at initialisation, for every arm."
    return Page(THEORY, "theory.html", title, about, context)


def _signs(found: Signs | None, studies: StudyPages, sources: Bibliography) -> Page:
    where = Place(url=relative(SIGNS), bibliography=sources, terms=studies.glossary.linkable(), prefix="signs")
    context = gather_signs(found, where)
    studies.record(where, SIGNS, "Signs")
    about = "Which early signs tell runs that will fail from those that will not, how early, and what each misses."
    return Page(SIGNS, "signs.html", "Signs", about, context)


def _catalogue(path: str, views: Sequence[StudyView], studies: StudyPages, sources: Bibliography) -> Page:
    title = path.rstrip("/").capitalize()
    where = Place(url=relative(path), bibliography=sources, terms=studies.glossary.linkable())
    entries = gather_catalogue(path, views, where)
    studies.record(where, path, title)
    siblings = [(other, other.rstrip("/").capitalize(), len(held.names())) for other, held in REGISTRIES.items()]
    context = {"entries": entries, "siblings": siblings, "lead": LEADS[path]}
    return Page(path, "catalogue.html", title, LEADS[path], context)


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


def _limits(
    views: Sequence[StudyView],
    studies: StudyPages,
    templates: jinja2.Environment,
    repetition: RepetitionView | None,
) -> Page:
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
    studies.record(where, "limits/", "Limits")
    own = [(view, html) for view in views if (html := studies.section(view, "limits", "limits/", 4))]
    context = {"general": general, "own": own, "repetition": repetition, "choices": gather_choices(views), "much": MUCH}
    return Page("limits/", "limits.html", "Limits", "What these results do not show.", context)


def _again(views: Sequence[StudyView]) -> dict[str, object]:
    """Return what the page on reproduction shows: the command for a site like this one, and whether one is quicker."""
    made = {(view.entry.study.profile, view.entry.study.seed_offset) for view in views}
    profile, offset = made.pop() if len(made) == 1 else ("default", 0)
    settings = [
        "" if profile == "default" else f" PROFILE={shlex.quote(profile)}",
        f" SEED_OFFSET={offset}" * bool(offset),
    ]
    return {"views": views, "command": f"make site{''.join(settings)}", "quicker": profile != "quick"}


def _reference_pages(views: Sequence[StudyView], studies: StudyPages, sources: Bibliography) -> list[Page]:
    """Return the pages to look things up in; the references come last, since the others cite."""
    cited = [(sources[key], sorted(studies.cited[key].items())) for key in sorted(studies.cited)]
    cited.sort(key=lambda item: (item[0].label.casefold(), item[0].key))
    terms = "Every technical term, estimate and stored column, in one sentence each."
    stored = "What is stored of each run, in which units, and how to read it."
    again = "How to make every number and figure of this site again."
    data = {"tables": TABLES, "edges": HISTOGRAM_EDGES, "views": views}
    return [
        Page("glossary/", "glossary.html", "Glossary", terms, {"glossary": studies.glossary}, subject=studies.glossary),
        Page("data/", "data.html", "Data", stored, data),
        Page("reproduce/", "reproduce.html", "Reproduce", again, _again(views)),
        Page(
            "references/",
            "references.html",
            "References",
            "The works that this site cites, and where.",
            {"references": cited},
        ),
    ]
