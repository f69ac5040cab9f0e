"""The parts of an RO-Crate that its folders and files refer to: people, licences, runs and programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from reportgen.pages.cite.names import parse_name
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.identifiers import licence, orcid_url
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import agent, named
from reportgen.pages.metadata.provenance import RUN_TABLES
from reportgen.pages.text import clean

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView
    from reportgen.pages.metadata.provenance import Environment
    from reportgen.study.spec import Author, Study

COMPLETED = "http://schema.org/CompletedActionStatus"
"""RO-Crate writes the vocabulary's address with http."""


def terms(study: Study) -> Node:
    """Return who made a study or a figure, under which licence, and when."""
    return {
        "author": each(person_id(author) for author in named(study.authors)),
        "license": {"@id": licence_id(study)},
        "datePublished": nodes.date(study),
    }


def runs(view: StudyView) -> Node:
    """Return the runs of a study, which are in the store and not in the crate."""
    counts = ", ".join(f"{count} {status}" for status, count in view.counts.items())
    return {
        "@id": runs_id(view),
        "@type": "Dataset",
        "name": f"Runs of the study “{view.entry.study.title}”",
        "description": f"Training runs in the store's tables {', '.join(RUN_TABLES)}: {counts}. They are no part of "
        "this crate; each figure's page names the ids of its own.",
    }


def program(environment: Environment | None, about: str | Node) -> Node:
    """Return reportgen as it made runs in an environment, or without one as it makes the site.

    `about` is the address of what says how to get it, or the page of the crate that does; the specification requires
    it.
    """
    known = nodes.software(environment)
    commit = f"Commit {environment.commit}." if environment and environment.commit else ""
    return {
        "@id": program_id(environment),
        "@type": "SoftwareApplication",
        "name": known["name"],
        "url": about,
        "version": known["softwareVersion"],
        "softwareVersion": known["softwareVersion"],
        "description": f"{nodes.SOFTWARE_ABOUT} {commit} {known['description']}".strip(),
        **{key: known.get(key) for key in ("softwareRequirements", "operatingSystem", "processorRequirements")},
    }


def people(author: Author) -> list[Node]:
    """Return an author, and the organisation that a person belongs to."""
    known = agent(author)
    place = " ".join(clean(known.get("affiliation", {}).get("name", "")).split())
    at = {"@id": f"#at-{fragment(place)}"} if place else {}
    found = [{**known, "@id": person_id(author), "affiliation": at}]
    return [*found, {**at, "@type": "Organization", "name": place}] if place else found


def done() -> Node:
    """Return the state of actions that have been completed."""
    return {"@id": COMPLETED, "@type": "ActionStatusType", "name": "completed"}


def licence_entity(study: Study) -> Node:
    """Return the licence of a study."""
    known = licence(study.licence)
    return {
        "@id": licence_id(study),
        "@type": "CreativeWork",
        "name": known.name,
        "description": f"Text and figures may be used under {known.name}.",
        "url": known.url,
        "identifier": known.url,
    }


def each(ids: Iterable[str]) -> Node | list[Node]:
    """Return references, each once; the specification wants a single one without a list around it."""
    found: list[Node] = [{"@id": known} for known in dict.fromkeys(ids)]
    return found[0] if len(found) == 1 else found


def ref(path: str) -> Node:
    """Return the reference to a file or folder of the site."""
    return {"@id": quote(path, safe="/._-~")}


def runs_id(view: StudyView) -> str:
    """Return the id of the runs of a study."""
    return f"#runs-{fragment(view.entry.study.id)}"


def program_id(environment: Environment | None) -> str:
    """Return the id of what `program` returns."""
    if environment is None:
        return f"#reportgen-{fragment(nodes.software()['softwareVersion'])}"
    return f"#reportgen-in-{fragment(environment.environment_id)}"


def person_id(author: Author) -> str:
    """Return the id of an author: the ORCID, if there is one."""
    return orcid_url(author.orcid) or f"#by-{fragment(parse_name(author.name).natural)}"


def licence_id(study: Study) -> str:
    """Return the id of a licence: its address, if there is one."""
    return licence(study.licence).url or f"#licence-{fragment(study.licence)}"


def fragment(text: str) -> str:
    """Return a text as it may stand behind "#"; letters of all scripts stay as they are."""
    line = " ".join(clean(text).split())
    return "".join(sign if sign.isalnum() or sign in "-._~/" else quote(sign, safe="") for sign in line)
