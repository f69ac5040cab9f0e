"""Selection: which learning rate an arm is judged at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

CHOSEN_COLUMNS = ("arm", "learning_rate", "at_edge", "n_tuning")
"""Columns of the frame that `Selection` returns."""

Score = tuple[float, float, float]


@dataclass(frozen=True)
class Selection:
    """The choice of a learning rate for each arm.

    Rates are compared on validation data of the tuning seeds, which are not judged. The best rate is the one at
    which most runs reach the target; among equals the one with the best mean area under the validation curve,
    which rewards learning fast and ending well; among rates that are still equal (to `tolerance`, relative), the
    lower middle one. Without a target the area alone decides. A run that diverged does not reach the target
    afterwards and counts as chance from then on.

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
            One row a run on the validation split: arm, learning_rate, tuning (bool), reached (bool), area, and
            higher_is_better (bool, of the arm's metric).
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
            rate = float(offered[0]) if len(offered) == 1 else self._best(scores.get(arm, ()))
            at_edge = len(offered) > 1 and rate in (min(offered), max(offered))
            rows.append((arm, rate, at_edge, tuned.get(arm, 0)))
        return pd.DataFrame(rows, columns=list(CHOSEN_COLUMNS))

    def _scores(self, outcomes: pd.DataFrame) -> tuple[dict[str, int], dict[str, list[Score]]]:
        """Tuning seeds by arm; and by arm (rate, share of success, area, larger being better), rates rising."""
        if outcomes.empty:
            return {}, {}
        tuning = outcomes["tuning"].astype(bool)
        seen = outcomes[tuning | ~tuning.groupby(outcomes["arm"]).transform("any")]
        signed = seen.assign(area=seen["area"].where(seen["higher_is_better"].astype(bool), -seen["area"]))
        grouped = signed.groupby(["arm", "learning_rate"], sort=True, dropna=False)
        means = grouped.agg(reached=("reached", "mean"), area=("area", "mean"), n=("tuning", "sum")).reset_index()
        tuned: dict[str, int] = {}
        scores: dict[str, list[Score]] = {}
        columns = ("arm", "learning_rate", "reached", "area", "n")
        for arm, rate, success, area, n in zip(*(means[name].tolist() for name in columns), strict=True):
            tuned[arm] = max(tuned.get(arm, 0), int(n))
            scores.setdefault(arm, []).append((rate, float(success), -np.inf if np.isnan(area) else area))
        return tuned, scores

    def _best(self, scores: Sequence[Score]) -> float:
        if not scores:
            return float("nan")
        success = max(score[1] for score in scores)
        leading = [score for score in scores if score[1] >= success - 1e-12]
        area = max(score[2] for score in leading)
        slack = self.tolerance * abs(area) if np.isfinite(area) else 0.0
        equal = [rate for rate, _, other in leading if other >= area - slack]
        return equal[(len(equal) - 1) // 2]
