"""The bootstrap: intervals for statistics that have no closed form, from resampled seeds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtrit

from reportgen.analyse.intervals import FEWEST, LEVEL, Floats

Statistic = Callable[[Floats], Floats]
"""Reduces the last axis of an array."""

RESAMPLES = 4000


def bca(
    statistic: Statistic, values: ArrayLike, rng: np.random.Generator, level: float = LEVEL, expanded: bool = True
) -> tuple[float, float]:
    r"""Return the bias-corrected and accelerated bootstrap interval of a statistic of one value a seed.

    $$\Phi\left(z_0 + \frac{z_0 \pm z}{1 - a (z_0 \pm z)}\right), \qquad a = \frac{\sum u_i^3}{6 (\sum u_i^2)^{3/2}}$$

    are the levels of the quantiles of the statistic over resamples of the seeds that end the interval, with $z_0$ the
    normal quantile of the share of resamples that lie below the estimate (half of those equal to it), and the
    acceleration $a$ from the mean of the leave-one-out statistics less the $i$-th, $u_i$.

    With few seeds the bootstrap is too narrow: resamples spread by $(n-1)/n$ of the sample's variance, and the normal
    quantile is not Student's. *Expanded*, $z = t_{n-1}\sqrt{n/(n-1)}$ takes the place of the normal quantile. The
    interval of the interquartile mean then covers 94 % with five and 97 % with ten seeds of normal values, 92 % and
    97 % of exponential ones; without, 89 to 94 %.

    Parameters
    ----------
    statistic : callable
        Reduces the last axis.
    values : array_like, shape (seeds,)
    rng : numpy.random.Generator
        Of the estimate (``intervals.generator``).
    level : float
        Coverage.
    expanded : bool

    Returns
    -------
    low, high : float
        NaN for fewer than three seeds.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, Journal of the American Statistical Association 82(397),
    171-185, doi:10.1080/01621459.1987.10478410. Hesterberg (2015), What teachers should know about the bootstrap, The
    American Statistician 69(4), 371-386, doi:10.1080/00031305.2015.1089789.
    """
    known = np.asarray(values, float)
    n = len(known)
    if n < FEWEST:
        return float("nan"), float("nan")
    estimate = float(statistic(known))
    drawn = np.sort(statistic(known[rng.integers(0, n, (RESAMPLES, n))]))
    below = (np.searchsorted(drawn, estimate) + np.searchsorted(drawn, estimate, side="right")) / 2
    bias = float(ndtri(np.clip(below / RESAMPLES, 1 / RESAMPLES, 1 - 1 / RESAMPLES)))
    others = np.array([np.delete(known, index) for index in range(n)])
    left_out = statistic(others)
    apart = left_out.mean() - left_out
    spread = float((apart**2).sum())
    acceleration = float((apart**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    tail = (1 + level) / 2
    z = float(stdtrit(n - 1, tail)) * np.sqrt(n / (n - 1)) if expanded else float(ndtri(tail))
    ends = bias + np.array([-z, z])
    stretch = np.maximum(1 - acceleration * ends, 1e-6)  # beyond, the quantile is the last resample either way
    low, high = np.quantile(drawn, ndtr(bias + ends / stretch))
    return float(low), float(high)


def interquartile_mean(values: Floats) -> Floats:
    r"""Return the mean of the values between the quartiles, along the last axis.

    $$\frac{1}{n - 2g} \sum_{i=g+1}^{n-g} x_{(i)}, \qquad g = \lfloor n / 4 \rfloor$$

    A run or two that diverged do not move it, and it uses more of the seeds than the median does.

    Parameters
    ----------
    values : ndarray, shape (..., seeds)

    Returns
    -------
    ndarray, shape (...)

    References
    ----------
    Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice, Advances in Neural
    Information Processing Systems 34, 29304-29320, https://arxiv.org/abs/2108.13264.
    """
    ordered = np.sort(values, axis=-1)
    cut = ordered.shape[-1] // 4
    middle: Floats = ordered[..., cut : ordered.shape[-1] - cut].mean(axis=-1)
    return middle
