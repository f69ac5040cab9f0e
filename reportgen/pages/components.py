"""What the registries say of their entries: where each stands on the site, what fits together, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from reportgen import registry
from reportgen.errors import ReportgenError
from reportgen.pages.text import slug
from reportgen.registry import Entry, Registry
from reportgen.study.applicability import applicability

REGISTRIES: Mapping[str, Registry[Any]] = {
    "architectures/": registry.architectures,
    "remedies/": registry.remedies,
    "tasks/": registry.tasks,
}
"""The catalogue's pages, in the order of the site, and what each lists."""

ALREADY = "already has"
"""Words of the reason why a remedy would change nothing."""

PAGE_IDS = frozenset({"main", "contents-title"})
"""Ids that the catalogue's pages have beside those of the entries."""


def anchors(page: str) -> dict[str, str]:
    """Return the anchor of each entry on its page, by name; no two are equal."""
    taken = set(PAGE_IDS)
    found = {}
    for name in REGISTRIES[page].names():
        anchor, count = slug(name), 1
        while anchor in taken:
            count += 1
            anchor = f"{slug(name)}-{count}"
        taken.add(anchor)
        found[name] = anchor
    return found


def address(page: str, name: str) -> str:
    """Return the site path of an entry, or "" if there is no such entry."""
    return f"{page}#{anchors(page)[name]}" if name in REGISTRIES[page] else ""


def plugin(entry: Entry[Any]) -> str:
    """Return the module that brings an entry from outside this package, else ""."""
    module = entry.make.__module__
    return "" if module == "reportgen" or module.startswith("reportgen.") else module


def sources(entry: Entry[Any]) -> tuple[str, ...]:
    """Return the bibliography keys of an entry's sources."""
    return tuple(key.strip() for key in entry.source.split(",") if key.strip())


def defaults(entry: Entry[Any]) -> dict[str, Any] | None:
    """Return the parameters that are used where none is given; None if one of them must be given."""
    try:
        return entry.complete({})
    except ValidationError:
        return None


def settings(remedy: Entry[Any]) -> tuple[str, ...]:
    """Return the dotted paths that a remedy sets: those that its entry names, else those of its default parameters."""
    named = tuple(remedy.facts.get("sets", ()))
    parameters = defaults(remedy)
    if named or parameters is None:
        return named
    try:
        return tuple(remedy(**parameters).settings)
    except (ReportgenError, ValueError, TypeError):  # as where a study gives such parameters
        return ()


def refusal(remedy: Entry[Any], architecture: Entry[Any]) -> str:
    """Say why a remedy does not apply to an architecture, both with their default parameters; "" if it does.

    The rules are those by which arms of a study are skipped. Where parameters must be given, only the names of the
    options that the remedy sets are looked at.
    """
    try:
        said = applicability(remedy, architecture)
    except (ReportgenError, ValueError, TypeError):
        options = [
            option for root, _, option in (path.partition(".") for path in settings(remedy)) if root == "architecture"
        ]
        lacking = [option for option in options if option not in architecture.parameters.model_fields]
        said = "; ".join(f"it has no option '{option}'" for option in lacking)
    return said.replace(f"'{architecture.name}' ", "it ")


def takes(remedy: Entry[Any], architecture: Entry[Any]) -> bool:
    """Tell whether an architecture takes a remedy with some parameters: also where its defaults are so already."""
    reason = refusal(remedy, architecture)
    return not reason or ALREADY in reason


def reads_sequences(architecture: str) -> bool:
    """Tell whether an architecture reads sequences; not where the registry does not know it."""
    held = REGISTRIES["architectures/"]
    return architecture in held and held[architecture].facts.get("inputs") == "sequence"


def fits(task: Entry[Any], architecture: Entry[Any]) -> bool:
    """Tell whether an architecture reads what a task gives; true where one of them does not say."""
    given, wanted = task.facts.get("shape_kind"), architecture.facts.get("inputs")
    return not given or not wanted or given == wanted
