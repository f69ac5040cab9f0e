"""Choices: how often another learning rate than the chosen one would have served the judged runs better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportgen.analyse.selection import regret

if TYPE_CHECKING:
    from reportgen.pages.gather import StudyView

MUCH = 0.1
"""A final accuracy that is better by more than this counts."""


@dataclass(frozen=True)
class Choices:
    """How the choice of learning rates turned out.

    Attributes
    ----------
    arms : int
        Arms whose rate was chosen from several, and that are judged by accuracy.
    missed : tuple
        Studies, and how many of their arms would have done better by more than `MUCH` at another rate of the list;
        those without such an arm are left out.
    """

    arms: int
    missed: tuple[tuple[StudyView, int], ...]

    @property
    def total(self) -> int:
        """Arms of all studies that would have done better."""
        return sum(count for _, count in self.missed)


def gather_choices(views: Sequence[StudyView]) -> Choices | None:
    """Count over all studies; None where no arm had a choice."""
    arms, missed = 0, []
    for view in views:
        judged = {arm.id for arm in view.entry.study.arms if arm.target and arm.target.metric == "accuracy"}
        rates = view.entry.analysis.rates
        found = regret(rates[rates["arm"].isin(judged)])
        arms += len(found)
        count = int((found > MUCH).sum())
        missed += [(view, count)] * (count > 0)
    return Choices(arms, tuple(missed)) if arms else None
