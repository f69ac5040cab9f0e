"""What all drawings share: panels with room for a legend and notes, ticks on log axes, lines with bands.

Logarithmic axes hold log10 values and get their labels here: values down to 1e-300 and theory below it stay drawable,
and labels are plain text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from reportgen.figures.text import number, power, wrapped
from reportgen.figures.theme import WIDTH, Style, Theme

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.lines import Line2D

LINE = 0.185
"""Height of a line of text, in inches."""
CHARACTER = 0.6 / 72
"""Mean width of a character over the font size, in inches a point, with some room to spare."""


@dataclass(frozen=True)
class Canvas:
    """An empty figure: its axes by panel, in order."""

    drawing: Drawing
    axes: Mapping[str, Axes]
    panel_width: float

    def bottom(self) -> list[Axes]:
        """Return the axes below which there is no other panel."""
        panels = list(self.axes.values())
        columns = len({ax.get_subplotspec().colspan.start for ax in panels})  # type: ignore[union-attr]
        return panels[-columns:]


@dataclass(frozen=True)
class Legend:
    """Entries of a legend, drawn above the panels, outside the data."""

    title: str
    handles: Sequence[tuple[str, Line2D]]

    def columns(self) -> int:
        """Return how many columns fit into the figure's width."""
        longest = max((len(label) for label, _ in self.handles), default=1)
        most = max(1, int((WIDTH - 0.1) / (0.62 + min(longest, 64) * 10 * CHARACTER)))
        rows = math.ceil(len(self.handles) / most)
        return math.ceil(len(self.handles) / max(rows, 1))

    def height(self) -> float:
        """Return the height of the legend in inches."""
        if not self.handles:
            return 0.0
        columns = self.columns()
        rows = math.ceil(len(self.handles) / columns)
        lines = [1 + wrapped(label, 64).count("\n") for label, _ in self.handles]
        tallest = max(sum(lines[i : i + rows]) for i in range(0, len(lines), rows))
        return 0.08 + tallest * (LINE + 0.02) + (LINE + 0.04) * bool(self.title)

    def draw(self, drawing: Drawing, top: float) -> None:
        """Draw the legend at the left, `top` being its upper edge as a share of the figure's height."""
        if not self.handles:
            return
        made = drawing.legend(
            [handle for _, handle in self.handles],
            [wrapped(label, 64) for label, _ in self.handles],
            loc="upper left",
            bbox_to_anchor=(0.0, top),
            ncols=self.columns(),
            title=self.title or None,
            alignment="left",
            borderaxespad=0.15,
            handlelength=2.6,
            columnspacing=1.4,
            labelspacing=0.3,
            borderpad=0.1,
        )
        made.get_title().set_fontsize(10)


def canvas(
    theme: Theme,
    panels: Sequence[str],
    *,
    height: float,
    xlabel: str,
    ylabel: str = "",
    panel_title: str = "",
    legends: Sequence[Legend] = (),
    notes: Sequence[str] = (),
    columns: int = 3,
) -> Canvas:
    """Return a figure with a panel for each name; horizontal ranges and vertical ranges are shared.

    Parameters
    ----------
    height : float
        Height of one panel in inches, without its title and ticks.
    ylabel : str
        Written horizontally above the panels, so that it can be read without turning the head.
    panel_title : str
        Name of the factor, set before each panel's name.
    legends : sequence of Legend
        Stacked above the panels.
    notes : sequence of str
        Lines below the panels: what has no data and why.
    """
    from matplotlib.figure import Figure

    across = {1: 1, 2: 2, 4: min(2, columns)}.get(len(panels), columns)
    down = math.ceil(len(panels) / across)
    width = (WIDTH - 0.7) / across
    titles, heading = _titles(panels, panel_title, ylabel, int(width / (10.5 * CHARACTER)))
    note = "\n".join(wrapped(text, int(WIDTH / (10 * CHARACTER))) for text in notes)
    heights = [legend.height() for legend in legends]
    top = sum(heights) + _height(heading) + 0.04
    label = wrapped(xlabel, int(WIDTH / (10.5 * CHARACTER)))
    bottom = _height(note) + _height(label) + 0.08
    tallest = max(_height(title) for title in titles)
    total = top + bottom + down * (height + tallest + 0.3) + 0.06
    drawing = Figure(figsize=(WIDTH, total), layout="constrained")
    engine: Any = drawing.get_layout_engine()
    engine.set(rect=(0, bottom / total, 1, 1 - (top + bottom) / total), w_pad=0.06, h_pad=0.05)
    grid = drawing.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for ax in grid[len(panels) :]:
        ax.remove()
    for ax, title in zip(grid, titles, strict=False):
        ax.set_title(title)
        ax.tick_params(length=3, width=0.8)
    for ax in grid[max(0, len(panels) - across) : len(panels)]:
        ax.tick_params(labelbottom=True)
    for i, legend in enumerate(legends):
        legend.draw(drawing, 1 - sum(heights[:i]) / total)
    drawing.text(0.008, 1 - (sum(heights) + 0.02) / total, heading, va="top", fontsize=10.5)
    drawing.text(0.008, 0.03 / total, note, va="bottom", fontsize=10, color=theme.muted)
    drawing.text(0.5, (_height(note) + 0.07) / total, label, va="bottom", ha="center", fontsize=10.5)
    return Canvas(drawing, dict(zip(panels, grid, strict=False)), width)


def _titles(panels: Sequence[str], factor: str, ylabel: str, room: int) -> tuple[list[str], str]:
    """Return the panels' titles and the heading; the factor's name stands once in the heading where room is short."""
    heading = wrapped(f"↑ {ylabel}", int(WIDTH / (10.5 * CHARACTER))) if ylabel else ""
    if factor and max(len(f"{factor}: {name}") for name in panels) <= room:
        return [f"{factor}: {name}" for name in panels], heading
    titles = [wrapped(name, room) if name else "" for name in panels]
    return titles, "\n".join(filter(None, [heading, f"Panels: {factor}" if factor else ""]))


def _height(text: str) -> float:
    return (text.count("\n") + 1) * LINE if text else 0.0


def series_styles(theme: Theme, parameters: Mapping[str, Any]) -> dict[str, Style]:
    """Return the style of each series: colour by level; marker and dash by detail where the series have details."""
    colour = parameters["colour"]
    styles = {}
    for name, level, detail in parameters["series"]:
        base = theme.style(level, colour["levels"], colour["values"])
        if parameters["details"] > 1:
            other = theme.numbered(detail)
            dash = ((), (5, 1.5), (1.2, 1.2), (5, 1.5, 1.2, 1.5))[detail % 4]
            base = Style(base.colour, other.marker, dash)
        styles[name] = base
    return styles


def shown_series(data: pd.DataFrame, parameters: Mapping[str, Any]) -> list[str]:
    """Return the names of the series that have data, in the study's order."""
    present = set(data["series"])
    return [name for name, _, _ in parameters["series"] if name in present]


def series_legends(
    data: pd.DataFrame,
    parameters: Mapping[str, Any],
    styles: Mapping[str, Style],
    extra: Sequence[tuple[str, Line2D]] = (),
) -> tuple[Legend, Legend]:
    """Return the legend of the series that have data, and that of `extra` marks."""
    from matplotlib.lines import Line2D

    names = shown_series(data, parameters)
    if names == [""]:
        return Legend("", ()), Legend("", tuple(extra))
    handles = [
        (name, Line2D([], [], color=styles[name].colour, marker=styles[name].marker, ls=styles[name].line))
        for name in names
    ]
    together = not extra or max(len(label) for label, _ in extra) <= max(12, *map(len, names))
    if together:
        return Legend(parameters["legend_title"], (*handles, *extra)), Legend("", ())
    return Legend(parameters["legend_title"], tuple(handles)), Legend("", tuple(extra))


def by_panel(data: pd.DataFrame, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield panel, series and rows of each line, panels and series in the study's order."""
    for panel in shown_panels(data, parameters):
        inside = data[data["panel"] == panel]
        for name in shown_series(inside, parameters):
            yield panel, name, inside[inside["series"] == name]


def shown_panels(data: pd.DataFrame, parameters: Mapping[str, Any]) -> list[str]:
    """Return the panels that have data, in the study's order."""
    present = set(data["panel"])
    return [name for name in parameters["panels"] if name in present]


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
        ax.fill_between(x, low, high, where=np.isfinite(low) & np.isfinite(high), color=style.colour, alpha=0.2, lw=0)
    every = max(1, math.ceil(len(x) / 8))
    alone = np.isfinite(y) & ~np.isfinite(np.r_[np.nan, y[:-1]]) & ~np.isfinite(np.r_[y[1:], np.nan])
    marked = sorted({*range((order * max(1, every // 3)) % every, len(x), every), *np.flatnonzero(alone)})
    shape = {"marker": style.marker, "mec": ax.get_facecolor(), "mew": 0.6, "ms": 6.5}
    ax.plot(x, y, color=style.colour, ls=style.line, markevery=marked, **shape)


def bars(ax: Axes, x: Any, y: Any, style: Style, *, low: Any, high: Any, joined: bool = True) -> None:
    """Draw points with intervals, joined by a line or not."""
    ax.vlines(x, low, high, color=style.colour, lw=1.6)
    shape = {"marker": style.marker, "mec": ax.get_facecolor(), "ms": 7}
    ax.plot(x, y, color=style.colour, ls=style.line if joined else "none", **shape)


def theory_line(ax: Axes, x: Any, y: Any, theme: Theme) -> None:
    """Draw what theory predicts: thin, dashed, in the colour of text, so that it shows on top of a line it meets."""
    ax.plot(x, y, color=theme.foreground, lw=0.9, dashes=(4, 5), zorder=4)


def mark(theme: Theme, **properties: Any) -> Line2D:
    """Return a legend handle in the colour of text."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **{"color": theme.foreground, "ls": "none", **properties})


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
        return [(math.log10(tick), number(tick)) for tick in inside]
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


def set_steps(ax: Axes, last: float) -> None:
    """Label an axis of log10(1 + step) with steps."""
    decades = [0.0, *(10.0**k for k in range(int(math.log10(max(last, 1))) + 1))]
    ends = [tick for tick in decades if tick == 0 or math.log10(max(last, 1) / tick) > 0.25] + [last]
    kept = [a for a, b in pairwise([*ends, math.inf]) if b == math.inf or math.log10((1 + b) / (1 + a)) > 0.15]
    ax.set_xticks([math.log10(1 + tick) for tick in kept], [f"{tick:.0f}" for tick in kept])
