"""Whether units die where weights become small, told by layer."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from reportgen.analyse.intervals import Floats, generator
from reportgen.analyse.roc import RESAMPLES
from reportgen.analyse.sign_cases import SignStore
from reportgen.analyse.sign_catalogue import FEWEST_ARMS

DEAD_COLUMNS = ("group", "estimate", "low", "high", "n", "arms", "norm")

_RUNS = 1000
"""Runs whose measurements are held in memory at once."""


def last_layers(cases: pd.DataFrame, store: SignStore) -> pd.DataFrame:
    """Return dead fraction and weight norm of each hidden layer, at the start and where it was measured last.

    Parameters
    ----------
    cases : pandas.DataFrame
        run_id; one row a run.
    store : SignStore

    Returns
    -------
    pandas.DataFrame
        run_id, index, died (dead fraction, less that at the start), norm (weight norm over that at the start). Layers
        with both, of activation functions that can die.
    """
    parts = [_layers(cases["run_id"].iloc[start : start + _RUNS], store) for start in range(0, len(cases), _RUNS)]
    empty = pd.DataFrame(columns=["run_id", "index", "died", "norm"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _layers(run_ids: Iterable[str], store: SignStore) -> pd.DataFrame:
    rows = store.measurements(list(run_ids), columns=["dead_fraction", "weight_norm"])
    rows = rows[(rows["kind"] == "layer") & (rows["name"] == "hidden")].dropna(subset=["dead_fraction", "weight_norm"])
    keys, columns = ["run_id", "index"], ["dead_fraction", "weight_norm"]
    start = rows.loc[rows["step"] == 0, [*keys, *columns]]
    last = rows[(rows["step"] > 0) & (rows["step"] == rows.groupby("run_id")["step"].transform("max"))]
    both = last.merge(start, on=keys, suffixes=("", "_at_start"))
    both = both[both["weight_norm_at_start"] > 0]
    died = both["dead_fraction"] - both["dead_fraction_at_start"]
    return both[keys].assign(died=died, norm=both["weight_norm"] / both["weight_norm_at_start"])


def dead_concordance(own: pd.DataFrame, layers: pd.DataFrame) -> pd.DataFrame:
    r"""Say whether units die where weights become small, layer by layer.

    The store has the share of dead units and the norm of the weights of each layer, not of each unit, so the claim is
    tried on layers: of two layers of one run, the one in which more units died since the start should be the one whose
    weights shrank more. The estimate is the share of such pairs in which it is, equal norms counting one half: 0.5 if
    the two have nothing to do with each other. A run's share is the mean over its pairs of layers whose dead fractions
    changed differently; the estimate is the mean over runs, and its interval is a bootstrap over arms.

    Parameters
    ----------
    own : pandas.DataFrame
        Cases: run_id, cluster, architecture.
    layers : pandas.DataFrame
        What `last_layers` returns.

    Returns
    -------
    pandas.DataFrame
        group ("" for all runs, or an architecture), estimate, low, high, n (runs with such a pair), arms, norm (median
        weight norm over that at the start, of the layers in which units died).
    """
    rows = []
    for run_id, part in layers.groupby("run_id", sort=True):
        share = _pairs(part["died"].to_numpy(float), part["norm"].to_numpy(float))
        if not math.isnan(share):
            rows.append((run_id, share))
    runs = pd.DataFrame(rows, columns=["run_id", "share"]).merge(own, on="run_id")
    dying = layers[layers["died"].astype(float) > 0].merge(own[["run_id", "architecture"]], on="run_id")
    groups = [("", runs, dying)]
    groups += [(str(name), part, dying[dying["architecture"] == name]) for name, part in runs.groupby("architecture")]
    table = [(name, *_mean_over_arms(name, part), float(rest["norm"].median())) for name, part, rest in groups]
    return pd.DataFrame(table, columns=list(DEAD_COLUMNS))


def _pairs(died: Floats, norm: Floats) -> float:
    first, second = np.triu_indices(len(died), 1)
    more, smaller = np.sign(died[first] - died[second]), np.sign(norm[second] - norm[first])
    differ = more != 0
    return float(((more * smaller)[differ].mean() + 1) / 2) if differ.any() else math.nan


def _mean_over_arms(name: str, runs: pd.DataFrame) -> tuple[float, float, float, int, int]:
    if runs.empty:
        return math.nan, math.nan, math.nan, 0, 0
    arms = runs.groupby("cluster", sort=True)["share"].agg(["sum", "size"]).to_numpy(float)
    estimate = float(arms[:, 0].sum() / arms[:, 1].sum())
    if len(arms) < FEWEST_ARMS:
        return estimate, math.nan, math.nan, len(runs), len(arms)
    drawn = generator("signs", f"dead {name}").multinomial(len(arms), np.full(len(arms), 1 / len(arms)), RESAMPLES)
    means = (drawn @ arms[:, 0]) / (drawn @ arms[:, 1])
    low, high = np.quantile(means, [0.025, 0.975])
    return estimate, float(low), float(high), len(runs), len(arms)
