"""The whole analysis of a study: from the store's raw values to the frames that figures and pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reportgen.analyse.decay import Decay
from reportgen.analyse.estimates import COLUMNS, records
from reportgen.analyse.explain import Measured, theory_frame
from reportgen.analyse.gather import StoreLike, gather
from reportgen.analyse.gradients import QUANTITIES, gradients, probed_runs
from reportgen.analyse.intervals import FEWEST
from reportgen.analyse.learning import choose, learn, selection_runs
from reportgen.analyse.outcomes import CLIPPED, outcomes
from reportgen.analyse.profiles import with_theory
from reportgen.analyse.summary import Summary, summarise_comparisons, summarise_gradients, summarise_learning
from reportgen.analyse.theory import Inputs, NoTheory, Prediction, inputs_of, predict
from reportgen.analyse.theory.gated import predict_cell
from reportgen.study.effective import effective, untrained

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, Study

ABSENT_COLUMNS = ("arm", "name", "reason")


@dataclass(frozen=True)
class Analysis:
    """Every frame that a study's figures and pages are made from; one row a thing, arms in the study's order.

    Judged runs are those of the judged seeds. Intervals hold 95 % and are NaN for fewer than three seeds.

    Attributes
    ----------
    estimates : pandas.DataFrame
        name, arm, estimate, low, high, unit, n (seeds), n_censored (runs with a value outside the range: a gradient
        below it at some position, a target not reached, a divergence), method.
    absent : pandas.DataFrame
        arm, name, reason: the estimates that an arm does not have, and why.
    statuses : pandas.DataFrame
        arm, planned, completed, diverged, failed, missing (numbers of runs), skipped (reason or "").
    profiles : pandas.DataFrame
        arm, stage ("start" or "end"), quantity, kind, name, index, distance, estimate (mean over judged seeds of
        the log10, of the value itself for means and fractions), low, high, n, n_censored, theory (predicted log10
        error signal of hidden and of cell states, anchored at the measured last position; NaN elsewhere).
    decay : pandas.DataFrame
        One row a run and step: arm, seed, learning_rate, step, kind, factor, r_squared, r_squared_power, power_of
        ("distance" or "position"), signal_ratio (log10), n_positions, n_censored (positions), reason.
    course : pandas.DataFrame
        arm, step, factor, low, high, n: the decay factor during training at the chosen rate.
    shapes : pandas.DataFrame
        arm, r_squared (of an exponential), r_squared_power (of a power law), power_of, better ("exponential",
        "power law", "neither clearly"), n: how the error signal falls at the start.
    curves : pandas.DataFrame
        arm, step, split, metric, mean, low, high, n: judged runs at the chosen rate; runs that diverged go on at
        chance in the metric that the arm is judged by.
    seed_curves : pandas.DataFrame
        arm, seed, step, metric, value on the test split.
    survival : pandas.DataFrame
        arm, step, not_reached, low, high, at_risk.
    times : pandas.DataFrame
        arm, seed, step (the budget where censored), censored, diverged.
    rates : pandas.DataFrame
        arm, learning_rate, success, low, high, metric (mean final test metric), metric_low, metric_high, diverged
        (share), n, is_chosen, at_edge: judged seeds at every rate; learning_rate is NaN where an arm is trained
        without one.
    chosen : pandas.DataFrame
        arm, learning_rate (NaN where an arm is trained without one), at_edge, n_tuning.
    comparisons : pandas.DataFrame
        name, arm, baseline, estimate, low, high, n, n_censored, p (paired, two-sided), improvement (share of seeds in
        which the arm is better), p_holm (adjusted over the study's comparisons of that name). The names are
        metric-difference, improvement, effect-size (these two without p), speed-up, and log-rank-p, whose estimate is
        the p-value of that test.
    outcomes : pandas.DataFrame
        arm, seed, name, value, diverged, at_edge: what each judged run came to (``outcomes.outcomes``).
    theory : pandas.DataFrame
        arm, factor, geometric_mean, scatter (predicted standard deviation over seeds of the log10 factor), shift
        (expected log10 that finite width takes from the factor), measured, low, high, deviation (%, measured over
        predicted less one), inside (whether the predicted factor lies within the measured interval), explanation
        (one sentence on why not, or ""), cause (one of ``causes.CAUSES``, or ""), allowed (the deviation that the
        cause allows, in words, or ""), source (bibliography keys joined by ", "), conditions, reason (why there is
        no theory, or ""). NaN where there is no prediction or no measured factor.
    run_ids : mapping
        Arm id to the ids of the stored runs that its numbers come from, sorted.
    """

    estimates: pd.DataFrame
    absent: pd.DataFrame
    statuses: pd.DataFrame
    profiles: pd.DataFrame
    decay: pd.DataFrame
    course: pd.DataFrame
    shapes: pd.DataFrame
    curves: pd.DataFrame
    seed_curves: pd.DataFrame
    survival: pd.DataFrame
    times: pd.DataFrame
    rates: pd.DataFrame
    chosen: pd.DataFrame
    comparisons: pd.DataFrame
    outcomes: pd.DataFrame
    theory: pd.DataFrame
    run_ids: Mapping[str, tuple[str, ...]]


def analyse(study: Study, store: StoreLike, inputs: Mapping[str, Inputs] | None = None) -> Analysis:
    """Analyse all that the store holds of a study.

    Runs that failed or are missing cost their arm these runs and nothing else; an arm without runs has a status and
    reasons, and no estimates.

    Parameters
    ----------
    study : Study
    store : StoreLike
        A ``reportgen.store.Store``, or anything with its reading methods.
    inputs : mapping, optional
        Task name to what it feeds a network, for tasks that theory does not know by name.

    Returns
    -------
    Analysis
    """
    found = gather(study, store)
    runs, decay = found.runs, Decay()
    tuned = selection_runs(runs)
    chosen = choose(study, runs, store.curves(_ids(tuned), splits=["validation"]))
    judged = _judged(runs, chosen)
    trained = judged[judged["budget"] > 0]
    at_chosen = trained[trained["is_chosen"]]
    learning = learn(study, trained, store.curves(_ids(trained), splits=["test"]), store.curves(_ids(at_chosen)))
    probed = probed_runs(judged)
    measurements = store.measurements(_ids(probed), columns=(*QUANTITIES, CLIPPED))
    measured = gradients(probed, measurements, decay)
    predictions = _predictions(study, inputs or {}, decay)
    summary = Summary()
    summarise_gradients(measured, predictions, decay, summary)
    summarise_learning(study, learning, chosen, summary)
    comparisons = summarise_comparisons(study, learning.judged, summary)
    order = {arm.id: position for position, arm in enumerate(study.arms)}
    cells = {
        arm.id: _cell(arm, (inputs or {}).get(arm.task.name), decay)
        for arm in study.arms
        if arm.id in set(measured.cells["arm"])
    }
    return Analysis(
        estimates=_ordered(pd.DataFrame(summary.rows, columns=list(COLUMNS)), order),
        absent=_ordered(pd.DataFrame(summary.absent, columns=list(ABSENT_COLUMNS)), order),
        statuses=found.statuses,
        profiles=_ordered(with_theory(measured.profiles, _known(predictions), _known(cells)), order),
        decay=_ordered(measured.decay, order),
        course=_ordered(measured.course, order),
        shapes=_ordered(measured.shapes, order),
        curves=_ordered(learning.curves, order),
        seed_curves=_ordered(learning.seed_curves, order),
        survival=_ordered(learning.survival, order),
        times=_ordered(learning.times, order),
        rates=_ordered(learning.rates, order),
        chosen=chosen,
        comparisons=_ordered(comparisons, order),
        outcomes=_ordered(outcomes(learning, measured, probed, measurements, chosen), order),
        theory=theory_frame(predictions, _measured(summary, measured.shapes, measured.decay)),
        run_ids=_run_ids(study, runs),
    )


def _ids(runs: pd.DataFrame) -> list[str]:
    return sorted(runs["run_id"].unique())


def _judged(runs: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Runs of judged seeds, with is_chosen and at_edge; a run without a learning rate is always at the chosen one."""
    picked = chosen.set_index("arm")
    rate = runs["arm"].map(picked["learning_rate"]).astype(float)
    edge = runs["arm"].map(picked["at_edge"].astype(float)).fillna(0.0).astype(bool)
    same = (runs["learning_rate"] == rate) | runs["learning_rate"].isna()
    return runs.assign(is_chosen=same, at_edge=edge)[~runs["tuning"]].reset_index(drop=True)


def _ordered(frame: pd.DataFrame, order: Mapping[str, int]) -> pd.DataFrame:
    """Sort by the study's order of arms, else as it is."""
    if frame.empty:
        return frame.reset_index(drop=True)
    place = frame["arm"].map(order).to_numpy()
    return frame.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _known(predictions: Mapping[str, Prediction | NoTheory]) -> dict[str, Prediction]:
    return {arm: found for arm, found in predictions.items() if isinstance(found, Prediction)}


def _cell(arm: Arm, inputs: Inputs | None, decay: Decay) -> Prediction | NoTheory:
    """What theory says of the cell state of an arm that has one."""
    known = inputs or inputs_of(arm.task)
    if arm.architecture.name != "lstm" or known is None:
        return NoTheory("there is no theory here for the cell state")
    return predict_cell(effective(arm.architecture, arm.remedies, arm.training)[0].parameters, known, decay)


def _predictions(study: Study, inputs: Mapping[str, Inputs], decay: Decay) -> dict[str, Prediction | NoTheory]:
    """What theory says of each arm; arms that start from the same networks share it."""
    found: dict[str, Prediction | NoTheory] = {}
    by_network: dict[str, Prediction | NoTheory] = {}
    for arm in study.arms:
        if not arm.skipped:
            key = untrained(arm)
            if key not in by_network:
                by_network[key] = predict(arm, inputs.get(arm.task.name), decay)
            found[arm.id] = by_network[key]
    return found


def _measured(summary: Summary, shapes: pd.DataFrame, decay: pd.DataFrame) -> dict[str, Measured]:
    """Each arm's measured decay factor, the shape of its profile, and how it scatters over seeds."""
    better = dict(zip(shapes["arm"], shapes["better"], strict=True))
    start = decay[(decay["step"] == 0) & decay["factor"].notna()]
    logs = start.assign(log=np.log10(start["factor"].astype(float))).groupby("arm")["log"].agg(["std", "count"])
    scatter = logs["std"].where(logs["count"] >= FEWEST)
    rows = pd.DataFrame(summary.rows, columns=list(COLUMNS))
    return {
        str(line["arm"]): Measured(
            line["estimate"],
            line["low"],
            line["high"],
            str(better.get(line["arm"], "")),
            float(scatter.get(line["arm"], np.nan)),
        )
        for line in records(rows[rows["name"] == "decay-factor"])
    }


def _run_ids(study: Study, runs: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    by_arm = {str(arm): tuple(sorted(part)) for arm, part in runs.groupby("arm")["run_id"]}
    return {arm.id: by_arm.get(arm.id, ()) for arm in study.arms}
