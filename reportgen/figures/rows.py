"""Charts with a row an arm: names on the left, one mark with an interval in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.figures.canvas import Canvas, Legend, by_panel, canvas, shown_panels, shown_series
from reportgen.figures.scales import spread
from reportgen.figures.text import wrapped
from reportgen.figures.theme import Style, Theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Rows:
    """A chart with a row for each series, the same rows in all panels."""

    canvas: Canvas
    names: Sequence[str]

    def place(self, name: str) -> float:
        """Return the vertical place of a series' row."""
        return float(self.names.index(name))


def rows_chart(
    data: pd.DataFrame,
    parameters: Mapping[str, Any],
    theme: Theme,
    *,
    xlabel: str,
    legend: Sequence[tuple[str, Any]],
    headroom: float = 0.0,
) -> Rows:
    """Return an empty chart with labelled rows; a row without data in a panel says so.

    Parameters
    ----------
    legend : sequence of (str, Line2D)
        What the marks mean.
    headroom : float
        Height in rows that is kept free above the first row, for words.
    """
    names, panels = shown_series(data, parameters), shown_panels(data, parameters)
    labels = [wrapped(name, 26 if len(panels) > 1 else 34) for name in names]
    tallest = max(label.count("\n") + 1 for label in labels)
    each = max(0.3 if len(names) <= 14 else 0.25, 0.17 * tallest + 0.06)
    made = canvas(
        theme,
        panels,
        height=max(0.6, each * (len(names) + headroom)),
        xlabel=xlabel,
        panel_title=parameters["panel_title"],
        legends=(Legend("", tuple(legend)),),
        notes=parameters["notes"],
        columns=3 if max(map(len, names)) <= 20 else 2,
    )
    for panel, ax in made.axes.items():
        ax.set_ylim(len(names) - 0.5, -0.5 - headroom)
        ax.set_yticks(range(len(names)), labels)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.hlines(range(len(names)), 0, 1, transform=ax.get_yaxis_transform(), color=theme.faint, lw=0.7, zorder=0)
        present = set(data.loc[data["panel"] == panel, "series"])
        for row, name in enumerate(names):
            if name not in present:
                ax.text(0.02, row, "no data", transform=ax.get_yaxis_transform(), color=theme.muted, fontsize=9.5,
                        va="center", bbox={"fc": theme.background, "ec": "none", "pad": 1})  # fmt: skip
    return Rows(made, names)


def draw_means(chart: Rows, data: pd.DataFrame, parameters: Mapping[str, Any], styles: Mapping[str, Style]) -> None:
    """Draw the rows' estimates (columns `estimate`, `low`, `high`) as marks with intervals."""
    for panel, name, rows in by_panel(data, parameters):
        ax, style, place = chart.canvas.axes[panel], styles[name], chart.place(name)
        ax.hlines([place] * len(rows), rows["low"], rows["high"], color=style.colour, lw=2.2, zorder=3)
        ax.plot(rows["estimate"], [place] * len(rows), ls="none", marker=style.marker, ms=7.5, color=style.colour,
                mec=ax.get_facecolor(), zorder=4)  # fmt: skip


def seed_offsets(count: int) -> list[float]:
    """Return vertical offsets of the marks of single seeds inside a row: seeds in order, from top to bottom."""
    return spread(count, 0.5)


def words_at_one(ax: Axes, theme: Theme, place: float, words: tuple[str, str]) -> None:
    """Draw the vertical line where nothing changes, with a word on each side of it."""
    ax.axvline(place, color=theme.muted, lw=1.1, zorder=1)
    low, high = ax.get_xlim()
    share = (place - low) / (high - low)
    left, right = words
    style: dict[str, Any] = {"color": theme.muted, "fontsize": 10, "va": "top", "ha": "right"}
    text = ax.text(share - 0.015, 0.995, left, transform=ax.transAxes, **style)
    other = ax.text(share + 0.015, 0.995, right, transform=ax.transAxes, **{**style, "ha": "left"})
    for part in (text, other):
        part.set_in_layout(False)
