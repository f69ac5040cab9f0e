"""Survival: the share of runs that have not reached the target yet, with right-censoring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri, stdtrit

from reportgen.analyse.intervals import FEWEST, LEVEL, Floats, mean_interval, wilson

SURVIVAL_COLUMNS = ("step", "not_reached", "low", "high", "at_risk")
"""Columns of the frame that `KaplanMeier` returns."""


@dataclass(frozen=True)
class KaplanMeier:
    r"""The share of runs that have not reached the target by a step (Kaplan and Meier).

    $$S(t) = \prod_{t_i \le t} \left(1 - \frac{d_i}{n_i}\right)$$

    over the steps $t_i$ at which $d_i$ of the $n_i$ runs still under observation reach the target. The pointwise
    band is the log-log transformed interval $S^{\exp(\pm z\,\hat\sigma/\log S)}$ with Greenwood's variance
    $\hat\sigma^2 = \sum_{t_i \le t} d_i / (n_i (n_i - d_i))$. Where $S$ is 1 or 0 that interval has no width,
    and Wilson's for the number of runs takes its place.

    Parameters
    ----------
    level : float
        Coverage of the band at each step.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, Journal of the American
    Statistical Association 53(282), 457-481, doi:10.1080/01621459.1958.10501452. Kalbfleisch and Prentice (2002),
    The statistical analysis of failure time data, 2nd ed., Wiley, doi:10.1002/9781118032985.
    """

    level: float = LEVEL

    def __call__(self, steps: ArrayLike, censored: ArrayLike, budget: float) -> pd.DataFrame:
        """Return the step function at 0, at each step of an event, and at the budget.

        Parameters
        ----------
        steps : array_like, shape (runs,)
            Step of reaching the target, or of censoring.
        censored : array_like of bool, shape (runs,)
        budget : float
            The last step.

        Returns
        -------
        pandas.DataFrame
            step, not_reached (share just after the step), low, high (NaN for fewer than three runs), at_risk
            (runs just before the step).
        """
        time, cut = np.asarray(steps, float), np.asarray(censored, bool)
        events = np.unique(time[~cut])
        grid = np.unique(np.concatenate([[0.0], events, [float(budget)]]))
        at_risk = (time[None, :] >= grid[:, None]).sum(axis=1)
        reached = ((time[None, :] == grid[:, None]) & ~cut).sum(axis=1)
        left = at_risk - reached
        staying: Floats = np.where(at_risk > 0, left / np.maximum(at_risk, 1.0), 1.0)
        share: Floats = np.multiply.accumulate(staying)
        variance: Floats = np.cumsum(reached / np.maximum(at_risk * left, 1.0))  # not used where the share is 0
        low, high = self._band(share, variance, len(time))
        columns = (grid, share, low, high, at_risk)
        return pd.DataFrame(dict(zip(SURVIVAL_COLUMNS, columns, strict=True)))

    def _band(self, share: Floats, variance: Floats, n: int) -> tuple[Floats, Floats]:
        inside = (share > 0) & (share < 1)
        safe = np.where(inside, share, 0.5)
        z = float(ndtri((1 + self.level) / 2))
        exponent = z * np.sqrt(np.where(inside, variance, 0.0)) / np.log(safe)
        low, high = safe ** np.exp(-exponent), safe ** np.exp(exponent)
        end_low, end_high = wilson(np.where(share >= 1, n, 0), np.full(len(share), n), self.level)
        low, high = np.where(inside, low, end_low), np.where(inside, high, end_high)
        return (low, high) if n >= FEWEST else (np.full(len(share), np.nan), np.full(len(share), np.nan))


def restricted_mean(steps: ArrayLike, budget: float) -> tuple[float, float, float]:
    r"""Return the restricted mean time and its interval.

    $$\mu(\tau) = \int_0^\tau S(t)\,dt = \overline{\min(T, \tau)} = \tau - \hat p\,\bar g$$

    with the budget $\tau$; the second form holds as every run is followed to the budget. In the third, $\hat p$ is the
    share of runs that reach the target before the budget and $\bar g$ the mean of the $\tau - T$ steps that they save.

    Where all of them do, the interval is Student's over runs. Else it is put together from Wilson's limits
    $p_l, p_u$ of the share and Student's $g_l, g_u$ of the saving, clipped to $[0, \tau]$ (the whole range for a single
    run), by Zou and Donner's method for a sum, here that of the logarithms:

    $$\tau - \hat p\,\bar g\,\exp\!\left(\pm\sqrt{\ln^2 \frac{p_{u,l}}{\hat p} +
      \ln^2 \frac{g_{u,l}}{\bar g}}\right)$$

    Where no run reaches the target it is $[\tau (1 - p_u), \tau]$: some runs might have. Student's interval of the
    restricted times covers 85 % where half of five runs are censored and 20 % where nearly all are; this one at least
    93 %, and more than 97 % where most are.

    Parameters
    ----------
    steps : array_like, shape (runs,)
        Steps to the target; the budget (or more) where it was not reached.
    budget : float
        The restriction $\tau$ in steps.

    Returns
    -------
    estimate, low, high : float
        Steps; the interval is NaN for fewer than three runs.

    References
    ----------
    Royston and Parmar (2013), Restricted mean survival time: an alternative to the hazard ratio, BMC Medical
    Research Methodology 13, 152, doi:10.1186/1471-2288-13-152. Zou and Donner (2008), Construction of confidence
    limits about effect measures: a general approach, Statistics in Medicine 27(10), 1693-1702, doi:10.1002/sim.3095.
    """
    time = np.minimum(np.asarray(steps, float), budget)
    saved = budget - time[time < budget]
    n, hits = len(time), len(saved)
    if hits == n or n < FEWEST:
        return mean_interval(time, (0.0, budget))[:3]
    share_low, share_high = (float(end) for end in wilson(hits, n))
    if not hits:
        return float(budget), budget * (1 - share_high), float(budget)
    share, gain = hits / n, float(saved.mean())
    reach = float(stdtrit(hits - 1, (1 + LEVEL) / 2) * saved.std(ddof=1) / np.sqrt(hits)) if hits > 1 else budget
    gain_low, gain_high = max(gain - reach, 0.0), min(gain + reach, float(budget))
    longest = budget
    if gain_low > 0:
        longest = budget - share * gain * np.exp(-np.hypot(np.log(share / share_low), np.log(gain / gain_low)))
    most = share * gain * np.exp(np.hypot(np.log(share_high / share), np.log(gain_high / gain)))
    return float(budget - share * gain), float(max(budget - most, 0.0)), float(longest)


def median_time(survival: pd.DataFrame) -> tuple[float, float, float]:
    """Return the median time and its interval: where the survival and the ends of its band fall to one half.

    Parameters
    ----------
    survival : pandas.DataFrame
        What `KaplanMeier` returns.

    Returns
    -------
    estimate, low, high : float
        Steps; NaN where the curve does not fall to one half within the budget.

    References
    ----------
    Brookmeyer and Crowley (1982), A confidence interval for the median survival time, Biometrics 38(1), 29-41,
    doi:10.2307/2530286.
    """

    def crossing(column: str) -> float:
        below = survival.loc[survival[column] <= 0.5 + 1e-12, "step"]
        return float(below.iloc[0]) if len(below) else float("nan")

    return crossing("not_reached"), crossing("low"), crossing("high")


def log_rank(steps: ArrayLike, censored: ArrayLike, others: ArrayLike, others_censored: ArrayLike) -> float:
    r"""Return the two-sided p-value of the log-rank test between the times to target of two sets of runs.

    $$\chi^2 = \frac{\left(\sum_i d_{1i} - n_{1i} d_i / n_i\right)^2}
                   {\sum_i \frac{n_{1i} n_{2i} d_i (n_i - d_i)}{n_i^2 (n_i - 1)}}$$

    over the steps at which $d_i$ of the $n_i$ runs still under observation reach the target, $d_{1i}$ of $n_{1i}$ in
    the first set; it has one degree of freedom. All of both curves counts, not their mean, and a censored run counts as
    long as it was observed. Runs are not paired. The distribution is that of many runs; between two sets of five with
    the same distribution of times, p is below 0.05 in about 7 % of cases.

    Parameters
    ----------
    steps, others : array_like, shape (runs,)
        Steps of reaching the target, or of censoring.
    censored, others_censored : array_like of bool, shape (runs,)

    Returns
    -------
    float
        NaN where either set has fewer than three runs, or no run ever reaches the target.

    References
    ----------
    Mantel (1966), Evaluation of survival data and two new rank order statistics arising in its consideration, Cancer
    Chemotherapy Reports 50(3), 163-170. Kalbfleisch and Prentice (2002), The statistical analysis of failure time data,
    2nd ed., Wiley, doi:10.1002/9781118032985.
    """
    first, second = np.asarray(steps, float), np.asarray(others, float)
    cut, cut_second = np.asarray(censored, bool), np.asarray(others_censored, bool)
    events = np.unique(np.concatenate([first[~cut], second[~cut_second]]))
    if min(len(first), len(second)) < FEWEST or not len(events):
        return float("nan")
    mine = (first >= events[:, None]).sum(axis=1)
    whole = mine + (second >= events[:, None]).sum(axis=1)
    reached = ((first == events[:, None]) & ~cut).sum(axis=1)
    all_reached = reached + ((second == events[:, None]) & ~cut_second).sum(axis=1)
    excess = float((reached - mine * all_reached / whole).sum())
    spread = mine * (whole - mine) * all_reached * (whole - all_reached) / (whole**2 * np.maximum(whole - 1.0, 1.0))
    variance = float(spread.sum())
    return float(chdtrc(1, excess**2 / variance)) if variance > 0 else float("nan")
