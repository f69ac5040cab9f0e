"""The components of an arm, checked against the catalogue: complete parameters, and why an arm does not apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from reportgen import registry
from reportgen.errors import ReportgenError, UnknownName
from reportgen.registry import Entry, Registry
from reportgen.study.applicability import applicability, together
from reportgen.study.configuration import Configuration, Part
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
    remedies = [_component(registry.remedies, part, verdicts, problems, reasons) for part in configuration.remedies]
    settings = _all_settings(remedies, configuration.remedies, problems)
    reasons += _inapplicable([remedy for remedy in remedies if remedy.name in settings], settings, architecture, taken)
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
    fields = entry.parameters.model_fields
    outer = {key: setting for key, setting in part.parameters.items() if not setting.own}
    refused = set()
    for path, message, hint, key in faults(error, given, tuple(fields), "parameter"):
        first = str(path[0]) if path else _of_default(error, given)
        setting = part.parameters.get(first)
        refused.add(first)
        if setting is None and message == "is missing":
            problems.add(part.name.location, f"the {entry.kind} '{entry.name}' needs the parameter '{first}'", hint)
        elif first not in outer and first in fields and outer and _sound_alone(entry, part, first):
            # A level does not go with a default or with what the base gives; other levels may.
            shown = shown_value(given.get(first, fields[first].default))
            reasons.append(f"'{entry.name}' does not take {first} {shown}: {message}")
            verdicts.refused |= {(other.location, message): (first, hint, False) for other in outer.values()}
            refused.update(outer)
        elif setting is None:
            problems.add(part.name.location, message, hint)
        elif setting.own:
            problems.add((*setting.location, *path[1:]), _no_parameter(entry, path, message, key), hint, key)
        else:
            message = _no_parameter(entry, path, message, key)
            verdicts.refused[(*setting.location, *path[1:]), message] = (first, hint, key)
            takes = (
                f"does not take {first} {shown_value(setting.value)}" if first in fields else f"has no option '{first}'"
            )
            reasons.append(f"'{entry.name}' {takes}")
    verdicts.accepted.update(setting.location for key, setting in part.parameters.items() if key not in refused)


def _sound_alone(entry: Entry[Any], part: Part, parameter: str) -> bool:
    """Whether a parameter is sound without what factors set."""
    given = {key: setting.value for key, setting in part.parameters.items() if setting.own}
    try:
        entry.complete(given)
    except ValidationError as error:
        return all(detail["loc"][:1] != (parameter,) for detail in error.errors())
    return True


def _of_default(error: ValidationError, given: Mapping[str, Any]) -> str:
    """Return the parameter whose default does not go with what is given; "" if there is none."""
    places = [detail["loc"] for detail in error.errors()]
    return next((str(place[0]) for place in places if place and place[0] not in given), "")


def _all_settings(
    remedies: Sequence[Component], parts: Sequence[Part], problems: Problems
) -> dict[str, Mapping[str, Any]]:
    """Return what each remedy sets, by its name; those that cannot stand together are problems."""
    found: dict[str, Mapping[str, Any]] = {}
    for remedy, part in zip(remedies, parts, strict=True):
        if not remedy.version:
            continue
        try:
            settings = dict(registry.remedies[remedy.name](**remedy.parameters).settings)
        except (ReportgenError, ValueError, TypeError) as error:
            problems.add(part.name.location, f"the remedy '{remedy.name}' refuses its parameters: {error}")
            continue
        for clash in _clashes(remedy.name, settings, found):
            problems.add(part.name.location, clash, "leave one of them out")
        found[remedy.name] = settings
    return found


def _clashes(name: str, settings: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say why a remedy cannot stand beside those before it: they set the same, or exclude each other as a group."""
    group = registry.remedies[name].facts.get("group")
    clashes = []
    for other, theirs in before.items():
        both = [path for path in settings if path in theirs]
        clashes += [f"the remedies '{other}' and '{name}' both set {path}" for path in both]
        if not both and group is not None and registry.remedies[other].facts.get("group") == group:
            clashes.append(f"the remedies '{other}' and '{name}' exclude each other: both belong to '{group}'")
    return clashes


def _inapplicable(
    remedies: Sequence[Component],
    settings: Mapping[str, Mapping[str, Any]],
    architecture: Component,
    taken: Mapping[str, tuple[str, str]],
) -> list[str]:
    """Say why remedies do not apply to an arm; an empty list if all do."""
    reasons = []
    for remedy in remedies:
        also = [path for path in settings[remedy.name] if path in taken]
        for path in also:
            reasons.append(f"the remedy '{remedy.name}' sets {path}, which the level {taken[path][1]} sets too")
        if also or not architecture.version:
            continue
        reason = applicability(remedy, architecture, [other for other in remedies if other.name != remedy.name])
        reasons += [f"the remedy '{remedy.name}' does not apply: {reason}"] if reason else []
    if not reasons and architecture.version:
        clash = together(architecture, remedies)
        reasons += [clash] if clash else []
    return reasons


def _shapes(task: Component, architecture: Component) -> list[str]:
    """Compare what a task gives with what an architecture reads, where both say so."""
    if not task.version or not architecture.version:
        return []
    given = registry.tasks[task.name].facts.get("shape_kind")
    wanted = registry.architectures[architecture.name].facts.get("inputs")
    if not given or not wanted or given == wanted:
        return []
    return [f"'{architecture.name}' reads {wanted}s, and the task '{task.name}' gives {given}s"]
