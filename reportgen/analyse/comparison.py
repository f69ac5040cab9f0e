"""Comparison: an arm against its baseline, paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr

from reportgen.analyse.intervals import FEWEST, Floats, generator, t_interval

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, Study

COMPARISON_COLUMNS = ("name", "arm", "baseline", "estimate", "low", "high", "n", "n_censored", "p", "improvement")
"""Columns of the frame that `Comparison` returns."""


def baseline_of(study: Study, arm: Arm) -> Arm | None:
    """Return the arm that `arm` is compared with: of the marked arms the one that shares most factor levels.

    Arms that are skipped, and untrained arms where `arm` is trained, do not come into question. Ties go to the first
    in the study's order. None where no such arm is marked; a marked arm is its own baseline.
    """
    if arm.is_baseline:
        return arm
    trained = arm.training.steps > 0
    marked = [
        other
        for other in study.arms
        if other.is_baseline and not other.skipped and (other.training.steps > 0) == trained
    ]
    if not marked:
        return None
    return max(marked, key=lambda other: sum(other.levels.get(name) == level for name, level in arm.levels.items()))


def paired_p(differences: ArrayLike) -> float:
    """Return the two-sided p-value of Student's paired test; NaN for fewer than three pairs.

    Differences that are all 0 give 1.
    """
    values = np.asarray(differences, float)
    n = len(values)
    if n < FEWEST:
        return float("nan")
    mean, error = float(values.mean()), float(values.std(ddof=1)) / np.sqrt(n)
    if error <= 1e-15 * max(abs(mean), 1e-300):
        return 1.0 if mean == 0 else 0.0
    return float(2 * stdtr(n - 1, -abs(mean) / error))


def holm(p_values: ArrayLike) -> Floats:
    r"""Adjust the p-values of a family so that the chance of any false finding stays below the level (Holm).

    The sorted values $p_{(1)} \le \dots \le p_{(m)}$ become
    $\tilde p_{(i)} = \max_{j \le i} \min(1, (m - j + 1)\, p_{(j)})$.

    Parameters
    ----------
    p_values : array_like, shape (tests,)
        NaN where there is no test; it stays NaN and does not count.

    Returns
    -------
    ndarray, shape (tests,)

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2),
    65-70, https://www.jstor.org/stable/4615733.
    """
    values = np.asarray(p_values, float)
    adjusted = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    weights = np.arange(len(order), 0, -1)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, weights * values[order]))
    return adjusted


@dataclass(frozen=True)
class Comparison:
    r"""Differences from the baseline, with runs of the same seed paired.

    A seed decides the initialisation, the data and the batch order of every arm alike, so each difference is taken
    within a seed. The *difference of the final metric* is the mean of the paired differences with Student's
    interval. The *speed-up* is the ratio of the restricted mean times to target, baseline over arm, both
    restricted to the smaller budget $\tau$:

    $$\frac{\sum_s \min(T_s^{\mathrm{base}}, \tau)}{\sum_s \min(T_s, \tau)}$$

    with a percentile bootstrap interval over seeds; it is a bound rather than a value where runs are censored, and
    there is none where neither arm ever reaches the target. *Improvement* is the share of seeds in which the arm is
    better, ties counting one half. With fewer than three common seeds nothing is compared.

    Parameters
    ----------
    resamples : int
        Bootstrap resamples of seeds.

    References
    ----------
    Efron and Tibshirani (1993), An introduction to the bootstrap, Chapman & Hall, doi:10.1201/9780429246593.
    """

    resamples: int = 4000

    def metric(self, arm: str, baseline: str, pairs: pd.DataFrame, upwards: bool) -> tuple[object, ...] | None:
        """Compare final metrics.

        Parameters
        ----------
        arm, baseline : str
            Arm ids.
        pairs : pandas.DataFrame
            One row a common seed: final, final_base, diverged, diverged_base.
        upwards : bool
            Whether a larger metric is better.

        Returns
        -------
        tuple or None
            A row of `COMPARISON_COLUMNS`; n_censored counts pairs with a run that diverged.
        """
        pairs = pairs[np.isfinite(pairs["final"]) & np.isfinite(pairs["final_base"])]
        if len(pairs) < FEWEST:
            return None
        difference = (pairs["final"] - pairs["final_base"]).to_numpy(float)
        low, high = t_interval(difference.mean(), difference.std(ddof=1), len(pairs))
        better = difference if upwards else -difference
        improvement = float(np.mean((better > 0) + 0.5 * (better == 0)))
        cut = int((pairs["diverged"].astype(bool) | pairs["diverged_base"].astype(bool)).sum())
        ends = float(difference.mean()), float(low), float(high)
        return ("metric-difference", arm, baseline, *ends, len(pairs), cut, paired_p(difference), improvement)

    def speed(self, arm: str, baseline: str, pairs: pd.DataFrame, budget: float) -> tuple[object, ...] | None:
        """Compare times to target.

        Parameters
        ----------
        arm, baseline : str
            Arm ids; with the estimate's name they seed the bootstrap.
        pairs : pandas.DataFrame
            One row a common seed: step, step_base, reached, reached_base.
        budget : float
            The smaller budget of the two, in steps.

        Returns
        -------
        tuple or None
            A row of `COMPARISON_COLUMNS`; n_censored counts pairs with a censored run.
        """
        mine, base = (np.minimum(pairs[name].to_numpy(float), budget) for name in ("step", "step_base"))
        there = pairs["reached"].to_numpy(bool) & (pairs["step"].to_numpy(float) <= budget)
        there_base = pairs["reached_base"].to_numpy(bool) & (pairs["step_base"].to_numpy(float) <= budget)
        if len(pairs) < FEWEST or not (there.any() or there_base.any()) or mine.sum() <= 0:
            return None
        drawn = generator(arm, "speed-up").integers(0, len(pairs), (self.resamples, len(pairs)))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = base[drawn].sum(axis=1) / mine[drawn].sum(axis=1)
        low, high = np.quantile(ratios[np.isfinite(ratios)], [0.025, 0.975])
        improvement = float(np.mean((mine < base) + 0.5 * (mine == base)))
        with np.errstate(divide="ignore"):
            p = paired_p(np.log(np.maximum(base, 1)) - np.log(np.maximum(mine, 1)))
        estimate = float(base.sum() / mine.sum())
        cut = int((~there | ~there_base).sum())
        return ("speed-up", arm, baseline, estimate, float(low), float(high), len(pairs), cut, p, improvement)


def with_holm(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """Return comparison rows as a frame with ``p_holm``, adjusted over all comparisons of one name."""
    frame = pd.DataFrame(list(rows), columns=list(COMPARISON_COLUMNS))
    frame["p_holm"] = np.nan
    for _, family in frame.groupby("name"):
        frame.loc[family.index, "p_holm"] = holm(family["p"].to_numpy(float))
    return frame
