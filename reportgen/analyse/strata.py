"""Strata of a claim: which arms are compared with which, and what is decided apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, ClaimRequest, Study

AGAINST = "against "
"""What the name of a factor has before it where the level is that of the arms compared with."""


@dataclass(frozen=True)
class Stratum:
    """Arms that are compared, and decided apart from others.

    Attributes
    ----------
    levels : mapping
        Factor name to level label: what sets the stratum apart; `AGAINST` and a name for the other arms' level.
    arms : tuple of Arm
        The arms that are to win.
    others : tuple of Arm
        The partner of each; none where they are compared with a number.
    reason : str
        Why the stratum is left out ("" if it is not).
    """

    levels: Mapping[str, str]
    arms: tuple[Arm, ...]
    others: tuple[Arm, ...] = ()
    reason: str = ""


def strata_of(study: Study, request: ClaimRequest) -> tuple[Stratum, ...]:
    """Return the strata of a claim in a study, in the study's order.

    An arm that is to win is compared with each arm of the other side that has its levels of all factors that neither
    side names. Each combination of levels of the stratifying factors is a stratum: of those that the request names, or
    of all that vary among the compared arms, in which case several levels on one side are kept apart as well. What does
    not stratify is pooled. Arms that are not run are not there; an arm that runs and has no partner is left out, with
    a reason.

    Parameters
    ----------
    study : Study
    request : ClaimRequest

    Returns
    -------
    tuple of Stratum
    """
    mine = _selected(study.arms, request, request.compare)
    if not isinstance(request.against, Mapping):
        return _grouped([(arm, None) for arm in mine], _stratifying(request, mine, ()))
    named = {*request.compare, *request.against}
    partners: dict[tuple[str, ...], list[Arm]] = {}
    for other in _selected(study.arms, request, request.against):
        partners.setdefault(_rest(other, named), []).append(other)
    pairs = [(arm, other) for arm in mine for other in partners.get(_rest(arm, named), ()) if other.id != arm.id]
    paired = {arm.id for arm, _ in pairs}
    names = _stratifying(request, [arm for arm, _ in pairs], [other for _, other in pairs])
    alone = [
        Stratum(arm.levels, (arm,), (), _why_alone(study, request, arm, named)) for arm in mine if arm.id not in paired
    ]
    return (*_grouped(pairs, names), *alone)


def matches(arm: Arm, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether an arm has one of the wanted levels of every factor that is named."""
    return all(arm.levels.get(name) in labels for name, labels in wanted.items())


def _selected(arms: Iterable[Arm], request: ClaimRequest, wanted: Mapping[str, tuple[str, ...]]) -> list[Arm]:
    return [arm for arm in arms if not arm.skipped and matches(arm, wanted) and matches(arm, request.where)]


def _rest(arm: Arm, named: Iterable[str]) -> tuple[str, ...]:
    return tuple(label for name, label in arm.levels.items() if name not in named)


def _stratifying(request: ClaimRequest, mine: Iterable[Arm], others: Iterable[Arm]) -> tuple[str, ...]:
    if request.strata is not None:
        return request.strata
    names = _varying(mine, lambda name: True)
    sides = request.against if isinstance(request.against, Mapping) else {}
    return (*names, *(AGAINST + name for name in _varying(others, lambda name: name in sides)))


def _varying(arms: Iterable[Arm], wanted: Callable[[str], bool]) -> list[str]:
    levels: dict[str, set[str]] = {}
    for arm in arms:
        for name, label in arm.levels.items():
            levels.setdefault(name, set()).add(label)
    return [name for name, labels in levels.items() if len(labels) > 1 and wanted(name)]


def _grouped(pairs: Iterable[tuple[Arm, Arm | None]], names: tuple[str, ...]) -> tuple[Stratum, ...]:
    groups: dict[tuple[str, ...], list[tuple[Arm, Arm | None]]] = {}
    for arm, other in pairs:
        key = tuple(_level(name, arm, other) for name in names)
        groups.setdefault(key, []).append((arm, other))
    return tuple(
        Stratum(
            dict(zip(names, key, strict=True)),
            tuple(arm for arm, _ in group),
            tuple(other for _, other in group if other is not None),
        )
        for key, group in groups.items()
    )


def _level(name: str, arm: Arm, other: Arm | None) -> str:
    held = other if name.startswith(AGAINST) and other is not None else arm
    return held.levels.get(name.removeprefix(AGAINST), "")


def _why_alone(study: Study, request: ClaimRequest, arm: Arm, named: Iterable[str]) -> str:
    """Say why an arm has no partner: it is not run, or there is none."""
    wanted = request.against if isinstance(request.against, Mapping) else {}
    for other in study.arms:
        there = matches(other, wanted) and matches(other, request.where)
        if other.skipped and there and _rest(other, named) == _rest(arm, named):
            return f"{other.label} is not run: {other.skipped}"
    return "no arm to compare it with is equal in all other factors"
