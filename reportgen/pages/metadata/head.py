"""The head of each page: its tags, its links and its linked data, by what the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reportgen.pages.claims import ClaimView
from reportgen.pages.gather import FigureView, StudyView
from reportgen.pages.glossary import Glossary
from reportgen.pages.metadata import signposting, tags
from reportgen.pages.metadata.claims import claim_nodes
from reportgen.pages.metadata.figures import figure_nodes
from reportgen.pages.metadata.general import breadcrumbs, glossary_nodes, page_nodes, site_nodes
from reportgen.pages.metadata.nodes import Node, graph
from reportgen.pages.metadata.signposting import Link
from reportgen.pages.metadata.studies import study_nodes

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.bibliography import Reference
    from reportgen.pages.site import Page


@dataclass(frozen=True)
class Head:
    """What the head of a page says to machines.

    Attributes
    ----------
    names, properties : sequence of (str, str)
        ``<meta name>`` and ``<meta property>`` with their contents.
    links : sequence of Link
        ``<link rel>``.
    linked_data : mapping
        JSON-LD with the vocabulary of schema.org.
    """

    names: Sequence[tuple[str, str]] = ()
    properties: Sequence[tuple[str, str]] = ()
    links: Sequence[Link] = ()
    linked_data: Mapping[str, Any] = field(default_factory=dict)


def plain_head(page: Page, address: Address) -> Head:
    """Return the head of a page that belongs to no study."""
    return Heads((), {}, address).head(page)


class Heads:
    """Makes the heads of a site's pages.

    Parameters
    ----------
    views : sequence of StudyView
        The studies of the site.
    sources : mapping
        Cited works by key, which claims refer to.
    address : Address
        Where the site will be.
    """

    def __init__(self, views: Sequence[StudyView], sources: Mapping[str, Reference], address: Address) -> None:
        self._views, self._sources, self._address = views, sources, address
        self._studies = {figure.path: view for view in views for figure in view.figures}

    def head(self, page: Page) -> Head:
        """Return the head of a page."""
        subject = page.subject
        study = self._study(subject)
        properties = tags.open_graph(page, self._address, self._preview(page), study)
        names = tags.highwire(subject, self._address) if isinstance(subject, StudyView) else []
        return Head(
            names=[*names, *tags.twitter(properties)],
            properties=properties,
            links=self._links(page, subject),
            linked_data=graph([*self._nodes(page, subject), *breadcrumbs(page, self._address)]),
        )

    def _study(self, subject: object) -> StudyView | None:
        if isinstance(subject, FigureView):
            return self._studies[subject.path]
        return subject if isinstance(subject, StudyView) else None

    def _preview(self, page: Page) -> FigureView | None:
        """Return the figure that a preview of the page shows: its own, else the first that the page has."""
        subject = page.subject
        if isinstance(subject, FigureView):
            return subject
        if isinstance(subject, ClaimView) and subject.figure:
            return subject.figure
        views = [subject] if isinstance(subject, StudyView) else self._views
        key = page.context.get("key") if not page.path else None
        first = next((figure for view in views for figure in view.figures), None)
        return key if isinstance(key, FigureView) else first

    def _links(self, page: Page, subject: object) -> list[Link]:
        if isinstance(subject, StudyView):
            return signposting.study_links(subject, self._address)
        if isinstance(subject, FigureView):
            return signposting.figure_links(subject, self._studies[subject.path], self._address)
        return [] if page.path else signposting.home_links(self._views, self._address)

    def _nodes(self, page: Page, subject: object) -> list[Node]:
        if isinstance(subject, StudyView):
            return study_nodes(subject, self._address)
        if isinstance(subject, FigureView):
            return figure_nodes(subject, self._studies[subject.path], self._address)
        if isinstance(subject, ClaimView):
            return claim_nodes(subject, self._address, self._sources, self._views)
        if isinstance(subject, Glossary):
            return glossary_nodes(subject, self._address)
        return page_nodes(page, self._address) if page.path else site_nodes(page, self._views, self._address)
