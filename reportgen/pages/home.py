"""The home page: the answer in ten seconds, then the studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reportgen.pages.claim_pages import tally_sentence
from reportgen.pages.claims import MEANINGS, ClaimView, counts, supported, surprising
from reportgen.pages.in_short import SIDES
from reportgen.pages.site import NAME, Page
from reportgen.pages.studies import StudyPages

if TYPE_CHECKING:
    from reportgen.pages.gather import FigureView, StudyView

SUMMARY = (
    "Measured, reproducible comparisons of vanishing and exploding gradients in neural networks: every number "
    "comes from stored runs, with its interval, its data and the command that makes it again."
)
TOLD = ("up", "mixed", "down")
"""Sides of the matrix in short that the home page shows."""

SURPRISING, HOLDING = 4, 3
"""Claims that data speak against, and for, which the home page names."""


def home_page(
    views: Sequence[StudyView], studies: StudyPages, claims: Sequence[ClaimView], matrix: Mapping[str, Any]
) -> Page:
    """Return the home page.

    Parameters
    ----------
    views : sequence of StudyView
    studies : StudyPages
    claims : sequence of ClaimView
    matrix : mapping
        What helps and what hurts, from ``matrix.gather_matrix``.
    """
    answers = [(view, studies.answer(view, "")) for view in views]
    against = surprising(claims, SURPRISING)
    holding = supported(claims, HOLDING)
    context = {
        "answers": answers,
        "totals": _totals(views),
        "counts": counts(claims),
        "meanings": MEANINGS,
        "tally": tally_sentence(claims),
        "against": against,
        "holding": holding,
        "key": _key_figure(against, views),
        "short": [line for line in matrix["short"] if any(line.sides[mark] for mark in TOLD)],
        "usual": matrix["usual"],
        "sides": {mark: SIDES[mark] for mark in TOLD},
    }
    return Page("", "home.html", NAME, SUMMARY, context)


def _key_figure(against: Sequence[ClaimView], views: Sequence[StudyView]) -> FigureView | None:
    """Return the figure of the most surprising claim that has one, else the first study's first."""
    shown = next((view.figure for view in against if view.figure), None)
    return shown or next((view.figures[0] for view in views if view.figures), None)


def _totals(views: Sequence[StudyView]) -> dict[str, int]:
    arms = sum(not arm.skipped for view in views for arm in view.entry.study.arms)
    figures = sum(len(view.figures) for view in views)
    runs = {run for view in views for of_arm in view.entry.analysis.run_ids.values() for run in of_arm}
    return {"studies": len(views), "arms": arms, "runs": len(runs), "figures": figures}
