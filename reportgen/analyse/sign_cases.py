"""The runs on which signs of failure are tried: which count, which failed, when that was known, and how they failed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from reportgen.analyse.convergence import higher_is_better

if TYPE_CHECKING:
    from reportgen.study.spec import RunSpec, Study

CASE_COLUMNS = (
    "run_id",
    "study",
    "arm",
    "cluster",
    "own",
    "architecture",
    "learning_rate",
    "metric",
    "target",
    "budget",
    "parameters",
    "diverged",
    "failed",
    "known",
)
"""Columns of the frame of cases, one row a study and run."""

SPAN = 1.0
"""Decades between the first and the last hidden position from which a signal counts as vanishing or exploding."""


class SignStore(Protocol):
    """What the signs need of a store; ``reportgen.store.Store`` has it."""

    def runs(self, run_ids: Iterable[str]) -> pd.DataFrame:
        """Return one row for each of the runs that the store holds."""
        ...

    def measurements(
        self, run_ids: Iterable[str], columns: Iterable[str], *, steps: Iterable[int] | None = None
    ) -> pd.DataFrame:
        """Return wide rows with the position columns and the named quantities, at some steps only if they are named."""
        ...

    def curves(self, run_ids: Iterable[str], splits: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the evaluations of the runs, of some splits only if they are named."""
        ...


def cases(studies: Sequence[Study], store: SignStore) -> pd.DataFrame:
    """Return the runs of the studies that are trained by gradient towards a target.

    All seeds (also those that tune) and all learning rates count. A run *fails* if it does not reach its target on the
    test split within its budget, or diverges. Where several studies have the same run, or runs that differ only in
    what is measured of them, each has a row, and the first is its own.

    Parameters
    ----------
    studies : sequence of Study
    store : SignStore

    Returns
    -------
    pandas.DataFrame
        `CASE_COLUMNS`: run_id, study (title), arm, cluster (a number that all runs of one configuration share, whatever
        their seed and rate), own (bool), architecture, learning_rate, metric, target, budget (steps), parameters
        (number), diverged, failed (bool), known (the step at which the outcome was there to see: the target reached,
        or the loss not finite; infinite for a run that completed without reaching it).
    """
    planned = _planned(studies)
    ids = planned["run_id"].unique().tolist()
    if not ids:
        return pd.DataFrame(columns=list(CASE_COLUMNS)).astype(dict.fromkeys(("own", "diverged", "failed"), bool))
    held = store.runs(ids)[["run_id", "status", "steps", "parameters"]].drop_duplicates("run_id")
    found = planned.merge(held[held["status"].isin(("completed", "diverged"))], on="run_id").reset_index(drop=True)
    found["diverged"] = found["status"] == "diverged"
    reached = _reached(found, store.curves(found["run_id"].unique().tolist(), splits=["test"]))
    found = found[reached.notna() | found["diverged"]]
    reached = reached[found.index]
    lost = found["steps"].astype(float).where(found["diverged"], np.inf)
    found = found.assign(
        failed=np.isinf(reached.fillna(np.inf)) | found["diverged"],
        known=np.minimum(reached.fillna(np.inf), lost),
        own=~found.duplicated(["cluster", "seed", "learning_rate"]),
    )
    return found[list(CASE_COLUMNS)].reset_index(drop=True)


def _planned(studies: Sequence[Study]) -> pd.DataFrame:
    rows = []
    for study in studies:
        for arm in study.arms:
            if arm.target is None or not arm.learning_rates or arm.training.steps == 0:
                continue
            for run in arm.runs:
                target = arm.target
                about = (run.architecture.name, run.seed, run.learning_rate, target.metric, target.value)
                rows.append((run.run_id, study.title, arm.id, _configuration(run), *about, run.training.steps))
    columns = [
        "run_id",
        "study",
        "arm",
        "cluster",
        "architecture",
        "seed",
        "learning_rate",
        "metric",
        "target",
        "budget",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(cluster=pd.factorize(frame["cluster"])[0])


def _configuration(run: RunSpec) -> str:
    """What decides a run's training beside its seed and its learning rate."""
    components = [asdict(part) for part in (run.task, run.architecture, *run.remedies)]
    return json.dumps([*components, asdict(run.training)], sort_keys=True)


def _reached(runs: pd.DataFrame, test: pd.DataFrame) -> pd.Series[float]:
    """First step at which each row's metric is at its target; inf if never, NaN without a finite evaluation."""
    rows = runs[["run_id", "metric", "target"]].assign(row=np.arange(len(runs)))
    joined = rows.merge(test[["run_id", "metric", "step", "value"]], on=["run_id", "metric"])
    joined = joined[np.isfinite(joined["value"])]
    up = joined["metric"].map({name: higher_is_better(name) for name in joined["metric"].unique()}).astype(bool)
    hit = np.where(up, joined["value"] >= joined["target"], joined["value"] <= joined["target"])
    step = joined["step"].astype(float).where(hit, np.inf)
    return pd.Series(step.groupby(joined["row"]).min().reindex(rows["row"]).to_numpy(float), index=runs.index)


def failure_kinds(found: pd.DataFrame, span: pd.Series[float]) -> pd.Series[str]:
    """Tell how each failed run failed, as one of ``reportgen.analyse.sign_catalogue.KINDS``; "" if it did not fail.

    A run that diverged is one. Another is compared with the runs of its configuration: if some of them learn at its
    rate, it was borderline; if some learn at a larger rate (and none at a smaller), its rate was too small, and the
    other way round. Where the configuration learns at no rate, the error signal at the start decides: it vanishes or
    explodes if it falls or grows by at least `SPAN` decades from the last hidden position to the first.

    Parameters
    ----------
    found : pandas.DataFrame
        What `cases` returns.
    span : pandas.Series
        Decades by run_id at step 0: log10 of the root mean square of the error signal at the first hidden position
        over that at the last.

    Returns
    -------
    pandas.Series
        Aligned with `found`.
    """
    learned = found[~found["failed"]]
    rates = learned.groupby("cluster")["learning_rate"].agg(["min", "max"]).reindex(found["cluster"])
    low, high = rates["min"].to_numpy(float), rates["max"].to_numpy(float)
    rate = found["learning_rate"].to_numpy(float)
    pairs = pd.MultiIndex.from_frame(learned[["cluster", "learning_rate"]])
    same = pd.MultiIndex.from_frame(found[["cluster", "learning_rate"]]).isin(pairs)
    start = found["run_id"].map(span).to_numpy(float)
    conditions = [
        ~found["failed"].to_numpy(bool),
        found["diverged"].to_numpy(bool),
        same | ((low < rate) & (rate < high)),
        rate < low,
        rate > high,
        start <= -SPAN,
        start >= SPAN,
    ]
    names = ["", "diverged", "borderline", "rate too small", "rate too large", "vanishing", "exploding"]
    return pd.Series(np.select(conditions, names, default="neither"), index=found.index)
