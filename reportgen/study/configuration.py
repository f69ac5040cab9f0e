"""The configuration of one arm: values at dotted paths, with the place in the file that each came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from reportgen import registry
from reportgen.errors import nearest
from reportgen.registry import Registry
from reportgen.study.document import Location
from reportgen.study.factors import Setting
from reportgen.study.problems import Problems, shown_value
from reportgen.study.schema import Measure, Seeds, Target, Training

SECTIONS: dict[str, type[BaseModel]] = {"training": Training, "measure": Measure, "seeds": Seeds, "target": Target}
WHOLE = ("task", "architecture", "remedies", "seeds", "target")
"""Paths without a dot; each replaces what was there as a whole."""


@dataclass(frozen=True)
class Part:
    """A task, architecture or remedy as a study names it, not yet checked."""

    name: Setting
    parameters: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True)
class Configuration:
    """What an arm is before it is checked.

    Attributes
    ----------
    task, architecture : Part or None
        None if what the study says there cannot be read.
    remedies : tuple of Part
    sections : mapping
        "training", "measure", "seeds" and "target" to their keys; without "target" there is no target.
    """

    task: Part | None = None
    architecture: Part | None = None
    remedies: tuple[Part, ...] = ()
    sections: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)

    def value(self, section: str, key: str) -> Any:
        """Return the value of a section's key, or None."""
        setting = self.sections.get(section, {}).get(key)
        return setting.value if setting else None

    def assign(self, setting: Setting, problems: Problems) -> Configuration:
        """Return the configuration with one setting applied; what cannot be read is a problem."""
        root, _, rest = setting.path.partition(".")
        if root in {"task", "architecture"}:
            return self._with_part(root, rest, setting, problems)
        if root == "remedies":
            return replace(self, remedies=_remedies(setting, problems))
        if rest:
            if root == "target" and "target" not in self.sections:
                return self
            return self._with_section(root, {**self.sections.get(root, {}), rest: setting})
        counted = root == "seeds" and _is_count(setting.value)
        given = {"tuning": 0, "judged": setting.value} if counted else setting.value
        if root == "target" and given is None:
            return replace(self, sections={key: value for key, value in self.sections.items() if key != "target"})
        if not isinstance(given, dict):
            form = "a number, or {tuning: …, judged: …}" if root == "seeds" else "null, or {metric: …, value: …}"
            problems.add(setting.location, f"'{root}' must be {form}, not {shown_value(given)}")
            return self
        inner = setting.location if counted else None
        return self._with_section(root, own_settings(root, given, setting.location, inner))

    def _with_section(self, root: str, content: Mapping[str, Setting]) -> Configuration:
        return replace(self, sections={**self.sections, root: content})

    def _with_part(self, root: str, rest: str, setting: Setting, problems: Problems) -> Configuration:
        part: Part | None = getattr(self, root)
        if not rest:
            part = read_part(setting, root, problems)
        elif part:
            part = Part(part.name, {**part.parameters, rest: setting})
        return replace(self, task=part) if root == "task" else replace(self, architecture=part)


def own_settings(
    root: str, given: Mapping[str, Any], location: Location, inner: Location | None = None
) -> dict[str, Setting]:
    """Read a mapping of the file as settings under `root`; `inner` is where all of them are, if not each apart."""
    return {
        key: Setting(f"{root}.{key}", value, inner or (*location, key), inner or (*location, key), own=True)
        for key, value in given.items()
    }


def read_part(setting: Setting, noun: str, problems: Problems) -> Part | None:
    """Read a component: a name, or a mapping with a name and parameters."""
    value, location = setting.value, setting.location
    if isinstance(value, str) and value:
        return Part(setting)
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        name = Setting(setting.path, value["name"], (*location, "name"), setting.key)
        given = {key: item for key, item in value.items() if key != "name"}
        return Part(name, own_settings(setting.path, given, location))
    example = "write `{name: …, parameter: …}`"
    if isinstance(value, dict) and "name" not in value:
        problems.add(location, f"the {noun} has no name", example)
    elif isinstance(value, dict):
        problems.add((*location, "name"), f"the name of the {noun} must be text, not {shown_value(value['name'])}")
    else:
        message = f"must be the name of {_a(noun)}, or a mapping with a name, not {shown_value(value)}"
        problems.add(location, message, example)
    return None


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _remedies(setting: Setting, problems: Problems) -> tuple[Part, ...]:
    if not isinstance(setting.value, list):
        part = read_part(setting, "remedy", problems)
        return (part,) if part else ()
    parts: list[Part] = []
    for index, item in enumerate(setting.value):
        location = (*setting.location, index)
        part = read_part(Setting(setting.path, item, location, setting.key), "remedy", problems)
        if part and part.name.value in [other.name.value for other in parts]:
            problems.add(location, f"the remedy '{part.name.value}' is in the list twice", "remove one of them")
        elif part:
            parts.append(part)
    return tuple(parts)


class Paths:
    """The dotted paths that lead somewhere in a study, given the components that it names."""

    def __init__(self, tasks: Iterable[str], architectures: Iterable[str]) -> None:
        self.known = set(WHOLE)
        self.unsure: set[str] = set()
        for section, model in SECTIONS.items():
            self.known.update(f"{section}.{key}" for key in model.model_fields)
        entries: tuple[tuple[str, Iterable[str], Registry[Any]], ...] = (
            ("task", tasks, registry.tasks),
            ("architecture", architectures, registry.architectures),
        )
        for root, names, held in entries:
            named = set(names)
            for name in sorted(named):
                if name in held:
                    self.known.update(f"{root}.{key}" for key in held[name].parameters.model_fields)
            # What cannot be known is not complained about: the unknown name itself is the problem.
            if not named or any(name not in held for name in named):
                self.unsure.add(root)

    def check(self, setting: Setting, problems: Problems) -> bool:
        """Whether the setting's path leads somewhere; if not, it is a problem."""
        root, _, rest = setting.path.partition(".")
        if setting.path in self.known or (root in self.unsure and rest):
            return True
        near = self._nearest(setting.path)
        meant = f"did you mean '{near}'? " if near else ""
        under = sorted(path for path in self.known if path.startswith(f"{root}."))
        allowed = f"allowed: {', '.join(under or [*WHOLE, 'training.…', 'measure.…', 'task.…', 'architecture.…'])}"
        problems.add(setting.key, f"the path '{setting.path}' leads nowhere", meant + allowed, key=True)
        return False

    def _nearest(self, path: str) -> str | None:
        ends: dict[str, str] = {}
        for known in sorted(self.known):
            ends.setdefault(known.rpartition(".")[2], known)
        near = nearest(path.rpartition(".")[2], ends)
        if path in ends:
            return ends[path]
        return nearest(path, self.known) or (ends[near] if near else None)
