"""Remedies two by two: which add to each other, which are redundant, which hurt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from reportgen.analyse.matrix import HELPS, HURTS, UNCLEAR, UNJUDGED, Compared, Findings, alike, extra, key, keys, named

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, Study

ADD, REDUNDANT, HURT, UNDECIDED = "add", "redundant", "hurt", "undecided"
"""What two remedies together can come to."""

SAME_TIME = (0.8, 1.25)
"""Two times to target are the same where the interval of their ratio lies within these bounds."""

COMBINATION_COLUMNS = (
    "study", "architecture", "task", "first", "second", "bare", "arm", "success_bare", "success_first",
    "success_second", "success_both", "n", "over_first", "over_first_low", "over_first_high", "over_second",
    "over_second_low", "over_second_high", "verdict", "reason",
)  # fmt: skip


def combinations(analysed: Iterable[tuple[Study, Any]]) -> pd.DataFrame:
    """Judge remedies two by two, where a study has each of them alone, both and neither, all else being equal.

    The two `add` where both together are better than either alone, as ``reportgen.analyse.matrix.pairs`` has it: by
    success, and by time to target where success is not told apart. They `hurt` where both are worse than one of them
    alone. They are `redundant` where both are better than one of them at most, and the ratio of times to target to the
    other (to each, if both are better than neither) lies within `SAME_TIME` with its whole interval. All else is
    undecided: an interval that is too wide shows neither.

    Parameters
    ----------
    analysed : iterable of (Study, Analysis)
        Runs that two studies share are judged once, in the first of them.

    Returns
    -------
    pandas.DataFrame
        `COMBINATION_COLUMNS`: the remedies, the arm with neither and that with both (ids), shares of success of the
        four arms, n (judged runs with both), over_first and over_second (how many times as fast both are as each alone,
        with interval), verdict, and reason (why it is undecided, or "").
    """
    rows, seen = [], set()
    for study, analysis in analysed:
        found = Findings(study, analysis)
        for arms in _squares(study):
            runs = tuple(run.run_id for arm in arms for run in arm.runs)
            if runs not in seen:
                seen.add(runs)
                rows.append(_row(study, found, *arms))
    return pd.DataFrame(rows, columns=list(COMBINATION_COLUMNS))


def _squares(study: Study) -> Iterator[tuple[Arm, Arm, Arm, Arm]]:
    """Return (neither, first, second, both), in the study's order."""
    for group in alike(study):
        by_keys = {keys(arm): arm for arm in reversed(group)}
        for both in group:
            if len(both.remedies) != 2 or frozenset() not in by_keys:
                continue
            singles = [by_keys.get(frozenset({key(remedy)})) for remedy in both.remedies]
            if singles[0] and singles[1]:
                yield by_keys[frozenset()], singles[0], singles[1], both


def _row(study: Study, found: Findings, bare: Arm, first: Arm, second: Arm, both: Arm) -> tuple[object, ...]:
    over = [found.compare(both, single) for single in (first, second)]
    remedies = (named(extra(one, bare)) for one in (first, second))
    success = (found.value("success", one) for one in (bare, first, second, both))
    head = (study.id, both.architecture.name, both.task.name, *remedies, bare.id, both.id)
    return (*head, *success, found.judged(both), *over[0].speed, *over[1].speed, *_together(over))


def _together(over: Sequence[Compared]) -> tuple[str, str]:
    """Say what both remedies come to, and why it is undecided, from their comparisons with each alone."""
    effects = [one.effect for one in over]
    if HURTS in effects:
        return HURT, ""
    if UNJUDGED in effects:
        return UNDECIDED, next(one.reason for one in over if one.effect == UNJUDGED)
    if effects == [HELPS, HELPS]:
        return ADD, ""
    rivals = [one.speed for one in over if one.effect == UNCLEAR]
    if any(math.isnan(low) for _, low, _ in rivals):
        return UNDECIDED, "no run reaches the target"
    if all(low >= SAME_TIME[0] and high <= SAME_TIME[1] for _, low, high in rivals):
        return REDUNDANT, ""
    return UNDECIDED, "the intervals are too wide to tell"
