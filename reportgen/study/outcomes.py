"""Outcomes: what a claim can be decided by, each one value a seed, and on which scale it is compared."""

from __future__ import annotations

from dataclasses import dataclass

HIGHER, LOWER, NEARER_ONE = "higher", "lower", "nearer-one"
DIRECTIONS = (HIGHER, LOWER, NEARER_ONE)
"""What a claim can say of its arms' outcome against that of the others."""

RATIO_SCALES = frozenset({"factor", "time"})
"""Scales on which the smallest difference that matters is a ratio above 1."""

SHARE_SCALES = frozenset({"share", "fraction"})
"""Scales that run from 0 to 1."""


@dataclass(frozen=True)
class Outcome:
    """What an outcome is.

    Attributes
    ----------
    scale : str
        How two of its values are compared: "factor" and "time" by their ratio, "decades" (already a logarithm),
        "fraction" and "value" by their difference, "share" (0 or 1 in each run) by the difference of shares of runs.
    unit : str
        Of a difference; ratios are in "times".
    title : str
        For readers, as the name of what is measured.
    at_start : bool
        Whether it is measured before the first step, so that no learning rate has a part in it.
    around_one : bool
        Whether it is a factor on a gradient (or the logarithm of one), of which 1 is neither too small nor too large.
    """

    scale: str
    unit: str
    title: str
    at_start: bool = False
    around_one: bool = False

    @property
    def is_ratio(self) -> bool:
        """Whether its values are compared by their ratio."""
        return self.scale in RATIO_SCALES

    @property
    def directions(self) -> tuple[str, ...]:
        """The directions that a claim about it can have."""
        return DIRECTIONS if self.around_one else (HIGHER, LOWER)


OUTCOMES = {
    "decay-factor": Outcome("factor", "times", "Decay factor", at_start=True, around_one=True),
    "decay-factor-end": Outcome("factor", "times", "Decay factor after training", around_one=True),
    "cell-decay-factor": Outcome("factor", "times", "Decay factor of the cell state", at_start=True, around_one=True),
    "weight-gradient-factor": Outcome("factor", "times", "Weight-gradient factor", at_start=True, around_one=True),
    "signal-ratio": Outcome("decades", "decades", "End-to-end ratio", at_start=True, around_one=True),
    "success": Outcome("share", "share of runs", "Success"),
    "time-to-target": Outcome("time", "times", "Time to target"),
    "final-metric": Outcome("value", "", "Final metric"),
    "area-under-curve": Outcome("value", "", "Area under the learning curve"),
    "diverged": Outcome("share", "share of runs", "Diverged"),
    "saturated-fraction": Outcome("fraction", "share of activations", "Saturated fraction", at_start=True),
    "dead-fraction": Outcome("fraction", "share of units", "Dead fraction", at_start=True),
    "saturated-fraction-end": Outcome("fraction", "share of activations", "Saturated fraction after training"),
    "dead-fraction-end": Outcome("fraction", "share of units", "Dead fraction after training"),
    "update-ratio": Outcome("factor", "times", "Update ratio of the first hidden layer"),
    "clipped-fraction": Outcome("fraction", "share of steps", "Clipped fraction"),
    "seconds-per-step": Outcome("factor", "times", "Cost of a step"),
}
"""Every outcome by name, in the order of the pages."""
