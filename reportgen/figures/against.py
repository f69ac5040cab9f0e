"""Charts of an estimate against a factor: lines over numbers, marks side by side over names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reportgen.figures import canvas as c
from reportgen.figures import marks, scales
from reportgen.figures.base import Figure
from reportgen.figures.text import clean, number, wrapped
from reportgen.figures.theme import WIDTH

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from reportgen.figures.select import Selection
    from reportgen.figures.theme import Theme


TURNED = 30
"""Characters of a line of a turned name."""


def against_parameters(selection: Selection, data: pd.DataFrame) -> dict[str, Any]:
    """Return the parameters of the horizontal axis of a chart against a factor."""
    factor = selection.against
    if factor is None:
        return {"numeric": False, "x_levels": [], "x_log": False, "xlabel": ""}
    levels = [clean(level) for level in factor.levels if clean(level) in set(data["x"].astype(str))]
    numeric = factor.numeric
    wide = numeric and len(data) > 0 and data["x"].min() > 0 and data["x"].max() / data["x"].min() >= 20
    return {
        "numeric": numeric,
        "x_levels": [] if numeric else levels,
        "x_log": bool(wide),
        "xlabel": clean(factor.label),
    }


def draw_against(figure: Figure, theme: Theme) -> Drawing:
    """Draw `estimate` (with `low`, `high` and, where there is one, `theory`) against the column `x`.

    Parameters that are read, beside those of the grouping: `numeric`, `x_levels`, `x_log`, `y_log`, `y_share`,
    `reference` (a horizontal line or None) and `words` (above and below it).
    """
    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    theory = "theory" in data and data["theory"].notna().any()
    extra = []
    if theory:
        shape: dict[str, Any] = (
            {"ls": "--", "dashes": (4, 3), "lw": 0.9} if parameters["numeric"] else {"marker": "o", "mfc": "none"}
        )
        extra.append(("theory", marks.mark(theme, **shape)))
    panels = c.shown_panels(data, parameters)
    made = c.series_canvas(
        figure,
        theme,
        styles,
        height=2.6 + _names_height(parameters, len(panels)),
        xlabel=parameters["xlabel"],
        extra=extra,
    )
    placed = _placed(data, figure)
    names = c.shown_series(data, parameters)
    offsets = dict(zip(names, scales.spread(len(names), _apart(placed, parameters, len(names))), strict=True))
    for panel, name, rows in c.by_panel(placed, parameters):
        ax, style = made.axes[panel], styles[name]
        x = rows["x"].to_numpy(float) + offsets[name]
        y, low, high = (rows[k].to_numpy(float) for k in ("estimate", "low", "high"))
        marks.bars(ax, x, y, style, low=low, high=high, joined=parameters["numeric"])
        if theory and parameters["numeric"]:
            marks.theory_line(ax, x, rows["theory"].to_numpy(float), theme)
        elif theory:
            ax.plot(x, rows["theory"], ls="none", marker="o", ms=7, mfc="none", color=theme.foreground, zorder=4)
    _axes(figure, theme, made, placed)
    return made.drawing


def _apart(placed: pd.DataFrame, parameters: Mapping[str, Any], series: int) -> float:
    """Return the width over which marks at one place stand side by side; over numbers only shares, which coincide."""
    if not parameters["numeric"]:
        return min(0.7, 0.12 * series)
    extent = float(placed["x"].max() - placed["x"].min()) if len(placed) else 0.0
    return scales.narrow(series, extent) if parameters["y_share"] else 0.0


def _placed(data: pd.DataFrame, figure: Figure) -> pd.DataFrame:
    """Return the data in the coordinates of the axes: log10 where an axis is logarithmic, places for names."""
    parameters = figure.parameters
    placed = data.copy()
    if not parameters["numeric"]:
        placed["x"] = placed["x"].map(parameters["x_levels"].index)
    elif parameters["x_log"]:
        placed["x"] = scales.log10(placed["x"])
    if parameters["y_log"]:
        for name in {"estimate", "low", "high", "theory"} & set(placed.columns):
            placed[name] = scales.log10(placed[name])
    return placed.sort_values("x", kind="stable")


def _axes(figure: Figure, theme: Theme, made: c.Canvas, placed: pd.DataFrame) -> None:
    """Set ranges, ticks and the reference line."""
    parameters = figure.parameters
    reference = parameters["reference"]
    shown: list[Any] = [placed[name] for name in ("estimate", "low", "high", "theory") if name in placed]
    if reference is not None:
        reference = float(scales.log10(reference)) if parameters["y_log"] else reference
        shown.append([reference])
    limits = (-0.04, 1.04) if parameters["y_share"] else scales.padded(shown, share=0.08)
    last = list(made.axes.values())[-1]
    for ax in made.axes.values():
        ax.grid(True, axis="y")
        if parameters["y_log"]:
            scales.set_log(ax.yaxis, limits)
        else:
            ax.set_ylim(*limits)
        _horizontal(ax, figure, placed, made.panel_width)
        if reference is None:
            continue
        marks.reference(ax, reference, theme)
        if ax is last and parameters["words"]:
            marks.words_beside(ax, reference, parameters["words"], theme)


def _crowded(parameters: Mapping[str, Any], panels: int) -> bool:
    """Whether the names on the horizontal axis must be turned to have room."""
    levels = parameters["x_levels"]
    room = int((WIDTH - 0.7) / min(panels, 3) / max(len(levels), 1) / (10 * c.CHARACTER))
    longest = max((len(word) for level in levels for word in level.split()), default=0)
    return longest > room or max(map(len, levels), default=0) > 3 * room


def _names_height(parameters: Mapping[str, Any], panels: int) -> float:
    """Return the height in inches that turned names take from the panel."""
    longest = max(map(len, parameters["x_levels"]), default=0)
    return 0.05 * min(TURNED, longest) if _crowded(parameters, panels) else 0.0


def _horizontal(ax: Axes, figure: Figure, placed: pd.DataFrame, width: float) -> None:
    """Label the horizontal axis with the levels: numbers that are too near each other are left out."""
    parameters = figure.parameters
    if not parameters["numeric"]:
        levels = parameters["x_levels"]
        room = int(width / max(len(levels), 1) / (10 * c.CHARACTER))
        crowded = _crowded(parameters, len(figure.data["panel"].unique()))
        labels = [wrapped(level, TURNED if crowded else max(room, 8)) for level in levels]
        ax.set_xticks(range(len(levels)), labels)
        if crowded:
            ax.tick_params(axis="x", labelrotation=35)
            for label in ax.get_xticklabels():
                label.set(ha="right", rotation_mode="anchor")
        ax.set_xlim(-0.6, len(levels) - 0.4)
        return
    places = sorted(set(placed["x"]))
    low, high = scales.padded([places], share=0.06)
    least = (high - low) * 0.45 / width
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] >= least:
            kept.append(place)
    ax.set_xticks(kept, [number(10**place if parameters["x_log"] else place) for place in kept])
    ax.set_xlim(low, high)
