"""Whether a site may be published: its pages are well formed, and every link within it leads somewhere."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from reportgen.errors import ReportgenError
from reportgen.publish.tree import Tree

SHOWN = 10
"""Faults that an error names."""

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_LINKS = frozenset({"href", "src", "srcset", "poster"})
_ELSEWHERE = frozenset({"https", "http", "mailto", "data", "doi"})
_CSS_URL = re.compile(r"url\(\s*[\"']?([^\"')]+)")


@dataclass
class _Seen(HTMLParser):
    """What a page has: links, ids, and faults of its syntax."""

    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=False)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            inside = f"inside <{self.open[-1]}>" if self.open else "with nothing open"
            self.faults.append(f"</{tag}> stands {inside}")
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def _attributes(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        given = [name for name, _ in attrs]
        if len(given) != len(set(given)):
            self.faults.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            if name == "id":
                if value in self.ids:
                    self.faults.append(f"two elements have the id '{value}'")
                self.ids.add(value or "")
            elif name in _LINKS and value is not None and not _is_metadata(tag, attrs):
                self.links.append(value)


def _is_metadata(tag: str, attrs: Iterable[tuple[str, str | None]]) -> bool:
    """Whether an element's address is checked elsewhere: a link whose address names and does not lead."""
    return tag == "link" and any(name == "rel" and value == "canonical" for name, value in attrs)


def check(tree: Tree, names: Iterable[str]) -> int:
    """Check pages and style sheets against the whole tree, and return how many links were followed.

    Parameters
    ----------
    tree : Tree
        All that the site will have.
    names : iterable of str
        The files of it to check.

    Raises
    ------
    ReportgenError
        With the first faults, if there are any.
    """
    pages: dict[str, _Seen] = {}
    faults: list[str] = []
    count = 0
    for name in names:
        if name.endswith(".html"):
            faults += [f"{name}: {fault}" for fault in _page(name, tree, pages).faults]
        for link in _links(name, tree, pages):
            count += 1
            fault = _fault(name, link, tree, pages)
            if fault:
                faults.append(f"{name}: {fault}")
    if faults:
        more = f"\n  … and {len(faults) - SHOWN:,} more" if len(faults) > SHOWN else ""
        listed = "\n  ".join(faults[:SHOWN])
        raise ReportgenError(
            f"the site is not sound, nothing was published:\n  {listed}{more}", "build it again; mend what stays"
        )
    return count


def _page(name: str, tree: Tree, pages: dict[str, _Seen]) -> _Seen:
    if name not in pages:
        pages[name] = seen = _Seen()
        try:
            seen.feed(tree[name].read().decode())
            seen.close()
        except UnicodeDecodeError:
            seen.faults.append("it is not UTF-8")
        seen.faults += [f"<{tag}> is not closed" for tag in seen.open]
    return pages[name]


def _links(name: str, tree: Tree, pages: dict[str, _Seen]) -> Iterator[str]:
    if name.endswith(".html"):
        yield from _page(name, tree, pages).links
    elif name.endswith(".css"):
        yield from _CSS_URL.findall(tree[name].read().decode())


def _fault(name: str, link: str, tree: Tree, pages: dict[str, _Seen]) -> str:
    """Say what is wrong with a link, or ""."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        known = parts.scheme in _ELSEWHERE and bool(parts.netloc or parts.path)
        return "" if known else f"the address '{link}' is of no kind that a page may have"
    if parts.path.startswith("/"):
        return f"the link '{link}' leads to the root of the server, not of the site"
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))) if parts.path else name
    if parts.path.endswith("/") or target == ".":
        target = posixpath.normpath(posixpath.join(target, "index.html"))
    if target not in tree:
        return f"the link '{link}' leads nowhere"
    return _fragment(link, unquote(parts.fragment), target, tree, pages)


def _fragment(link: str, fragment: str, target: str, tree: Tree, pages: dict[str, _Seen]) -> str:
    if fragment and target.endswith(".html") and fragment not in _page(target, tree, pages).ids:
        return f"the link '{link}' leads to no place on that page"
    return ""
