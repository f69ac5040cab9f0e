"""Circumstances: what the arms of a stratum have in common, in names that all studies share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from reportgen import registry
from reportgen.study.effective import effective
from reportgen.study.outcomes import OUTCOMES

if TYPE_CHECKING:
    from reportgen.analyse.evidence import Held
    from reportgen.study.spec import Arm

LEVEL = 1.0
"""Decades that the error signal may lose or gain from the last position to the first and still count as level."""

LABELS = {
    "gradient without": "the gradient before training in the networks compared with",
    "gradient with": "the gradient before training in the networks that it is claimed of",
    "architecture of": "architecture",
    "activation of": "activation",
    "task of": "task",
    "optimiser of": "optimiser",
    "depth of": "depth",
    "length of": "sequence length",
    "when": "when it is measured",
}
"""Every circumstance with its name for readers."""

ORDERS = {name: ("vanishing", "level", "exploding") for name in ("gradient without", "gradient with")}
"""Levels in order, where there is one."""


def circumstances(arms: Sequence[Arm], others: Sequence[Arm], estimate: str, held: Held) -> Mapping[str, str]:
    """Return the circumstances of a comparison.

    Studies name their factors as they like; these are the same in all of them, in the catalogue's words: architecture,
    activation, task, optimiser, depth and sequence length of the arms that the claim is made of, as they are after the
    settings of their remedies; whether the outcome is measured before or in training; and the gradient before
    training, of these arms and of those that they are compared with. It *vanishes* where the median over seeds of the
    error signal's end-to-end ratio is below a tenth, *explodes* above ten, and is *level* between.

    Parameters
    ----------
    arms, others : sequence of Arm
        As in ``strata.Stratum``.
    estimate : str
        Name of the outcome.
    held : Held
        The study's outcomes.

    Returns
    -------
    mapping
        Keys of `LABELS` to a level; without those that do not exist here, or in which the arms differ.
    """
    found = {
        "gradient without": _common(others or arms, lambda arm: _gradient(arm, held)),
        "gradient with": _common(arms, lambda arm: _gradient(arm, held)),
        "architecture of": _common(arms, lambda arm: registry.architectures.called(arm.architecture.name)),
        "activation of": _common(arms, _activation),
        "task of": _common(arms, lambda arm: registry.tasks.called(arm.task.name)),
        "optimiser of": _common(arms, _optimiser),
        "depth of": _common(arms, _depth),
        "length of": _common(arms, _length),
        "when": "before training" if OUTCOMES[estimate].at_start else "in training",
    }
    return {name: level for name, level in found.items() if level}


def _common(arms: Iterable[Arm], of: Callable[[Arm], str]) -> str:
    levels = {of(arm) for arm in arms}
    return levels.pop() if len(levels) == 1 else ""


def _gradient(arm: Arm, held: Held) -> str:
    ratios = [value for value in held.values(arm, "signal-ratio").values() if np.isfinite(value)]
    if not ratios:
        return ""
    middle = float(np.median(ratios))
    return "vanishing" if middle < -LEVEL else "exploding" if middle > LEVEL else "level"


def _option(arm: Arm, name: str) -> str:
    architecture, _ = effective(arm.architecture, arm.remedies, arm.training)
    return str(architecture.parameters.get(name, ""))


def _optimiser(arm: Arm) -> str:
    _, training = effective(arm.architecture, arm.remedies, arm.training)
    return registry.remedies.called(f"optimiser: {training.optimiser}") if training.steps else ""


def _activation(arm: Arm) -> str:
    name = _option(arm, "activation")
    return registry.remedies.called(f"activation: {name}") if name else ""


def _depth(arm: Arm) -> str:
    number = _option(arm, "depth")
    return f"{number} layer{'s' * (number != '1')}" if number else ""


def _length(arm: Arm) -> str:
    number = arm.task.parameters.get("length", "")
    return f"{number} steps" if number else ""
