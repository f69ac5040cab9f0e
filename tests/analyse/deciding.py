"""Studies with claims, and outcomes that are given rather than measured."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd

from reportgen.study.outcomes import OUTCOMES
from reportgen.study.spec import Arm, ClaimRequest, Factor, Study

Values = Callable[[Mapping[str, str]], Mapping[int, float]]
"""Levels of an arm to the value of an outcome by seed."""


def crossed(toy: Any, title: str = "Toy", **factors: list[str]) -> Study:
    """A study of all combinations of levels; each factor's label is its name with a capital."""
    names = list(factors)
    arms = []
    for levels in itertools.product(*factors.values()):
        held = dict(zip(names, levels, strict=True))
        label = "/".join(levels)
        arms.append(replace(toy.arm(label, levels=held), label=" · ".join(levels)))
    made = tuple(Factor(name, name.capitalize(), tuple(levels), False) for name, levels in factors.items())
    return replace(toy.study(*arms), factors=made, title=title, id=title.lower())


def request(**changes: Any) -> ClaimRequest:
    """A claim that remedied arms succeed more often."""
    given = {
        "id": "it-helps",
        "estimate": "success",
        "compare": {"remedy": ("on",)},
        "against": {"remedy": ("off",)},
        "where": {},
        "direction": "higher",
        "margin": 0.2,
        "why": "one run in five matters",
    }
    return ClaimRequest(**{**given, **changes})


def analysis(
    study: Study, edges: tuple[str, ...] = (), absent: tuple[tuple[str, str, str], ...] = (), **given: Values
) -> Any:
    """The part of an analysis that claims read; outcome names have underscores."""
    rows = [
        (
            arm.id,
            seed,
            name.replace("_", "-"),
            value,
            False,
            arm.id in edges and not OUTCOMES[name.replace("_", "-")].at_start,
        )
        for arm in study.arms
        if not arm.skipped
        for name, values in given.items()
        for seed, value in values(arm.levels).items()
    ]
    return SimpleNamespace(
        outcomes=pd.DataFrame(rows, columns=["arm", "seed", "name", "value", "diverged", "at_edge"]),
        statuses=pd.DataFrame({"arm": [arm.id for arm in study.arms], "completed": 1, "diverged": 0}),
        absent=pd.DataFrame(list(absent), columns=["arm", "name", "reason"]),
    )


def skipped(study: Study, arm_id: str, reason: str) -> Study:
    """The same study without one of its arms."""

    def changed(arm: Arm) -> Arm:
        return replace(arm, skipped=reason) if arm.id == arm_id else arm

    return replace(study, arms=tuple(changed(arm) for arm in study.arms))


def share(successes: int, n: int = 10) -> dict[int, float]:
    """Successes first."""
    return {seed: float(seed < successes) for seed in range(n)}
