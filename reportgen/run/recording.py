"""What a cell leaves behind: frames with the columns of the store's tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.probe.measure import Measurement
from reportgen.probe.taps import Position
from reportgen.store import tables
from reportgen.study.spec import Cell

if TYPE_CHECKING:
    from reportgen.run.assembly import Assembled

NUMBERS = [column.name for column in tables.QUANTITIES if column.sql == "DOUBLE"]


@dataclass(frozen=True)
class CellFrames:
    """A trained cell: frames with exactly the columns of ``store.tables``, in order; ``environment_id`` is ""."""

    runs: pd.DataFrame
    measurements: pd.DataFrame
    curves: pd.DataFrame


@dataclass
class Recorder:
    """Collects what is measured while a cell trains.

    Attributes
    ----------
    run_ids : list of str
        Of the cell's runs, in order: a member's number is its index here.
    """

    run_ids: list[str]
    _measurements: list[pd.DataFrame] = field(default_factory=list)
    _curves: list[dict[str, Any]] = field(default_factory=list)

    def measured(self, step: int, members: list[int], measurement: Measurement) -> None:
        """Keep a measurement of these members."""
        positions = measurement.positions()
        if not positions:
            return
        count, ids = len(members), [self.run_ids[member] for member in members]
        columns: dict[str, Any] = {
            "run_id": np.repeat(np.array(ids, dtype=object), len(positions)),
            "step": step,
            **{part: [getattr(p, part) for p in positions] * count for part in Position._fields},
        }
        unknown = np.full(count, np.nan)
        for quantity in NUMBERS:
            by_position = measurement.values.get(quantity, {})
            columns[quantity] = np.stack([by_position.get(p, unknown) for p in positions], axis=1).ravel()
        columns["error_signal_histogram"] = [
            measurement.histograms[p][i] if p in measurement.histograms else None
            for i in range(count)
            for p in positions
        ]
        self._measurements.append(pd.DataFrame(columns, columns=tables.names(tables.MEASUREMENTS)))

    def evaluated(
        self, step: int, seconds: float, split: str, metric: str, members: list[int], values: NDArray[np.float64]
    ) -> None:
        """Keep a metric of these members on a split; what is not finite is kept as NaN."""
        for member, value in zip(members, values.tolist(), strict=True):
            self._curves.append(
                {
                    "run_id": self.run_ids[member],
                    "step": step,
                    "seconds": seconds,
                    "split": split,
                    "metric": metric,
                    "value": value if np.isfinite(value) else np.nan,
                }
            )

    def frames(self, runs: pd.DataFrame) -> CellFrames:
        """Return all that was kept."""
        empty = pd.DataFrame(columns=tables.names(tables.MEASUREMENTS))
        kept = self._measurements
        measurements = pd.concat(kept, ignore_index=True) if kept else empty
        return CellFrames(runs, measurements, pd.DataFrame(self._curves, columns=tables.names(tables.CURVES)))


def runs_frame(
    cell: Cell,
    assembled: Assembled,
    diverged_at: dict[int, int],
    ended_at: dict[int, int],
    parameters: int,
    seconds: float,
) -> pd.DataFrame:
    """Describe the runs of a trained cell.

    Parameters
    ----------
    cell : Cell
    assembled : Assembled
    diverged_at : dict
        Member to the step at which its loss was not finite.
    ended_at : dict
        Member to the steps that it took, where it diverged or was stopped early.
    parameters : int
        Trainable parameters of one member.
    seconds : float
        Wall time of a run: the cell's, divided by the number of its runs.
    """
    rows = []
    for member, run in enumerate(cell.runs):
        diverged = diverged_at.get(member)
        rows.append(
            {
                "run_id": run.run_id,
                "cell_id": cell.cell_id,
                "status": "completed" if diverged is None else "diverged",
                "reason": "" if diverged is None else f"the loss was not finite at step {diverged}",
                "architecture": run.architecture.name,
                "remedies": "+".join(remedy.name for remedy in run.remedies),
                "task": run.task.name,
                "depth": assembled.architecture.depth,
                "width": assembled.architecture.width,
                "sequence_length": assembled.task.shape.length,
                "learning_rate": run.learning_rate,
                "seed": run.seed,
                "steps": ended_at.get(member, assembled.training.steps),
                "parameters": parameters,
                "duration_s": seconds,
                "environment_id": "",
                "spec": run.canonical,
            }
        )
    frame = pd.DataFrame(rows, columns=tables.names(tables.RUNS))
    return frame.astype({"sequence_length": "Int32", "learning_rate": "float64"})
