"""The paper that all figures are drawn on: panels, a legend above them, notes below them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.figures.text import wrapped
from reportgen.figures.theme import WIDTH, Style, Theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.lines import Line2D

    from reportgen.figures.base import Figure

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
    height *= (1.0, 0.85, 0.7)[min(down, 3) - 1]
    titles, heading = _titles(panels, panel_title, ylabel, int(width / (10.5 * CHARACTER)))
    note = "\n".join(wrapped(text, int(WIDTH / (10 * CHARACTER))) for text in notes)
    heights = [legend.height() for legend in legends]
    top = sum(heights) + _height(heading) + 0.04
    label = wrapped(xlabel, int(WIDTH / (10.5 * CHARACTER)))
    bottom = _height(note) + _height(label) + 0.08
    tallest = max(_height(title) for title in titles)
    total = top + bottom + down * (height + tallest + 0.3) + 0.06  # 0.3 for the tick labels
    drawing = Figure(figsize=(WIDTH, total), layout="constrained")
    engine: Any = drawing.get_layout_engine()
    engine.set(rect=(0, bottom / total, 1, 1 - (top + bottom) / total), w_pad=0.06, h_pad=0.05)
    axes = _panels(drawing, titles, down, across)
    for i, legend in enumerate(legends):
        legend.draw(drawing, 1 - sum(heights[:i]) / total)
    drawing.text(0.008, 1 - (sum(heights) + 0.02) / total, heading, va="top", fontsize=10.5)
    drawing.text(0.008, 0.03 / total, note, va="bottom", fontsize=10, color=theme.muted)
    drawing.text(0.5, (_height(note) + 0.07) / total, label, va="bottom", ha="center", fontsize=10.5)
    return Canvas(drawing, dict(zip(panels, axes, strict=True)), width)


def _panels(drawing: Drawing, titles: Sequence[str], down: int, across: int) -> list[Axes]:
    """Return axes with titles; the lowest of each column has tick labels."""
    grid = drawing.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for ax in grid[len(titles) :]:
        ax.remove()
    axes = list(grid[: len(titles)])
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title)
        ax.tick_params(length=3, width=0.8)
    for ax in axes[max(0, len(axes) - across) :]:
        ax.tick_params(labelbottom=True)
    return axes


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


def series_canvas(
    figure: Figure,
    theme: Theme,
    styles: Mapping[str, Style],
    *,
    xlabel: str,
    ylabel: str | None = None,
    height: float = 2.6,
    extra: Sequence[tuple[str, Line2D]] = (),
) -> Canvas:
    """Return the canvas of a chart of series: its panels, legends and notes come from the figure.

    Parameters
    ----------
    styles : mapping
        From `series_styles`.
    ylabel : str, optional
        By default the parameter `ylabel` of the figure.
    height : float
        Of a panel, in inches.
    extra : sequence of (label, mark)
        Legend entries after those of the series.
    """
    data, parameters = figure.data, figure.parameters
    return canvas(
        theme,
        shown_panels(data, parameters),
        height=height,
        xlabel=xlabel,
        ylabel=parameters["ylabel"] if ylabel is None else ylabel,
        panel_title=parameters["panel_title"],
        legends=series_legends(data, parameters, styles, extra),
        notes=parameters["notes"],
    )


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
