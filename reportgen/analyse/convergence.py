"""Convergence: when a run reaches the target, how well it ends, and what counts where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

OUTCOME_COLUMNS = ("run", "step", "reached", "final", "area")
"""Columns of the frame that `Outcomes` returns."""


def higher_is_better(metric: str) -> bool:
    """Tell whether a larger value of the metric is the better one (accuracy), or a smaller one (errors, loss)."""
    return metric == "accuracy"


def bounds(metric: str) -> tuple[float, float]:
    """Return the range of values that the metric can take."""
    return (0.0, 1.0) if metric == "accuracy" else (0.0, np.inf)


def chance_levels(curves: pd.DataFrame, by: str = "arm") -> dict[str, float]:
    """Return what an untrained network scores: the mean metric of each arm's runs at their first evaluation.

    Parameters
    ----------
    curves : pandas.DataFrame
        Rows of one split: `by`, step, value.
    by : str
        The grouping column.

    Returns
    -------
    dict
        Arm to the mean of the finite values.
    """
    first = curves[curves["step"] == curves.groupby(by, observed=True)["step"].transform("min")]
    means = first[np.isfinite(first["value"])].groupby(by, observed=True)["value"].mean()
    return {str(arm): float(value) for arm, value in means.items()}


@dataclass(frozen=True)
class Outcomes:
    """What became of each run, from its evaluations on one split.

    *Time to target* is the first evaluated step at which the metric is at least the target (accuracy) or at most
    (errors). A run that never gets there is right-censored at the budget, and so is one that diverges before.

    *Final* is the metric after the last step. A run that diverged counts as chance, which is what an untrained
    network scores: the arm's mean metric at the first evaluation. *Area* is the mean of the metric over the
    budget (trapezoids between evaluations), and a run that diverged counts as chance from its last finite
    evaluation on. An error above chance counts as chance, so that one exploding run does not decide a mean.
    """

    def __call__(self, curves: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
        """Return one row a run.

        Parameters
        ----------
        curves : pandas.DataFrame
            Rows of one split and of each arm's metric: run, step, value.
        runs : pandas.DataFrame
            One row a run: run (any unique key), metric, target (NaN for none), budget (steps), diverged (bool), chance.

        Returns
        -------
        pandas.DataFrame
            `OUTCOME_COLUMNS`: run, step (steps, the budget where it is censored), reached (bool), final, area;
            in the order of `runs`, without runs that have no finite evaluation and did not diverge.
        """
        runs = runs.reset_index(drop=True)
        row = pd.Index(runs["run"]).get_indexer(pd.Index(curves["run"]))
        frame = pd.DataFrame(
            {"row": row, "step": curves["step"].to_numpy(float), "value": curves["value"].to_numpy(float)}
        )
        frame = frame[(row >= 0) & np.isfinite(frame["value"])].sort_values(["row", "step"], ignore_index=True)
        up = runs["metric"].map(higher_is_better).to_numpy(bool)
        result = runs[["run"]].assign(**self._times(frame, runs, up), **self._levels(frame, runs, up))
        seen = np.isin(np.arange(len(runs)), frame["row"]) | runs["diverged"].to_numpy(bool)
        return pd.DataFrame(result[seen].reset_index(drop=True), columns=list(OUTCOME_COLUMNS))

    def _times(self, frame: pd.DataFrame, runs: pd.DataFrame, up: Any) -> dict[str, Any]:
        row = frame["row"].to_numpy()
        sign = np.where(up, 1.0, -1.0)[row]
        target = runs["target"].to_numpy(float)[row]
        there = frame[sign * frame["value"].to_numpy() >= sign * target]
        first = there.groupby("row")["step"].first().reindex(range(len(runs))).to_numpy(float)
        budget = runs["budget"].to_numpy(float)
        reached = first <= budget
        return {"step": np.where(reached, first, budget), "reached": reached}

    def _levels(self, frame: pd.DataFrame, runs: pd.DataFrame, up: Any) -> dict[str, Any]:
        row = frame["row"].to_numpy()
        chance = runs["chance"].to_numpy(float)
        diverged = runs["diverged"].to_numpy(bool)
        value = frame["value"].to_numpy()
        value = np.where(up[row], value, np.fmin(value, chance[row]))
        frame = frame.assign(value=value)
        ends = frame.groupby("row").agg(at=("step", "last"), final=("value", "last"), start=("step", "first"))
        ends = ends.reindex(range(len(runs)))
        same = np.append(row[1:] == row[:-1], False)[: len(row)]
        width = np.append(np.diff(frame["step"].to_numpy()), 0.0)[: len(row)]
        mean = (value + np.append(value[1:], 0.0)[: len(row)]) / 2
        area = np.bincount(row, np.where(same, width * mean, 0.0), minlength=len(runs))
        budget = runs["budget"].to_numpy(float)
        start, at = ends["start"].fillna(0.0).to_numpy(float), ends["at"].fillna(0.0).to_numpy(float)
        area = area + np.where(diverged, (budget - at) * chance, 0.0)
        span = np.where(diverged, budget - start, at - start)
        return {
            "final": np.where(diverged, chance, ends["final"].to_numpy(float)),
            "area": np.where(span > 0, area / np.where(span > 0, span, 1.0), np.nan),
        }
