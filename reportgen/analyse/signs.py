"""Signs: how well what can be read early in a run tells whether the run will miss its target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reportgen.analyse.intervals import Floats, generator
from reportgen.analyse.roc import auc, auc_interval, validated, youden
from reportgen.analyse.sign_cases import SignStore, cases, failure_kinds
from reportgen.analyse.sign_catalogue import EARLY, FRACTIONS, LATEST, RELIABLE, SIGNS, Sign
from reportgen.analyse.sign_layers import dead_concordance, last_layers
from reportgen.analyse.sign_readings import evaluated, probed

if TYPE_CHECKING:
    from reportgen.study.spec import Study

OVERALL_COLUMNS = (
    "sign",
    "auc",
    "low",
    "high",
    "n",
    "n_failed",
    "arms",
    "coverage",
    "fraction",
    "step",
    "threshold",
    "sensitivity",
    "false_alarms",
    "is_validated",
    "earliest",
)
GROUP_COLUMNS = ("sign", "by", "group", "auc", "low", "high", "n", "n_failed", "arms")
COURSE_COLUMNS = ("sign", "fraction", "auc", "low", "high", "n", "n_failed")
FOUND_COLUMNS = ("sign", "kind", "n", "found")


@dataclass(frozen=True)
class Signs:
    """What the signs are worth.

    Attributes
    ----------
    runs : pandas.DataFrame
        One row a case: those of ``reportgen.analyse.sign_cases.cases`` that a study does not share with an earlier
        one, and kind (how the run failed, "" if it did not).
    overall : pandas.DataFrame
        sign, auc, low, high, n (runs), n_failed (runs), arms, coverage (share of the runs, of those whose outcome was
        open, on which it is defined), fraction and step (medians of when it was read), threshold (in the sign's own
        unit; NaN where no run is of one outcome), sensitivity, false_alarms (shares), is_validated (whether these come
        from arms that did not choose the threshold), earliest (the first of `FRACTIONS` from which on the interval,
        where there is one, lies above `RELIABLE`, NaN if there is none).
    groups : pandas.DataFrame
        sign, by ("architecture", "study" or "failure"), group, auc, low, high, n, n_failed, arms. By failure, the
        failed runs of one kind are told from all healthy runs.
    course : pandas.DataFrame
        sign, fraction (of the budget), auc, low, high, n, n_failed.
    found : pandas.DataFrame
        sign, kind, n (failed runs of the kind), found (share of them that raise the alarm).
    dead : pandas.DataFrame
        group ("" for all, or an architecture), estimate, low, high, n (runs), arms, norm: what
        ``reportgen.analyse.sign_layers.dead_concordance`` returns.
    """

    runs: pd.DataFrame
    overall: pd.DataFrame
    groups: pd.DataFrame
    course: pd.DataFrame
    found: pd.DataFrame
    dead: pd.DataFrame


def signs(studies: Sequence[Study], store: SignStore) -> Signs:
    """Try every sign on all runs of the studies that are trained towards a target.

    A sign is read from a run at its last measurement within the first tenth of the budget (`EARLY`), or, where there
    is none, at the first up to a fifth (`LATEST`). A run that has reached its target or diverged by the step of the
    reading is not a case: its fate is known. Runs that several studies share count once, except by study.

    Parameters
    ----------
    studies : sequence of Study
    store : SignStore

    Returns
    -------
    Signs
    """
    found = cases(studies, store)
    once = found.drop_duplicates("run_id")
    inside = probed(once, store, max(FRACTIONS))
    outside = evaluated(once, store.curves(once["run_id"].tolist(), splits=["train"]))
    ratio = inside[inside["step"] == 0].drop_duplicates("run_id").set_index("run_id")["ratio"].astype(float)
    number = pd.Index(once["run_id"]).get_indexer(pd.Index(found["run_id"]))
    found = found.assign(kind=failure_kinds(found, ratio), number=number)
    tables = {"evaluation": _timed(outside, once), "probe": _timed(inside, once)}
    results = [_Tried(sign, found, tables[sign.source]) for sign in SIGNS]
    own = found[found["own"].astype(bool)].reset_index(drop=True)
    return Signs(
        runs=own,
        overall=pd.DataFrame([one.overall() for one in results], columns=list(OVERALL_COLUMNS)),
        groups=pd.DataFrame([row for one in results for row in one.groups()], columns=list(GROUP_COLUMNS)),
        course=pd.DataFrame([row for one in results for row in one.course], columns=list(COURSE_COLUMNS)),
        found=pd.DataFrame([row for one in results for row in one.kinds()], columns=list(FOUND_COLUMNS)),
        dead=dead_concordance(own, last_layers(own, store)),
    )


def _timed(table: pd.DataFrame, once: pd.DataFrame) -> pd.DataFrame:
    """Add number (of the run) and part, the share of its budget that was spent at the step; sorted by run and step."""
    number = pd.Index(once["run_id"]).get_indexer(pd.Index(table["run_id"]))
    budget = once["budget"].to_numpy(float)[number]
    timed = table.assign(number=number, part=table["step"].to_numpy(float) / budget)
    return timed.sort_values(["number", "step"], ignore_index=True)


def readings(
    sign: Sign, found: pd.DataFrame, table: pd.DataFrame, fraction: float, latest: float = 0.0
) -> pd.DataFrame:
    """Return the cases of one sign at one time.

    Parameters
    ----------
    sign : Sign
    found : pandas.DataFrame
        Cases with number (one a run, from 0), known, failed.
    table : pandas.DataFrame
        number, step, part (share of the budget) and the sign's column; sorted by number and step.
    fraction : float
        Share of the budget; each run's last reading up to there counts.
    latest : float
        Of runs without one, the first reading up to this share of the budget counts.

    Returns
    -------
    pandas.DataFrame
        The rows of `found` whose outcome was open at the reading, with step, part and score (larger is more alarming).
    """
    values, part = table[sign.id].to_numpy(float), table["part"].to_numpy(float)
    step, number = table["step"].to_numpy(float), table["number"].to_numpy(int)
    known = np.flatnonzero(~np.isnan(values))
    at = np.full(int(found["number"].max()) + 1 if len(found) else 0, -1)
    late = known[(part[known] > fraction) & (part[known] <= latest) & (number[known] < len(at))][::-1]
    early = known[(part[known] <= fraction) & (number[known] < len(at))]
    for rows in (late, early):  # of a run's rows the one that is set last stays: its first late one, its last early one
        at[number[rows]] = rows
    row = at[found["number"].to_numpy(int)]
    counts = np.flatnonzero((row >= 0) & (step[row] < found["known"].to_numpy(float))) if len(table) else row[:0]
    row = row[counts]
    score = values[row] * (-1.0 if sign.alarm == "low" else 1.0)
    return found.iloc[counts].assign(step=step[row], part=part[row], score=score).reset_index(drop=True)


class _Tried:
    """One sign, tried."""

    def __init__(self, sign: Sign, found: pd.DataFrame, table: pd.DataFrame) -> None:
        own = found[found["own"].astype(bool)]
        self._sign = sign
        self._everywhere = readings(sign, found, table, EARLY, LATEST)
        self._cases = self._everywhere[self._everywhere["own"].astype(bool)].reset_index(drop=True)
        eligible = own["number"].isin(table.loc[table["part"] <= LATEST, "number"].unique()).sum()
        self._coverage = len(self._cases) / eligible if eligible else math.nan
        self.course = self._course([readings(sign, own, table, fraction) for fraction in FRACTIONS])

    def overall(self) -> tuple[object, ...]:
        """Return the sign's row of `OVERALL_COLUMNS`."""
        one, sign = self._cases, self._sign
        alarm = youden(one["score"], one["failed"])
        raised = self._raised()
        failed = one["failed"].to_numpy(bool)
        honest = bool(len(one)) and bool(np.isfinite(raised).all())
        rates = (alarm.sensitivity, alarm.false_alarms)
        if honest and failed.any() and not failed.all():
            rates = (float(raised[failed].mean()), float(raised[~failed].mean()))
        threshold = -alarm.threshold if sign.alarm == "low" else alarm.threshold
        when = (one["part"].median(), one["step"].median()) if len(one) else (math.nan, math.nan)
        return (
            *(sign.id, *self._estimate("overall", one), self._coverage, *when),
            *(threshold, *rates, honest, self._earliest()),
        )

    def groups(self) -> list[tuple[object, ...]]:
        """Return the sign's rows of `GROUP_COLUMNS`."""
        rows: list[tuple[object, ...]] = []
        parts = (("architecture", "architecture", self._cases), ("study", "study", self._everywhere))
        for by, column, frame in parts:
            for group, part in frame.groupby(column, sort=by != "study"):
                rows.append((self._sign.id, by, group, *self._estimate(f"{by} {group}", part)))
        healthy = self._cases[~self._cases["failed"].astype(bool)]
        for kind, part in self._cases[self._cases["kind"] != ""].groupby("kind", sort=True):
            mixed = pd.concat([part, healthy])
            rows.append((self._sign.id, "failure", kind, *self._estimate(f"failure {kind}", mixed)))
        return rows

    def kinds(self) -> list[tuple[object, ...]]:
        """Return the sign's rows of `FOUND_COLUMNS`, with the alarms of `overall`."""
        raised = self._raised()
        if not np.isfinite(raised).all():
            alarm = youden(self._cases["score"], self._cases["failed"])
            raised = (self._cases["score"].to_numpy(float) >= alarm.threshold).astype(float)
        marked = self._cases.assign(raised=raised)
        failed = marked[marked["kind"] != ""].groupby("kind", sort=True)["raised"].agg(["size", "mean"])
        return [(self._sign.id, kind, int(row["size"]), float(row["mean"])) for kind, row in failed.iterrows()]

    def _raised(self) -> Floats:
        one = self._cases
        return validated(one["score"], one["failed"], one["cluster"], generator("signs", f"{self._sign.id} folds"))

    def _estimate(self, name: str, frame: pd.DataFrame) -> tuple[float, float, float, int, int, int]:
        area = auc(frame["score"], frame["failed"])
        rng = generator("signs", f"{self._sign.id} {name}")
        low, high = auc_interval(frame["score"], frame["failed"], frame["cluster"], rng)
        return area, low, high, len(frame), int(frame["failed"].sum()), frame["cluster"].nunique()

    def _course(self, frames: Sequence[pd.DataFrame]) -> list[tuple[object, ...]]:
        """Return the sign's rows of `COURSE_COLUMNS`; where nothing new was read, the estimate is the one before."""
        rows: list[tuple[object, ...]] = []
        for number, (fraction, frame) in enumerate(zip(FRACTIONS, frames, strict=True)):
            same = number > 0 and all(frame[key].equals(frames[number - 1][key]) for key in ("number", "step"))
            estimate = rows[-1][2:] if same else self._estimate("course", frame)[:5]
            rows.append((self._sign.id, fraction, *estimate))
        return rows

    def _earliest(self) -> float:
        earliest = math.nan
        for row in reversed(self.course):
            fraction, low = float(row[1]), float(row[3])  # type: ignore[arg-type]
            if low <= RELIABLE:
                break
            earliest = earliest if math.isnan(low) else fraction
        return earliest
