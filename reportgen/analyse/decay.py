"""Decay: how fast the error signal shrinks or grows with the distance from the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reportgen.analyse.intervals import Floats, grouped_mean

_CHUNK = 500_000
"""Pairwise slopes held in memory at once."""

RUN_COLUMNS = (
    "run_id",
    "step",
    "kind",
    "factor",
    "r_squared",
    "r_squared_power",
    "power_of",
    "signal_ratio",
    "n_positions",
    "n_censored",
    "reason",
)
"""Columns of the frame that `Decay` returns."""


def theil_sen(positions: Floats, values: Floats) -> Floats:
    r"""Return the Theil-Sen slope of each series: the median of the slopes of all pairs of points.

    $$b = \operatorname{median}_{i<j} \frac{y_j - y_i}{x_j - x_i}$$

    A single outlying layer cannot move it far, and on points of a straight line it is exact.

    Parameters
    ----------
    positions : ndarray, shape (positions,)
        Distinct abscissae.
    values : ndarray, shape (series, positions)
        NaN where a point is missing.

    Returns
    -------
    ndarray, shape (series,)
        NaN where a series has fewer than two points.

    References
    ----------
    Sen (1968), Estimates of the regression coefficient based on Kendall's tau, Journal of the American
    Statistical Association 63(324), 1379-1389, doi:10.1080/01621459.1968.10480934.
    """
    first, second = np.triu_indices(len(positions), 1)
    slopes = np.full(len(values), np.nan)
    if not len(first):
        return slopes
    step = positions[second] - positions[first]
    rows = max(1, _CHUNK // len(first))
    for start in range(0, len(values), rows):
        part = slice(start, start + rows)
        slopes[part] = _row_medians((values[part][:, second] - values[part][:, first]) / step)
    return slopes


def _row_medians(values: Floats) -> Floats:
    """Median of the numbers in each row; NaN in a row without any."""
    counts = np.isfinite(values).sum(axis=1)
    medians = np.full(len(values), np.nan)
    whole = counts == values.shape[1]
    if whole.any():
        medians[whole] = np.median(values[whole], axis=1)
    rest = np.flatnonzero(~whole & (counts > 0))
    if len(rest):
        ordered = np.sort(values[rest], axis=1)  # NaN last
        middle = counts[rest]
        row = np.arange(len(rest))
        medians[rest] = (ordered[row, (middle - 1) // 2] + ordered[row, middle // 2]) / 2
    return medians


def r_squared(abscissae: Floats, values: Floats) -> Floats:
    r"""Return the share of each series' variance that the least-squares straight line explains.

    $$R^2 = \frac{\left(\sum_i (x_i-\bar x)(y_i-\bar y)\right)^2}{\sum_i (x_i-\bar x)^2 \sum_i (y_i-\bar y)^2}$$

    Parameters
    ----------
    abscissae : ndarray, shape (positions,)
    values : ndarray, shape (series, positions)
        NaN where a point is missing.

    Returns
    -------
    ndarray, shape (series,)
        1 for a series that is level to rounding; NaN where there are fewer than three points.
    """
    known = np.isfinite(values)
    n = known.sum(axis=1)
    safe = np.maximum(n, 1)
    x = np.where(known, abscissae, 0.0)
    y = np.where(known, values, 0.0)
    x = np.where(known, x - (x.sum(axis=1) / safe)[:, None], 0.0)
    y = np.where(known, y - (y.sum(axis=1) / safe)[:, None], 0.0)
    total = (y**2).sum(axis=1)
    scale = np.where(known, values, 0.0).max(axis=1, initial=1.0, where=known) if len(values) else np.ones(0)
    level = total <= safe * (1e-13 * np.maximum(np.abs(scale), 1.0)) ** 2
    denominator = (x**2).sum(axis=1) * np.where(level, 1.0, total)
    share = (x * y).sum(axis=1) ** 2 / np.where(denominator > 0, denominator, 1.0)
    return np.where(n < 3, np.nan, np.where(level, 1.0, np.minimum(share, 1.0)))


@dataclass(frozen=True)
class Decay:
    r"""The geometric factor on a gradient per layer or time step towards the input, run by run.

    The measured size $g(d)$ of the gradient at distance $d$ from the loss is described by
    $\log_{10} g(d) = a + b\,d$; the factor is $10^b$, below 1 where the gradient vanishes on its way to the input
    and above 1 where it explodes. The slope $b$ is Theil and Sen's (`theil_sen`).

    Left out of the fit are, over layers, the first hidden layer and the readout, whose fan-in or fan-out differs
    from that of the layers between, and, over time steps, the first tenth of the sequence, in which the state
    has not settled. A value of 0 is below the range of the numbers and an infinite one above it: such positions are
    *censored*, which means that they are counted and not used. With fewer than three positions left there is no
    factor, and the row says why.

    How well an exponential describes the profile is told by the share of variance that a straight line explains
    (`r_squared`), next to the same for a power law: $\log_{10} g$ as a straight line in the logarithm of the
    distance from the loss, or of the position counted from the input, whichever fits better.

    Parameters
    ----------
    quantity : str
        The measured column, in its own unit.
    name : str
        Name of the positions of the series.
    minimum_positions : int
        Fewest positions for a fit.
    unsettled_share : float
        Share of the time steps, from the first, that is left out.
    """

    quantity: str = "error_signal_rms"
    name: str = "hidden"
    minimum_positions: int = 3
    unsettled_share: float = 0.1

    def first_fitted(self, kind: str, length: int) -> int:
        """Return the first index (counted from 1) of the fit of a series of `length` positions."""
        return 2 if kind == "layer" else 1 + math.floor(self.unsettled_share * length + 1e-9)

    def __call__(self, measurements: pd.DataFrame) -> pd.DataFrame:
        """Fit every run and step.

        Parameters
        ----------
        measurements : pandas.DataFrame
            Wide rows of the store's table: run_id, step, kind, index, distance, name and the quantity.

        Returns
        -------
        pandas.DataFrame
            `RUN_COLUMNS`: factor (per layer or step), r_squared, r_squared_power, power_of ("distance" or
            "position"), signal_ratio (log10 of the first position over the last), n_positions (used),
            n_censored (of the fitted range) and reason ("" where there is a factor). One row a run, step and kind.
        """
        here = (measurements["name"] == self.name) & measurements["kind"].isin(("layer", "time"))
        here &= measurements[self.quantity].notna()
        columns = ["run_id", "step", "kind", "index", "distance", self.quantity]
        frame = measurements.loc[here, columns].rename(columns={self.quantity: "value"}).reset_index(drop=True)
        if frame.empty:
            return pd.DataFrame(columns=list(RUN_COLUMNS))
        series = frame.groupby(["run_id", "step", "kind"], sort=True, observed=True)
        frame = frame.assign(series=series.ngroup())
        keys = series.agg(last=("index", "max"), nearest=("distance", "min")).reset_index()
        blocks = [self._block(block, frame) for _, block in keys.groupby(["kind", "last", "nearest"], sort=True)]
        return pd.concat(blocks).sort_values(["run_id", "step", "kind"], ignore_index=True)[list(RUN_COLUMNS)]

    def _block(self, keys: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
        """Fit the series that have the same positions."""
        kind, last, nearest = str(keys["kind"].iloc[0]), int(keys["last"].iloc[0]), int(keys["nearest"].iloc[0])
        rows = np.full(int(frame["series"].max()) + 1, -1)
        rows[keys.index.to_numpy()] = np.arange(len(keys))
        mine = rows[frame["series"].to_numpy()]
        part = frame[mine >= 0]
        raw = np.full((len(keys), last), np.nan)
        raw[mine[mine >= 0], part["index"].to_numpy(int) - 1] = part["value"].to_numpy(float)
        usable = np.isfinite(raw) & (raw > 0)
        logs = np.where(usable, np.log10(np.where(usable, raw, 1.0)), np.nan)
        first = self.first_fitted(kind, last)
        fitted = logs[:, first - 1 :]
        n = usable[:, first - 1 :].sum(axis=1)
        censored = (~np.isnan(raw[:, first - 1 :]) & ~usable[:, first - 1 :]).sum(axis=1)
        result = keys[["run_id", "step", "kind"]].assign(n_positions=n, n_censored=censored)
        return result.assign(**self._fit(fitted, first, last, nearest, n), signal_ratio=logs[:, 0] - logs[:, -1])

    def _fit(self, logs: Floats, first: int, last: int, nearest: int, n: Any) -> dict[str, Any]:
        index = np.arange(first, last + 1, dtype=float)
        distance = nearest + last - index
        enough = n >= self.minimum_positions
        slope = np.where(enough, theil_sen(distance, logs), np.nan)
        over_distance = r_squared(np.log10(last - index + 1), logs)
        over_position = r_squared(np.log10(index), logs)
        few = f"fewer than {self.minimum_positions} positions to fit (of {max(last - first + 1, 0)})"
        return {
            "factor": 10.0**slope,
            "r_squared": np.where(enough, r_squared(distance, logs), np.nan),
            "r_squared_power": np.where(enough, np.fmax(over_distance, over_position), np.nan),
            "power_of": np.where(over_position > over_distance, "position", "distance"),
            "reason": np.where(enough, "", few),
        }


def geometric_mean(frame: pd.DataFrame, by: Sequence[str], column: str = "factor") -> pd.DataFrame:
    r"""Average a factor over seeds on the log scale.

    The estimate is $10^{\overline{\log_{10} f}}$, and its interval is Student's interval of the mean logarithm,
    transformed back. Layers and steps of a run are not independent, so the seed is the unit.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a seed in each group: the `by` columns, `column`, and ``n_censored``.
    by : sequence of str
        Grouping columns.
    column : str
        The factor.

    Returns
    -------
    pandas.DataFrame
        `by`, estimate, low, high, n (seeds with a factor), n_censored (seeds with a censored position).
    """
    logs = frame.assign(_log=np.log10(frame[column].astype(float)), _cut=frame["n_censored"].astype(int) > 0)
    result = grouped_mean(logs, by, "_log")
    for name in ("estimate", "low", "high"):
        result[name] = 10.0 ** result[name].astype(float)
    return result.assign(n_censored=logs.groupby(list(by), sort=True, observed=True)["_cut"].sum().to_numpy(int))


def profile_shape(exponential: float, power: float) -> str:
    r"""Say which of two descriptions of a profile fits better.

    A description is called better where it leaves less than half of the variance that the other leaves
    unexplained, $1 - R^2$.

    Parameters
    ----------
    exponential, power : float
        The shares of variance explained, $R^2$, of the two.

    Returns
    -------
    str
        "exponential", "power law", "neither clearly", or "" where one is NaN.
    """
    if math.isnan(exponential) or math.isnan(power):
        return ""
    left = {"exponential": 1 - exponential, "power law": 1 - power}
    better, worse = sorted(left, key=lambda name: left[name])
    return better if left[better] < 0.5 * left[worse] else "neither clearly"
