"""Profiles: every measured quantity by position, at the start and at the end of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reportgen.analyse.intervals import FEWEST, t_interval
from reportgen.analyse.theory.prediction import Prediction

PROFILE_COLUMNS = (
    "arm",
    "stage",
    "quantity",
    "kind",
    "name",
    "index",
    "distance",
    "estimate",
    "low",
    "high",
    "n",
    "n_censored",
    "theory",
)
"""Columns of the frame that `Profiles` returns."""

LOG_QUANTITIES = ("error_signal_rms", "weight_gradient_norm", "weight_norm", "update_ratio", "activation_std")
"""Quantities that are averaged as log10."""

PLAIN_QUANTITIES = ("activation_mean", "saturated_fraction", "dead_fraction")
"""Quantities that are averaged as they are."""


@dataclass(frozen=True)
class Profiles:
    """The mean over judged seeds of each quantity at each position.

    Norms and root mean squares are averaged as log10, so that a seed counts the same wherever its gradient has got
    to; means and fractions as they are. The interval is Student's over seeds. A value of 0 on a logarithmic scale is
    below the range of the numbers (an infinite one above): it is counted as censored, not averaged. What was not
    measured at a position has no row.

    Parameters
    ----------
    logarithmic, plain : tuple of str
        The quantities of either kind.
    """

    logarithmic: tuple[str, ...] = LOG_QUANTITIES
    plain: tuple[str, ...] = PLAIN_QUANTITIES

    def __call__(self, measurements: pd.DataFrame) -> pd.DataFrame:
        """Average.

        Parameters
        ----------
        measurements : pandas.DataFrame
            Wide rows with the columns arm and stage; one row a run and position in each.

        Returns
        -------
        pandas.DataFrame
            `PROFILE_COLUMNS` with theory NaN (see `with_theory`); estimates in log10 of the quantity's unit for
            the logarithmic ones.
        """
        keys = ["arm", "stage", "kind", "name", "index", "distance"]
        frame = measurements[measurements["kind"] != "network"]
        quantities = [name for name in (*self.logarithmic, *self.plain) if name in frame]
        if frame.empty or not quantities:
            return pd.DataFrame(columns=list(PROFILE_COLUMNS))
        group = frame.groupby(keys, sort=True, observed=True)
        number = group.ngroup().to_numpy()
        heads = group.size().reset_index()[keys]
        parts = [self._average(frame[name].to_numpy(float), number, heads, name) for name in quantities]
        result = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
        order = ["arm", "stage", "quantity", "kind", "name", "index"]
        return result.sort_values(order, ignore_index=True).assign(theory=np.nan)[list(PROFILE_COLUMNS)]

    def _average(self, raw: np.ndarray, number: np.ndarray, heads: pd.DataFrame, quantity: str) -> pd.DataFrame:
        measured = ~np.isnan(raw)
        usable = measured & np.isfinite(raw)
        if quantity in self.logarithmic:
            usable &= raw > 0
            values = np.log10(np.where(usable, raw, 1.0))
        else:
            values = np.where(usable, raw, 0.0)
        length = len(heads)
        n = np.bincount(number, usable, length).astype(int)
        safe = np.maximum(n, 1)
        mean = np.bincount(number, np.where(usable, values, 0.0), length) / safe
        apart = np.where(usable, values - mean[number], 0.0)
        largest = np.zeros(length)
        np.maximum.at(largest, number, np.abs(apart))
        exponent = np.frexp(largest)[1]  # squares of what has exploded would not fit
        squares = np.bincount(number, np.ldexp(apart, -exponent[number]) ** 2, length)
        deviation = np.ldexp(np.sqrt(squares / np.maximum(n - 1, 1)), exponent)
        low, high = t_interval(mean, deviation, np.where(n >= FEWEST, n, 0))
        if quantity.endswith("_fraction"):
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        result = heads.assign(quantity=quantity, estimate=np.where(n > 0, mean, np.nan), low=low, high=high, n=n)
        result["n_censored"] = np.bincount(number, measured & ~usable, length).astype(int)
        return result[result["n"] + result["n_censored"] > 0]


def with_theory(
    profiles: pd.DataFrame, predictions: Mapping[str, Prediction], cells: Mapping[str, Prediction] | None = None
) -> pd.DataFrame:
    """Add predicted log10 profiles of the error signal at the start, anchored at the measured last position.

    Parameters
    ----------
    profiles : pandas.DataFrame
        What `Profiles` returns.
    predictions : mapping
        Arm id to its prediction, for the positions named hidden.
    cells : mapping, optional
        The same for those named cell.

    Returns
    -------
    pandas.DataFrame
        The same rows, with theory in the unit of estimate where there is a prediction.
    """
    theory = np.full(len(profiles), np.nan)
    here = (profiles["quantity"] == "error_signal_rms") & (profiles["stage"] == "start")
    for name, known in (("hidden", predictions), ("cell", cells or {})):
        named = profiles[here & (profiles["name"] == name)]
        for _, part in named.groupby(["arm", "kind"], sort=False, observed=True):
            found = known.get(str(part["arm"].iloc[0]))
            index = part["index"].to_numpy(int)
            if found is None or index.max() != len(found.profile):
                continue
            anchor = float(part["estimate"].iloc[int(index.argmax())])
            theory[part.index.to_numpy()] = anchor + np.asarray(found.profile)[index - 1]
    return profiles.assign(theory=theory)
