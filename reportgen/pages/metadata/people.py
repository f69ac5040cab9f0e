"""People and groups: who made a study, as linked data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from reportgen.pages.cite.names import Name, parse_name
from reportgen.pages.metadata.identifiers import orcid_url

if TYPE_CHECKING:
    from reportgen.study.spec import Author, Study


def agents(authors: Iterable[Author]) -> list[dict[str, Any]]:
    """Return authors as schema.org ``Person`` or ``Organization``."""
    return [agent(author) for author in named(authors)]


def named(authors: Iterable[Author]) -> list[Author]:
    """Return the authors whose names have anything to show."""
    return [author for author in authors if parse_name(author.name) != Name(literal="")]


def agent(author: Author) -> dict[str, Any]:
    """Return an author as schema.org ``Person`` or ``Organization``."""
    name = parse_name(author.name)
    if is_group(name):
        return {"@type": "Organization", "name": name.literal}
    parts = {"givenName": name.given, "familyName": name.last, "honorificSuffix": name.suffix} if name.given else {}
    address = orcid_url(author.orcid)
    made: dict[str, Any] = {"@type": "Person", "@id": address, "identifier": address, "name": name.natural, **parts}
    if author.affiliation:
        made["affiliation"] = {"@type": "Organization", "name": author.affiliation}
    return made


def is_group(name: Name) -> bool:
    """Return whether a name is that of no single person; a person may go by one word."""
    return " " in name.literal


def credit(authors: Iterable[Author]) -> str:
    """Return who is to be credited, in words: "Ada Lovelace and Jürgen Müller"."""
    return listed([parse_name(author.name).natural for author in named(authors)])


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def all_authors(studies: Iterable[Study]) -> tuple[Author, ...]:
    """Return the authors of all studies, each once: by the ORCID, else by the name."""
    found: dict[str, Author] = {}
    for study in studies:
        for author in named(study.authors):
            found.setdefault(orcid_url(author.orcid) or parse_name(author.name).natural.casefold(), author)
    return tuple(found.values())
