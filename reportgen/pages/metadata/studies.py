"""A study as linked data: the article, and the data set of its estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportgen.analyse.estimates import KINDS
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.identifiers import doi_url
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import credit
from reportgen.pages.metadata.provenance import environments
from reportgen.pages.site import NAME

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import StudyView

ESTIMATES = "estimates.csv"
"""File of a study's estimates, beside its page."""


def study_nodes(view: StudyView, address: Address) -> list[Node]:
    """Return the study (``ScholarlyArticle``), its estimates (``Dataset``), and how these were made."""
    estimates = {"@id": nodes.identity(address, view.path, "estimates")}
    article = {"@id": nodes.identity(address, view.path, "study")}
    return [
        {**article, **_article(view, address), "isBasedOn": estimates},
        {**estimates, **estimates_node(view, address), "isPartOf": article},
        *({"@type": "CreateAction", "name": f"Training of the runs of the study “{view.entry.study.title}”",
           "description": view.command, "actionStatus": nodes.COMPLETED, "instrument": nodes.software(environment),
           "result": estimates} for environment in environments(view.entry)),
    ]  # fmt: skip


def estimates_node(view: StudyView, address: Address) -> Node:
    """Return all estimates of a study as a data set, without its name."""
    study = view.entry.study
    names = list(dict.fromkeys(str(name) for name in view.entry.analysis.estimates["name"]))
    return {
        "@type": "Dataset",
        "name": f"Estimates of the study “{study.title}”",
        "description": f"Estimates with 95 % intervals and counts for every arm. The question: {study.question}",
        **nodes.work(study),
        "creditText": credit(study.authors),
        "keywords": list(study.keywords),
        "url": address.page(view.path),
        "variableMeasured": [_variable(name) for name in names],
        "distribution": nodes.download(f"{view.path}{ESTIMATES}", "text/csv", address, "DataDownload"),
    }


def _variable(name: str) -> Node:
    kind = KINDS.get(name)
    known = {"description": kind.meaning, "unitText": kind.unit} if kind else {}
    return {"@type": "PropertyValue", "name": name, **known}


def _article(view: StudyView, address: Address) -> Node:
    study = view.entry.study
    url = address.page(view.path)
    return {
        "@type": "ScholarlyArticle",
        "name": study.title,
        "headline": study.title,
        "description": study.question,
        **nodes.work(study, "author"),
        "keywords": list(study.keywords),
        "url": url,
        "sameAs": doi_url(study.doi),
        "identifier": [nodes.doi(study), nodes.value("study", study.id)],
        "isPartOf": {"@type": "WebSite", "@id": nodes.elsewhere(address, "", "site"), "name": NAME},
        "hasPart": [
            {
                "@type": "ImageObject",
                "@id": nodes.elsewhere(address, figure.path, "figure"),
                "name": figure.figure.title,
                "url": address.page(figure.path),
                "position": figure.number,
            }
            for figure in view.figures
        ],
    }
