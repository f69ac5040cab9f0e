"""Scales: ranges and ticks of axes, logarithmic ones above all.

Logarithmic axes hold log10 values and get their labels here: values down to 1e-300 and theory below it stay drawable,
and labels are plain text.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from reportgen.figures.text import number, power

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

LEADS = ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))
"""Leading digits of the ticks of a logarithmic axis, from close to wide."""


def log_ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Return ticks of a logarithmic axis: places (log10) and labels.

    Parameters
    ----------
    low, high : float
        Range of the axis, as log10.
    most : int
        At most so many ticks.
    """
    steps = (lead * 10**k for k in range(9) for lead in (1, 2, 5))
    if high - low > 2:
        step = next(step for step in steps if (high - low) / step <= most)
        exponents = [e for e in range(math.ceil(low), math.floor(high) + 1) if e % step == 0]
        plain = all(-3 <= e <= 4 for e in exponents)
        return [(float(e), f"{10.0**e:g}" if plain else power(e)) for e in exponents]
    if high - low > 0.35:
        for leads in LEADS:
            ticks = [lead * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for lead in leads]
            inside = [tick for tick in ticks if low <= math.log10(tick) <= high]
            if len(inside) <= most:
                break
        return [(math.log10(tick), f"{tick:g}" if 1e-4 <= tick < 1e6 else number(tick)) for tick in inside]
    bottom, top = 10.0**low, 10.0**high
    size = math.floor(math.log10((top - bottom) / most)) if top > bottom else 0
    step = next(s * 10.0**size for s in (1, 2, 5, 10, 20) if top - bottom <= most * s * 10.0**size)
    places = [i * step for i in range(math.ceil(bottom / step), math.floor(top / step) + 1) if i > 0]
    return [(math.log10(place), number(place, 6)) for place in places]


def set_log(
    axis: Any, limits: tuple[float, float], most: int = 6, *, below: float = 0.0, below_label: str = ""
) -> None:
    """Give an axis of log10 values its range and its labels.

    Parameters
    ----------
    below : float
        Length of a strip under the range for what is not on the scale, with its own label.
    """
    ticks = [tick for tick in log_ticks(*limits, most) if limits[0] + 0.7 * below <= tick[0] <= limits[1]]
    if below:
        ticks.insert(0, (limits[0] - below / 2, below_label))
    axis.set_ticks([place for place, _ in ticks], [label for _, label in ticks])
    (axis.axes.set_xlim if axis.axis_name == "x" else axis.axes.set_ylim)(limits[0] - below, limits[1])


def step_ticks(ax: Axes, width: float) -> None:
    """Put as many round whole numbers on the horizontal axis as a panel of `width` inches has room for."""
    from matplotlib.ticker import MaxNLocator

    most = min(6, max(2, int(width / 0.38)))
    ax.xaxis.set_major_locator(MaxNLocator(most, integer=True, steps=[1, 2, 5, 10]))


def padded(values: Any, *, share: float = 0.05, least: float = 0.02) -> tuple[float, float]:
    """Return the range of the finite values with a margin; (0, 1) if there are none."""
    import numpy as np

    flat: np.ndarray[Any, Any] = np.concatenate([np.asarray(v, float).ravel() for v in values])
    flat = flat[np.isfinite(flat)]
    if flat.size == 0:
        return 0.0, 1.0
    margin = max(share * float(flat.max() - flat.min()), least)
    return float(flat.min()) - margin, float(flat.max()) + margin


def log10(values: Any) -> Any:
    """Return log10 of an array; NaN where it is not positive."""
    import numpy as np

    array = np.asarray(values, float)
    return np.log10(array, out=np.full(array.shape, np.nan), where=array > 0)


def spread(count: int, width: float) -> list[float]:
    """Return `count` evenly spaced offsets around 0 that fill `width`; one mark stands at 0."""
    places = [width * (i / max(count - 1, 1) - 0.5) for i in range(count)]
    return places if count > 1 else [0.0]


def narrow(count: int, extent: float) -> float:
    """Return the width over which `count` marks at one number stand side by side on an axis of this extent.

    It is so little that the number stays clear, and enough that equal values do not hide each other.
    """
    return min(0.05, 0.015 * count) * extent


def set_steps(ax: Axes, last: float) -> None:
    """Label an axis of log10(1 + step) with steps."""
    decades = [0.0, *(10.0**k for k in range(int(math.log10(max(last, 1))) + 1))]
    ends = [tick for tick in decades if tick == 0 or math.log10(max(last, 1) / tick) > 0.25] + [last]
    kept = [a for a, b in pairwise([*ends, math.inf]) if b == math.inf or math.log10((1 + b) / (1 + a)) > 0.15]
    ax.set_xticks([math.log10(1 + tick) for tick in kept], [f"{tick:.0f}" for tick in kept])
