"""The site, its glossary, its other pages and its breadcrumbs as linked data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import agents, all_authors, credit
from reportgen.pages.metadata.studies import estimates_node
from reportgen.pages.site import NAME, Page

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import StudyView
    from reportgen.pages.glossary import Glossary, Term

DATA_ABOUT = (
    "Estimates of how error signals decay or grow through deep and recurrent networks, how well and how fast the "
    "networks learn, with 95 % intervals over seeds; from stored runs of all studies of the site."
)


def site_nodes(page: Page, views: Sequence[StudyView], address: Address) -> list[Node]:
    """Return the site (``WebSite``), the data of all its studies (``Dataset``), and the program that makes it."""
    site = {"@id": nodes.identity(address, "", "site")}
    studies = [view.entry.study for view in views]
    authors = all_authors(studies)
    data = {
        "@type": "Dataset",
        "@id": nodes.identity(address, "", "data"),
        "name": f"{NAME}: estimates of all studies",
        "description": DATA_ABOUT,
        "creator": agents(authors),
        "creditText": credit(authors),
        "license": nodes.licences(studies),
        "keywords": list(dict.fromkeys(keyword for study in studies for keyword in study.keywords)),
        "datePublished": nodes.newest(studies),
        "inLanguage": nodes.LANGUAGE,
        "isAccessibleForFree": True,
        "url": address.page("data/"),
        "hasPart": [_brief(view, address) for view in views],
        "isPartOf": site,
    }
    website = {
        **site,
        "@type": "WebSite",
        "name": NAME,
        "description": page.description,
        "url": address.page(""),
        "inLanguage": nodes.LANGUAGE,
        "version": address.release,
    }
    made = {
        "@type": "CreateAction",
        "name": "Making of this site",
        "actionStatus": nodes.COMPLETED,
        "instrument": nodes.software(),
        "result": site,
    }
    return [website, data, made] if views else [website, made]


def _brief(view: StudyView, address: Address) -> Node:
    full = estimates_node(view, address)
    kept = ("@type", "name", "description", "license", "creator", "url", "distribution")
    return {"@id": nodes.elsewhere(address, view.path, "estimates"), **{key: full[key] for key in kept}}


def glossary_nodes(glossary: Glossary, address: Address) -> list[Node]:
    """Return the glossary's ideas as a ``DefinedTermSet``."""
    whole = {"@id": nodes.identity(address, "glossary/", "glossary")}

    def defined(term: Term) -> Node:
        return {
            "@type": "DefinedTerm",
            "name": term.term,
            "alternateName": list(term.also),
            "description": term.meaning,
            "termCode": term.anchor,
            "url": f"{address.page('glossary/')}#{term.anchor}" if address.base_url else "",
            "inDefinedTermSet": whole,
        }

    return [
        {
            **whole,
            "@type": "DefinedTermSet",
            "name": f"Glossary of “{NAME}”",
            "inLanguage": nodes.LANGUAGE,
            "url": address.page("glossary/"),
            "hasDefinedTerm": [defined(term) for term in glossary.ideas],
        }
    ]


def page_nodes(page: Page, address: Address) -> list[Node]:
    """Return a page that shows no single thing."""
    return [
        {
            "@type": "WebPage",
            "name": page.title,
            "description": page.description,
            "url": address.page(page.path),
            "inLanguage": nodes.LANGUAGE,
            "isPartOf": {"@type": "WebSite", "@id": nodes.elsewhere(address, "", "site"), "name": NAME},
        }
    ]


def breadcrumbs(page: Page, address: Address) -> list[Node]:
    """Return the pages above a page, and itself; none without the site's address, since each needs its own."""
    if not address.base_url or not page.path:
        return []
    above = [("Home", ""), *page.crumbs, (page.title, page.path)]
    items = [
        {
            "@type": "ListItem",
            "position": place,
            "name": title,
            "item": {"@type": "WebPage", "@id": address.page(path)},
        }
        for place, (title, path) in enumerate(above, start=1)
    ]
    return [{"@type": "BreadcrumbList", "itemListElement": items}]
