"""The catalogue's pages: architectures, remedies and tasks, each made from its registered entry alone."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from reportgen.pages import components
from reportgen.pages.allowed import allowed, written
from reportgen.pages.components import REGISTRIES
from reportgen.pages.docstrings import Docstring, Item, parse
from reportgen.pages.markdown import Place, render_inline
from reportgen.pages.methods import block, inline
from reportgen.pages.typeset import typeset
from reportgen.registry import Entry

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView
    from reportgen.study.spec import Arm

LEADS = {
    "architectures/": "The networks that studies compare. Each is one small file with its formula, its options and "
    "their defaults.",
    "remedies/": "What is said to help against vanishing and exploding gradients, and to which networks it applies.",
    "tasks/": "What the networks learn: each task is made or read on your machine, in the same way for every study.",
}
SECTIONS = {"Notes": "Notes", "References": "References", "Examples": "Examples"}
"""Sections of a docstring that readers of the site see, with their headings."""


@dataclass(frozen=True)
class Parameter:
    """One parameter: `default` is "" where a value must be given; `values` says in words what is allowed."""

    name: str
    default: str
    values: str
    meaning: Markup


@dataclass(frozen=True)
class Link:
    """A name with its site path ("" for none) and a remark."""

    text: str
    path: str = ""
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """What is to say of an entry in a few words: a term, links and words; `code` holds what study files write."""

    term: str
    links: tuple[Link, ...] = ()
    words: str = ""
    code: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntryView:
    """An entry as its page shows it; `module` is the plug-in that brings it, "" for a built-in one."""

    name: str
    title: str
    anchor: str
    version: int
    module: str
    summary: Markup
    description: Markup
    parameters: tuple[Parameter, ...]
    prose: tuple[tuple[str, Markup], ...]
    citation: Markup
    facts: tuple[Fact, ...]
    used: tuple[Link, ...]


def gather_catalogue(page: str, views: Sequence[StudyView], place: Place) -> list[EntryView]:
    """Describe all entries of a kind, in the order of their names.

    Parameters
    ----------
    page : str
        "architectures/", "remedies/" or "tasks/".
    views : sequence of StudyView
        The studies of the site, whose arms say what is used where.
    place : Place
        The page; what its texts cite is collected in it.
    """
    anchors = components.anchors(page)
    return [_entry(page, entry, anchors[entry.name], views, place) for entry in REGISTRIES[page].entries()]


def _entry(page: str, entry: Entry[Any], anchor: str, views: Sequence[StudyView], place: Place) -> EntryView:
    # A reader comes to an entry by its anchor, so each links its own first use of a term.
    here = replace(place, linked=set(), prefix=anchor, top=3)
    documented = parse(entry.owner, "", inspect.getdoc(entry.make) or "")
    return EntryView(
        name=entry.name,
        title=entry.title,
        anchor=anchor,
        version=entry.version,
        module=components.plugin(entry),
        summary=block(typeset(entry.summary), here),
        description=block(typeset("\n\n".join(filter(None, (documented.summary, documented.text)))), here),
        parameters=tuple(_parameters(entry, documented, here)),
        prose=tuple((title, block(typeset(documented.prose[key]), here)) for key, title in SECTIONS.items()
                    if documented.prose.get(key)),
        citation=_citation(entry, here),
        facts=tuple(fact for fact in _FACTS[page](entry) if fact.links or fact.words or fact.code),
        used=tuple(_used(page, entry.name, views)),
    )  # fmt: skip


def _parameters(entry: Entry[Any], documented: Docstring, place: Place) -> list[Parameter]:
    schema = entry.parameters.model_json_schema()
    definitions, completed = schema.get("$defs", {}), components.defaults(entry) or {}
    meanings = _meanings(documented.items.get("Parameters", ()))
    made = []
    for name, field in entry.parameters.model_fields.items():
        plain = completed.get(name) if field.default is None else field.default
        made.append(
            Parameter(
                name=name,
                default="" if field.is_required() else written(plain),
                values=allowed(schema["properties"][name], definitions),
                meaning=inline(typeset(" ".join(meanings.get(name, "").split())), place),
            )
        )
    return made


def _meanings(items: Sequence[Item]) -> dict[str, str]:
    return {name.strip(" *"): item.text for item in items for name in item.name.split(",")}


def _citation(entry: Entry[Any], place: Place) -> Markup:
    """Cite the sources that the bibliography has; others are named by their keys."""
    keys = components.sources(entry)
    known = [key for key in keys if key in place.bibliography]
    cited = render_inline(f"[{'; '.join(f'@{key}' for key in known)}]", place) if known else Markup("")
    rest = Markup(", ").join(Markup("<code>{}</code>").format(key) for key in keys if key not in known)
    return Markup(" ").join(part for part in (cited, rest) if part)


def _link(page: str, name: str) -> Link:
    return Link(REGISTRIES[page].called(name), components.address(page, name))


def _architecture(entry: Entry[Any]) -> list[Fact]:
    tasks = [_link("tasks/", task.name) for task in REGISTRIES["tasks/"].entries() if components.fits(task, entry)]
    helping = [remedy for remedy in REGISTRIES["remedies/"].entries() if components.takes(remedy, entry)]
    return [
        Fact("Reads", words=_plural(entry.facts.get("inputs"))),
        Fact("Tasks", tuple(tasks)),
        Fact("Remedies", tuple(_link("remedies/", remedy.name) for remedy in helping)),
    ]


def _task(entry: Entry[Any]) -> list[Fact]:
    readers = [a for a in REGISTRIES["architectures/"].entries() if components.fits(entry, a)]
    return [
        Fact("Gives", words=_plural(entry.facts.get("shape_kind"))),
        Fact("Judged by", words=", ".join(entry.facts.get("metrics", ()))),
        Fact("Learnt by", tuple(_link("architectures/", reader.name) for reader in readers)),
    ]


def _remedy(entry: Entry[Any]) -> list[Fact]:
    apart: dict[str, list[Link]] = {}
    for architecture in REGISTRIES["architectures/"].entries():
        reason = components.refusal(entry, architecture)
        apart.setdefault(reason, []).append(_link("architectures/", architecture.name))
    group = entry.facts.get("group")
    members = [r.name for r in REGISTRIES["remedies/"].entries() if group and r.facts.get("group") == group]
    others = tuple(_link("remedies/", name) for name in members if name != entry.name)
    applies = apart.pop("", [])
    return [
        Fact("Sets", code=components.settings(entry)),
        Fact("Not together with", others),
        Fact("Applies to", tuple(applies)),
        *(Fact(_refused(reason), tuple(names), reason) for reason, names in sorted(apart.items())),
    ]


def _refused(reason: str) -> str:
    return "Needless by default in" if components.ALREADY in reason else "Does not apply to"


_FACTS = {"architectures/": _architecture, "remedies/": _remedy, "tasks/": _task}


def _plural(kind: object) -> str:
    return f"{kind}s" if kind else ""


def _used(page: str, name: str, views: Sequence[StudyView]) -> list[Link]:
    found = []
    for view in views:
        count = sum(name in _names(page, arm) for arm in view.entry.study.arms if not arm.skipped)
        if count:
            found.append(Link(view.entry.study.title, view.path, f"{count} arm{'s' if count != 1 else ''}"))
    return found


def _names(page: str, arm: Arm) -> tuple[str, ...]:
    """Return the names of an arm's components that a page of the catalogue describes."""
    if page == "remedies/":
        return tuple(remedy.name for remedy in arm.remedies)
    return (arm.architecture.name if page == "architectures/" else arm.task.name,)
