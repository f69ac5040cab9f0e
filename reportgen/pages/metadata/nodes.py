"""The parts that linked data are made of: values, files, software, and the addresses that name things.

The vocabulary is that of https://schema.org. What is empty is left out, and every text is cleaned, when a graph is
finished (`tidy`), so the parts need not care.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import reportgen
from reportgen.pages.cite.record import edition
from reportgen.pages.metadata.identifiers import bare_doi, doi_url, licence
from reportgen.pages.metadata.people import agents
from reportgen.pages.text import clean

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.metadata.provenance import Environment
    from reportgen.study.spec import Study

Node = dict[str, Any]

CONTEXT = "https://schema.org"
LANGUAGE = "en-GB"
COMPLETED = {"@id": "https://schema.org/CompletedActionStatus"}
SOFTWARE = "reportgen"
SOFTWARE_ABOUT = "Builds static reports of reproducible comparative studies of vanishing and exploding gradients."
SOFTWARE_LICENCE = "MIT"


def graph(nodes: Iterable[Mapping[str, Any]]) -> Node:
    """Return nodes as one JSON-LD document, cleaned and without empty values; empty if there are none."""
    kept = [made for node in nodes if (made := tidy(node))]
    return {"@context": CONTEXT, "@graph": kept} if kept else {}


def tidy(value: Any) -> Any:
    """Return a value without empty parts, and with its texts cleaned and on one line each."""
    if isinstance(value, str):
        return " ".join(clean(value).split())
    if isinstance(value, Mapping):
        kept = {key: tidy(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if not _is_empty(part)}
    if isinstance(value, list | tuple):
        return [made for part in value if not _is_empty(made := tidy(part))]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def identity(address: Address, path: str, fragment: str) -> str:
    """Return the name of a thing that the page at `path` shows; without the site's address it holds on that page."""
    return f"{address.permanent(path)}#{fragment}"


def elsewhere(address: Address, path: str, fragment: str) -> str:
    """Return the name of a thing that another page shows, or "" on a site without an address."""
    return identity(address, path, fragment) if address.base_url else ""


def value(kind: str, of: Any, **more: Any) -> Node:
    """Return a named value."""
    return {"@type": "PropertyValue", **more, "propertyID": kind, "value": of}


def hash_value(data_hash: str) -> Node:
    """Return the data hash of a figure as an identifier."""
    return value("SHA-256", data_hash, name="data hash")


def work(study: Study, role: str = "creator") -> Node:
    """Return what a study and all that is made of it have in common; `role` is the part that its authors have."""
    return {
        role: agents(study.authors),
        "license": _licence(study),
        "version": edition(study),
        "datePublished": date(study),
        "inLanguage": LANGUAGE,
        "isAccessibleForFree": True,
    }


def _licence(study: Study) -> str | Node:
    terms = licence(study.licence)
    return terms.url or {"@type": "CreativeWork", "name": terms.name}


def licences(studies: Iterable[Study]) -> list[str | Node]:
    """Return the licences of studies, each once."""
    found = {study.licence: _licence(study) for study in studies}
    return list(found.values())


def date(study: Study) -> str:
    """Return the date that a study states, as YYYY-MM-DD, or ""."""
    found = getattr(study, "date", "")
    return str(found) if found else ""


def newest(studies: Iterable[Study]) -> str:
    """Return the latest date that studies state, "" if none does: a site has no clock."""
    return max((date(study) for study in studies), default="")


def doi(study: Study) -> Node:
    """Return a study's DOI as an identifier, empty if it has none."""
    bare = bare_doi(study.doi)
    return value("DOI", bare, url=doi_url(study.doi)) if bare else {}


def download(path: str, kind: str, address: Address, node_type: str = "MediaObject", **more: Any) -> Node:
    """Return a file of the site. Without the site's address a file is named only, for there is no address to give."""
    return {
        "@type": node_type,
        "name": path.rpartition("/")[2],
        "encodingFormat": kind,
        "contentUrl": address.page(path),
        **more,
    }


def software(environment: Environment | None = None) -> Node:
    """Return reportgen as it made the runs of an environment, or without one as it makes the site."""
    if environment is None:
        version, commit, more = reportgen.__version__, "", {}
    else:
        version, commit = environment.reportgen, environment.commit
        more = {
            "softwareRequirements": list(environment.libraries),
            "operatingSystem": environment.os,
            "processorRequirements": environment.processor,
        }
    changed = environment is not None and environment.dirty
    return {
        "@type": "SoftwareApplication",
        "name": SOFTWARE,
        "softwareVersion": version,
        "applicationCategory": "Research software",
        "identifier": value("git commit", commit) if commit else {},
        "description": "The working copy had uncommitted changes." if changed else "",
        "license": licence(SOFTWARE_LICENCE).url,
        **more,
    }
