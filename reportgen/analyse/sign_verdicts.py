"""Verdicts on the claims that something is a sign."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from reportgen import registry
from reportgen.analyse.conditions import listed
from reportgen.analyse.sign_catalogue import DEAD_CLAIM, RELIABLE, SIGNS, WORTHLESS

if TYPE_CHECKING:
    from reportgen.analyse.signs import Signs

VERDICT_COLUMNS = ("id", "verdict", "condition", "effect", "low", "high", "n", "reason")


def sign_verdicts(found: Signs) -> pd.DataFrame:
    """Decide each claim that something is a sign.

    A claim is *supported* where the 95 % interval of the ROC AUC of its primary reading lies above `RELIABLE`,
    *refuted* where it lies below `WORTHLESS`, and else *undecided*. It *depends* where by this rule it is supported
    for some architectures and refuted for others. The claim that units die because their weights become small is
    decided by the same limits on the share of pairs of layers that agree with it (`dead_concordance`), which also is
    0.5 where there is no relation.

    Parameters
    ----------
    found : Signs

    Returns
    -------
    pandas.DataFrame
        id (of the claim), verdict, condition (for "depends", else ""), effect (the ROC AUC or the share), low, high, n
        (runs), reason (why it is undecided, else "").
    """
    rows = []
    for sign in SIGNS:
        if not sign.claim or not sign.primary:
            continue
        overall = found.overall[found.overall["sign"] == sign.id].rename(columns={"auc": "effect"})
        groups = found.groups[(found.groups["sign"] == sign.id) & (found.groups["by"] == "architecture")]
        rows.append(_row(sign.claim, overall, groups.rename(columns={"auc": "effect"})))
    dead = found.dead.rename(columns={"estimate": "effect"})
    rows.append(_row(DEAD_CLAIM, dead[dead["group"] == ""], dead[dead["group"] != ""]))
    return pd.DataFrame(rows, columns=list(VERDICT_COLUMNS))


def verdict_of(low: float, high: float) -> str:
    """Return "supported", "refuted" or "undecided" for an interval of a ROC AUC; NaN ends decide nothing."""
    if low > RELIABLE:
        return "supported"
    return "refuted" if high < WORTHLESS else "undecided"


def _row(claim: str, overall: pd.DataFrame, groups: pd.DataFrame) -> tuple[object, ...]:
    if overall.empty or not overall["n"].iloc[0]:
        return claim, "undecided", "", math.nan, math.nan, math.nan, 0, "no run shows it and its opposite"
    one: Any = next(overall.itertuples(index=False))
    by = {str(row.group): verdict_of(row.low, row.high) for row in _rows(groups)}
    told = {word: sorted(name for name, found in by.items() if found == word) for word in ("supported", "refuted")}
    values = (float(one.effect), float(one.low), float(one.high), int(one.n))
    if all(told.values()):
        yes, no = (listed([registry.architectures.called(name) for name in names]) for names in told.values())
        return claim, "depends", f"architecture: for {yes}, not for {no}", *values, ""
    verdict = verdict_of(one.low, one.high)
    reason = ""
    if verdict == "undecided":
        known = math.isfinite(one.low)
        reason = "the interval straddles the limits" if known else "too few runs or arms of one outcome"
    return claim, verdict, "", *values, reason


def _rows(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples(index=False))
