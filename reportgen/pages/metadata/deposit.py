"""How the site is to be cited and archived: ``CITATION.cff`` and ``.zenodo.json``."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reportgen.pages.cite.names import parse_name
from reportgen.pages.cite.record import edition
from reportgen.pages.metadata import nodes
from reportgen.pages.metadata.identifiers import bare_doi, licence, orcid_url
from reportgen.pages.metadata.nodes import Node
from reportgen.pages.metadata.people import all_authors, is_group, named
from reportgen.pages.site import NAME

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import StudyView
    from reportgen.study.spec import Author, Study

MESSAGE = "If you use a figure or a number of this site, please cite its study; each page has the citation."
ABOUT = (
    "Reproducible comparative studies of vanishing and exploding gradients in neural networks: figures, their data, "
    "and estimates with intervals, all from stored runs."
)
NOBODY = "Anonymous"


def deposit_files(views: Sequence[StudyView], address: Address) -> dict[str, bytes]:
    """Return both files by site path."""
    return {"CITATION.cff": citation_cff(views, address), ".zenodo.json": zenodo_json(views, address)}


def citation_cff(views: Sequence[StudyView], address: Address) -> bytes:
    """Return the site's ``CITATION.cff`` (https://citation-file-format.github.io/), version 1.2.0.

    The site is a data set; each study is a reference of it. Without a release the site has no version.
    """
    studies = [view.entry.study for view in views]
    spdx = list(dict.fromkeys(licence(study.licence).spdx for study in studies))
    document: Node = {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "type": "dataset",
        "title": NAME,
        "abstract": ABOUT,
        "authors": _authors(all_authors(studies)),
        "version": address.release,
        "date-released": nodes.newest(studies),
        "url": address.permanent(""),
        "license": (spdx[0] if len(spdx) == 1 else spdx) if all(spdx) else "",
        "keywords": _keywords(studies),
        "references": [_reference(view, address) for view in views],
    }
    return "".join(_yaml(nodes.tidy(document))).encode()


def zenodo_json(views: Sequence[StudyView], address: Address) -> bytes:
    """Return the site's ``.zenodo.json``, which Zenodo reads where it archives a repository."""
    studies = [view.entry.study for view in views]
    one = {licence(study.licence).spdx.lower() for study in studies}
    document: Node = {
        "title": NAME,
        "upload_type": "dataset",
        "description": f"<p>{html.escape(ABOUT)}</p>",
        "creators": _creators(all_authors(studies)),
        "access_right": "open",
        "license": one.pop() if len(one) == 1 else "",
        "keywords": _keywords(studies),
        "language": "eng",
        "version": address.release,
        "publication_date": nodes.newest(studies),
        "related_identifiers": _related(studies, address),
    }
    return f"{json.dumps(nodes.tidy(document), indent=2, ensure_ascii=False)}\n".encode()


def _authors(authors: Sequence[Author]) -> list[Node]:
    return [_cff_author(author) for author in authors] or [{"name": NOBODY}]


def _cff_author(author: Author) -> Node:
    name = parse_name(author.name)
    if name.literal:
        return {"name": name.literal} if is_group(name) else {"family-names": name.literal, **_orcid(author)}
    return {
        "family-names": name.family,
        "given-names": name.given,
        "name-particle": name.particle,
        "name-suffix": name.suffix,
        **_orcid(author),
        "affiliation": author.affiliation,
    }


def _orcid(author: Author) -> Node:
    return {"orcid": orcid_url(author.orcid)}


def _creators(authors: Sequence[Author]) -> list[Node]:
    found = [
        {
            "name": parse_name(author.name).inverted,
            "affiliation": author.affiliation,
            "orcid": author.orcid if orcid_url(author.orcid) else "",
        }
        for author in authors
    ]
    return found or [{"name": NOBODY}]


def _keywords(studies: Sequence[Study]) -> list[str]:
    return list(dict.fromkeys(made for study in studies for word in study.keywords if (made := nodes.tidy(word))))


def _reference(view: StudyView, address: Address) -> Node:
    study = view.entry.study
    return {
        "type": "report",
        "title": study.title or study.id,
        "authors": _authors(named(study.authors)),
        "version": edition(study),
        "date-released": nodes.date(study),
        "doi": bare_doi(study.doi),
        "url": address.permanent(view.path),
        "license": licence(study.licence).spdx,
    }


def _related(studies: Sequence[Study], address: Address) -> list[Node]:
    site = [{"identifier": address.permanent(""), "relation": "isIdenticalTo"}] if address.base_url else []
    dois = list(dict.fromkeys(doi for study in studies if (doi := bare_doi(study.doi))))
    return [*site, *({"identifier": doi, "relation": "hasPart"} for doi in dois)]


def _yaml(node: Mapping[str, Any], indent: str = "") -> list[str]:
    """Write a mapping as YAML in blocks. Every text is a JSON string, so that none can be read as anything else."""
    lines = []
    for key, value in node.items():
        if isinstance(value, list):
            lines.append(f"{indent}{key}:\n")
            lines += [line for item in value for line in _item(item, f"{indent}  ")]
        else:
            lines.append(f"{indent}{key}: {_scalar(value)}\n")
    return lines


def _item(item: Any, indent: str) -> list[str]:
    if not isinstance(item, Mapping):
        return [f"{indent}- {_scalar(item)}\n"]
    first, *rest = _yaml(item, f"{indent}  ")
    return [f"{indent}- {first.lstrip()}", *rest]


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
