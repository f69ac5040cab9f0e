"""The parts of a study that name factors and levels: exclusion, baseline, report, profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from reportgen import registry
from reportgen.errors import UnknownName
from reportgen.study import schema, spec
from reportgen.study.document import Location, label_text
from reportgen.study.expand import Combination
from reportgen.study.factors import Axis, choose, parse_axis
from reportgen.study.fields import factor_parameters
from reportgen.study.problems import Problems, faults

Selection = Mapping[str, tuple[str, ...]]
"""Factor name to level labels."""


@dataclass(frozen=True)
class Rule:
    """Combinations that are not run, and why."""

    when: Selection
    reason: str
    location: Location


@dataclass(frozen=True)
class Figure:
    """A checked entry of the report, with its place."""

    request: spec.FigureRequest
    location: Location


def select(given: Mapping[str, Any], axes: Sequence[Axis], location: Location, problems: Problems) -> Selection:
    """Read a mapping from factors to labels; unknown factors and levels are problems and are left out."""
    by_name = {axis.name: axis for axis in axes}
    chosen = {}
    for name, value in given.items():
        if name not in by_name:
            problems.unknown((*location, name), UnknownName("factor", name, by_name), key=True)
            continue
        labels = choose(by_name[name], value, (*location, name), problems)
        if labels:
            chosen[name] = labels
    return chosen


def exclusion(
    rules: Sequence[Rule], combinations: Sequence[Combination], baseline: Selection, problems: Problems | None
) -> list[Combination]:
    """Mark the combinations that the rules exclude; rules that do nothing or too much are problems.

    Parameters
    ----------
    rules : sequence of Rule
    combinations : sequence of Combination
    baseline : mapping
    problems : Problems or None
        None under a profile, where a rule may well match nothing.
    """
    result = list(combinations)
    matching = [combination for combination in combinations if baseline and combination.matches(baseline)]
    for rule in rules:
        matched = [combination for combination in combinations if combination.matches(rule.when)]
        result = [
            replace(combination, excluded=rule.reason)
            if not combination.excluded and combination.matches(rule.when)
            else combination
            for combination in result
        ]
        if problems is None:
            continue
        where = (*rule.location, "when")
        if not matched:
            problems.add(where, "the rule matches no arm", "remove the rule, or correct its levels", key=True)
        elif len(matched) == len(combinations):
            problems.add(where, "the rule excludes every arm", "name a level of more factors", key=True)
        elif matching and all(combination.matches(rule.when) for combination in matching):
            hint = "choose another baseline, or narrow the rule"
            problems.add(where, f"the rule excludes the baseline ({_text(baseline)})", hint, key=True)
    return result


def read_rules(given: Any, axes: Sequence[Axis], problems: Problems) -> list[Rule]:
    """Read the rules under ``exclude``."""
    rules = []
    for index, item in enumerate(given if isinstance(given, list) else []):
        location: Location = ("exclude", index)
        rule = problems.validated(schema.Exclude, item, location)
        when = item.get("when") if isinstance(item, dict) else None
        if not isinstance(when, dict):
            continue
        if not when:
            problems.add((*location, "when"), "the rule names no level", "write `when: {factor: level}`")
        chosen = select(when, axes, (*location, "when"), problems)
        if rule and chosen and set(chosen) == set(when):
            rules.append(Rule(chosen, rule.reason, location))
    return rules


def read_baseline(given: Any, axes: Sequence[Axis], problems: Problems) -> Selection:
    """Read ``baseline``: one level of each factor that it names."""
    if not isinstance(given, dict):
        return {}
    for name, value in given.items():
        if isinstance(value, list):
            hint = f"write `{name}: {label_text(value[0]) if value else '…'}`"
            problems.add(("baseline", name), "the baseline has one level of a factor, not a list", hint)
    single = {name: value for name, value in given.items() if not isinstance(value, list)}
    return select(single, axes, ("baseline",), problems)


def read_report(given: Any, axes: Sequence[Axis], problems: Problems) -> list[Figure]:
    """Read the figures under ``report``."""
    figures: list[Figure] = []
    lines: dict[str, int] = {}
    for index, item in enumerate(given if isinstance(given, list) else []):
        location: Location = ("report", index)
        entry = problems.validated(schema.Report, item, location)
        if not isinstance(item, dict):
            continue
        where = item.get("where", {})
        chosen = select(where, axes, (*location, "where"), problems) if isinstance(where, dict) else {}
        parameters = _parameters(item, axes, location, problems)
        if entry is None:
            continue
        if entry.id in lines:
            message = f"two figures have the id '{entry.id}'"
            problems.add((*location, "id"), message, f"the other one is in line {lines[entry.id]}")
            continue
        lines[entry.id] = problems.document.place((*location, "id")).line
        request = spec.FigureRequest(entry.id, entry.kind, entry.title, entry.caption, chosen, parameters)
        figures.append(Figure(request, location))
    return figures


def _parameters(
    item: Mapping[str, Any], axes: Sequence[Axis], location: Location, problems: Problems
) -> dict[str, Any]:
    """Check the parameters of a figure's kind, and complete them."""
    kind = item.get("kind")
    if not isinstance(kind, str) or not kind.strip():
        return {}
    try:
        entry = registry.figures[kind]
    except UnknownName as error:
        problems.unknown((*location, "kind"), UnknownName("figure kind", kind, error.known))
        return {}
    given = {key: value for key, value in item.items() if key not in schema.Report.model_fields}
    names = {axis.name for axis in axes}
    for parameter in factor_parameters(entry.parameters):
        value = given.get(parameter)
        for index, name in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(name, str) and name not in names:
                place = (*location, parameter, index) if isinstance(value, list) else (*location, parameter)
                problems.unknown(place, UnknownName("factor", name, names))
    try:
        return entry.complete(given)
    except ValidationError as error:
        known = (*schema.Report.model_fields, *entry.parameters.model_fields)
        for path, message, hint, key in faults(error, given, known, "parameter"):
            if key and len(path) == 1 and message != "is missing":
                message = f"the figure kind '{kind}' has no parameter '{path[0]}'"
            problems.add((*location, *path), message, hint, key)
        return {}


def check_shown(figures: Sequence[Figure], combinations: Sequence[Combination], problems: Problems) -> None:
    """Tell figures whose `where` leaves only excluded arms."""
    for figure in figures:
        where = figure.request.where
        if where and not any(c.matches(where) for c in combinations if not c.excluded):
            reasons = sorted({c.excluded for c in combinations if c.matches(where)})
            hint = f"they are excluded: {'; '.join(reasons)}" if reasons else ""
            problems.add((*figure.location, "where"), "no arm is left to show", hint, key=True)


def restrict(figures: Sequence[Figure], axes: Sequence[Axis], combinations: Sequence[Combination]) -> list[Figure]:
    """Keep the levels that a profile keeps, and drop the figures that it leaves without an arm or a factor."""
    by_name = {axis.name: axis for axis in axes}
    kept = []
    for figure in figures:
        where = {
            name: tuple(label for label in labels if name in by_name and by_name[name].find(label))
            for name, labels in figure.request.where.items()
        }
        shown = any(c.matches(where) for c in combinations if not c.excluded)
        if shown:
            kept.append(Figure(replace(figure.request, where=where), figure.location))
    return kept


def profile_axes(given: Mapping[str, Any], axes: Sequence[Axis], location: Location, problems: Problems) -> list[Axis]:
    """Return the axes under a profile: a list of labels keeps those levels, a mapping replaces the axis."""
    by_name = {axis.name: axis for axis in axes}
    result = dict(by_name)
    for name, value in given.items():
        place = (*location, name)
        if name not in by_name:
            problems.unknown(place, UnknownName("factor", name, by_name), key=True)
        elif isinstance(value, dict):
            result[name] = parse_axis(name, value, place, by_name[name].label, problems) or by_name[name]
        else:
            labels = choose(by_name[name], value, place, problems)
            kept = tuple(level for level in by_name[name].levels if level.label in labels)
            result[name] = replace(by_name[name], levels=kept or by_name[name].levels)
    return list(result.values())


def _text(selection: Selection) -> str:
    return ", ".join(f"{name}: {' or '.join(labels)}" for name, labels in selection.items())
