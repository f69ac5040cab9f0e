"""The one form of every estimate, and the names that estimates have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "arm", "estimate", "low", "high", "unit", "n", "n_censored", "method")
"""Columns of an estimate frame; `low` and `high` bound the 95 % interval and are NaN where n < 3."""


@dataclass(frozen=True)
class Kind:
    """What an estimate is: its unit and one sentence for readers."""

    unit: str
    title: str
    meaning: str


KINDS = {
    "decay-factor": Kind("per layer or step", "Decay factor", "Geometric factor on the error signal per layer or time step towards the input, at initialisation; below 1 it vanishes, above 1 it explodes."),
    "decay-rate": Kind("decades per layer or step", "Decay rate", "log10 of the decay factor."),
    "decay-factor-end": Kind("per layer or step", "Decay factor after training", "The decay factor after the last step, at the chosen learning rate."),
    "cell-decay-factor": Kind("per time step", "Decay factor of the cell state", "The decay factor of the error signal at the cell states of a gated network, at initialisation."),
    "exponential-fit": Kind("R²", "Exponential fit", "Share of the variance of the log10 error signal over positions that a straight line explains."),
    "weight-gradient-factor": Kind("per layer", "Weight-gradient factor", "Geometric factor on the norm of the weight gradients per layer towards the input, at initialisation; not the decay factor."),
    "signal-ratio": Kind("log10", "End-to-end ratio", "log10 of the error signal at the first position over that at the last, at initialisation."),
    "theory-decay-factor": Kind("per layer or step", "Predicted decay factor", "The decay factor that theory predicts for the arm."),
    "theory-deviation": Kind("%", "Deviation from theory", "Measured over predicted decay factor, less one."),
    "learning-rate": Kind("", "Chosen learning rate", "The rate that did best on validation data with the tuning seeds."),
    "success": Kind("share of runs", "Success", "Share of the judged runs that reach the target on test data, at the chosen learning rate."),
    "time-to-target": Kind("steps", "Time to target", "Restricted mean number of steps until the target is reached, runs that do not reach it censored at the budget."),
    "median-time-to-target": Kind("steps", "Median time to target", "Step by which half of the judged runs have reached the target; none where fewer do."),
    "final-metric": Kind("", "Final metric", "Mean of the task's metric on test data after the last step, at the chosen learning rate; a run that diverged counts as chance."),
    "interquartile-mean": Kind("", "Interquartile mean", "Mean of the final metric over the runs between its quartiles, which one or two failures do not move."),
    "area-under-curve": Kind("", "Area under the learning curve", "Mean of the test metric over the budget."),
    "speed-up": Kind("times", "Speed-up", "Baseline's restricted mean time to target over the arm's, paired by seed."),
    "metric-difference": Kind("", "Difference from the baseline", "Final metric less that of the baseline, paired by seed."),
    "effect-size": Kind("standard deviations", "Effect size", "Mean difference of the final metric from the baseline, paired by seed, in standard deviations of that difference; positive where the arm is better."),
    "improvement": Kind("share of seeds", "Probability of improvement", "Share of the seeds in which the arm ends better than its baseline, ties counting one half."),
    "diverged": Kind("share of runs", "Diverged", "Share of the judged runs whose loss became non-finite, at the chosen learning rate."),
    "seconds-per-step": Kind("s", "Cost of a step", "Wall time of a step of one run, trained in its ensemble."),
}  # fmt: skip


def row(
    name: str,
    arm: str,
    values: Sequence[float],
    n: int,
    n_censored: int = 0,
    *,
    method: str,
    unit: str = "",
) -> tuple[object, ...]:
    """Return one row of `COLUMNS`.

    Parameters
    ----------
    name : str
        One of `KINDS`.
    arm : str
        The arm's id.
    values : sequence of float
        The estimate and the ends of its interval; an estimate alone has none.
    n, n_censored : int
        Number of runs behind it, and how many of these are censored.
    method : str
        How it was made, in a few words.
    unit : str
        In place of the kind's unit.
    """
    estimate, low, high = (*values, float("nan"), float("nan"))[:3]
    ends = float(estimate), float(low), float(high)
    return (name, arm, *ends, unit or KINDS[name].unit, int(n), int(n_censored), method)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings from column to value."""
    return [{str(name): value for name, value in line.items()} for line in frame.to_dict("records")]
