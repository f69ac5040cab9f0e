"""What each sign reads from a run at each of its early steps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from reportgen.analyse.convergence import higher_is_better
from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.sign_cases import SignStore
from reportgen.store.tables import HISTOGRAM_EDGES

EVALUATED = ("slow-training", "flat-loss")
"""Signs that are read where a run is evaluated."""

PROBED = (
    "flat-weights",
    "constant-norm",
    "small-gradient",
    "small-first-gradient",
    "falling-gradient",
    "wide-distribution",
    "tiny-share",
    "dead-units",
    "saturated-units",
    "growing-weights",
    "large-gradient",
    "decay-factor",
    "signal-span",
)
"""Signs that are read where a run is probed."""

TINY = 1e-10
"""Magnitude below which an element of the error signal counts as tiny."""

_RUNS = 1000
"""Runs whose measurements are held in memory at once."""

_COLUMNS = (
    "error_signal_rms",
    "weight_gradient_norm",
    "weight_norm",
    "update_ratio",
    "saturated_fraction",
    "dead_fraction",
    "gradient_norm",
)


def evaluated(cases: pd.DataFrame, train: pd.DataFrame) -> pd.DataFrame:
    r"""Read the signs that need no more than the training loop's own numbers.

    With $L_t$ the training loss and $m_t$ the training metric (means over the batches since the evaluation before; at
    step 0, of the first batch) and $m^*$ the target:

    - **slow-training**: the way to the target that has been made, $(m_t - m_0) / (m^* - m_0)$;
    - **flat-loss**: the relative change of the loss, $|L_t / L_0 - 1|$.

    Parameters
    ----------
    cases : pandas.DataFrame
        run_id, metric, target; one row a run.
    train : pandas.DataFrame
        The store's curves of the training split.

    Returns
    -------
    pandas.DataFrame
        run_id, step, `EVALUATED`; steps after 0.
    """
    joined = train.merge(cases[["run_id", "metric", "target"]], on="run_id", suffixes=("", "_of_target"))
    first = joined[joined["step"] == 0].set_index(["run_id", "metric"])["value"].rename("first").reset_index()
    joined = joined[joined["step"] > 0].merge(first, on=["run_id", "metric"])
    main = joined[joined["metric"] == joined["metric_of_target"]]
    up = main["metric"].map({name: higher_is_better(name) for name in main["metric"].unique()}).astype(bool)
    sign = pd.Series(np.where(up, 1.0, -1.0), index=main.index)
    way = sign * (main["target"] - main["first"])
    progress = sign * (main["value"] - main["first"]) / way.where(way > 0)
    loss = joined[joined["metric"] == "loss"]
    change = (loss["value"] / loss["first"].where(loss["first"] > 0) - 1).abs()
    left = main[["run_id", "step"]].assign(**{"slow-training": progress})
    right = loss[["run_id", "step"]].assign(**{"flat-loss": change})
    return left.merge(right, on=["run_id", "step"], how="outer")


def probed(cases: pd.DataFrame, store: SignStore, latest: float) -> pd.DataFrame:
    r"""Read the signs that need the network's inside.

    With $W$ the weight matrices, $W_1$ the one whose error signal has come farthest (the recurrent matrix of a
    recurrent network, else that at the first layer; the mean where a layer has several), $g$ the gradient of all $P$
    parameters and $\delta$ the error signal at the hidden positions (layers or time steps), after $t$ steps:

    - **flat-weights**: the update ratio of $W_1$, $\lVert W_1(t+1) - W_1(t)\rVert / \lVert W_1(t)\rVert$;
    - **constant-norm**: $|\lVert W_1(t)\rVert / \lVert W_1(0)\rVert - 1|$, after step 0;
    - **small-gradient**: $\lVert g\rVert / \sqrt P$, and **large-gradient**: the same number, feared for being large;
    - **small-first-gradient**: $\lVert \partial L / \partial W_1 \rVert$;
    - **falling-gradient**: $\lVert g(t)\rVert / \lVert g(0)\rVert$, after step 0;
    - **wide-distribution**: the standard deviation of $\log_{10}|\delta|$ over all elements that are not 0 (from the
      stored histograms, each decade at its middle);
    - **tiny-share**: the share of elements that are 0 or below $10^{-10}$;
    - **dead-units**, **saturated-units**: the mean over hidden positions of the dead and of the saturated fraction
      (where the activation function can die, or has ends);
    - **growing-weights**: the largest $\lVert W(t)\rVert / \lVert W(0)\rVert$ of all matrices, after step 0;
    - **decay-factor**: $|\log_{10} f|$ with $f$ the factor of the `Decay` analysis;
    - **signal-span**: $|\log_{10}(\delta_1 / \delta_n)|$ of the root mean squares at the first and the last hidden
      position; infinite where the first is 0.

    Parameters
    ----------
    cases : pandas.DataFrame
        run_id, budget, parameters; one row a run.
    store : SignStore
    latest : float
        Share of the budget after which nothing is read.

    Returns
    -------
    pandas.DataFrame
        run_id, step, ratio (log10 of the error signal at the first over that at the last hidden position), `PROBED`.
    """
    steps = range(int(latest * cases["budget"].max()) + 1) if len(cases) else range(0)
    parts = []
    for start in range(0, len(cases), _RUNS):
        part = cases.iloc[start : start + _RUNS]
        rows = store.measurements(part["run_id"].tolist(), columns=_COLUMNS, steps=steps)
        seen = sorted(rows["step"].unique().tolist())
        shapes = store.measurements(part["run_id"].tolist(), columns=["error_signal_histogram"], steps=seen)
        parts.append(_read(rows, shapes, part))
    if not parts:
        return pd.DataFrame(columns=["run_id", "step", "ratio", *PROBED])
    whole = pd.concat(parts, ignore_index=True)
    budget = whole["run_id"].map(cases.set_index("run_id")["budget"])
    return whole[whole["step"] <= latest * budget].reset_index(drop=True)


def _read(rows: pd.DataFrame, shapes: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    by = ["run_id", "step"]
    hidden = rows[(rows["name"] == "hidden") & rows["kind"].isin(("layer", "time"))]
    hidden = hidden[hidden["kind"] == hidden.groupby("run_id")["kind"].transform("max")]
    table = rows[by].drop_duplicates().set_index(by).sort_index()
    table["dead-units"] = hidden.groupby(by)["dead_fraction"].mean()
    table["saturated-units"] = hidden.groupby(by)["saturated_fraction"].mean()
    network = rows[rows["kind"] == "network"].set_index(by)["gradient_norm"]
    size = cases.set_index("run_id")["parameters"].astype(float) ** 0.5
    table["small-gradient"] = network / size.reindex(network.index.get_level_values("run_id")).to_numpy()
    table["large-gradient"] = table["small-gradient"]
    table["falling-gradient"] = _since_start(table["small-gradient"])
    farthest = _farthest(rows)
    table["flat-weights"] = farthest.groupby(by)["update_ratio"].mean()
    table["small-first-gradient"] = farthest.groupby(by)["weight_gradient_norm"].mean()
    table["constant-norm"] = (_since_start(farthest.groupby(by)["weight_norm"].mean()) - 1).abs()
    norms = rows[rows["weight_norm"].notna()].set_index([*by, "index", "name"])["weight_norm"]
    table["growing-weights"] = _since_start(norms).groupby(by).max()
    table["decay-factor"] = _factor(hidden)
    table["ratio"] = _ratio(hidden)
    table["signal-span"] = table["ratio"].abs()
    for name, values in _distribution(shapes).items():
        table[name] = values
    return table.reset_index()[["run_id", "step", "ratio", *PROBED]]


def _since_start(series: pd.Series[float]) -> pd.Series[float]:
    """Return each value over that of the same run and position at step 0; NaN at step 0, and where that is 0."""
    others = [name for name in series.index.names if name != "step"]
    flat = series.rename("value").reset_index()
    start = flat[flat["step"] == 0].rename(columns={"value": "start"})[[*others, "start"]]
    joined = flat.merge(start, on=others, how="left")
    known = (joined["step"] > 0) & (joined["start"] > 0)
    ratio = (joined["value"] / joined["start"].where(known)).to_numpy(float)
    return pd.Series(ratio, index=series.index)


def _farthest(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the weight matrix that is farthest from the loss: a recurrent one, else those at the first layer."""
    weights = rows[rows["weight_norm"].notna() & (rows["name"] != "readout")]
    place = weights["index"].where(weights["name"] != "recurrent", -1)
    return weights[place == place.groupby([weights["run_id"], weights["step"]]).transform("min")]


def _factor(hidden: pd.DataFrame) -> pd.Series[float]:
    fits = Decay()(hidden).set_index(["run_id", "step"])
    factor = fits["factor"].astype(float)
    return pd.Series(np.abs(np.log10(factor.where(factor > 0).to_numpy(float))), index=factor.index)


def _ratio(hidden: pd.DataFrame) -> pd.Series[float]:
    """log10 of the error signal at the first over that at the last hidden position; -inf where the first is 0."""
    known = hidden[hidden["error_signal_rms"].notna()].sort_values("index")
    ends = known.groupby(["run_id", "step"])["error_signal_rms"].agg(["first", "last", "size"])
    ends = ends[(ends["last"] > 0) & (ends["size"] > 1)]
    with np.errstate(divide="ignore"):
        return pd.Series(np.log10(ends["first"] / ends["last"]), index=ends.index)


def _distribution(shapes: pd.DataFrame) -> dict[str, pd.Series[float]]:
    """Pool the histograms of the hidden positions of each run and step."""
    known = shapes[(shapes["name"] == "hidden") & shapes["error_signal_histogram"].notna()]
    if known.empty:
        return {name: pd.Series(dtype=float) for name in ("wide-distribution", "tiny-share")}
    groups = known.groupby(["run_id", "step"], sort=True)
    counts = np.array(known["error_signal_histogram"].tolist(), float)
    pooled = np.zeros((groups.ngroups, counts.shape[1]))
    np.add.at(pooled, groups.ngroup().to_numpy(), counts)
    index = groups.size().index
    found = {"wide-distribution": _spread(pooled[:, 1:]), "tiny-share": _tiny(pooled)}
    return {name: pd.Series(values, index=index) for name, values in found.items()}


def _spread(counts: Floats) -> Floats:
    """Standard deviation of the log10 magnitudes; NaN where all elements are 0."""
    edges = np.array(HISTOGRAM_EDGES, float)
    middles = np.concatenate([[edges[0] - 0.5], edges[:-1] + 0.5, [edges[-1] + 0.5]])
    total = counts.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    mean = counts @ middles / safe
    square = counts @ middles**2 / safe
    return np.where(total > 0, np.sqrt(np.maximum(square - mean**2, 0.0)), np.nan)


def _tiny(counts: Floats) -> Floats:
    below = 2 + list(HISTOGRAM_EDGES).index(round(np.log10(TINY)))
    total = counts.sum(axis=1)
    share: Floats = counts[:, :below].sum(axis=1) / np.where(total > 0, total, np.nan)
    return share
