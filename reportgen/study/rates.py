"""By which learning rates a list may be extended: its own pattern, continued within the bounds that a study states."""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST = 3
"""Rates that a list may get at each of its ends."""

_SLACK = 1e-6
"""Relative difference of two rates that counts as none."""


def further(rates: Sequence[float], bounds: tuple[float, float]) -> tuple[float, ...]:
    """Return the rates by which a list may be extended, rising: up to `MOST` below it, and as many above.

    A list whose rates come again ten times as large is continued by decades, so 0.1, 0.3, 1 goes on with 3 and 10,
    and 0.1, 0.2, 0.5, 1 with 2; so is a pair of rates half a decade apart, 0.03 and 0.1. Any other list goes on with
    the ratio of its two rates at that end, to three digits.

    Parameters
    ----------
    rates : sequence of float
        The list, rising. One rate alone has no pattern and no end, and gets no others.
    bounds : (float, float)
        The lowest and the highest rate that may be added.
    """
    if len(rates) < 2:
        return ()
    added: list[float] = []
    for upwards in (False, True):
        held = list(rates)
        for _ in range(MOST):
            rate = _next(held, upwards)
            if not bounds[0] * (1 - _SLACK) <= rate <= bounds[1] * (1 + _SLACK):
                break
            held = [*held, rate] if upwards else [rate, *held]
            added.append(rate)
    return tuple(sorted(added))


def _next(rates: Sequence[float], upwards: bool) -> float:
    """Return the rate that comes before or after a list; rounded, so that 0.001 is the 0.001 of another study."""
    size = _in_a_decade(rates)
    if size:
        return float(f"{rates[-size] * 10 if upwards else rates[size - 1] / 10:.12g}")
    end, neighbour = (rates[-1], rates[-2]) if upwards else (rates[0], rates[1])
    return float(f"{end * end / neighbour:.3g}")


def _in_a_decade(rates: Sequence[float]) -> int:
    """Return the number of rates after which a list goes on with ten times the same; 0 if there is none."""
    if len(rates) == 2 and any(_same(rates[1], step * rates[0]) for step in (3, 10 / 3, math.sqrt(10))):
        return 2
    sizes = range(1, len(rates))
    repeats = (all(_same(b, 10 * a) for a, b in zip(rates, rates[size:], strict=False)) for size in sizes)
    return next((size for size, found in zip(sizes, repeats, strict=True) if found), 0)


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SLACK)
