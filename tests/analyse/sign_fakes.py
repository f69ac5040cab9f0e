"""Runs with known signs in a real store: what the signs are tested with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from reportgen.store import Store
from reportgen.store.tables import CURVES, ENVIRONMENTS, HISTOGRAM_LENGTH, MEASUREMENTS, RUNS, names
from reportgen.study.spec import Arm, Component, Measure, RunSpec, Study, Target, Training

BUDGET = 100
LAYERS = 4
STEPS = (0, 1, 10, 100)


@dataclass(frozen=True)
class Fate:
    """What becomes of a run, and what is measured of it.

    `reaches` is the step at which it reaches its target (None for never), `diverges` the last one with a finite loss.
    `network` and `layers` give, for a step, the whole network's and each layer's quantities.
    """

    reaches: int | None = None
    diverges: int | None = None
    accuracy: Callable[[int], float] = lambda step: 0.1
    loss: Callable[[int], float] = lambda step: 2.0
    network: Callable[[int], Mapping[str, float]] = lambda step: {}
    layers: Callable[[int], Mapping[str, Any]] = lambda step: {}


def arm(label: str, **changes: Any) -> Arm:
    """Make a trained arm; each has weights of its own."""
    made = Arm(
        id=label,
        label=label,
        levels={"kind": label},
        values={},
        skipped="",
        is_baseline=False,
        task=Component("digits"),
        architecture=Component("mlp", 1, {"depth": LAYERS, "name": label}),
        remedies=(),
        training=Training(steps=BUDGET),
        measure=Measure(("error_signal_rms",)),
        target=Target("accuracy", 0.9),
        tuning_seeds=(100,),
        seeds=(0, 1),
        learning_rates=(0.1,),
    )
    return replace(made, **changes)


def study(*arms: Arm, title: str = "Toy") -> Study:
    """Make a study of these arms."""
    return Study(title.lower(), "toy.yaml", "default", title, (), "?", {}, (), tuple(arms), ())


def histogram(zeros: int = 0, **decades: int) -> list[int]:
    """Return a histogram: `e_5=3` puts three elements into the decade from 1e-5 on."""
    counts = [0] * HISTOGRAM_LENGTH
    counts[0] = zeros
    for name, count in decades.items():
        counts[2 + 40 - int(name.removeprefix("e_"))] = count
    return counts


@dataclass
class Filled:
    """A store that is filled run by run."""

    folder: Path
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"runs": [], "measurements": [], "curves": []}
    )

    def add(self, run: RunSpec, fate: Fate) -> None:
        """Add one run."""
        done = BUDGET if fate.diverges is None else fate.diverges
        status = "completed" if fate.diverges is None else "diverged"
        known = {"run_id": run.run_id, "cell_id": "cell", "status": status, "steps": done, "seed": run.seed}
        about = {"architecture": run.architecture.name, "remedies": "", "task": "digits", "spec": run.canonical}
        rest = {"reason": "" if fate.diverges is None else "loss", "depth": LAYERS, "width": 8, "parameters": 100}
        more = {"learning_rate": run.learning_rate, "duration_s": 1.0, "environment_id": "", "sequence_length": None}
        self.rows["runs"].append({**known, **about, **rest, **more})
        for step in (step for step in STEPS if step <= done):
            at = {"run_id": run.run_id, "step": step}
            self.rows["measurements"].append(
                {**at, "kind": "network", "index": 0, "distance": 0, "name": "network", **fate.network(step)}
            )
            quantities = fate.layers(step)
            for layer in range(LAYERS):
                here = {name: values[layer] for name, values in quantities.items()}
                place = {"kind": "layer", "index": layer + 1, "distance": LAYERS - layer, "name": "hidden"}
                self.rows["measurements"].append({**at, **place, **here})
        for step in (step for step in range(0, BUDGET + 1, 10) if step <= done):
            reached = fate.reaches is not None and step >= fate.reaches
            values = {("train", "accuracy"): fate.accuracy(step), ("train", "loss"): fate.loss(step)}
            values |= {("test", "accuracy"): 0.95 if reached else 0.1, ("test", "loss"): 1.0}
            for (split, metric), value in values.items():
                place = {"run_id": run.run_id, "step": step, "seconds": 0.0}
                self.rows["curves"].append({**place, "split": split, "metric": metric, "value": value})

    def store(self) -> Store:
        """Write all and return the store."""
        made = Store(self.folder)
        columns = {"runs": RUNS, "measurements": MEASUREMENTS, "curves": CURVES}
        frames = {name: pd.DataFrame(rows).reindex(columns=names(columns[name])) for name, rows in self.rows.items()}
        frames["runs"]["sequence_length"] = pd.array([None] * len(frames["runs"]), dtype="Int32")
        frames["measurements"] = frames["measurements"].astype(
            {c.name: float for c in MEASUREMENTS if c.sql == "DOUBLE"}
        )
        environment = {column.name: "" for column in ENVIRONMENTS[1:]} | {"threads": 1, "dirty": False}
        made.write_cell("cell", frames["runs"], frames["measurements"], frames["curves"], environment)
        return made


def filled(folder: Path, studies: Sequence[Study], fate: Callable[[Arm, RunSpec], Fate]) -> Store:
    """Fill a store with the runs of the studies, each once."""
    made, seen = Filled(folder), set()
    for one in studies:
        for an_arm in one.arms:
            for run in an_arm.runs:
                if run.run_id not in seen:
                    seen.add(run.run_id)
                    made.add(run, fate(an_arm, run))
    return made.store()


def level(_step: int, signal: Sequence[float] = (1.0, 1.0, 1.0, 1.0)) -> dict[str, Any]:
    """Return quantities of four layers with a signal of one's own."""
    return {
        "error_signal_rms": list(signal),
        "weight_norm": [8.0] * LAYERS,
        "weight_gradient_norm": [1.0] * LAYERS,
        "update_ratio": [1e-3] * LAYERS,
        "error_signal_histogram": [histogram(e_3=10)] * LAYERS,
    }


def changed(step: int, **changes: Any) -> dict[str, Any]:
    """Return the same quantities with some changed."""
    return {**level(step), **changes}
