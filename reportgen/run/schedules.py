"""How the learning rate changes from the first step to the last."""

from __future__ import annotations

import math
from collections.abc import Callable

from reportgen.errors import UnknownName

SCHEDULES: dict[str, Callable[[int, int], float]] = {
    "constant": lambda step, steps: 1.0,
    "linear": lambda step, steps: 1.0 - (step - 1) / steps,
    "cosine": lambda step, steps: 0.5 * (1.0 + math.cos(math.pi * (step - 1) / steps)),
}
"""Name to the factor on the learning rate in a step (from 1) of so many: constant; falling to 0 along a line, or along
half a cosine (Loshchilov & Hutter 2017, doi:10.48550/arXiv.1608.03983)."""


def schedule(name: str) -> Callable[[int, int], float]:
    """Return the schedule called `name`; raises UnknownName."""
    if name not in SCHEDULES:
        raise UnknownName("schedule", name, SCHEDULES)
    return SCHEDULES[name]
