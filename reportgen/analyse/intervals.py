"""Means, shares and their 95 % intervals, with the seed as the unit; all work on arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

Floats = NDArray[np.float64]

FEWEST = 3
"""Below this number of seeds there is an estimate but no interval."""

LEVEL = 0.95
"""Coverage of every interval."""


def generator(arm: str, name: str) -> np.random.Generator:
    """Return the random generator of one estimate, seeded from a hash of the arm id and the estimate's name.

    So the same data give the same interval, whatever else is analysed and in whatever order.
    """
    digest = hashlib.sha256(f"{arm}\n{name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def t_interval(mean: ArrayLike, deviation: ArrayLike, n: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    r"""Return Student's interval of a mean.

    $$\bar x \pm t_{n-1,\,(1+c)/2}\; s / \sqrt n$$

    with the sample standard deviation $s$ (divisor $n-1$) of one value a seed and coverage $c$.

    Parameters
    ----------
    mean, deviation, n : array_like
        Means, sample standard deviations and numbers of seeds, of one shape.
    level : float
        Coverage.

    Returns
    -------
    low, high : ndarray
        NaN where n < 3: two seeds say too little about a spread.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6(1), 1-25, doi:10.1093/biomet/6.1.1.
    """
    centre, spread, count = (np.asarray(value, float) for value in (mean, deviation, n))
    enough = count >= FEWEST
    safe = np.where(enough, count, FEWEST)
    half = np.where(enough, stdtrit(safe - 1, (1 + level) / 2) * spread / np.sqrt(safe), np.nan)
    return centre - half, centre + half


def wilson(successes: ArrayLike, n: ArrayLike, level: float = LEVEL) -> tuple[Floats, Floats]:
    r"""Return Wilson's score interval of a share.

    $$\frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n}$$

    with $\hat p$ the share of successes and $z$ the standard normal quantile of $(1+c)/2$. Unlike the textbook
    interval it has a width where no run, or every run, succeeds.

    Parameters
    ----------
    successes, n : array_like
        Numbers of successes and of runs, of one shape.
    level : float
        Coverage.

    Returns
    -------
    low, high : ndarray
        Within 0 and 1; NaN where n < 3.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22(158), 209-212, doi:10.1080/01621459.1927.10502953.
    """
    count = np.asarray(n, float)
    enough = count >= FEWEST
    safe = np.where(enough, count, FEWEST)
    share = np.asarray(successes, float) / safe
    z = float(ndtri((1 + level) / 2))
    centre = share + z**2 / (2 * safe)
    half = z * np.sqrt(np.maximum(share * (1 - share), 0) / safe + z**2 / (4 * safe**2))
    low, high = ((centre + sign * half) / (1 + z**2 / safe) for sign in (-1, 1))
    return np.where(enough, np.maximum(low, 0), np.nan), np.where(enough, np.minimum(high, 1), np.nan)


def mean_interval(values: ArrayLike, bounds: tuple[float, float]) -> tuple[float, float, float, int]:
    """Return mean, Student's interval clipped to `bounds`, and number of the finite values of one group.

    Parameters
    ----------
    values : array_like, shape (seeds,)
    bounds : (float, float)
        The values that the quantity can take.

    Returns
    -------
    estimate, low, high : float
        NaN without a finite value.
    n : int
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return float("nan"), float("nan"), float("nan"), 0
    deviation = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    low, high = (float(np.clip(end, *bounds)) for end in t_interval(known.mean(), deviation, len(known)))
    return float(known.mean()), low, high, len(known)


def grouped_mean(
    frame: pd.DataFrame, by: Sequence[str], column: str, bounds: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Return mean and Student's interval of a column within groups.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a seed in each group; NaN rows do not count.
    by : sequence of str
        The grouping columns.
    column : str
        The column to average.
    bounds : (float, float), optional
        Interval ends are clipped to the values that the quantity can take.

    Returns
    -------
    pandas.DataFrame
        Columns `by`, ``estimate``, ``low``, ``high``, ``n``; sorted by `by`. Groups without a value have
        ``n`` 0 and NaN.
    """
    grouped = frame.groupby(list(by), sort=True, observed=True, dropna=False)[column].agg(["mean", "std", "count"])
    grouped = grouped.reset_index()
    low, high = t_interval(grouped["mean"], grouped["std"], grouped["count"])
    if bounds is not None:
        low, high = np.clip(low, *bounds), np.clip(high, *bounds)
    result: dict[str, Any] = {name: grouped[name] for name in by}
    result |= {"estimate": grouped["mean"], "low": low, "high": high, "n": grouped["count"].astype(int)}
    return pd.DataFrame(result)
