"""The claims that a study decides: reading and checking the section ``claims``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reportgen.errors import StudyError, UnknownName
from reportgen.study import rules, schema, spec
from reportgen.study.claims import REGISTER, read_register
from reportgen.study.document import Location
from reportgen.study.expand import Combination
from reportgen.study.factors import Axis
from reportgen.study.outcomes import NEARER_ONE, OUTCOMES, SHARE_SCALES
from reportgen.study.problems import Problems, number_text


@dataclass(frozen=True)
class Evidence:
    """A checked entry of the section, with its place."""

    request: spec.ClaimRequest
    location: Location


def read_claims(
    given: Any, axes: Sequence[Axis], figures: Collection[str], register: Path, problems: Problems
) -> list[Evidence]:
    """Read the section ``claims``; whatever is wrong with it becomes problems.

    Parameters
    ----------
    given : object
        The section as it is in the file.
    axes : sequence of Axis
    figures : collection of str
        Ids of the study's figures.
    register : Path
        Where the register is, if there is one; its ids are then the only ones.
    problems : Problems
    """
    items = given if isinstance(given, list) else []
    known = _known(register, problems) if items else None
    found = []
    for index, item in enumerate(items):
        location: Location = ("claims", index)
        entry = problems.validated(schema.Evidence, item, location)
        if not isinstance(item, dict):
            continue
        selections = {key: _selection(item, key, axes, location, problems) for key in ("compare", "against", "where")}
        if entry is None:
            continue
        if known is not None and entry.id not in known:
            problems.unknown((*location, "id"), UnknownName("claim", entry.id, known))
        if entry.figure and entry.figure not in figures:
            problems.unknown((*location, "figure"), UnknownName("figure", entry.figure, figures))
        _check_strata(entry, axes, location, problems)
        _check_numbers(entry, location, problems)
        request = _request(entry, selections)
        _check_sides(request, location, problems)
        found.append(Evidence(request, location))
    return found


def check_compared(claims: Sequence[Evidence], combinations: Sequence[Combination], problems: Problems) -> None:
    """Tell claims for which no two arms can be compared."""
    running = [combination for combination in combinations if not combination.excluded]
    for claim in claims:
        request = claim.request
        for key in ("compare", "against"):
            wanted = request.compare if key == "compare" else request.against
            if isinstance(wanted, Mapping) and not _selected(wanted, request.where, running):
                hint = "no arm has these levels and those of 'where', or all such arms are excluded"
                problems.add((*claim.location, key), "no arm is left to compare", hint, key=True)
                break
        else:
            if not _pairs(request, running):
                hint = "the arms of both sides must be equal in all factors that neither side names"
                problems.add((*claim.location, "against"), "no two arms can be compared", hint, key=True)


def restrict(
    claims: Sequence[Evidence], axes: Sequence[Axis], combinations: Sequence[Combination], figures: Collection[str]
) -> list[Evidence]:
    """Keep the levels that a profile keeps, and drop the claims that it leaves nothing to compare for."""
    by_name = {axis.name: axis for axis in axes}

    def kept(selection: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        return {
            name: tuple(label for label in labels if name in by_name and by_name[name].find(label))
            for name, labels in selection.items()
        }

    running = [combination for combination in combinations if not combination.excluded]
    result = []
    for claim in claims:
        old = claim.request
        request = replace(
            old,
            compare=kept(old.compare),
            against=kept(old.against) if isinstance(old.against, Mapping) else old.against,
            where=kept(old.where),
            strata=None if old.strata is None else tuple(name for name in old.strata if name in by_name),
            figure=old.figure if old.figure in figures else "",
        )
        if _pairs(request, running):
            result.append(Evidence(request, claim.location))
    return result


def _known(register: Path, problems: Problems) -> Collection[str] | None:
    """Return the ids of the register; None where there is no register that can be read."""
    if not register.is_file():
        return None
    try:
        return read_register(register)
    except StudyError as error:
        first = error.problems[0]
        message = f"the register {register.name} cannot be read: {first.message}"
        problems.add(("claims",), message, f"see {register}:{first.line}:{first.column}", key=True)
        return None


def _selection(
    item: Mapping[str, Any], key: str, axes: Sequence[Axis], location: Location, problems: Problems
) -> rules.Selection:
    given = item.get(key)
    if not isinstance(given, dict):
        return {}
    if not given and key != "where":
        problems.add((*location, key), f"'{key}' names no level", f"write `{key}: {{factor: level}}`")
    return rules.select(given, axes, (*location, key), problems)


def _request(entry: schema.Evidence, selections: Mapping[str, rules.Selection]) -> spec.ClaimRequest:
    return spec.ClaimRequest(
        id=entry.id,
        estimate=entry.estimate,
        compare=selections["compare"],
        against=selections["against"] if isinstance(entry.against, dict) else entry.against,
        where=selections["where"],
        direction=entry.direction,
        margin=entry.margin,
        why=entry.why,
        strata=None if entry.strata is None else tuple(entry.strata),
        figure=entry.figure,
    )


def _check_strata(entry: schema.Evidence, axes: Sequence[Axis], location: Location, problems: Problems) -> None:
    names = [axis.name for axis in axes]
    for index, name in enumerate(entry.strata or ()):
        if name not in names:
            problems.unknown((*location, "strata", index), UnknownName("factor", name, names))


def _check_numbers(entry: schema.Evidence, location: Location, problems: Problems) -> None:
    """Check direction, margin and number against what the outcome is."""
    outcome = OUTCOMES[entry.estimate]
    if entry.direction not in outcome.directions:
        message = f"'{entry.estimate}' cannot be {entry.direction}"
        problems.add((*location, "direction"), message, f"allowed: {', '.join(outcome.directions)}")
    least = 1 if outcome.is_ratio else 0
    if entry.margin <= least:
        what = "a ratio, greater than 1" if outcome.is_ratio else "greater than 0"
        message = f"the margin of '{entry.estimate}' must be {what}, not {number_text(entry.margin)}"
        hint = "1.1 stands for a tenth more" if outcome.is_ratio else "it is the smallest difference that matters"
        problems.add((*location, "margin"), message, hint)
    elif outcome.scale in SHARE_SCALES and entry.margin >= 1:
        message = f"the margin of '{entry.estimate}' is a share, less than 1, not {number_text(entry.margin)}"
        problems.add((*location, "margin"), message, "0.2 stands for one run in five")
    if isinstance(entry.against, dict):
        return
    place = (*location, "against")
    number = number_text(entry.against)
    if outcome.is_ratio and entry.against <= 0:
        problems.add(place, f"'{entry.estimate}' is positive, and cannot be compared with {number}")
    elif outcome.scale in SHARE_SCALES and not 0 <= entry.against <= 1:
        problems.add(place, f"'{entry.estimate}' is a share from 0 to 1, and cannot be compared with {number}")
    elif entry.direction == NEARER_ONE and entry.against == (1 if outcome.is_ratio else 0):
        hint = "write direction higher or lower, or compare with other arms"
        problems.add(place, f"nothing is nearer to one than {number}", hint)


def _check_sides(request: spec.ClaimRequest, location: Location, problems: Problems) -> None:
    """Tell sides that are not apart: some factor that both name must have different levels."""
    if not isinstance(request.against, Mapping) or not request.compare or not request.against:
        return
    both = [name for name in request.compare if name in request.against]
    if both and all(set(request.compare[name]) & set(request.against[name]) for name in both):
        problems.add((*location, "against"), "'compare' and 'against' select the same arms", "name another level")
    elif not both:
        hint = f"name a level of {_listed(request.compare)} that the others have"
        problems.add((*location, "against"), "'compare' and 'against' have no factor in common", hint)


def _listed(names: Iterable[str]) -> str:
    return " or ".join(f"'{name}'" for name in names)


def _selected(
    wanted: Mapping[str, tuple[str, ...]], where: Mapping[str, tuple[str, ...]], combinations: Sequence[Combination]
) -> list[Combination]:
    return [combination for combination in combinations if combination.matches(wanted) and combination.matches(where)]


def _pairs(request: spec.ClaimRequest, combinations: Sequence[Combination]) -> bool:
    """Whether an arm to win has a partner that is equal in all factors that neither side names."""
    mine = _selected(request.compare, request.where, combinations)
    if not isinstance(request.against, Mapping):
        return bool(mine)
    named = {*request.compare, *request.against}

    def rest(combination: Combination) -> tuple[str, ...]:
        return tuple(level.label for name, level in combination.levels.items() if name not in named)

    partners = {rest(other) for other in _selected(request.against, request.where, combinations)}
    return any(rest(combination) in partners for combination in mine)


def register_beside(path: Path) -> Path:
    """Return where the register of a study file would be."""
    return path.parent / REGISTER
