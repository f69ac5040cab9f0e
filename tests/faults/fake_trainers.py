"""Trainers that train nothing, and fail as they are told to by a parameter of the task. Workers import this module."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from reportgen.store import tables
from reportgen.study.spec import Cell, Component, Measure, RunSpec, Training


@dataclass(frozen=True)
class Frames:
    """What a trainer returns."""

    runs: pd.DataFrame
    measurements: pd.DataFrame
    curves: pd.DataFrame


def cell(name: str, seeds: int = 2, **behaviour: object) -> Cell:
    """Make a cell of an arm called `name`, with a run for each of `seeds` seeds.

    `behaviour` is what `train` does: ``seconds`` (waits), ``log`` (a folder where a file a training is left),
    ``error`` (raises it), ``kill`` (times that it kills its process; needs ``log``).
    """
    task = Component("fake", 1, {"name": name, **behaviour})
    training, measure = Training(steps=10, batch_size=4), Measure(("weight_norm",), points=2, evaluations=1)
    mlp = Component("mlp", 1, {"depth": 2, "width": 4})
    return Cell(tuple(RunSpec(task, mlp, (), training, measure, seed, 0.1) for seed in range(seeds)))


def train(cell: Cell, device: str = "cpu", on_step: Callable[..., None] | None = None) -> Frames:
    """Train a cell as its task says."""
    behaviour = cell.runs[0].task.parameters
    if "log" in behaviour:
        log = Path(behaviour["log"])
        (log / f"{behaviour['name']}-{cell.cell_id}-{os.getpid()}-{time.monotonic_ns()}").touch()
        if len(list(log.glob(f"{behaviour['name']}-{cell.cell_id}-*"))) <= behaviour.get("kill", 0):
            os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(behaviour.get("seconds", 0.0))
    if "error" in behaviour:
        raise ValueError(behaviour["error"])
    if on_step:
        on_step(5)
    return frames(cell)


def frames(cell: Cell, value: float = 1.0) -> Frames:
    """Return the frames of a cell, with one measurement and one point of a curve a run."""
    rows, measured, points = [], [], []
    for run in cell.runs:
        described = {"run_id": run.run_id, "cell_id": cell.cell_id, "status": "completed", "reason": "", "remedies": ""}
        described |= {"architecture": "mlp", "task": "fake", "depth": 2, "width": 4, "sequence_length": None}
        described |= {"learning_rate": run.learning_rate, "seed": run.seed, "steps": 10, "parameters": 9}
        rows.append({**described, "duration_s": 0.5, "environment_id": "", "spec": run.canonical})
        row = dict.fromkeys(tables.names(tables.MEASUREMENTS), None)
        row |= {"run_id": run.run_id, "step": 0, "kind": "layer", "index": 1, "distance": 2, "name": "hidden"}
        counts = [0] * tables.HISTOGRAM_LENGTH
        measured.append({**row, "weight_norm": value + run.seed, "error_signal_histogram": counts})
        point = {"run_id": run.run_id, "step": 10, "seconds": 0.5, "split": "test", "metric": "accuracy"}
        points.append({**point, "value": 0.25 * run.seed})
    return Frames(pd.DataFrame(rows), pd.DataFrame(measured), pd.DataFrame(points))


def trainings(log: Path, name: str = "") -> int:
    """Return how many trainings have left a file."""
    return len(list(log.glob(f"{name}*-*")))
