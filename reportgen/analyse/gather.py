"""Gather: which runs of the store belong to which arm of a study, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from reportgen.study.spec import Study

STATUS_COLUMNS = ("arm", "planned", "completed", "diverged", "failed", "missing", "skipped")
"""Columns of the status frame: numbers of runs, and why the arm is skipped ("" if it is not)."""


class StoreLike(Protocol):
    """What the analyses need of a store: frames with the columns of ``reportgen.store.tables``."""

    def runs(self, run_ids: Collection[str]) -> pd.DataFrame:
        """Return one row for each of the runs that the store holds."""
        ...

    def measurements(self, run_ids: Collection[str], columns: Sequence[str]) -> pd.DataFrame:
        """Return wide rows with the position columns and the named quantities."""
        ...

    def curves(self, run_ids: Collection[str], splits: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the evaluations of the runs, of some splits only if they are named."""
        ...


@dataclass(frozen=True)
class Gathered:
    """The runs of a study.

    Attributes
    ----------
    runs : pandas.DataFrame
        One row a run that the store holds and that did not fail, and an arm that uses it: run (row number), arm,
        run_id, seed, learning_rate (NaN where nothing is trained), tuning (bool), diverged (bool), budget (steps),
        done (steps with a finite loss), cell_id, duration_s.
    statuses : pandas.DataFrame
        `STATUS_COLUMNS`, one row an arm.
    """

    runs: pd.DataFrame
    statuses: pd.DataFrame


def gather(study: Study, store: StoreLike) -> Gathered:
    """Join the runs that a study plans with those that the store holds.

    Parameters
    ----------
    study : Study
    store : StoreLike

    Returns
    -------
    Gathered
    """
    planned = _planned(study)
    held = store.runs(planned["run_id"].unique().tolist()) if len(planned) else pd.DataFrame(columns=["run_id"])
    columns = ["run_id", "status", "steps", "cell_id", "duration_s"]
    held = held.reindex(columns=columns).drop_duplicates("run_id").rename(columns={"steps": "done"})
    joined = planned.merge(held, on="run_id", how="left")
    joined["status"] = joined["status"].fillna("missing").astype(str)
    runs = joined[joined["status"].isin(("completed", "diverged"))].reset_index(drop=True)
    runs = runs.assign(diverged=runs["status"] == "diverged", run=np.arange(len(runs))).drop(columns="status")
    for column in ("done", "duration_s"):
        runs[column] = runs[column].astype(float)
    return Gathered(runs, _statuses(study, joined))


def _planned(study: Study) -> pd.DataFrame:
    rows = []
    for arm in study.arms:
        tuning = set(arm.tuning_seeds)
        for run in arm.runs:
            rate = np.nan if run.learning_rate is None else run.learning_rate
            rows.append((arm.id, run.run_id, run.seed, rate, run.seed in tuning, run.training.steps))
    frame = pd.DataFrame(rows, columns=["arm", "run_id", "seed", "learning_rate", "tuning", "budget"])
    return frame.astype({"learning_rate": float, "tuning": bool})


def _statuses(study: Study, joined: pd.DataFrame) -> pd.DataFrame:
    counts: dict[Hashable, int] = joined.groupby(["arm", "status"]).size().to_dict()
    planned: dict[Hashable, int] = joined.groupby("arm").size().to_dict()
    kinds = ("completed", "diverged", "failed", "missing")
    rows = [
        (arm.id, planned.get(arm.id, 0), *(counts.get((arm.id, kind), 0) for kind in kinds), arm.skipped)
        for arm in study.arms
    ]
    return pd.DataFrame(rows, columns=list(STATUS_COLUMNS))
