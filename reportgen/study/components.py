"""The components of an arm, checked against the catalogue: complete parameters, and why an arm does not apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from reportgen import registry
from reportgen.errors import ReportgenError, UnknownName
from reportgen.registry import Entry, Registry
from reportgen.study.configuration import SECTIONS, Configuration, Part
from reportgen.study.document import Location
from reportgen.study.problems import Problems, faults, shown_value
from reportgen.study.spec import Component


@dataclass
class Verdicts:
    """What arms said about the settings of factors and profiles.

    A setting that no arm accepts is a problem of the study; one that some arms accept makes the others skipped.
    """

    refused: dict[tuple[Location, str], tuple[str, str, bool]] = field(default_factory=dict)
    accepted: set[Location] = field(default_factory=set)

    def conclude(self, problems: Problems) -> None:
        """Add the settings that no arm accepts as problems."""
        for (location, message), (_, hint, key) in self.refused.items():
            if location not in self.accepted:
                problems.add(location, message, hint, key)


@dataclass
class Checked:
    """The components of one arm, and the reasons why it is skipped."""

    task: Component
    architecture: Component
    remedies: tuple[Component, ...]
    reasons: list[str]


def check(
    configuration: Configuration, taken: Mapping[str, tuple[str, str]], verdicts: Verdicts, problems: Problems
) -> Checked:
    """Complete the components of an arm.

    Parameters
    ----------
    configuration : Configuration
    taken : mapping
        Dotted path to the factor that sets it in this arm, and the level in words.
    verdicts : Verdicts
        Collects what the arm says about the settings of factors.
    problems : Problems
        Collects what is wrong whatever the arm.
    """
    reasons: list[str] = []
    task = _component(registry.tasks, configuration.task, verdicts, problems, reasons)
    architecture = _component(registry.architectures, configuration.architecture, verdicts, problems, reasons)
    remedies = []
    setters: dict[str, str] = {}
    for part in configuration.remedies:
        remedy = _component(registry.remedies, part, verdicts, problems, reasons)
        remedies.append(remedy)
        if remedy.version:
            settings = _settings(remedy, part, problems)
            _clashes(remedy.name, settings, setters, part, problems)
            reasons += _reasons(remedy, settings, architecture, taken)
    reasons += _shapes(task, architecture)
    return Checked(task, architecture, tuple(remedies), list(dict.fromkeys(reasons)))


def check_base(configuration: Configuration, problems: Problems) -> None:
    """Check what the base says by itself, even where every arm replaces it; what it lacks, factors may give."""
    named: list[tuple[Registry[Any], Part | None]] = [
        (registry.tasks, configuration.task),
        (registry.architectures, configuration.architecture),
        *((registry.remedies, part) for part in configuration.remedies),
    ]
    for held, part in named:
        if part and part.name.value in held:
            _alone(held[part.name.value], part, problems)


def _alone(entry: Entry[Any], part: Part, problems: Problems) -> None:
    given = {name: setting.value for name, setting in part.parameters.items()}
    try:
        entry.complete(given)
    except ValidationError as error:
        for path, message, hint, key in faults(error, given, tuple(entry.parameters.model_fields), "parameter"):
            setting = part.parameters.get(str(path[0])) if path else None
            if setting:
                problems.add((*setting.location, *path[1:]), _no_parameter(entry, path, message, key), hint, key)


def _no_parameter(entry: Entry[Any], path: Location, message: str, key: bool) -> str:
    unknown = key and len(path) == 1
    return f"the {entry.kind} '{entry.name}' has no parameter '{path[0]}'" if unknown else message


def _component(
    held: Registry[Any], part: Part | None, verdicts: Verdicts, problems: Problems, reasons: list[str]
) -> Component:
    """Complete one component; version 0 marks one that could not be."""
    if part is None:
        return Component("", 0)
    name = part.name.value
    given = {key: setting.value for key, setting in part.parameters.items()}
    try:
        entry = held[name]
    except UnknownName as error:
        problems.unknown(part.name.location, error)
        return Component(name, 0, given)
    try:
        completed = entry.complete(given)
    except ValidationError as error:
        _refuse(entry, part, error, verdicts, problems, reasons)
        return Component(name, 0, given)
    verdicts.accepted.update(setting.location for setting in part.parameters.values())
    return Component(name, entry.version, completed)


def _refuse(
    entry: Entry[Any], part: Part, error: ValidationError, verdicts: Verdicts, problems: Problems, reasons: list[str]
) -> None:
    given = {key: setting.value for key, setting in part.parameters.items()}
    refused = set()
    for path, message, hint, key in faults(error, given, tuple(entry.parameters.model_fields), "parameter"):
        first = str(path[0]) if path else ""
        refused.add(first)
        setting = part.parameters.get(first)
        if setting is None and message == "is missing":
            message = f"the {entry.kind} '{entry.name}' needs the parameter '{first}'"
        message = _no_parameter(entry, path, message, key) if setting else message
        if setting is None:
            problems.add(part.name.location, message, hint)
        elif setting.own:
            problems.add((*setting.location, *path[1:]), message, hint, key)
        else:
            verdicts.refused[(*setting.location, *path[1:]), message] = (first, hint, key)
            known = first in entry.parameters.model_fields
            takes = f"does not take {first} {shown_value(setting.value)}" if known else f"has no option '{first}'"
            reasons.append(f"'{entry.name}' {takes}")
    verdicts.accepted.update(setting.location for key, setting in part.parameters.items() if key not in refused)


def _settings(remedy: Component, part: Part, problems: Problems) -> Mapping[str, Any]:
    try:
        settings = registry.remedies[remedy.name](**remedy.parameters).settings
    except (ReportgenError, ValueError, TypeError) as error:
        problems.add(part.name.location, f"the remedy '{remedy.name}' refuses its parameters: {error}")
        return {}
    return dict(settings)


def _clashes(name: str, settings: Mapping[str, Any], setters: dict[str, str], part: Part, problems: Problems) -> None:
    for path in settings:
        other = setters.setdefault(path, name)
        if other != name:
            hint = "leave one of them out"
            problems.add(part.name.location, f"the remedies '{other}' and '{name}' both set {path}", hint)


def _reasons(
    remedy: Component, settings: Mapping[str, Any], architecture: Component, taken: Mapping[str, tuple[str, str]]
) -> list[str]:
    """Say why a remedy does not apply to an arm; an empty list if it does."""
    entry: Entry[Any] = registry.remedies[remedy.name]
    head = f"the remedy '{remedy.name}' does not apply"
    allowed = entry.facts.get("applies_to")
    reasons = []
    if allowed is not None and architecture.name not in allowed:
        reasons.append(f"{head} to '{architecture.name}', only to {', '.join(allowed)}")
    for path, value in settings.items():
        root, _, option = path.partition(".")
        if path in taken:
            reasons.append(f"the remedy '{remedy.name}' sets {path}, which the level {taken[path][1]} sets too")
        elif root == "architecture" and architecture.version:
            reason = _refusal(architecture, option, value)
            reasons += [f"{head}: {reason}"] if reason else []
        elif root in SECTIONS and option not in SECTIONS[root].model_fields:
            reasons.append(f"{head}: there is no option '{path}'")
    return reasons


def _refusal(architecture: Component, option: str, value: Any) -> str:
    entry: Entry[Any] = registry.architectures[architecture.name]
    if option not in entry.parameters.model_fields:
        return f"'{architecture.name}' has no option '{option}'"
    try:
        entry.complete({**architecture.parameters, option: value})
    except ValidationError:
        return f"'{architecture.name}' does not take {option} {shown_value(value)}"
    return ""


def _shapes(task: Component, architecture: Component) -> list[str]:
    """Compare what a task gives with what an architecture reads, where both say so."""
    if not task.version or not architecture.version:
        return []
    given = registry.tasks[task.name].facts.get("shape_kind")
    wanted = registry.architectures[architecture.name].facts.get("inputs")
    if not given or not wanted or given == wanted:
        return []
    return [f"'{architecture.name}' reads {wanted}s, and the task '{task.name}' gives {given}s"]
