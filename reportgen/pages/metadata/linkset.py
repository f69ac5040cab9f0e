"""All typed links of a study in one file, which pages and files of the site cannot send as HTTP headers (RFC 9264).

The files of a static site have no headers of their own. Here each leads back to its page (``collection``), and each
description to what it describes (``describes``), as the FAIR Signposting Profile asks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reportgen.pages.metadata.nodes import tidy
from reportgen.pages.metadata.signposting import BACK, LINKSET, Link, figure_links, study_links

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.gather import StudyView


def linkset_files(views: Sequence[StudyView], address: Address) -> dict[str, bytes]:
    """Return the link sets of all studies by site path; none without the site's address, for anchors are absolute."""
    return {f"{view.path}{LINKSET}": _linkset(view, address) for view in views} if address.base_url else {}


def _linkset(view: StudyView, address: Address) -> bytes:
    pages = {view.path: study_links(view, address)}
    pages.update({figure.path: figure_links(figure, view, address) for figure in view.figures})
    found: list[dict[str, Any]] = []
    back: dict[str, dict[str, Any]] = {}
    for path, links in pages.items():
        found.append({"anchor": address.page(path), **_targets(links, address)})
        for link in links:
            if link.rel in BACK and link.path and link.path not in pages:
                leads = back.setdefault(link.path, {"anchor": address.page(link.path)})
                leads.setdefault(BACK[link.rel], []).append({"href": address.page(path), "type": "text/html"})
    text = json.dumps({"linkset": [*found, *back.values()]}, indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def _targets(links: Sequence[Link], address: Address) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for link in links:
        if link.rel != "linkset":
            target = {"href": link.href or address.page(link.path), "type": link.type}
            found.setdefault(link.rel, []).append(tidy(target))
    return found
