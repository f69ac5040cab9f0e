"""Learning: what the evaluations of a study's runs say, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reportgen.analyse.convergence import Outcomes, bounds, chance_levels, higher_is_better
from reportgen.analyse.intervals import grouped_mean, wilson
from reportgen.analyse.selection import Selection
from reportgen.analyse.survival import SURVIVAL_COLUMNS, KaplanMeier

if TYPE_CHECKING:
    from reportgen.study.spec import Study

CURVE_COLUMNS = ("arm", "step", "split", "metric", "mean", "low", "high", "n")
SEED_CURVE_COLUMNS = ("arm", "seed", "step", "metric", "value")
TIME_COLUMNS = ("arm", "seed", "step", "censored", "diverged")
RATE_COLUMNS = (
    "arm",
    "learning_rate",
    "success",
    "low",
    "high",
    "metric",
    "metric_low",
    "metric_high",
    "diverged",
    "n",
    "is_chosen",
    "at_edge",
)


@dataclass(frozen=True)
class Learning:
    """What the evaluations say about the trained arms.

    Attributes
    ----------
    judged : pandas.DataFrame
        One row a judged run at its arm's chosen rate, on the test split: arm, run_id, seed, metric, target, budget,
        diverged, step, reached, final, area, done, cell_id, duration_s.
    rates, curves, seed_curves, times, survival : pandas.DataFrame
        As described in ``reportgen.analyse.study.Analysis``.
    """

    judged: pd.DataFrame
    rates: pd.DataFrame
    curves: pd.DataFrame
    seed_curves: pd.DataFrame
    times: pd.DataFrame
    survival: pd.DataFrame


def choose(study: Study, runs: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """Choose each trained arm's learning rate (`Selection`).

    Parameters
    ----------
    study : Study
    runs : pandas.DataFrame
        What `gather` returns.
    validation : pandas.DataFrame
        The store's curves of the validation split, of the runs of `selection_runs`.

    Returns
    -------
    pandas.DataFrame
        ``reportgen.analyse.selection.CHOSEN_COLUMNS``.
    """
    outcomes = _outcomes(study, selection_runs(runs), validation)
    offered = {arm.id: arm.learning_rates for arm in study.arms if arm.training.steps > 0 and not arm.skipped}
    return Selection()(outcomes, offered)


def selection_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that choose a learning rate: those of tuning seeds, or all of an arm that has none."""
    trained = runs[runs["budget"] > 0]
    return trained[trained["tuning"] | ~trained.groupby("arm")["tuning"].transform("any").astype(bool)]


def learn(study: Study, runs: pd.DataFrame, test: pd.DataFrame, chosen_curves: pd.DataFrame) -> Learning:
    """Analyse the evaluations of judged runs.

    Parameters
    ----------
    study : Study
    runs : pandas.DataFrame
        Judged runs of trained arms, with the columns of `gather` and is_chosen, at_edge (bool).
    test : pandas.DataFrame
        The store's curves of these runs on the test split.
    chosen_curves : pandas.DataFrame
        The store's curves of the runs at the chosen rates, of all splits.

    Returns
    -------
    Learning
    """
    outcomes = _outcomes(study, runs, test)
    judged = outcomes[outcomes["is_chosen"]].reset_index(drop=True)
    mine = chosen_curves.merge(judged[["run_id", "run", "arm", "seed"]], on="run_id")
    mine = mine[np.isfinite(mine["value"].astype(float))].astype({"value": float})
    metrics = metrics_of(study, mine)
    mine = mine.assign(main=mine["metric"] == mine["arm"].map(metrics))
    timed = judged[judged["target"].notna()]
    times = timed.assign(censored=~timed["reached"].astype(bool))[list(TIME_COLUMNS)]
    seeds = mine[mine["main"] & (mine["split"] == "test")].sort_values(["arm", "seed", "step"], ignore_index=True)
    return Learning(
        judged=judged,
        rates=_rates(outcomes),
        curves=_curves(mine, judged),
        seed_curves=seeds[list(SEED_CURVE_COLUMNS)],
        times=times.reset_index(drop=True),
        survival=_survival(timed),
    )


def metrics_of(study: Study, curves: pd.DataFrame) -> dict[str, str]:
    """Return the metric that each arm is judged by: the target's, else the first in `curves` that is not the loss."""
    other = curves.loc[curves["metric"] != "loss", ["arm", "metric"]].drop_duplicates("arm")
    found = {str(arm): str(metric) for arm, metric in zip(other["arm"], other["metric"], strict=True)}
    only_loss = {str(arm): "loss" for arm in curves["arm"].unique()}
    return only_loss | found | {arm.id: arm.target.metric for arm in study.arms if arm.target is not None}


def _outcomes(study: Study, runs: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """Join `runs` with their outcomes on the one split that `curves` holds."""
    known = curves.merge(runs[["run_id", "run", "arm"]], on="run_id").astype({"value": float})
    metrics = metrics_of(study, known)
    main = known[known["metric"].to_numpy() == known["arm"].map(metrics).to_numpy()]
    targets = {arm.id: arm.target.value for arm in study.arms if arm.target is not None}
    table = runs.assign(
        metric=runs["arm"].map(metrics),
        target=runs["arm"].map(targets).astype(float),
        chance=runs["arm"].map(chance_levels(main)).astype(float),
    )
    table = table[table["metric"].notna()]
    joined = table.merge(Outcomes()(main, table), on="run")
    return joined.assign(higher_is_better=joined["metric"].map(higher_is_better).astype(bool))


def _rates(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Share of success and final metric of the judged seeds at every rate."""
    if outcomes.empty:
        return pd.DataFrame(columns=list(RATE_COLUMNS))
    by = ["arm", "learning_rate"]
    outcomes = outcomes.assign(hit=outcomes["reached"].astype(float).where(outcomes["target"].notna()))
    shares = outcomes.groupby(by, sort=True, dropna=False).agg(
        success=("hit", "mean"),
        hits=("hit", "sum"),
        diverged=("diverged", "mean"),
        n=("run", "size"),
        metric_name=("metric", "first"),
        is_chosen=("is_chosen", "first"),
        at_edge=("at_edge", "first"),
    )
    result = shares.reset_index()
    low, high = wilson(result["hits"], result["n"])
    unknown = result["success"].isna().to_numpy()
    result["low"], result["high"] = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    final = grouped_mean(outcomes, by, "final")
    result["metric"] = final["estimate"]
    result["metric_low"], result["metric_high"] = _clipped(final, result["metric_name"])
    result["at_edge"] &= result["is_chosen"]
    return result[list(RATE_COLUMNS)]


def _clipped(interval: pd.DataFrame, metric: pd.Series[str]) -> tuple[pd.Series[float], pd.Series[float]]:
    """Clip intervals to the values that each row's metric can take."""
    upper = metric.map({name: bounds(name)[1] for name in metric.unique()}).astype(float)
    return interval["low"].clip(lower=0.0), pd.Series(np.minimum(interval["high"], upper))


def _curves(mine: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Mean curves; after its divergence a run goes on at chance in the metric that its arm is judged by."""
    if mine.empty:
        return pd.DataFrame(columns=list(CURVE_COLUMNS))
    by = ["arm", "split", "metric", "step"]
    whole = pd.concat([mine[[*by, "value"]], _after_divergence(mine, judged)], ignore_index=True)
    result = grouped_mean(whole, by, "value").rename(columns={"estimate": "mean"})
    result["low"], result["high"] = _clipped(result, result["metric"])
    return result[list(CURVE_COLUMNS)]


def _after_divergence(mine: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    by = ["arm", "split", "metric", "step", "value"]
    gone = judged.loc[judged["diverged"].astype(bool), ["arm", "run"]]
    main = mine[mine["main"]]
    if gone.empty or main.empty:
        return mine.iloc[:0][by]
    grid = main[["arm", "split", "metric", "step"]].drop_duplicates()
    first = main[main["step"] == main.groupby(["arm", "split"])["step"].transform("min")]
    level = first.groupby(["arm", "split"])["value"].mean().reset_index()
    last = main.groupby(["run", "split"])["step"].max().rename("last").reset_index()
    wanted = gone.merge(grid, on="arm").merge(level, on=["arm", "split"]).merge(last, on=["run", "split"], how="left")
    return wanted.loc[wanted["step"] > wanted["last"].fillna(-1), by]


def _survival(judged: pd.DataFrame) -> pd.DataFrame:
    estimator = KaplanMeier()
    parts = [
        estimator(part["step"], ~part["reached"].astype(bool), float(part["budget"].iloc[0])).assign(arm=arm)
        for arm, part in judged.groupby("arm", sort=False)
    ]
    columns = ["arm", *SURVIVAL_COLUMNS]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
