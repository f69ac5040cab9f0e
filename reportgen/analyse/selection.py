"""Selection: which learning rate an arm is judged at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

CHOSEN_COLUMNS = ("arm", "learning_rate", "at_edge", "n_tuning")
"""Columns of the frame that `Selection` returns."""

LEARNT = 0.02
"""An arm that comes no nearer to a perfect score than by this share of the way from chance has learnt nothing."""


@dataclass(frozen=True)
class _Score:
    """What the tuning seeds of an arm came to at a rate; a larger area is better, and `skill` is LEARNT's share."""

    rate: float
    success: float
    area: float
    skill: float
    diverged: float


@dataclass(frozen=True)
class Selection:
    """The choice of a learning rate for each arm.

    Rates are compared on validation data of the tuning seeds, which are not judged. The best rate is the one at
    which most runs reach the target; among equals the one with the best mean area under the validation curve,
    which rewards learning fast and ending well; among rates that are still equal (to `tolerance`, relative), the
    lower middle one. Without a target the area alone decides. A run that diverged does not reach the target
    afterwards and counts as chance from then on.

    Where no rate lets an arm learn (no run reaches the target, and no mean area is nearer to a perfect score than
    chance is by 2 % of that distance), areas differ by noise only: the lower middle of the rates at which not all
    runs diverged is taken, and the lowest of the list where all runs diverged at all rates.

    A rate at either end of an arm's list is marked ``at_edge``: a better one may lie outside, and no claim is decided
    by such an arm. Where a study allows it, the list has been extended before (``extended``). A single rate is
    chosen as it is and is never at the edge. An arm that is trained without a learning rate has one rate, none at all
    (NaN), and is judged as it is. An arm without tuning seeds is chosen on the validation data of the
    judged seeds, and ``n_tuning`` is then 0.

    Parameters
    ----------
    tolerance : float
        Relative difference of areas that counts as none.
    """

    tolerance: float = 1e-9

    def __call__(self, outcomes: pd.DataFrame, rates: Mapping[str, Sequence[float]]) -> pd.DataFrame:
        """Choose.

        Parameters
        ----------
        outcomes : pandas.DataFrame
            One row a run on the validation split: arm, learning_rate, tuning (bool), reached (bool), area, chance (what
            an untrained network scores), diverged (bool), and higher_is_better (bool, of the arm's metric; a perfect
            score is then 1, else 0).
        rates : mapping
            Arm id to the learning rates of its list; none for an arm that is trained without one.

        Returns
        -------
        pandas.DataFrame
            `CHOSEN_COLUMNS`; learning_rate is NaN where an arm has none, or where one with several has no runs yet.
        """
        tuned, scores = self._scores(outcomes)
        rows = []
        for arm, given in rates.items():
            offered = given or (float("nan"),)
            rate = float(offered[0]) if len(offered) == 1 else self._chosen(scores.get(arm, ()))
            at_edge = len(offered) > 1 and rate in (min(offered), max(offered))
            rows.append((arm, rate, at_edge, tuned.get(arm, 0)))
        return pd.DataFrame(rows, columns=list(CHOSEN_COLUMNS))

    def _scores(self, outcomes: pd.DataFrame) -> tuple[dict[str, int], dict[str, list[_Score]]]:
        """Tuning seeds by arm; and by arm the scores of its rates, rates rising."""
        if outcomes.empty:
            return {}, {}
        tuning = outcomes["tuning"].astype(bool)
        seen = outcomes[tuning | ~tuning.groupby(outcomes["arm"]).transform("any")]
        upwards = seen["higher_is_better"].astype(bool)
        area, chance = seen["area"].astype(float), seen["chance"].astype(float)
        gained, possible = (area - chance).where(upwards, chance - area), (1 - chance).where(upwards, chance)
        signed = seen.assign(area=area.where(upwards, -area), skill=gained / possible.where(possible > 0))
        grouped = signed.groupby(["arm", "learning_rate"], sort=True, dropna=False)
        kept = ("reached", "area", "skill", "diverged")
        means = grouped.agg(**{name: (name, "mean") for name in kept}, n=("tuning", "sum")).reset_index()
        tuned: dict[str, int] = {}
        scores: dict[str, list[_Score]] = {}
        columns = (means[name].tolist() for name in ("arm", "n", "learning_rate", *kept))
        for arm, n, rate, success, mean, skill, gone in zip(*columns, strict=True):
            tuned[arm] = max(tuned.get(arm, 0), int(n))
            score = _Score(rate, float(success), -np.inf if np.isnan(mean) else mean, skill, float(gone))
            scores.setdefault(arm, []).append(score)
        return tuned, scores

    def _chosen(self, scores: Sequence[_Score]) -> float:
        if not scores:
            return float("nan")
        if any(score.success > 0 or not score.skill < LEARNT for score in scores):
            return self._best(scores)
        alive = [score.rate for score in scores if score.diverged < 1]
        return alive[(len(alive) - 1) // 2] if alive else scores[0].rate

    def _best(self, scores: Sequence[_Score]) -> float:
        success = max(score.success for score in scores)
        leading = [score for score in scores if score.success >= success - 1e-12]
        area = max(score.area for score in leading)
        slack = self.tolerance * abs(area) if np.isfinite(area) else 0.0
        equal = [score.rate for score in leading if score.area >= area - slack]
        return equal[(len(equal) - 1) // 2]


def regret(rates: pd.DataFrame) -> pd.Series:
    """Return by how much another rate would have served the judged runs better, by arm.

    It is the largest mean final accuracy at a rate of the list less that at the chosen rate, 0 where that is the best.
    The best of several noisy means is picked after the fact, so that it is above 0 on average even where all rates are
    as good.

    Parameters
    ----------
    rates : pandas.DataFrame
        As in ``reportgen.analyse.study.Analysis``: judged seeds at every rate; of arms judged by accuracy.

    Returns
    -------
    pandas.Series
        Of the arms that have several rates, a chosen one, and a metric at it.
    """
    several = rates.groupby("arm")["learning_rate"].transform("nunique") > 1
    means = rates[several].dropna(subset=["metric"])
    chosen = means[means["is_chosen"].astype(bool)].set_index("arm")["metric"]
    found: pd.Series = (means.groupby("arm")["metric"].max() - chosen).dropna()
    return found
