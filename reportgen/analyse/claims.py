"""Claims: verdicts by a rule that a study states before it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from reportgen.analyse.circumstances import LABELS as CIRCUMSTANCES
from reportgen.analyse.circumstances import ORDERS, circumstances
from reportgen.analyse.comparison import holm
from reportgen.analyse.conditions import (
    BETWEEN,
    BY_MEASURE,
    BY_STUDY,
    branched,
    branching,
    leaning,
    nearly,
    separating,
    worded,
)
from reportgen.analyse.evidence import Held, Trial, trial
from reportgen.analyse.strata import AGAINST, strata_of
from reportgen.study.outcomes import OUTCOMES

if TYPE_CHECKING:
    from reportgen.analyse.study import Analysis
    from reportgen.study.spec import ClaimRequest, Study

SUPPORTED, REFUTED, DEPENDS, UNDECIDED = "supported", "refuted", "depends", "undecided"

CERTAIN = frozenset({SUPPORTED, REFUTED})
"""The verdicts of a stratum that is decided."""

LEFT_OUT = ""
"""The verdict of a stratum that does not count, because the outcome or a partner does not exist there."""

SIGNIFICANT = 0.05
"""Adjusted p-values below it decide."""

ROUNDING = 1e-9
"""What an estimate may lie below the margin, as 0.6 less 0.4 does below 0.2."""

STRATUM_COLUMNS = (
    "stratum",
    "arm",
    "against",
    "effect",
    "low",
    "high",
    "unit",
    "n",
    "p_supported",
    "p_refuted",
    "verdict",
    "reason",
)
"""Columns of ``ClaimResult.strata``."""

STUDY, ESTIMATE = "study", "estimate"
"""Names of the factors that are added when the evidence of several studies is put together."""

RANKS = {**dict.fromkeys(CIRCUMSTANCES, 1), STUDY: 2, ESTIMATE: 2}
"""In a condition a study's own factors come first, then circumstances, which all studies share."""

LEADS = {ESTIMATE: "by", STUDY: "in"}
"""Factors within whose levels a condition is looked for where there is none for all strata, with the words before."""

BEGINNINGS = {ESTIMATE: BY_MEASURE, STUDY: BY_STUDY}
"""With what such a condition begins."""


@dataclass(frozen=True)
class ClaimResult:
    """What one study says of one claim by one request.

    Attributes
    ----------
    study : Study
    request : ClaimRequest
    verdict : str
        "supported", "refuted", "depends" or "undecided".
    condition : str
        What it depends on, as part of a sentence ("depth: for 2 and 5 layers, not for 20"); "" unless it depends.
    strata : pandas.DataFrame
        `STRATUM_COLUMNS`: stratum (its levels, for readers), arm and against (ids, joined by ", "; a number as text),
        effect with its 95 % interval on the scale of the margin (a ratio, above 1 as claimed, or a difference, above
        0 as claimed), unit, n (seeds), p_supported, p_refuted (adjusted; NaN where nothing is tested), verdict ("" for
        a stratum that is left out), reason (why it is not decided, or left out).
    levels : tuple of mapping
        Of each stratum: factor name to level label.
    circumstances : tuple of mapping
        Of each stratum, as ``circumstances.circumstances`` returns them.
    comparisons : tuple of str
        Of each stratum: what names the comparison, equal where another study makes it of the same runs.
    """

    study: Study
    request: ClaimRequest
    verdict: str
    condition: str
    strata: pd.DataFrame
    levels: tuple[Mapping[str, str], ...]
    circumstances: tuple[Mapping[str, str], ...] = ()
    comparisons: tuple[str, ...] = ()

    @property
    def answers(self) -> dict[str, str]:
        """The verdict of each comparison that counts, by a name that does not depend on the results or the seeds."""
        columns = (self.strata[name].tolist() for name in ("arm", "against", "verdict"))
        return {
            f"{self.study.id}: {self.request.estimate} of {arm} against {against}": said
            for arm, against, said in zip(*columns, strict=True)
            if said != LEFT_OUT
        }


def decide(study: Study, analysis: Analysis) -> tuple[ClaimResult, ...]:
    r"""Decide the claims of a study.

    Each request compares arms within strata (`strata.strata_of`). A stratum's *effect* $\Delta$ is the mean
    difference between its arms, paired by seed and taken so that it is positive where things are as claimed; factors
    and times are compared as logarithms, shares of runs are not paired (`evidence.trial`). With the margin $m$, the
    smallest difference that matters, which the study file states, a stratum is

    - *supported* if the one-sided test of $\Delta \le 0$ has $p < 0.05$ and the estimate is at least $m$;
    - *refuted* if the one-sided test of $\Delta \ge m$ has $p < 0.05$: there is no such effect, or it is too small;
    - *undecided* otherwise, and where there are fewer than three seeds or the best learning rate of a compared arm is
      at an end of its list, beyond which it might do better.

    The p-values are adjusted by Holm's method over all tests of the claim in the study, in both directions and all
    strata. With no effect in any of four strata, "supported" comes up in under 5 % of studies for any of them.

    Over the strata that count, the result is supported if all that are decided are, refuted likewise, and *depends* if
    there are both; the condition then names the factor, or pair of factors, whose levels tell them apart: one of the
    study, else one of the circumstances that all studies share (`circumstances.circumstances`), else one that does so
    with few exceptions (`conditions.leaning`). It is found after the fact and is itself not tested. The result is
    undecided if fewer than half are decided. Strata in which the outcome does not exist do not count.

    Parameters
    ----------
    study : Study
    analysis : Analysis
        Its outcomes, statuses and absent estimates are read.

    Returns
    -------
    tuple of ClaimResult
        One for each request, in order.
    """
    held = Held(analysis.outcomes, analysis.statuses, analysis.absent)
    trials = [[trial(stratum, request, held) for stratum in strata_of(study, request)] for request in study.claims]
    adjusted = _adjusted(study.claims, trials)
    return tuple(_result(study, request, found, held) for request, found in zip(study.claims, adjusted, strict=True))


def combined(answers: Sequence[str]) -> str:
    """Return the verdict over strata, some of which may be left out.

    Parameters
    ----------
    answers : sequence of str
        "supported", "refuted", "undecided" or `LEFT_OUT`.
    """
    supported, refuted = answers.count(SUPPORTED), answers.count(REFUTED)
    counted = sum(answer != LEFT_OUT for answer in answers)
    if not counted or 2 * (supported + refuted) < counted:
        return UNDECIDED
    return DEPENDS if supported and refuted else SUPPORTED if supported else REFUTED


def _comparison(one: Trial, estimate: str) -> str:
    """Name a comparison by its outcome, its margin and its runs; "" where it has none."""
    sides = [sorted(run.run_id for arm in side for run in arm.runs) for side in (one.arms, one.others)]
    if not sides[0]:
        return ""
    return hashlib.sha256(repr((estimate, one.margin, sides)).encode()).hexdigest()


def _adjusted(requests: Sequence[ClaimRequest], trials: Sequence[Sequence[Trial]]) -> list[list[Trial]]:
    """Adjust the p-values of each claim, over all its requests."""
    result = [list(found) for found in trials]
    for claim in dict.fromkeys(request.id for request in requests):
        places = [
            (row, column)
            for row, request in enumerate(requests)
            if request.id == claim
            for column in range(len(result[row]))
        ]
        raw = [(result[row][column].p_supported, result[row][column].p_refuted) for row, column in places]
        adjusted = holm(np.asarray(raw, float).ravel()).reshape(-1, 2) if raw else np.empty((0, 2))
        for (row, column), (supported, refuted) in zip(places, adjusted, strict=True):
            one = replace(result[row][column], p_supported=float(supported), p_refuted=float(refuted))
            result[row][column] = _judged(one)
    return result


def _judged(one: Trial) -> Trial:
    """Give a trial its verdict, and say why it has none."""
    if one.reason:
        return replace(one, verdict=UNDECIDED if one.counts else LEFT_OUT)
    if one.p_supported < SIGNIFICANT and one.effect >= one.margin - ROUNDING:
        return replace(one, verdict=SUPPORTED)
    if one.p_refuted < SIGNIFICANT:
        return replace(one, verdict=REFUTED)
    if one.p_supported < SIGNIFICANT:
        reason = "there is a difference, but it is not certain whether it is as large as the margin"
    elif one.is_bound:
        reason = "some runs do not reach the target, so that the difference is only bounded"
    else:
        reason = "neither a difference nor its absence is certain"
    return replace(one, verdict=UNDECIDED, reason=reason)


def _result(study: Study, request: ClaimRequest, trials: Sequence[Trial], held: Held) -> ClaimResult:
    labels, orders = names_of([study])
    outcome = OUTCOMES[request.estimate]
    rows = [
        (
            _stratum_text(one.levels, labels),
            ", ".join(dict.fromkeys(arm.id for arm in one.arms)),
            ", ".join(dict.fromkeys(other.id for other in one.others))
            or ("" if isinstance(request.against, Mapping) else f"{request.against:g}"),
            *one.shown(outcome.is_ratio),
            outcome.unit or one.metric,
            one.n,
            one.p_supported,
            one.p_refuted,
            one.verdict,
            one.reason,
        )
        for one in trials
    ]
    levels = tuple(one.levels for one in trials)
    known = tuple(circumstances(one.arms, one.others, request.estimate, held) for one in trials)
    both = [{**one, **more} for one, more in zip(levels, known, strict=True)]
    answers = [one.verdict for one in trials]
    said = combined(answers)
    condition = condition_of(both, answers, labels, orders) if said == DEPENDS else ""
    frame = pd.DataFrame(rows, columns=list(STRATUM_COLUMNS))
    comparisons = tuple(_comparison(one, f"{request.estimate} {request.direction}") for one in trials)
    return ClaimResult(study, request, said, condition, frame, levels, known, comparisons)


def _stratum_text(levels: Mapping[str, str], labels: Mapping[str, str]) -> str:
    return "; ".join(f"{labels.get(name, name)}: {level}" for name, level in levels.items())


def names_of(studies: Sequence[Study]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the names of factors for readers, and their levels in order."""
    labels = {STUDY: "study", ESTIMATE: "measured by", **CIRCUMSTANCES}
    orders: dict[str, list[str]] = {name: list(order) for name, order in ORDERS.items()}
    for study in studies:
        for factor in study.factors:
            labels.setdefault(factor.name, factor.label)
            labels.setdefault(AGAINST + factor.name, f"{factor.label} compared with")
            order = orders.setdefault(factor.name, [])
            order += [level for level in factor.levels if level not in order]
            orders[AGAINST + factor.name] = order
    return labels, orders


def condition_of(
    levels: Sequence[Mapping[str, str]],
    answers: Sequence[str],
    labels: Mapping[str, str],
    orders: Mapping[str, Sequence[str]],
) -> str:
    """Say on what a verdict turns, from the levels and circumstances of the strata and their answers."""
    decided = [(one, answer == SUPPORTED) for one, answer in zip(levels, answers, strict=True) if answer in CERTAIN]
    among, holds = [one for one, _ in decided], [held for _, held in decided]
    turn = separating(among, holds, RANKS)
    if turn is not None:
        return worded(turn, labels, orders)
    lean = leaning(among, holds, RANKS)
    if lean is not None:
        return nearly(lean, labels, orders)
    branches = branching(among, holds, list(LEADS), RANKS)
    if branches is not None:
        return BEGINNINGS[branches.name] + BETWEEN.join(branched(branches, LEADS, labels, orders))
    return f"no factor or pair of factors alone: it holds in {sum(holds)} of {len(holds)} comparisons"
