"""The list of all studies, by what kind of network they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from reportgen.pages.components import reads_sequences
from reportgen.pages.site import Page
from reportgen.pages.studies import STUDIES, StudyPages

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView
    from reportgen.study.spec import Study

KINDS = {
    "layers": ("Networks of layers", "They are shown the whole input at once."),
    "sequences": ("Networks that read sequences", "They are shown the input as a sequence of steps."),
    "both": ("Both kinds of network", "Networks of layers stand beside networks that read sequences."),
    "untrained": ("Before training only", "Networks as they are initialised; none of them is trained."),
}
"""Groups of studies, in their order: title, and what the studies have in common."""


@dataclass(frozen=True)
class StudyGroup:
    """Studies about one kind of network, each with its answer."""

    id: str
    title: str
    note: str
    studies: tuple[tuple[StudyView, Markup], ...]


def list_page(views: Sequence[StudyView], studies: StudyPages) -> Page:
    """Return the page that lists the studies."""
    title, path = STUDIES
    answers = [(kind_of(view.entry.study), (view, studies.answer(view, path))) for view in views]
    groups = [
        StudyGroup(kind, name, note, tuple(pair for own, pair in answers if own == kind))
        for kind, (name, note) in KINDS.items()
        if any(own == kind for own, _ in answers)
    ]
    about = "All studies, with the question that each answers."
    return Page(path, "studies.html", title, about, {"groups": groups})


def kind_of(study: Study) -> str:
    """Return the group of `KINDS` that a study belongs to, from the arms that it runs."""
    run = [arm for arm in study.arms if not arm.skipped]
    if not any(arm.training.steps for arm in run):
        return "untrained"
    names = {arm.architecture.name for arm in run}
    reading = {reads_sequences(name) for name in names}
    return "both" if len(reading) > 1 else "sequences" if reading == {True} else "layers"
