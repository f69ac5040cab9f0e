"""A store in memory, and runs whose truth is known: exact exponentials, and curves that reach a level at a step."""

from __future__ import annotations

import importlib.util
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reportgen.study.spec import Arm, Component, Measure, RunSpec, Study, Target, Training

QUANTITIES = (
    "error_signal_rms",
    "weight_gradient_norm",
    "weight_norm",
    "update_ratio",
    "activation_mean",
    "activation_std",
    "saturated_fraction",
    "dead_fraction",
    "clipped_fraction",
)


@dataclass(frozen=True)
class MemoryStore:
    """Frames with the reading methods of a store."""

    tables: dict[str, pd.DataFrame]

    def runs(self, run_ids: Any) -> pd.DataFrame:
        return self._read("runs", run_ids)

    def measurements(self, run_ids: Any, columns: Any) -> pd.DataFrame:
        keys = ["run_id", "step", "kind", "index", "distance", "name"]
        return self._read("measurements", run_ids)[[*keys, *columns]]

    def curves(self, run_ids: Any, splits: Any = None) -> pd.DataFrame:
        rows = self._read("curves", run_ids)
        return rows if splits is None else rows[rows["split"].isin(splits)].reset_index(drop=True)

    def _read(self, table: str, run_ids: Any) -> pd.DataFrame:
        frame = self.tables[table]
        return frame[frame["run_id"].isin(set(run_ids))].reset_index(drop=True)


@dataclass(frozen=True)
class Truth:
    """A run's decay factor, the step at which its metric jumps from `chance` to `level`, and its divergence."""

    factor: float = 0.5
    jump: int = 50
    level: float = 0.95
    chance: float = 0.1
    metric: str = "accuracy"
    diverges: int | None = None
    failed: bool = False
    present: bool = True


def make_arm(label: str, **changes: Any) -> Arm:
    """An arm of the factor "kind" with sensible settings, some of them changed."""
    depth = changes.pop("depth", 10)
    arm = Arm(
        id=label,
        label=label,
        levels=changes.pop("levels", {"kind": label}),
        values={},
        skipped="",
        is_baseline=False,
        task=Component("digits"),
        architecture=Component(
            "mlp",
            1,
            {"depth": depth, "width": 64, "activation": "relu", "initialisation": {"name": "he-normal"}},
        ),
        remedies=(),
        training=Training(steps=100),
        measure=Measure(QUANTITIES, points=zlib.crc32(label.encode())),  # so that arms do not share runs
        target=Target("accuracy", 0.9),
        tuning_seeds=(100, 101, 102),
        seeds=(0, 1, 2, 3, 4),
        learning_rates=(0.01, 0.1, 1.0),
    )
    return replace(arm, **changes)


def make_study(*arms: Arm) -> Study:
    """A study of these arms."""
    return Study("toy", "toy.yaml", "default", "Toy", (), "?", {}, (), tuple(arms), ())


def _measured(run: RunSpec, truth: Truth, steps: tuple[int, ...], number: int) -> pd.DataFrame:
    depth = run.architecture.parameters.get("depth", 10)
    index = np.arange(1, depth + 2)
    parts = []
    for step in steps:
        scale = 1 + 0.1 * number
        signal = scale * truth.factor ** (depth + 1.0 - index)
        frame = pd.DataFrame({"step": step, "kind": "layer", "index": index, "distance": depth + 1 - index})
        frame["name"] = np.where(index <= depth, "hidden", "readout")
        frame["error_signal_rms"] = signal
        frame["weight_gradient_norm"] = scale
        frame["weight_norm"] = 8.0
        frame["update_ratio"] = np.nan if step == 0 else 1e-3
        frame["activation_mean"] = -0.25
        frame["activation_std"] = 0.5
        frame["saturated_fraction"] = np.nan
        frame["dead_fraction"] = 0.25
        parts.append(frame)
    whole = {"step": list(steps), "kind": "network", "index": 0, "distance": 0, "name": "network"}
    whole["clipped_fraction"] = [np.nan if step == 0 else 0.5 if step == 10 else 0.0 for step in steps]
    return pd.concat([*parts, pd.DataFrame(whole)]).assign(run_id=run.run_id)


def _evaluated(run: RunSpec, truth: Truth) -> pd.DataFrame:
    step = np.arange(0, run.training.steps + 1, 10)
    if truth.diverges is not None:
        step = step[step <= truth.diverges]
    value = np.where(step >= truth.jump, truth.level, truth.chance)
    parts = [
        pd.DataFrame({"step": step, "seconds": step * 1e-3, "split": split, "metric": metric, "value": values})
        for split in ("train", "validation", "test")
        for metric, values in ((truth.metric, value), ("loss", 1 - value))
    ]
    return pd.concat(parts).assign(run_id=run.run_id)


def make_store(study: Study, truth: Callable[[Arm, RunSpec], Truth]) -> MemoryStore:
    """Fill a store with what `truth` says of every run of the study."""
    runs, measurements, curves = [], [], []
    for arm in study.arms:
        for number, run in enumerate(arm.runs):
            it = truth(arm, run)
            if not it.present:
                continue
            budget = run.training.steps
            status = "failed" if it.failed else "completed" if it.diverges is None else "diverged"
            done = budget if it.diverges is None else it.diverges
            runs.append((run.run_id, f"cell-{arm.id}", status, done, 0.2))
            if it.failed:
                continue
            steps = tuple(step for step in sorted({0, 10, budget}) if step <= done)
            measurements.append(_measured(run, it, steps, number))
            if budget:
                curves.append(_evaluated(run, it))
    columns = ["run_id", "cell_id", "status", "steps", "duration_s"]
    empty = pd.DataFrame(columns=["run_id", "step", "kind", "index", "distance", "name", *QUANTITIES])
    no_curves = pd.DataFrame(columns=["run_id", "step", "seconds", "split", "metric", "value"])
    return MemoryStore(
        {
            "runs": pd.DataFrame(runs, columns=columns),
            "measurements": pd.concat(measurements, ignore_index=True) if measurements else empty,
            "curves": pd.concat(curves, ignore_index=True) if curves else no_curves,
        }
    )


@dataclass(frozen=True)
class Toy:
    """The makers, for tests."""

    arm: Callable[..., Arm] = make_arm
    study: Callable[..., Study] = make_study
    store: Callable[..., MemoryStore] = make_store
    truth: type[Truth] = Truth


@pytest.fixture
def toy() -> Toy:
    """Return the makers of synthetic studies and stores."""
    return Toy()


@pytest.fixture(scope="session")
def deciding() -> Any:
    """Return the makers of studies with claims."""
    return _by_path("deciding")


@pytest.fixture(scope="session")
def sign_fakes() -> Any:
    """Return the makers of runs with known signs."""
    return _by_path("sign_fakes")


def _by_path(name: str) -> Any:
    """Import a module beside this one by its path, since tests are no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
