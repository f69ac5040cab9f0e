"""Small studies and analyses with closed forms for the figure tests."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from reportgen.study.spec import (
    Arm,
    Component,
    Factor,
    FigureRequest,
    Measure,
    Study,
    Target,
    Training,
)


def make_study(
    factors: dict[str, tuple[str, ...]] | None = None, *, report: tuple[FigureRequest, ...] = (), **arm_options: Any
) -> Study:
    """Cross the factors; a factor is numeric if all its levels are numbers."""
    factors = factors or {"activation": ("sigmoid", "ReLU"), "initialisation": ("Glorot", "He")}
    described = tuple(
        Factor(name, name.capitalize(), levels, all(_is_number(level) for level in levels))
        for name, levels in factors.items()
    )
    arms = tuple(
        make_arm(dict(zip(factors, levels, strict=True)), **arm_options)
        for levels in itertools.product(*factors.values())
    )
    return Study("demo", "demo.yaml", "default", "Demo", (), "Why?", {}, described, arms, report)


def make_arm(levels: dict[str, str], *, skipped: str = "", steps: int = 100, target: float | None = 0.9) -> Arm:
    """Return an arm whose id is made of its levels."""
    return Arm(
        id="/".join(levels.values()),
        label=", ".join(levels.values()),
        levels=levels,
        values={name: float(level) if _is_number(level) else level for name, level in levels.items()},
        skipped=skipped,
        is_baseline=False,
        task=Component("digits"),
        architecture=Component("mlp"),
        remedies=(),
        training=Training(steps=steps),
        measure=Measure(("error_signal_rms",)),
        target=Target("accuracy", target) if target else None,
        tuning_seeds=(0, 1, 2),
        seeds=(3, 4, 5, 6),
        learning_rates=(0.01, 0.1, 1.0),
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def make_analysis(study: Study, *, depth: int = 10, seeds: int = 4) -> SimpleNamespace:
    """Arm number i has the decay factor 0.5 + 0.1 i, reaches the target with min(i, seeds) of its seeds."""
    arms = [arm for arm in study.arms if not arm.skipped]
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("estimates", "statuses", "profiles", "decay", "course", "curves", "seed_curves",
                              "survival", "times", "rates", "absent", "theory")
    }  # fmt: skip
    for arm in study.arms:
        n = 0 if arm.skipped else seeds
        tables["statuses"].append({"arm": arm.id, "planned": n, "completed": n, "diverged": 0, "failed": 0,
                                   "missing": 0, "skipped": arm.skipped})  # fmt: skip
    for i, arm in enumerate(arms):
        _fill(tables, arm, i, depth, seeds)
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    frames["absent"] = pd.DataFrame(columns=["arm", "name", "reason"])
    return SimpleNamespace(**frames, run_ids={arm.id: (f"{arm.id}-b", f"{arm.id}-a") for arm in arms})


def _fill(tables: dict[str, list[dict[str, Any]]], arm: Arm, i: int, depth: int, seeds: int) -> None:
    factor, reached, budget = 0.5 + 0.1 * i, min(i, seeds), arm.training.steps
    estimates = {
        "decay-factor": (factor, factor * 0.98, factor * 1.02, "per layer or step"),
        "decay-factor-end": (factor + 0.05, factor, factor + 0.1, "per layer or step"),
        "theory-decay-factor": (factor * 1.01, math.nan, math.nan, "per layer or step"),
        "success": (reached / seeds, max(0, reached / seeds - 0.2), min(1, reached / seeds + 0.2), "share of runs"),
        "time-to-target": (budget - 10.0 * reached, budget - 10.0 * reached - 5, budget - 10.0 * reached, "steps"),
        "final-metric": (0.1 + 0.08 * i, 0.05 + 0.08 * i, 0.15 + 0.08 * i, "accuracy"),
    }  # fmt: skip
    for name, (estimate, low, high, unit) in estimates.items():
        tables["estimates"].append({"name": name, "arm": arm.id, "estimate": estimate, "low": low, "high": high,
                                    "unit": unit, "n": seeds, "n_censored": 0, "method": ""})  # fmt: skip
    tables["theory"].append({"arm": arm.id, "factor": factor * 1.01, "measured": factor, "low": factor * 0.98,
                             "high": factor * 1.02, "deviation": -100 / 101, "inside": True, "explanation": "",
                             "source": "he2015", "conditions": "Wide layers.", "reason": ""})  # fmt: skip
    for distance in range(depth + 1):
        value = -1 + distance * math.log10(factor)
        for stage, shift in (("start", 0.0), ("end", 0.3)):
            tables["profiles"].append({
                "arm": arm.id, "stage": stage, "quantity": "error_signal_rms", "kind": "layer",
                "name": "hidden" if distance else "readout", "index": depth + 1 - distance, "distance": distance,
                "estimate": value + shift, "low": value + shift - 0.1, "high": value + shift + 0.1, "n": seeds,
                "n_censored": 0, "theory": value + 0.02 if stage == "start" else math.nan})  # fmt: skip
    for step in (0, 1, 10, 100):
        tables["course"].append({"arm": arm.id, "step": step, "factor": factor + step / 1000, "low": factor - 0.02,
                                 "high": factor + step / 1000 + 0.02, "n": seeds})  # fmt: skip
    rate = 0.1 if i % 2 == 0 else 1.0
    for r in arm.learning_rates:
        share = reached / seeds if r == rate else 0.0
        tables["rates"].append({"arm": arm.id, "learning_rate": r, "success": share, "low": max(0, share - 0.1),
                                "high": min(1, share + 0.1), "metric": 0.1 + share / 2, "metric_low": 0.05 + share / 2,
                                "metric_high": 0.15 + share / 2, "diverged": 0.0, "n": seeds, "is_chosen": r == rate,
                                "at_edge": r == rate == 1.0})  # fmt: skip
    _fill_training(tables, arm, i, seeds, reached)


def _fill_training(tables: dict[str, list[dict[str, Any]]], arm: Arm, i: int, seeds: int, reached: int) -> None:
    budget, share = arm.training.steps, 1.0
    tables["survival"].append({"arm": arm.id, "step": 0, "not_reached": 1.0, "low": 1.0, "high": 1.0, "at_risk": seeds})
    for s in range(seeds):
        tables["decay"].append({"arm": arm.id, "seed": 3 + s, "learning_rate": 0.1, "step": 0, "kind": "layer",
                                "factor": (0.5 + 0.1 * i) * (1 + 0.01 * (s - 1.5))})  # fmt: skip
        hit, diverged = s < reached, s >= reached and s == seeds - 1 and i % 3 == 0
        step = budget - 20 + 4 * s if hit else budget
        tables["times"].append({"arm": arm.id, "seed": 3 + s, "step": step, "censored": not hit, "diverged": diverged})
        if hit:
            share -= 1 / seeds
            tables["survival"].append({"arm": arm.id, "step": step, "not_reached": share, "low": max(0, share - 0.2),
                                       "high": min(1, share + 0.2), "at_risk": seeds - s})  # fmt: skip
    end = 0.1 + 0.08 * i
    for step in range(0, budget + 1, max(1, budget // 20)):
        mean = 0.1 + (end - 0.1) * step / max(budget, 1)
        tables["curves"].append({"arm": arm.id, "step": step, "split": "test", "metric": "accuracy", "mean": mean,
                                 "low": mean - 0.03, "high": mean + 0.03, "n": seeds})  # fmt: skip
        for s in range(seeds):
            tables["seed_curves"].append({"arm": arm.id, "seed": 3 + s, "step": step, "metric": "accuracy",
                                          "value": mean + 0.01 * (s - 1.5)})  # fmt: skip


def request(kind: str, **options: Any) -> FigureRequest:
    """Return a request for a figure called after its kind."""
    where = options.pop("where", {})
    return FigureRequest(options.pop("id", kind), kind, f"Title of {kind}", "A caption.", where, options)


@pytest.fixture
def fakes() -> SimpleNamespace:
    """The makers above."""
    return SimpleNamespace(study=make_study, arm=make_arm, analysis=make_analysis, request=request)
