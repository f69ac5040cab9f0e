"""Summary: the estimates of each arm, and the reason for each one that there is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reportgen.analyse.bootstrap import bca, interquartile_mean
from reportgen.analyse.comparison import Comparison, Row, baseline_of, with_holm
from reportgen.analyse.convergence import bounds, higher_is_better
from reportgen.analyse.decay import Decay, geometric_mean
from reportgen.analyse.estimates import records, row
from reportgen.analyse.gradients import Gradients
from reportgen.analyse.intervals import FEWEST, generator, grouped_mean, mean_interval, wilson
from reportgen.analyse.learning import Learning
from reportgen.analyse.outcomes import seconds_per_step
from reportgen.analyse.survival import median_time, restricted_mean
from reportgen.analyse.theory import NoTheory, Prediction

if TYPE_CHECKING:
    from reportgen.study.spec import Study

COMPARED = {
    "metric-difference": "paired t",
    "effect-size": "paired, Hedges' correction, noncentral t",
    "improvement": "paired by seed, Wilson",
    "speed-up": "ratio of restricted means, t on the log scale",
}
"""How the comparisons that are estimates too are made; the others are only tests."""


@dataclass(frozen=True)
class Summary:
    """Rows of estimates, and of (arm, name, reason) for those that are absent."""

    rows: list[Row] = field(default_factory=list)
    absent: list[Row] = field(default_factory=list)


def summarise_gradients(
    found: Gradients, predictions: Mapping[str, Prediction | NoTheory], decay: Decay, into: Summary
) -> None:
    """Add the estimates of decay, and of theory beside them, to a summary.

    Parameters
    ----------
    found : Gradients
    predictions : mapping
        Arm id to what theory says.
    decay : Decay
        The analysis that was used.
    into : Summary
    """
    start = found.decay[found.decay["step"] == 0]
    measured = _factors(start, "decay-factor", decay.quantity, into)
    _factors(found.weights, "weight-gradient-factor", "weight_gradient_norm", into)
    _factors(found.ends, "decay-factor-end", decay.quantity, into)
    _factors(found.cells, "cell-decay-factor", decay.quantity, into)
    for fit in records(grouped_mean(start, ["arm"], "r_squared", (0.0, 1.0))):
        if fit["n"]:
            method = "least squares; mean over seeds, t"
            into.rows.append(row("exponential-fit", fit["arm"], _ends(fit), fit["n"], method=method))
    cut = start["signal_ratio"].isna().groupby(start["arm"]).sum().to_dict()
    for ratio in records(grouped_mean(start, ["arm"], "signal_ratio")):
        if ratio["n"]:
            method = "first over last hidden position; mean over seeds, t"
            counts = ratio["n"], int(cut[ratio["arm"]])
            into.rows.append(row("signal-ratio", ratio["arm"], _ends(ratio), *counts, method=method))
    for arm, predicted in predictions.items():
        _theory(arm, predicted, measured, into)


def _ends(line: Mapping[str, Any]) -> tuple[float, float, float]:
    return float(line["estimate"]), float(line["low"]), float(line["high"])


def _factors(fits: pd.DataFrame, name: str, quantity: str, into: Summary) -> dict[str, dict[str, Any]]:
    """Add a factor for each arm; return the means by arm."""
    measured: dict[str, dict[str, Any]] = {}
    kinds = dict(zip(fits["arm"], fits["kind"], strict=True))
    reasons = dict(zip(fits["arm"], fits["reason"], strict=True))
    for mean in records(geometric_mean(fits, ["arm"])):
        arm = str(mean["arm"])
        if not mean["n"]:
            into.absent.append((arm, name, reasons[arm]))
            continue
        measured[arm] = mean
        position = "layer" if kinds[arm] == "layer" else "time step"
        method = f"Theil-Sen slope of log10 {quantity} on distance; geometric mean over seeds, t"
        counts = mean["n"], mean["n_censored"]
        into.rows.append(row(name, arm, _ends(mean), *counts, method=method, unit=f"per {position}"))
        if name == "decay-factor":
            rate = [float(np.log10(value)) for value in _ends(mean)]
            into.rows.append(row("decay-rate", arm, rate, *counts, method=method, unit=f"decades per {position}"))
    return measured


def _theory(
    arm: str, predicted: Prediction | NoTheory, measured: Mapping[str, Mapping[str, Any]], into: Summary
) -> None:
    if isinstance(predicted, NoTheory):
        into.absent.append((arm, "theory-decay-factor", predicted.reason))
        return
    sources = ", ".join(predicted.source)
    unit = "per layer" if predicted.kind == "layer" else "per time step"
    into.rows.append(row("theory-decay-factor", arm, [predicted.factor], 0, method=f"predicted ({sources})", unit=unit))
    if arm in measured:
        deviation = [100 * (value / predicted.factor - 1) for value in _ends(measured[arm])]
        method = "measured over predicted, less one"
        into.rows.append(row("theory-deviation", arm, deviation, measured[arm]["n"], method=method))


def summarise_learning(study: Study, found: Learning, chosen: pd.DataFrame, into: Summary) -> None:
    """Add the estimates of learning to a summary.

    Parameters
    ----------
    study : Study
    found : Learning
    chosen : pandas.DataFrame
        What `Selection` returns.
    into : Summary
    """
    parts = {str(arm): part for arm, part in found.judged.groupby("arm")}
    curves = {str(arm): part for arm, part in found.survival.groupby("arm")}
    picked = {str(choice["arm"]): choice for choice in records(chosen)}
    for arm in study.arms:
        if arm.id not in picked:
            continue
        choice = picked[arm.id]
        if not arm.learning_rates:
            into.absent.append((arm.id, "learning-rate", "the arm is trained without a learning rate"))
        elif np.isnan(choice["learning_rate"]):
            into.absent.append((arm.id, "learning-rate", "no run of the arm has been evaluated yet"))
            continue
        else:
            _rate(arm.id, choice, len(arm.learning_rates), into)
        if arm.id not in parts:
            into.absent.append((arm.id, "final-metric", "no judged run at the chosen rate has been evaluated yet"))
            continue
        _levels(arm.id, parts[arm.id], into)
        if arm.target is not None:
            _times(arm.id, parts[arm.id], curves[arm.id], into)


def _rate(arm: str, choice: Mapping[str, Any], offered: int, into: Summary) -> None:
    n, rate = int(choice["n_tuning"]), float(choice["learning_rate"])
    how = f"best of {offered} on validation data" if offered > 1 else "the only rate"
    if offered > 1 and not n:
        how += " of the judged seeds, as there are no tuning seeds"
    how += "; at the edge of the list" if choice["at_edge"] else ""
    into.rows.append(row("learning-rate", arm, [rate], n, method=how))


def _levels(arm: str, part: pd.DataFrame, into: Summary) -> None:
    metric = str(part["metric"].iloc[0])
    gone = int(part["diverged"].sum())
    for name, column in (("final-metric", "final"), ("area-under-curve", "area")):
        *ends, n = mean_interval(part[column], bounds(metric))
        if n:
            method = "mean over seeds, t; diverged runs count as chance"
            into.rows.append(row(name, arm, ends, int(n), gone, method=method, unit=metric))
        else:
            into.absent.append((arm, name, "no finite evaluation"))
    _interquartile(arm, part, gone, into)
    low, high = (float(end) for end in wilson(gone, len(part)))
    into.rows.append(row("diverged", arm, [gone / len(part), low, high], len(part), method="Wilson"))
    cost = seconds_per_step(part)
    if np.isfinite(cost):
        cells = part.loc[part["done"] > 0, "cell_id"].nunique()
        into.rows.append(row("seconds-per-step", arm, [cost], cells, method="mean over cells"))


def _interquartile(arm: str, part: pd.DataFrame, gone: int, into: Summary) -> None:
    metric = str(part["metric"].iloc[0])
    values = part.sort_values("seed")["final"].to_numpy(float)
    values = values[np.isfinite(values)]
    if len(values) < FEWEST:
        return
    low, high = np.clip(bca(interquartile_mean, values, generator(arm, "interquartile-mean")), *bounds(metric))
    ends = float(interquartile_mean(values)), float(low), float(high)
    method = "middle half of the seeds; expanded BCa bootstrap over seeds"
    into.rows.append(row("interquartile-mean", arm, ends, len(values), gone, method=method, unit=metric))


def _times(arm: str, part: pd.DataFrame, survival: pd.DataFrame, into: Summary) -> None:
    reached = part["reached"].astype(bool)
    hits, n = int(reached.sum()), len(part)
    low, high = (float(end) for end in wilson(hits, n))
    into.rows.append(row("success", arm, [hits / n, low, high], n, method="Wilson"))
    time = restricted_mean(part["step"], float(part["budget"].iloc[0]))
    method = "restricted mean to the budget; t, where runs are censored with Wilson for their share"
    into.rows.append(row("time-to-target", arm, time, n, n - hits, method=method))
    middle = median_time(survival)
    if np.isnan(middle[0]):
        into.absent.append((arm, "median-time-to-target", "fewer than half of the runs reach the target"))
    else:
        into.rows.append(row("median-time-to-target", arm, middle, n, n - hits, method="Kaplan-Meier"))


def summarise_comparisons(study: Study, judged: pd.DataFrame, into: Summary) -> pd.DataFrame:
    """Compare each trained arm with its baseline, add the estimates, and return the comparisons.

    Parameters
    ----------
    study : Study
    judged : pandas.DataFrame
        ``Learning.judged``.
    into : Summary

    Returns
    -------
    pandas.DataFrame
        ``COMPARISON_COLUMNS`` and p_holm, adjusted over the study's comparisons of one name.
    """
    metrics = dict(zip(judged["arm"], judged["metric"], strict=True))
    paired = _paired(study, judged)
    rows: list[Row] = []
    comparison = Comparison()
    for arm in study.arms:
        base = baseline_of(study, arm)
        if base is None or base.id == arm.id or arm.id not in metrics:
            continue
        pairs = paired.get(arm.id)
        reason = ""
        if base.id not in metrics:
            reason = f"the baseline {base.id} has no judged runs"
        elif base.task != arm.task:
            reason = f"the baseline {base.id} has another task"
        elif pairs is None or len(pairs) < FEWEST:
            reason = f"fewer than {FEWEST} seeds in common with the baseline {base.id}"
        if reason or pairs is None:
            into.absent.append((arm.id, "metric-difference", reason))
            continue
        upwards = higher_is_better(metrics[arm.id])
        made = [comparison.metric(arm.id, base.id, pairs, upwards), *comparison.sizes(arm.id, base.id, pairs, upwards)]
        if arm.target is not None and arm.target == base.target:
            budget = float(min(arm.training.steps, base.training.steps))
            made += [compare(arm.id, base.id, pairs, budget) for compare in (comparison.speed, comparison.ranks)]
        rows += [line for line in made if line is not None]
    frame = with_holm(rows)
    for line in records(frame[frame["name"].isin(COMPARED)]):
        name, arm_id, counts = line["name"], line["arm"], (line["n"], line["n_censored"])
        unit = str(metrics[arm_id]) if name == "metric-difference" else ""
        method = f"{COMPARED[name]} against {line['baseline']}"
        into.rows.append(row(name, arm_id, _ends(line), *counts, method=method, unit=unit))
    return frame


def _paired(study: Study, judged: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Runs of each arm beside those of its baseline with the same seed."""
    found = {arm.id: baseline_of(study, arm) for arm in study.arms}
    names = {arm: base.id for arm, base in found.items() if base is not None and base.id != arm}
    columns = ["arm", "seed", "final", "step", "reached", "diverged"]
    mine = judged[columns].assign(base=judged["arm"].map(names).astype(object))
    theirs = judged[columns].rename(columns={"arm": "base"})
    pairs = mine[mine["base"].notna()].merge(theirs, on=["base", "seed"], suffixes=("", "_base"))
    return {str(arm): part for arm, part in pairs.groupby("arm")}
