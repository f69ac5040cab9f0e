"""Extension: learning rates beyond an arm's list, for as long as its best rate is the first or the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reportgen.analyse.estimates import records
from reportgen.analyse.gather import StoreLike, gather
from reportgen.analyse.learning import choose

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, Study


def extended(study: Study, store: StoreLike) -> Study:
    """Return the study with the learning rates that its results call for.

    A list that stops too early is unfair to the arms that need another rate. Where the rate that the tuning seeds
    choose (``Selection``) is the first or last of an arm's list, the next one outside is added, which continues the
    list's own pattern; then the choice is made again, until the best rate is inside, the bounds of the study are met
    (``extend_to``), or three rates have been added at that end. An added rate is trained with all seeds of its arm,
    as the others are. No rate is ever taken away, and judged seeds have no say.

    Only complete lists are extended. So the answer depends on nothing but the study and the results of tuning seeds:
    where those of an added rate are not in the store yet, the rate is the last one that is added.

    Parameters
    ----------
    study : Study
    store : StoreLike

    Returns
    -------
    Study
        The same one if no arm's list grows.
    """
    arms = {arm.id: arm for arm in study.arms}
    undecided = [arm for arm in study.arms if arm.further_rates and not arm.skipped]
    while undecided:
        undecided = _grown(study, undecided, store)
        arms.update((arm.id, arm) for arm in undecided)
    after = tuple(arms.values())
    return study if after == study.arms else replace(study, arms=after)


def _grown(study: Study, arms: Sequence[Arm], store: StoreLike) -> list[Arm]:
    """Return, with one rate more, those arms whose list is complete and whose best rate is at an end of it."""
    asked = replace(study, arms=tuple(replace(arm, seeds=() if arm.tuning_seeds else arm.seeds) for arm in arms))
    found = gather(asked, store)
    complete = set(found.statuses.loc[found.statuses["missing"] == 0, "arm"])
    curves = store.curves(sorted(found.runs["run_id"].unique()), splits=["validation"])
    chosen = choose(asked, found.runs, curves)
    rates = {row["arm"]: row["learning_rate"] for row in records(chosen[chosen["at_edge"].astype(bool)])}
    more = ((arm, _next(arm, rates[arm.id])) for arm in arms if arm.id in complete and arm.id in rates)
    return [
        replace(arm, learning_rates=tuple(sorted((*arm.learning_rates, rate))))
        for arm, rate in more
        if rate is not None
    ]


def _next(arm: Arm, chosen: float) -> float | None:
    """Return the rate that is added beyond the chosen one, which is at an end of the list."""
    if chosen == max(arm.learning_rates):
        return next((rate for rate in arm.further_rates if rate > chosen), None)
    return next((rate for rate in reversed(arm.further_rates) if rate < chosen), None)
