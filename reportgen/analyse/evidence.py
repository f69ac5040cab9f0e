"""Evidence: the difference between the arms of a stratum, and the tests that decide a claim there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import stdtr

from reportgen.analyse.comparison import TIE
from reportgen.analyse.intervals import FEWEST, Floats, t_interval, wilson
from reportgen.analyse.outcomes import NO_SEED
from reportgen.analyse.shares import difference_exceeds, newcombe, share_exceeds
from reportgen.analyse.strata import Stratum
from reportgen.study.effective import untrained
from reportgen.study.outcomes import LOWER, NEARER_ONE, OUTCOMES

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, ClaimRequest

Seeds = Mapping[int, float]
"""Seed to value."""

NAN = float("nan")


@dataclass(frozen=True)
class Trial:
    """A stratum with its effect and its tests.

    Attributes
    ----------
    levels, arms, others
        As in ``strata.Stratum``.
    margin, effect, low, high : float
        On the scale of the comparison: log10 of ratios, differences as they are.
    n : int
        Seeds.
    p_supported, p_refuted : float
        One-sided p-values of "no effect" and of "an effect as large as the margin"; NaN where nothing is tested.
    is_bound : bool
        Whether the effect is only bounded from below, since runs did not reach the target.
    counts : bool
        Whether the stratum counts where it has a `reason` for not being decided.
    verdict, reason, metric : str
    """

    levels: Mapping[str, str]
    arms: tuple[Arm, ...]
    others: tuple[Arm, ...]
    margin: float
    effect: float = NAN
    low: float = NAN
    high: float = NAN
    n: int = 0
    p_supported: float = NAN
    p_refuted: float = NAN
    is_bound: bool = False
    counts: bool = True
    verdict: str = ""
    reason: str = ""
    metric: str = ""

    def shown(self, ratio: bool) -> tuple[float, float, float]:
        """Return effect and interval on the scale of the margin as it was stated."""
        ends = self.effect, self.low, self.high
        return tuple(float(10.0**end) for end in ends) if ratio else ends  # type: ignore[return-value]


class Held:
    """The outcomes of a study by arm, for quick look-up.

    Parameters
    ----------
    outcomes, statuses, absent : pandas.DataFrame
        As described in ``reportgen.analyse.study.Analysis``.
    """

    def __init__(self, outcomes: pd.DataFrame, statuses: pd.DataFrame, absent: pd.DataFrame) -> None:
        self._values: dict[tuple[str, str], dict[int, float]] = {}
        self._edges: set[tuple[str, str]] = set()
        columns = (outcomes[name].tolist() for name in ("arm", "name", "seed", "value", "at_edge"))
        for arm, name, seed, value, at_edge in zip(*columns, strict=True):
            self._values.setdefault((arm, name), {})[seed] = value
            if at_edge:
                self._edges.add((arm, name))
        ran = statuses["completed"] + statuses["diverged"]
        self._ran = set(statuses.loc[ran > 0, "arm"])
        absences = (absent[name].tolist() for name in ("arm", "name", "reason"))
        self._absent = {(arm, name): reason for arm, name, reason in zip(*absences, strict=True)}

    def values(self, arm: Arm, name: str) -> Seeds:
        """Return an outcome by seed; NaN where it is censored."""
        return self._values.get((arm.id, name), {})

    def at_edge(self, arm: Arm, name: str) -> bool:
        """Tell whether the arm's chosen rate is at an end of its list, where that matters to the outcome."""
        return (arm.id, name) in self._edges

    def lacking(self, arms: Iterable[Arm], name: str) -> tuple[str, bool]:
        """Say why an outcome is not there ("" if it is), and whether that is for want of runs."""
        for arm in arms:
            if not self.values(arm, name):
                if arm.id not in self._ran:
                    return f"{arm.label} has no runs yet", True
                why = self._absent.get((arm.id, name), f"it has no {OUTCOMES[name].title.lower()}")
                return f"{arm.label}: {why}", False
        return "", False


def trial(stratum: Stratum, request: ClaimRequest, held: Held) -> Trial:
    r"""Measure the effect in a stratum and test it, before any adjustment.

    A seed's value $x_s$ of an arm is put on the scale of the comparison, $\log_{10}$ for factors and times, and given
    a sign: $y = x$ where the claim says higher, $-x$ where lower, $-|x|$ where nearer to one. With one pair of
    arms or the mean over several pairs, $d_s = y_s - y'_s$ is the difference by seed, or from a number. The effect
    is $\bar d$ with Student's interval, and

    $$p_+ = P\left(t_{n-1} \ge \frac{\bar d}{s_d / \sqrt n}\right), \qquad
      p_- = P\left(t_{n-1} \le \frac{\bar d - m}{s_d / \sqrt n}\right)$$

    test $\Delta \le 0$ and $\Delta \ge m$. Where all differences are the same Student's test does not hold, and the
    sign test's $2^{-n}$ takes the place of 0. Outcomes from before training of arms that start from the same networks
    are the same by construction: their effect is 0 whatever the seeds, which no sample has to show.

    Outcomes that are 0 or 1 are compared as shares of runs, unpaired, by Newcombe's score interval and its inversion
    (`shares.difference_exceeds`), with a number by Wilson's. Where several arms are pooled, a seed counts once, with
    its mean.

    A run that does not reach its target counts with the budget, which is less than its time. Where a run of the side
    that is claimed to be slower does not reach it, the effect is thus a lower bound, and the claim is not refuted;
    where no run of either side does, nothing is tested.

    Parameters
    ----------
    stratum : Stratum
    request : ClaimRequest
    held : Held

    Returns
    -------
    Trial
        With a `reason` where nothing is tested.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6(1), 1-25, doi:10.1093/biomet/6.1.1. Schuirmann (1987), A
    comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average
    bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680, doi:10.1007/BF01068419.
    """
    outcome, name = OUTCOMES[request.estimate], request.estimate
    margin = float(np.log10(request.margin)) if outcome.is_ratio else request.margin
    bare = Trial(stratum.levels, stratum.arms, stratum.others, margin, metric=_metric(stratum.arms, name))
    if stratum.reason:
        return replace(bare, reason=stratum.reason, counts=False)
    everyone = (*stratum.arms, *stratum.others)
    reason, wanting = held.lacking(everyone, name)
    if reason:
        return replace(bare, reason=reason, counts=wanting)
    if outcome.scale == "share":
        found = _shares(bare, request, held)
    else:
        found = _differences(bare, _by_seed(bare, request, held))
    if any(NO_SEED in held.values(arm, name) for arm in everyone):
        return _untested(found, "it is measured once for all seeds, so that it has no interval")
    if found.n < FEWEST:
        return _untested(found, f"fewer than {FEWEST} seeds")
    at_edge = [arm.label for arm in everyone if held.at_edge(arm, name)]
    if at_edge:
        return _untested(found, f"{at_edge[0]}: its best rate is at the edge")
    if outcome.at_start and found.effect == 0 and _same_start(found):
        return replace(found, p_supported=1.0, p_refuted=0.0)
    return _censored(found, request, held) if outcome.scale == "time" else found


def _same_start(found: Trial) -> bool:
    """Tell whether both sides start from the same networks."""
    return bool(found.others) and sorted(map(untrained, found.arms)) == sorted(map(untrained, found.others))


def _untested(found: Trial, reason: str) -> Trial:
    return replace(found, p_supported=NAN, p_refuted=NAN, reason=reason)


def _metric(arms: Sequence[Arm], name: str) -> str:
    target = arms[0].target
    return target.metric if target is not None and name in {"final-metric", "area-under-curve"} else ""


def _signed(values: Floats, request: ClaimRequest) -> Floats:
    """Put values on the scale of the comparison, larger being more as claimed; what has no logarithm becomes NaN."""
    outcome = OUTCOMES[request.estimate]
    if outcome.is_ratio:
        least = 1.0 if outcome.scale == "time" else 0.0  # a target that is there at the start is reached at step 0
        raised = np.maximum(values, least)
        values = np.log10(np.where(raised > 0, raised, np.nan))
    signed: Floats = -np.abs(values) if request.direction == NEARER_ONE else values
    return -values if request.direction == LOWER else signed


def _by_seed(stratum: Trial, request: ClaimRequest, held: Held) -> Floats:
    """Differences by seed, the mean over the pairs of arms, of the seeds that all have."""
    name = request.estimate
    sides = [stratum.arms, stratum.others] if stratum.others else [stratum.arms]
    tables = [[held.values(arm, name) for arm in side] for side in sides]
    seeds = sorted(set.intersection(*(set(values) for side in tables for values in side)))
    raw = [np.array([[values[seed] for seed in seeds] for values in side], float) for side in tables]
    signed = [_signed(side, request) for side in raw]
    if isinstance(request.against, Mapping):
        differences = signed[0] - signed[1]
    else:
        differences = signed[0] - _signed(np.asarray(request.against, float), request)
    mean: Floats = differences.mean(axis=0)
    return mean[np.isfinite(mean)]


def _differences(stratum: Trial, differences: Floats) -> Trial:
    n = len(differences)
    effect = float(differences.mean()) if n else NAN
    if n < FEWEST:
        return replace(stratum, effect=effect, n=n)
    deviation = float(differences.std(ddof=1))
    low, high = t_interval(effect, deviation, n)
    error = deviation / np.sqrt(n)
    tied = deviation <= TIE * max(float(np.abs(differences).max()), stratum.margin)

    def exceeds(distance: float) -> float:
        if tied:
            return 2.0**-n if distance > TIE * stratum.margin else 1.0
        return float(stdtr(n - 1, -distance / error))

    p_values = exceeds(effect), exceeds(stratum.margin - effect)
    return replace(
        stratum, effect=effect, low=float(low), high=float(high), n=n, p_supported=p_values[0], p_refuted=p_values[1]
    )


def _shares(stratum: Trial, request: ClaimRequest, held: Held) -> Trial:
    sign = -1.0 if request.direction == LOWER else 1.0
    (share, n), margin = _share(stratum.arms, request.estimate, held), stratum.margin
    if stratum.others:
        other, n_other = _share(stratum.others, request.estimate, held)
        low, high = newcombe(share, n, other, n_other)
        first, second = ((share, n), (other, n_other))[:: int(sign)]
        supported = difference_exceeds(*first, *second, 0.0)
        refuted = difference_exceeds(*second, *first, -margin)
        count = min(n, n_other)
    else:
        other = float(request.against)  # type: ignore[arg-type]
        low, high = (end - other for end in wilson(share * n, n))
        count, up = n, sign > 0
        supported = share_exceeds(share, n, other) if up else share_exceeds(1 - share, n, 1 - other)
        refuted = share_exceeds(1 - share, n, 1 - other - margin) if up else share_exceeds(share, n, other - margin)
    ends = sorted((sign * float(low), sign * float(high)))
    return replace(
        stratum,
        effect=sign * (share - other),
        low=ends[0],
        high=ends[1],
        n=count,
        p_supported=supported,
        p_refuted=refuted,
    )


def _share(arms: Sequence[Arm], name: str, held: Held) -> tuple[float, int]:
    """Share of runs, a seed counting once, and the number of seeds."""
    tables = [held.values(arm, name) for arm in arms]
    seeds = set.intersection(*(set(table) for table in tables))
    if not seeds:
        return NAN, 0
    return sum(table[seed] for table in tables for seed in seeds) / (len(seeds) * len(tables)), len(seeds)


def _censored(found: Trial, request: ClaimRequest, held: Held) -> Trial:
    """Take back what times that are only bounded cannot say."""
    mine, others = ([held.values(arm, "success") for arm in side] for side in (found.arms, found.others))
    if not any(reached for side in (mine, others) for table in side for reached in table.values()):
        return _untested(found, "no run reaches the target")
    slower = others if request.direction == LOWER else mine
    bounded = any(not reached for table in slower for reached in table.values())
    return replace(found, p_refuted=NAN, is_bound=True) if bounded else found
