"""Gradients: decay, its course and the profiles of a study's judged runs, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from reportgen.analyse.decay import RUN_COLUMNS, Decay, geometric_mean, profile_shape
from reportgen.analyse.profiles import LOG_QUANTITIES, PLAIN_QUANTITIES, Profiles

DECAY_COLUMNS = ("arm", "seed", "learning_rate", *(name for name in RUN_COLUMNS if name != "run_id"))
COURSE_COLUMNS = ("arm", "step", "factor", "low", "high", "n")
SHAPE_COLUMNS = ("arm", "r_squared", "r_squared_power", "power_of", "better", "n")

NO_FLOW = "no gradient flows back through time"
"""Why there is no factor where the signal is exactly 0 at every time step but the last."""

QUANTITIES = (*LOG_QUANTITIES, *PLAIN_QUANTITIES)
"""The measured columns that the analyses read."""


@dataclass(frozen=True)
class Gradients:
    """What the measurements say.

    Attributes
    ----------
    decay, course, shapes, profiles : pandas.DataFrame
        As described in ``reportgen.analyse.study.Analysis``; the profiles without theory.
    ends : pandas.DataFrame
        The rows of `decay` after the last step of the budget.
    weights : pandas.DataFrame
        Decay of the weight gradients at step 0, with the columns of `decay`.
    cells : pandas.DataFrame
        Decay of the error signal at the cell states at step 0, with the columns of `decay`; empty without any.
    """

    decay: pd.DataFrame
    course: pd.DataFrame
    shapes: pd.DataFrame
    profiles: pd.DataFrame
    ends: pd.DataFrame
    weights: pd.DataFrame
    cells: pd.DataFrame


def probed_runs(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the judged runs whose measurements count.

    At step 0 a seed has the same network whatever the learning rate, so one run a seed is enough: that at the chosen
    rate, else the first that there is. After step 0 only the runs at the chosen rate count.

    Parameters
    ----------
    judged : pandas.DataFrame
        Judged runs with is_chosen (bool; also True where nothing is trained).

    Returns
    -------
    pandas.DataFrame
        The same columns and at_start (bool).
    """
    ordered = judged.sort_values("is_chosen", ascending=False, kind="stable")
    first = ~ordered.duplicated(["arm", "seed"])
    return ordered.assign(at_start=first)[first | ordered["is_chosen"]].sort_values("run", ignore_index=True)


def gradients(probed: pd.DataFrame, measurements: pd.DataFrame, decay: Decay) -> Gradients:
    """Analyse the measurements of `probed_runs`.

    Parameters
    ----------
    probed : pandas.DataFrame
        What `probed_runs` returns.
    measurements : pandas.DataFrame
        Wide rows of these runs, with `QUANTITIES`.
    decay : Decay
        The analysis of the error signal.

    Returns
    -------
    Gradients
    """
    signals = _attached(_without_flow(decay(measurements), measurements, decay), probed)
    at_start = measurements[measurements["step"] == 0]
    weights, cells = replace(decay, quantity="weight_gradient_norm"), replace(decay, name="cell")
    course = geometric_mean(signals, ["arm", "step"]).rename(columns={"estimate": "factor"})
    budgets = dict(zip(probed["arm"], probed["budget"], strict=True))
    last = (signals["step"] > 0) & (signals["step"] == signals["arm"].map(budgets))
    return Gradients(
        decay=signals,
        course=course.loc[course["n"] > 0, list(COURSE_COLUMNS)].reset_index(drop=True),
        shapes=_shapes(signals[signals["step"] == 0]),
        profiles=Profiles()(_staged(measurements, probed)),
        ends=signals[last],
        weights=_attached(weights(at_start), probed),
        cells=_attached(_without_flow(cells(at_start), at_start, cells), probed),
    )


def _attached(fits: pd.DataFrame, probed: pd.DataFrame) -> pd.DataFrame:
    """Join fits with their arms; over time steps where an arm has them, else over layers."""
    columns = ["run_id", "arm", "seed", "learning_rate", "is_chosen", "at_start"]
    rows = fits.merge(probed[columns], on="run_id")
    rows = rows[np.where(rows["step"] == 0, rows["at_start"], rows["is_chosen"]).astype(bool)]
    rows = rows[rows["kind"] == rows.groupby("arm")["kind"].transform("max")]
    return rows.sort_values(["arm", "seed", "step"], ignore_index=True)[list(DECAY_COLUMNS)]


def _without_flow(fits: pd.DataFrame, measurements: pd.DataFrame, decay: Decay) -> pd.DataFrame:
    """Tell fits whose signal is exactly 0 at all time steps but the last, where no position is censored, from others.

    A gradient that is cut off is 0 at every step before (and at the last, while the readout is 0); one that vanishes
    leaves what is in range near the loss.
    """
    here = (measurements["name"] == decay.name) & (measurements["kind"] == "time")
    rows = measurements.loc[here, ["run_id", "step", "index", decay.quantity]]
    series = rows.groupby(["run_id", "step"], observed=True)
    last = rows["index"] == series["index"].transform("max")
    cut = (last & rows[decay.quantity].notna()) | (rows[decay.quantity] == 0)
    whole = cut.groupby([rows["run_id"], rows["step"]], observed=True).agg(["all", "size"])
    whole = whole[whole["all"].astype(bool) & (whole["size"] > 1)]
    without = pd.MultiIndex.from_frame(fits[["run_id", "step"]]).isin(whole.index) & (fits["kind"] == "time").to_numpy()
    reason, censored = fits["reason"].mask(without, NO_FLOW), fits["n_censored"].mask(without, 0)
    return fits.assign(reason=reason, n_censored=censored)


def _staged(measurements: pd.DataFrame, probed: pd.DataFrame) -> pd.DataFrame:
    """Rows of the start (step 0) and of the end (the last step of the budget) of training."""
    columns = ["run_id", "arm", "budget", "at_start", "is_chosen"]
    ends = measurements[measurements["step"].isin({0, *probed["budget"].unique()})]
    rows = ends.merge(probed[columns], on="run_id")
    start = (rows["step"] == 0) & rows["at_start"]
    end = (rows["step"] > 0) & (rows["step"] == rows["budget"]) & rows["is_chosen"]
    return rows.assign(stage=np.where(start, "start", "end"))[start | end]


def _shapes(start: pd.DataFrame) -> pd.DataFrame:
    """Which of an exponential and a power law describes each arm's profile at the start better."""
    rows = []
    for arm, part in start.dropna(subset=["r_squared"]).groupby("arm", sort=True):
        exponential, power = float(part["r_squared"].mean()), float(part["r_squared_power"].mean())
        of = str(part["power_of"].mode().iloc[0])
        rows.append((arm, exponential, power, of, profile_shape(exponential, power), len(part)))
    return pd.DataFrame(rows, columns=list(SHAPE_COLUMNS))
