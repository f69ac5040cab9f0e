"""The methods page: how each number was made, from the docstrings of what made it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reportgen.errors import ReportgenError
from reportgen.pages.docstrings import Docstring, Item, find, module_docstrings, modules
from reportgen.pages.markdown import Place, render, render_inline

PACKAGES = (("Analyses", "reportgen.analyse"), ("Theory", "reportgen.analyse.theory"), ("Probes", "reportgen.probe"))
"""Sections of the page and the packages whose public names fill them."""

PLUMBING = frozenset(f"reportgen.analyse.{name}" for name in ("gather", "study", "summary"))
"""Modules that only pass frames on; they are described where a figure names them."""

FIXED = ("reportgen.store.tables",)
"""Modules beside these packages that the page describes."""

_DOI = re.compile(
    r"(?<![/\w])(?:doi:\s*|DOI:?\s+|https?://(?:dx\.)?doi\.org/)"
    r"(10\.\d{4,9}/(?:[^\s,;()\]<>]|\([^\s()]*\))*(?:\w|\([^\s()]*\)))",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![(<\w/])https?://(?!(?:dx\.)?doi\.org/)[^\s<>()]*[\w/]")
_DIRECTIVE = re.compile(r"^\.\. math::\s*(.*?)(?=\n\S|\n\n\S|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """One documented name, rendered: `items` are (section, rows), `prose` are (section, HTML)."""

    name: str
    title: str
    signature: str
    anchor: str
    summary: Markup
    text: Markup
    items: tuple[tuple[str, tuple[tuple[str, str, Markup], ...]], ...]
    prose: tuple[tuple[str, Markup], ...]
    used_by: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Module:
    """A module with its documented names."""

    name: str
    anchor: str
    summary: Markup
    entries: tuple[Entry, ...]


def anchor(dotted: str) -> str:
    """Return the anchor of a dotted name on the methods page."""
    return re.sub("[^A-Za-z0-9]+", "-", dotted.removeprefix("reportgen.")).strip("-")


def resolve(dotted: str) -> Docstring | None:
    """Return the docstring that a figure's method names, if the methods page shows it.

    A name that a package re-exports, or a method of a class, resolves to what is described.
    """
    return find(dotted)


def gather_methods(place: Place, used: Iterable[tuple[str, str, str]]) -> list[tuple[str, list[Module]]]:
    """Render the docstrings of the public analyses and probes, section by section.

    Parameters
    ----------
    place : Place
        The methods page.
    used : iterable of (dotted name, title, site path)
        The figures that name a method.
    """
    by_name: dict[str, list[tuple[str, str]]] = {}
    extra: dict[str, None] = {}
    for dotted, title, path in used:
        found = resolve(dotted)
        if found:
            by_name.setdefault(found.name, []).append((title, path))
            extra[found.name] = None
    shown = [(title, [name for name in modules(package) if name not in PLUMBING]) for title, package in PACKAGES]
    listed = {name for _, names in shown for name in names}
    others = [name for name in FIXED if name not in listed]
    others += [module for module in dict.fromkeys(map(_module_of, extra)) if module not in {*listed, *others}]
    sections = [(title, [made for name in names if (made := _module(name, place, by_name))]) for title, names in shown]
    sections.append(("Other", [module for name in others if (module := _module(name, place, by_name))]))
    return [(title, found_modules) for title, found_modules in sections if found_modules]


def _module_of(dotted: str) -> str:
    while dotted and not module_docstrings(dotted):
        dotted = dotted.rpartition(".")[0]
    return dotted


def _module(name: str, place: Place, used: dict[str, list[tuple[str, str]]]) -> Module | None:
    docstrings = dict(module_docstrings(name))
    head = docstrings.pop(name, None)
    if head is None:
        return None
    entries = tuple(_entry(doc, name, place, used.get(doc.name, ())) for doc in docstrings.values())
    return Module(name, anchor(name), inline(head.summary.rstrip("."), place), entries)


def _entry(doc: Docstring, module: str, place: Place, used_by: Sequence[tuple[str, str]]) -> Entry:
    return Entry(
        name=doc.name,
        title=doc.name.removeprefix(f"{module}."),
        signature=doc.signature,
        anchor=anchor(doc.name),
        summary=inline(doc.summary, place),
        text=block(doc.text, place),
        items=tuple((title, tuple(_row(item, place) for item in items)) for title, items in doc.items.items() if items),
        prose=tuple((title, block(text, place)) for title, text in doc.prose.items() if text),
        used_by=tuple(used_by),
    )


def _row(item: Item, place: Place) -> tuple[str, str, Markup]:
    return item.name, item.type, inline(" ".join(item.text.split()), place)


def inline(text: str, place: Place) -> Markup:
    """Render one line of a docstring; what cannot be rendered is shown as it is."""
    try:
        return render_inline(_markdown(text), place)
    except ReportgenError:
        return Markup.escape(text)


def block(text: str, place: Place) -> Markup:
    """Render paragraphs of a docstring; what cannot be rendered is shown as it is."""
    try:
        return render(_markdown(text), place)
    except ReportgenError:
        return Markup("<pre>{}</pre>").format(text)


def _markdown(text: str) -> str:
    """Turn the reStructuredText of numpy docstrings into Markdown: mathematics, references, DOIs."""
    text = _DIRECTIVE.sub(lambda match: f"$$\n{match[1].strip()}\n$$", text)
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    text = re.sub(r":[a-z]+:`~?([^`]+)`", r"`\1`", text)
    text = re.sub(r"^\.\. \[(\w+)\]\s+", r"\1. ", text, flags=re.MULTILINE)
    text = re.sub(r"\[(\w+)\]_", r"[\1]", text)
    text = _ADDRESS.sub(r"<\g<0>>", text)
    return _DOI.sub(lambda match: f"[doi:{match[1]}](<https://doi.org/{match[1]}>)", text)
