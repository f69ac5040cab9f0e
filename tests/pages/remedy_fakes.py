"""A study of remedies with literal outcomes: what the remedy matrix on the pages is tested with."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd

from reportgen.analyse.estimates import COLUMNS
from reportgen.analyse.intervals import wilson
from reportgen.pages.entries import StudyEntry
from reportgen.study.spec import Arm, Component, Factor, Measure, Study, Target, Training

BATCH = Component("normalisation", 1, {"kind": "batch", "groups": 8})
SKIP, CLIP = Component("skip-connections"), Component("clip-norm", 1, {"max_norm": 1.0})

STEPS = {"nothing": [100] * 5, "batch": [50, 52, 48, 51, 49], "skip": [20, 21, 19, 20, 22], "clip": [100] * 5}
STEPS["both"] = [21, 20, 20, 21, 20]
STEPS["residual"] = [30, 31, 29, 30, 30]
REMEDIES = {"nothing": (), "batch": (BATCH,), "skip": (SKIP,), "clip": (CLIP,), "both": (BATCH, SKIP), "residual": ()}
NETWORKS = {"residual": "residual-mlp"}
FACTORS = {"residual": 1.02, "nothing": 0.57, "batch": 1.12, "skip": 1.08, "clip": 0.57, "both": 1.1}


def arm(name: str) -> Arm:
    """Make an arm of ten tanh layers with the remedies of its name."""
    parameters = {"depth": 10, "width": 32, "activation": "tanh", "initialisation": {"name": "default"}}
    return Arm(
        id=name, label=name, levels={"remedy": name}, values={"remedy": name}, skipped="",
        is_baseline=name == "nothing", task=Component("digits"),
        architecture=Component(NETWORKS.get(name, "mlp"), 1, parameters),
        remedies=REMEDIES[name],
        training=Training(steps=100), measure=Measure(("error_signal_rms",)), target=Target("accuracy", 0.9),
        tuning_seeds=(0,), seeds=(1, 2, 3, 4, 5), learning_rates=(0.01, 0.1, 1.0),
    )  # fmt: skip


def entry(study: Study, *, edges: tuple[str, ...] = ("clip",)) -> StudyEntry:
    """Make the entry; `study` lends it its title, authors and the like."""
    arms = tuple(arm(name) for name in STEPS)
    factor = Factor("remedy", "Remedy", tuple(STEPS), False)
    changed = replace(
        study, id="remedies-in-pairs", title="Remedies, one by one and two by two", arms=arms, factors=(factor,),
        claims=(), prose={"abstract": "", "results": "Nothing but tables."},
    )  # fmt: skip
    return StudyEntry(changed, analysis(edges), (), {}, None)


def analysis(edges: tuple[str, ...]) -> SimpleNamespace:
    """Make the frames that the pages read."""
    rows, times = [], []
    for name, steps in STEPS.items():
        hits = sum(step < 100 for step in steps)
        low, high = (float(end) for end in wilson(hits, 5))
        rows.append(("success", name, hits / 5, low, high, "share of runs", 5, 0, ""))
        factor = FACTORS[name]
        rows.append(("decay-factor", name, factor, factor * 0.99, factor * 1.01, "per layer", 5, 0, ""))
        rows.append(("seconds-per-step", name, 0.002 if name == "batch" else 0.001, *[float("nan")] * 2, "s", 1, 0, ""))
        times += [(name, seed, step, step >= 100, False) for seed, step in enumerate(steps)]
    counts = {"planned": 15, "completed": 15, "diverged": 0, "failed": 0, "missing": 0, "skipped": ""}
    return SimpleNamespace(
        estimates=pd.DataFrame(rows, columns=list(COLUMNS)),
        times=pd.DataFrame(times, columns=["arm", "seed", "step", "censored", "diverged"]),
        statuses=pd.DataFrame([{"arm": name, **counts} for name in STEPS]),
        chosen=pd.DataFrame([(name, 0.1, name in edges, 1) for name in STEPS], columns=CHOSEN),
        rates=pd.DataFrame(columns=["arm", "learning_rate", "metric", "is_chosen"]),
        run_ids={},
    )


CHOSEN = ["arm", "learning_rate", "at_edge", "n_tuning"]
