"""Selection: which learning rate an arm is judged at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

CHOSEN_COLUMNS = ("arm", "learning_rate", "at_edge", "n_tuning")
"""Columns of the frame that `Selection` returns."""


@dataclass(frozen=True)
class Selection:
    """The choice of a learning rate for each arm.

    Rates are compared on validation data of the tuning seeds, which are not judged. The best rate is the one at
    which most runs reach the target; among equals the one with the best mean area under the validation curve,
    which rewards learning fast and ending well; among rates that are still equal (to `tolerance`, relative), the
    lower middle one. Without a target the area alone decides. A run that diverged does not reach the target
    afterwards and counts as chance from then on.

    A rate at either end of an arm's list is marked ``at_edge``: a better one may lie outside. A single rate is
    chosen as it is and is never at the edge. An arm without tuning seeds is chosen on the validation data of the
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
            Arm id to the learning rates of its list; arms without rates are left out.

        Returns
        -------
        pandas.DataFrame
            `CHOSEN_COLUMNS`; learning_rate is NaN where an arm with several rates has no runs yet.
        """
        by_arm = dict(tuple(outcomes.groupby("arm", observed=True))) if len(outcomes) else {}
        rows = []
        for arm, offered in rates.items():
            if not offered:
                continue
            found = by_arm.get(arm)
            tuned = found[found["tuning"].to_numpy(bool)] if found is not None else None
            seen = tuned if tuned is not None and len(tuned) else found
            n_tuning = int(tuned.groupby("learning_rate").size().max()) if tuned is not None and len(tuned) else 0
            rate = float(offered[0]) if len(offered) == 1 else self._best(seen)
            at_edge = len(offered) > 1 and rate in (min(offered), max(offered))
            rows.append((arm, rate, at_edge, n_tuning))
        return pd.DataFrame(rows, columns=list(CHOSEN_COLUMNS))

    def _best(self, outcomes: pd.DataFrame | None) -> float:
        if outcomes is None or outcomes.empty:
            return float("nan")
        score = outcomes.groupby("learning_rate")[["reached", "area"]].mean().sort_index().fillna(-np.inf)
        area = score["area"].to_numpy(float)
        if not bool(outcomes["higher_is_better"].iloc[0]):
            area = -np.abs(area)
        success = score["reached"].to_numpy(float)
        leading = success >= success.max() - 1e-12
        best = area[leading].max()
        slack = self.tolerance * abs(best) if np.isfinite(best) else 0.0
        equal = np.flatnonzero(leading & (area >= best - slack))
        return float(score.index[equal[(len(equal) - 1) // 2]])
