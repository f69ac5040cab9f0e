"""A claim as linked data: the sentence, who says it, and the verdict of data on it.

A verdict is a ``ClaimReview`` with the verdict's word (``alternateName``) and no number: "it depends" is no place on a
scale. A claim that no study has decided is a ``Claim`` only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.figures import part_of
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import agents, all_authors

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.bibliography import Reference
    from reportgen.pages.claims import ClaimView
    from reportgen.pages.gather import StudyView

DECIDED = ("supported", "refuted", "depends")


def claim_nodes(
    view: ClaimView, address: Address, sources: Mapping[str, Reference], views: Sequence[StudyView]
) -> list[Node]:
    """Return the claim, and the review of it where it has been decided.

    Parameters
    ----------
    view : ClaimView
    address : Address
    sources : mapping
        Cited works by key; those that state the claim are named.
    views : sequence of StudyView
        All studies of the site; they judge a claim about signs, which no single study decides.
    """
    claim = {"@id": nodes.identity(address, view.path, "claim")}
    stated = {
        **claim,
        "@type": "Claim",
        "name": view.claim.text,
        "text": view.claim.text,
        "inLanguage": nodes.LANGUAGE,
        "appearance": [_source(sources[key]) for key in view.claim.sources if key in sources],
    }
    if view.verdict not in DECIDED:
        return [stated]
    studies = list({piece.view.path: piece.view for piece in view.evidence}.values()) or list(views)
    review = {
        "@type": "ClaimReview",
        "@id": nodes.identity(address, view.path, "review"),
        "name": f"{view.verdict.capitalize()}: {view.claim.text}",
        "url": address.page(view.path),
        "claimReviewed": view.claim.text,
        "itemReviewed": claim,
        "reviewBody": view.sentence,
        "reviewRating": {"@type": "Rating", "alternateName": view.verdict, "ratingExplanation": view.sentence},
        "author": agents(all_authors(study.entry.study for study in studies)),
        "isBasedOn": [part_of(study, address) for study in studies],
        "inLanguage": nodes.LANGUAGE,
    }
    return [stated, review]


def _source(reference: Reference) -> Node:
    return {
        "@type": "CreativeWork",
        "name": reference.title,
        "creditText": reference.authors,
        "datePublished": reference.year if reference.year.isdigit() else "",
        "url": reference.url,
    }
