"""Marks of all drawings: lines with bands, points with intervals, theory, reference lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from reportgen.figures.theme import Style, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


def line(ax: Axes, x: Any, y: Any, style: Style, *, low: Any = None, high: Any = None, order: int = 0) -> None:
    """Draw a line with its precomputed band; markers of different lines stand at different places.

    Parameters
    ----------
    x, y, low, high : array of shape (points,)
        Gaps (NaN) break the line and the band.
    order : int
        Number of the line, which staggers its markers.
    """
    import numpy as np

    if low is not None:
        ax.fill_between(x, low, high, where=np.isfinite(low) & np.isfinite(high), color=style.colour, alpha=0.17, lw=0)
    every = max(1, math.ceil(len(x) / 8))
    alone = np.isfinite(y) & ~np.isfinite(np.r_[np.nan, y[:-1]]) & ~np.isfinite(np.r_[y[1:], np.nan])
    marked = sorted({*range((order * max(1, every // 3)) % every, len(x), every), *np.flatnonzero(alone)})
    shape: dict[str, Any] = {"marker": style.marker, "mec": ax.get_facecolor(), "mew": 0.6, "ms": 6.5}
    ax.plot(x, y, color=style.colour, ls=style.line, markevery=marked, **shape)


def bars(ax: Axes, x: Any, y: Any, style: Style, *, low: Any, high: Any, joined: bool = True) -> None:
    """Draw points with intervals, joined by a line or not."""
    ax.vlines(x, low, high, color=style.colour, lw=1.6)
    shape: dict[str, Any] = {"marker": style.marker, "mec": ax.get_facecolor(), "ms": 7}
    ax.plot(x, y, color=style.colour, ls=style.line if joined else "none", **shape)


def theory_line(ax: Axes, x: Any, y: Any, theme: Theme) -> None:
    """Draw what theory predicts: thin, dashed, in the colour of text, so that it shows on top of a line it meets."""
    ax.plot(x, y, color=theme.foreground, lw=0.9, dashes=(4, 5), zorder=4)


def mark(theme: Theme, **properties: Any) -> Line2D:
    """Return a legend handle in the colour of text."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **{"color": theme.foreground, "ls": "none", **properties})


def reference(ax: Axes, place: float, theme: Theme) -> None:
    """Draw the horizontal line where nothing changes."""
    ax.axhline(place, color=theme.muted, lw=1.1, zorder=1)


def words_beside(ax: Axes, place: float, words: tuple[str, str], theme: Theme) -> None:
    """Write what is above and what is below a reference line, to the right of the panel."""
    style: dict[str, Any] = {"color": theme.muted, "fontsize": 10, "transform": ax.get_yaxis_transform()}
    above, below = words
    ax.text(1.01, place, f"↑ {above}", va="bottom", **style)
    ax.text(1.01, place, f"↓ {below}", va="top", **style)
