"""Drawings that were kept beside results are looked at before they are published: they may have come with these.

An SVG is a page of its own where a reader opens it, and can hold scripts. reportgen's never do, so one that does is
another's.
"""

from __future__ import annotations

from xml.etree import ElementTree

from reportgen.errors import ReportgenError

_ACTIVE = frozenset(
    ("script", "handler", "listener", "foreignobject", "iframe", "embed", "object", "audio", "video", "style", "a",
     "animate", "animatemotion", "animatetransform", "set", "feimage", "html", "link", "meta", "base")
)  # fmt: skip
_LINKS = ("#", "data:image/png;base64,")


def checked(content: bytes, kind: str, name: str) -> bytes:
    """Return a drawing that does nothing but show itself.

    Parameters
    ----------
    content : bytes
    kind : str
        "light.svg", "dark.svg" or another; only SVG is looked into.
    name : str
        The figure, ``study/figure``, for the message.

    Raises
    ------
    ReportgenError
        If an SVG is no XML, or has a script, an event, a style sheet, a link or a file from elsewhere.
    """
    if kind.endswith("svg") and not _is_inert(content):
        raise ReportgenError(
            f"the kept drawing of '{name}' is not one of reportgen's: it is damaged, or holds what could run",
            "delete the folder .figures in the store, and build again",
        )
    return content


def _is_inert(content: bytes) -> bool:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<?xml-stylesheet" in content:
        return False
    try:
        elements = ElementTree.fromstring(content).iter()
    except (ElementTree.ParseError, LookupError, ValueError):
        return False
    for element in elements:
        if not isinstance(element.tag, str) or element.tag.rpartition("}")[2].lower() in _ACTIVE:
            return False
        for name, value in element.attrib.items():
            short = name.rpartition("}")[2].lower()
            if (
                short.startswith("on")
                or short == "style"
                or (short in ("href", "src") and not value.startswith(_LINKS))
            ):
                return False
            if "url(" in value and not value.strip().startswith("url(#"):
                return False
    return True
