"""Outcomes: what each judged run came to, as one value a seed; verdicts on claims are made from these."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from reportgen.analyse.gradients import Gradients
from reportgen.analyse.learning import Learning
from reportgen.study.outcomes import OUTCOMES

OUTCOME_COLUMNS = ("arm", "seed", "name", "value", "diverged", "at_edge")
"""Columns of the frame that `outcomes` returns."""

CLIPPED = "clipped_fraction"
"""The measured column, of the whole network, that is read beside those of the profiles."""

NO_SEED = -1
"""Stands in the column seed where an arm has one value for all its seeds."""


def outcomes(
    learning: Learning, found: Gradients, probed: pd.DataFrame, measurements: pd.DataFrame, chosen: pd.DataFrame
) -> pd.DataFrame:
    r"""Return the value of every outcome in every judged run.

    - **decay-factor**, **cell-decay-factor**, **weight-gradient-factor** and **signal-ratio** (its $\log_{10}$) before
      the first step, **decay-factor-end** after the last one, as `decay.Decay` fits them. A seed some of whose
      positions are out of the range of the numbers, so that there is nothing to fit, has NaN: its value is censored,
      not absent.
    - **success**: 1 if the run reaches its target on test data, else 0; **time-to-target** in steps, the budget
      where it does not; **final-metric**, **area-under-curve**, with chance in place of what a run that diverged would
      score; **diverged**: 1 or 0.
    - **saturated-fraction**, **dead-fraction**: means over the hidden positions before the first step; with **-end**,
      after the last one.
    - **update-ratio**: geometric mean, over the probed steps, of the size of a step relative to the weights of the
      first hidden layer in which it was measured. Where it is 0 throughout it is below the range: NaN.
    - **clipped-fraction**: share of all steps in which clipping changed the gradient.
    - **seconds-per-step**: one value an arm, whose seeds are trained together.

    Parameters
    ----------
    learning : Learning
    found : Gradients
    probed : pandas.DataFrame
        What ``gradients.probed_runs`` returns.
    measurements : pandas.DataFrame
        Wide rows of these runs, with the quantities of ``gradients.QUANTITIES`` and `CLIPPED`.
    chosen : pandas.DataFrame
        What ``selection.Selection`` returns.

    Returns
    -------
    pandas.DataFrame
        `OUTCOME_COLUMNS`: arm, seed (`NO_SEED` where there is one value an arm), name, value, diverged (whether the run
        did), at_edge (whether the arm's chosen rate is at an end of its list; False for what is measured before the
        first step, in which no rate has a part). Arms that an outcome does not exist for have no rows.
    """
    at_edge = dict(zip(chosen["arm"], chosen["at_edge"].astype(bool), strict=True))
    rows = measurements.merge(probed[["run_id", "arm", "seed", "budget", "at_start", "is_chosen"]], on="run_id")
    start = rows[(rows["step"] == 0) & rows["at_start"]]
    after = rows[(rows["step"] > 0) & rows["is_chosen"]]
    end = after[after["step"] == after["budget"]]
    at_start = found.decay["step"] == 0
    before = [
        _factors(found.decay[at_start], "decay-factor", "factor"),
        _factors(found.cells, "cell-decay-factor", "factor"),
        _factors(found.weights, "weight-gradient-factor", "factor"),
        _factors(found.decay[at_start], "signal-ratio", "signal_ratio"),
        *(_fraction(start, name, "") for name in ("saturated", "dead")),
    ]
    trained = [
        *_learning(learning.judged),
        _factors(found.ends, "decay-factor-end", "factor"),
        *(_fraction(end, name, "-end") for name in ("saturated", "dead")),
        _update_ratio(after),
        _clipped(after),
    ]
    whole = pd.concat([_joined(before, {}), _joined(trained, at_edge), _joined([_cost(learning.judged)], {})])
    gone = learning.judged.loc[learning.judged["diverged"].astype(bool), ["arm", "seed"]]
    diverged = pd.MultiIndex.from_frame(whole[["arm", "seed"]]).isin(pd.MultiIndex.from_frame(gone))
    late = ~whole["name"].isin([name for name, outcome in OUTCOMES.items() if outcome.at_start])
    whole = whole.assign(diverged=diverged & late)
    return whole.sort_values(["arm", "name", "seed"], kind="stable", ignore_index=True)[list(OUTCOME_COLUMNS)]


def seconds_per_step(part: pd.DataFrame) -> float:
    """Return the wall time of a step of one run, the mean over the cells that an arm was trained in; NaN without one.

    Parameters
    ----------
    part : pandas.DataFrame
        Judged runs of the arm: cell_id, duration_s, done (steps).
    """
    cells = part[part["done"] > 0].sort_values("done").drop_duplicates("cell_id", keep="last")
    return float((cells["duration_s"] / cells["done"]).mean()) if len(cells) else float("nan")


def _joined(parts: Iterable[pd.DataFrame], at_edge: dict[str, bool]) -> pd.DataFrame:
    kept = [part for part in parts if len(part)]
    columns = ["arm", "seed", "name", "value"]
    whole = pd.concat(kept, ignore_index=True)[columns] if kept else pd.DataFrame(columns=columns)
    edge = whole["arm"].map(at_edge).astype(float).fillna(0.0).astype(bool)
    return whole.astype({"seed": int, "value": float}).assign(at_edge=edge)


def _factors(fits: pd.DataFrame, name: str, column: str) -> pd.DataFrame:
    """Values of fits; those without one count only where positions are censored."""
    value = fits[column].astype(float)
    kept = value.notna() | (fits["n_censored"].astype(int) > 0)
    return fits.loc[kept, ["arm", "seed"]].assign(name=name, value=value[kept])


def _fraction(rows: pd.DataFrame, name: str, suffix: str) -> pd.DataFrame:
    hidden = rows[(rows["name"] == "hidden") & rows[f"{name}_fraction"].notna()]
    means = hidden.groupby(["arm", "seed"])[f"{name}_fraction"].mean().rename("value").reset_index()
    return means.assign(name=f"{name}-fraction{suffix}")


def _update_ratio(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows[(rows["kind"] == "layer") & (rows["name"] != "readout") & rows["update_ratio"].notna()]
    named = known[known["name"] == "hidden"]
    known = pd.concat([named, known[~known["arm"].isin(named["arm"].unique())]])
    first = known[known["index"] == known.groupby("arm")["index"].transform("min")]
    logs = first.assign(value=np.log(first["update_ratio"].astype(float).where(first["update_ratio"] > 0)))
    means = logs.groupby(["arm", "seed"])["value"].mean().reset_index()
    return means.assign(name="update-ratio", value=np.exp(means["value"]))


def _clipped(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares between probes, weighted by the steps that they stand for."""
    known = rows[(rows["kind"] == "network") & rows[CLIPPED].notna()].sort_values(["arm", "seed", "step"])
    span = known.groupby(["arm", "seed"])["step"].diff().fillna(known["step"]).astype(float)
    sums = known.assign(span=span, part=span * known[CLIPPED]).groupby(["arm", "seed"])[["span", "part"]].sum()
    return sums.assign(value=sums["part"] / sums["span"], name="clipped-fraction").reset_index()


def _learning(judged: pd.DataFrame) -> list[pd.DataFrame]:
    """Outcomes of the evaluations; success and time only where there is a target."""
    timed = judged[judged["target"].notna()]
    heads = ["arm", "seed"]
    return [
        timed[heads].assign(name="success", value=timed["reached"].astype(float)),
        timed[heads].assign(name="time-to-target", value=timed["step"].astype(float)),
        *(
            judged.loc[judged[column].notna(), heads].assign(name=name, value=judged[column].astype(float))
            for name, column in (("final-metric", "final"), ("area-under-curve", "area"), ("diverged", "diverged"))
        ),
    ]


def _cost(judged: pd.DataFrame) -> pd.DataFrame:
    costs = [(str(arm), seconds_per_step(part)) for arm, part in judged.groupby("arm")]
    frame = pd.DataFrame(costs, columns=["arm", "value"]).dropna()
    return frame.assign(seed=NO_SEED, name="seconds-per-step")
