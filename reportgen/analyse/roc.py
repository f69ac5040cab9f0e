"""Detectors: how well a number tells runs that will fail from runs that will not, with the arm as the unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.stats import rankdata

from reportgen.analyse.intervals import LEVEL, Floats
from reportgen.analyse.sign_catalogue import FEWEST_ARMS, FEWEST_RUNS

RESAMPLES = 1000
"""Draws of a bootstrap."""

FOLDS = 5
"""Parts of the arms, each judged with a threshold that the others chose."""

_BLOCK = 256
"""Arms whose cumulated counts are held in memory at once."""

Booleans = NDArray[np.bool_]


def auc(scores: ArrayLike, failed: ArrayLike) -> float:
    r"""Return the area under the ROC curve, in the form of Mann and Whitney.

    The share of all pairs of a failing and a healthy run in which the failing one has the larger score, pairs with
    equal scores counting one half:

    $$A = \frac{1}{n_f n_h} \sum_{i \in f} \sum_{j \in h} \left([s_i > s_j] + \tfrac12 [s_i = s_j]\right)$$

    It is 1 for a perfect detector, 0.5 for one that knows nothing, and below 0.5 for one that points the wrong way.

    Parameters
    ----------
    scores : array_like, shape (runs,)
        Larger means more alarming; no NaN.
    failed : array_like of bool, shape (runs,)

    Returns
    -------
    float
        NaN without a failing or without a healthy run.

    References
    ----------
    Mann and Whitney (1947), On a test of whether one of two random variables is stochastically larger than the other,
    Annals of Mathematical Statistics 18(1), 50-60, doi:10.1214/aoms/1177730491. Hanley and McNeil (1982), The meaning
    and use of the area under a receiver operating characteristic (ROC) curve, Radiology 143(1), 29-36,
    doi:10.1148/radiology.143.1.7063747.
    """
    bad = np.asarray(failed, bool)
    positive, negative = int(bad.sum()), int((~bad).sum())
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(np.asarray(scores, float))
    return float((ranks[bad].sum() - positive * (positive + 1) / 2) / (positive * negative))


def auc_interval(
    scores: ArrayLike, failed: ArrayLike, arms: ArrayLike, rng: np.random.Generator, level: float = LEVEL
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of `auc` over arms.

    The runs of one arm (its seeds and learning rates) are not independent, so whole arms are drawn with replacement,
    as many as there are, `RESAMPLES` times; draws without a failing or a healthy run do not count. Where a detector
    separates all runs the interval has no width: then the number of arms says how much is known.

    Parameters
    ----------
    scores, failed : array_like, shape (runs,)
        As in `auc`.
    arms : array_like, shape (runs,)
        The arm of each run.
    rng : numpy.random.Generator
    level : float
        Coverage.

    Returns
    -------
    low, high : float
        NaN with fewer than `FEWEST_RUNS` failing or healthy runs, or where either come from fewer than `FEWEST_ARMS`
        arms.

    References
    ----------
    Field and Welsh (2007), Bootstrapping clustered data, Journal of the Royal Statistical Society B 69(3), 369-390,
    doi:10.1111/j.1467-9868.2007.00593.x.
    """
    bad = np.asarray(failed, bool)
    codes = np.unique(np.asarray(arms), return_inverse=True)[1]
    if not enough(bad, codes):
        return float("nan"), float("nan")
    wins = _wins(np.asarray(scores, float), bad, codes)
    drawn = rng.multinomial(len(wins), np.full(len(wins), 1 / len(wins)), size=RESAMPLES).astype(float)
    positive, negative = (drawn @ np.bincount(codes[part], minlength=len(wins)) for part in (bad, ~bad))
    pairs = positive * negative
    areas = ((drawn @ wins) * drawn).sum(axis=1)[pairs > 0] / pairs[pairs > 0]
    low, high = np.quantile(areas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def enough(failed: Booleans, arms: NDArray[np.intp]) -> bool:
    """Tell whether there are runs and arms enough, of both outcomes, for an interval."""
    return all(part.sum() >= FEWEST_RUNS and len(np.unique(arms[part])) >= FEWEST_ARMS for part in (failed, ~failed))


def _wins(scores: Floats, failed: Booleans, arms: NDArray[np.intp]) -> Floats:
    """Count, for each two arms, the pairs in which a failing run of the first beats a healthy one of the second."""
    values = np.unique(scores, return_inverse=True)[1]
    count, distinct = int(arms.max()) + 1, int(values.max()) + 1
    shape = (count, distinct)
    bad = sparse.csr_matrix((np.ones(failed.sum()), (arms[failed], values[failed])), shape=shape)
    wins = np.empty((count, count))
    for start in range(0, count, _BLOCK):
        block = (~failed) & (arms >= start) & (arms < start + _BLOCK)
        width = min(_BLOCK, count - start)
        healthy = np.zeros((distinct, width))
        np.add.at(healthy, (values[block], arms[block] - start), 1.0)
        wins[:, start : start + width] = bad @ (np.cumsum(healthy, axis=0) - healthy / 2)
    return wins


@dataclass(frozen=True)
class Alarm:
    """A threshold and what it does.

    Attributes
    ----------
    threshold : float
        Scores at or above it raise the alarm; NaN without runs of both outcomes.
    sensitivity : float
        Share of the failing runs that raise it.
    false_alarms : float
        Share of the healthy runs that raise it.
    """

    threshold: float
    sensitivity: float
    false_alarms: float


def youden(scores: ArrayLike, failed: ArrayLike) -> Alarm:
    r"""Return the threshold with the largest Youden index, the sensitivity less the share of false alarms.

    $$J = \max_t \left( P(s \ge t \mid \text{fails}) - P(s \ge t \mid \text{healthy}) \right)$$

    Of thresholds with one index the largest is taken, which raises the fewest alarms. The threshold lies midway
    between two neighbouring scores, on a logarithmic scale where both are positive and differ by more than ten times.

    Parameters
    ----------
    scores, failed : array_like, shape (runs,)
        As in `auc`.

    Returns
    -------
    Alarm
        Its shares are those of the runs that chose it; `validated` gives honest ones.

    References
    ----------
    Youden (1950), Index for rating diagnostic tests, Cancer 3(1), 32-35,
    doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3.
    """
    bad, values = np.asarray(failed, bool), np.asarray(scores, float)
    if not bad.any() or bad.all():
        return Alarm(float("nan"), float("nan"), float("nan"))
    distinct, codes = np.unique(values, return_inverse=True)
    above = [
        np.bincount(codes[part], minlength=len(distinct))[::-1].cumsum()[::-1] / part.sum() for part in (bad, ~bad)
    ]
    gain = above[0] - above[1]
    best = len(gain) - 1 - int(np.argmax(gain[::-1]))
    threshold = distinct[best] if best == 0 else _between(float(distinct[best - 1]), float(distinct[best]))
    return Alarm(float(threshold), float(above[0][best]), float(above[1][best]))


def _between(low: float, high: float) -> float:
    if not np.isfinite(low) or not np.isfinite(high):
        return high if np.isfinite(high) else float(np.nextafter(low, np.inf))
    signed = -1.0 if high < 0 else 1.0
    ends = sorted((abs(low), abs(high)))
    if low * high > 0 and ends[1] > 10 * ends[0]:
        return float(signed * np.sqrt(ends[0]) * np.sqrt(ends[1]))
    return (low + high) / 2


def validated(scores: ArrayLike, failed: ArrayLike, arms: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return which runs raise the alarm at a threshold that other arms chose.

    The arms are dealt at random into `FOLDS` parts; the runs of each are judged with the `youden` threshold of the
    others, since a threshold flatters the runs that chose it.

    Parameters
    ----------
    scores, failed, arms : array_like, shape (runs,)
        As in `auc_interval`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (runs,)
        1 for an alarm, 0 for none, NaN where the other arms choose no threshold or there are fewer than `FOLDS` arms.
    """
    values, bad = np.asarray(scores, float), np.asarray(failed, bool)
    codes = np.unique(np.asarray(arms), return_inverse=True)[1]
    count = int(codes.max()) + 1 if len(codes) else 0
    raised = np.full(len(values), np.nan)
    if count < FOLDS:
        return raised
    fold = rng.permutation(np.arange(count) % FOLDS)[codes]
    for part in range(FOLDS):
        alarm = youden(values[fold != part], bad[fold != part])
        if np.isfinite(alarm.threshold):
            raised[fold == part] = values[fold == part] >= alarm.threshold
    return raised
