"""What a worker does with a part: train it, and return frames or the reason why there are none."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from reportgen.errors import ReportgenError
from reportgen.run import environment, parts
from reportgen.store import tables
from reportgen.study.spec import Cell

if TYPE_CHECKING:
    import pandas as pd

    Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]

LONGEST = 300
"""Characters that a reason may have."""


class CellFrames(Protocol):
    """What a trainer returns: frames with the columns of the tables that they are named after."""

    @property
    def runs(self) -> pd.DataFrame:
        """A row a run."""
        ...

    @property
    def measurements(self) -> pd.DataFrame:
        """A row a run, step and position."""
        ...

    @property
    def curves(self) -> pd.DataFrame:
        """A row a run, evaluated step, split and metric."""
        ...


class Trainer(Protocol):
    """What trains a cell: ``reportgen.run.trainer.train_cell`` or, in tests, another importable function."""

    def __call__(self, cell: Cell, device: str = ..., on_step: Callable[..., None] | None = ...) -> CellFrames:
        """Train all runs of the cell."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of a part.

    Attributes
    ----------
    frames : tuple of DataFrame or None
        Runs, measurements and curves; None if there was an error.
    reason, detail : str
        The error in one line, and its traceback.
    seconds : float
        Wall time of the training.
    machine : mapping
        The environment's columns that belong to the worker.
    """

    frames: Tables | None
    reason: str
    detail: str
    seconds: float
    machine: Mapping[str, Any]


def default_train(cell: Cell, device: str = "cpu", on_step: Callable[..., None] | None = None) -> CellFrames:
    """Train a cell with the ensemble trainer, in a process that is prepared for it."""
    from reportgen.run.process import prepare

    prepare()
    from reportgen.run.trainer import train_cell

    return train_cell(cell, device=device, on_step=on_step)


def train_part(train: Trainer, part: Cell, device: str, on_step: Callable[..., None] | None = None) -> Outcome:
    """Train a part; an error becomes an outcome, and only Ctrl-C gets through."""
    started = time.perf_counter()
    try:
        made = train(part, device=device, on_step=on_step)
        frames: Tables | None = (made.runs, made.measurements, made.curves)
        reason = detail = ""
    except Exception as error:
        frames, reason, detail = None, reason_of(error), traceback.format_exc()
    return Outcome(frames, reason, detail, time.perf_counter() - started, environment.machine(device))


def reason_of(error: BaseException) -> str:
    """Return an error as one line."""
    lines = (error.message if isinstance(error, ReportgenError) else str(error)).strip().splitlines()
    text = lines[0] if lines else ""
    if not isinstance(error, ReportgenError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def failed_frames(part: Cell, reason: str, spent: float) -> Tables:
    """Return the frames of a part that failed: a row a run with the reason, and nothing measured."""
    import pandas as pd

    rows = [
        {
            "run_id": run.run_id,
            "cell_id": part.cell_id,
            "status": "failed",
            "reason": reason,
            "architecture": run.architecture.name,
            "remedies": "+".join(remedy.name for remedy in run.remedies),
            "task": run.task.name,
            "depth": parts.depth(run),
            "width": parts.width(run),
            "sequence_length": None,
            "learning_rate": run.learning_rate,
            "seed": run.seed,
            "steps": 0,
            "parameters": None,
            "duration_s": spent / len(part.runs),
            "environment_id": "",
            "spec": run.canonical,
        }
        for run in part.runs
    ]
    empty = [pd.DataFrame(columns=tables.names(tables.TABLES[name])) for name in ("measurements", "curves")]
    return pd.DataFrame(rows), empty[0], empty[1]
