"""Success, or the final metric, against the learning rate."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from reportgen.figures.base import Figure
from reportgen.figures.findings import few, labelled
from reportgen.figures.select import GROUPS, Selection, select
from reportgen.figures.text import clean, count, interval, number
from reportgen.registry import figures
from reportgen.study.fields import FactorName
from reportgen.study.spec import FigureRequest, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from reportgen.figures.theme import Theme

COLUMNS = {
    **GROUPS,
    "learning_rate": "Step size of the optimiser.",
    "estimate": "Share of the judged runs that reach the target, or the mean final metric.",
    "low": "Lower end of the 95 % interval.",
    "high": "Upper end of the 95 % interval.",
    "diverged": "Share of the judged runs whose loss became non-finite.",
    "n": "Number of judged runs at the rate.",
    "is_chosen": "Whether the tuning seeds chose this rate for the arm.",
    "at_edge": "Whether the chosen rate is the first or last of the list, so that a better one may lie outside it.",
}


MOST_BANDS = 1
"""With more lines than this the bands of shares would cover each other; the intervals are then in the data only."""


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw one line a series over the rates; a ring marks the chosen rate, a square one at the edge of the list."""
    from reportgen.figures import canvas as c
    from reportgen.figures import marks, scales

    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    shapes: dict[bool, dict[str, Any]] = {False: {"marker": "o", "ms": 13}, True: {"marker": "s", "ms": 13}}
    words = {False: "chosen rate", True: "chosen rate, at the edge of the list"}
    present = sorted({bool(edge) for edge in data.loc[data["is_chosen"].astype(bool), "at_edge"]})
    extra = [(words[edge], marks.mark(theme, mfc="none", mew=1.3, **{**shapes[edge], "ms": 9.5})) for edge in present]
    made = c.series_canvas(figure, theme, styles, xlabel="Learning rate (logarithmic)", extra=extra)
    limits = scales.padded([scales.log10(data["learning_rate"])], share=0.05)
    names = c.shown_series(data, parameters)
    apart = scales.spread(len(names), min(scales.narrow(len(names), limits[1] - limits[0]), _between(data) / 5))
    offsets = dict(zip(names, apart, strict=True))
    for panel, name, rows in c.by_panel(data, parameters):
        rows = rows.sort_values("learning_rate")
        ax, style, x = made.axes[panel], styles[name], scales.log10(rows["learning_rate"]) + offsets[name]
        y, low, high = (rows[k].to_numpy(float) for k in ("estimate", "low", "high"))
        band: dict[str, Any] = {"low": low, "high": high} if len(names) <= MOST_BANDS else {}
        marks.line(ax, x, y, style, **band)
        chosen = rows["is_chosen"].to_numpy(bool)
        edge = bool(rows.loc[rows["is_chosen"].astype(bool), "at_edge"].any())
        ring = {"ls": "none", "mfc": "none", "mew": 1.6, "clip_on": False, "zorder": 5, **shapes[edge]}
        ax.plot(x[chosen], y[chosen], color=style.colour, **ring)
    vertical = (-0.06, 1.06) if parameters["share"] else scales.padded([data[k] for k in ("estimate", "low", "high")])
    for ax in made.axes.values():
        scales.set_log(ax.xaxis, limits, most=max(3, int(made.panel_width / 0.65)))
        ax.set_ylim(*vertical)
        ax.grid(True, axis="y")
    return made.drawing


def _between(data: pd.DataFrame) -> float:
    """Return the smallest distance of two rates in decades, over which no mark may seem to stand at the other."""
    from reportgen.figures.scales import log10

    places = log10(sorted(set(data["learning_rate"])))
    return min((float(after - before) for before, after in pairwise(places)), default=1.0)


@figures.register(
    "success-by-rate",
    version=2,
    summary="How the answer depends on the learning rate, with the chosen rates marked.",
    draw=draw,
)
def success_by_rate(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
    show: Literal["success", "metric"] = "success",
) -> Figure:
    """Prepare success against the learning rate, on the judged seeds.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels.
    show : str
        The share of runs that reach the target, or the mean final metric.
    """
    selection = select(study, analysis, request, colour=colour, panels=panels, applies=lambda a: a.training.steps > 0)
    names = {"success": "estimate"} if show == "success" else {"metric": "estimate", "metric_low": "low",
                                                               "metric_high": "high"}  # fmt: skip
    rates = analysis.rates
    if show == "metric":
        rates = rates.drop(columns=["low", "high"])
    data = selection.join(rates).rename(columns=names)
    data = data.loc[data["estimate"].notna() & (data["learning_rate"] > 0), list(COLUMNS)]
    metrics = {arm.target.metric for arm in selection.arms if arm.target}
    metric = clean(metrics.pop()) if len(metrics) == 1 else "metric"
    alt, description = _words(selection, data, show, metric)
    return selection.figure(
        data,
        columns=COLUMNS,
        alt=alt,
        description=description,
        parameters={
            "show": show,
            "share": show == "success" or metric == "accuracy",
            "ylabel": "Success (share of runs that reach the target)"
            if show == "success"
            else f"Final {metric} on test data",
        },
        missing=selection.missing(set(data["arm"]), "success" if show == "success" else "final-metric"),
        method=(
            "reportgen.analyse.selection.Selection",
            *(("reportgen.analyse.extension.extended",) if any(a.further_rates for a in selection.arms) else ()),
            "reportgen.analyse.intervals.wilson",
        ),
    )


def _words(selection: Selection, data: pd.DataFrame, show: str, metric: str) -> tuple[str, str]:
    """Return the alternative text and the long description: the chosen rates, and what each does there."""
    if data.empty:
        return "", ""
    what = "share of runs that reach the target" if show == "success" else f"final {metric}"
    chosen = labelled(selection, data[data["is_chosen"].astype(bool)])
    if not chosen:
        return f"The {what} against the learning rate; no rate has been chosen yet.", f"{count(len(data), 'point')}."
    best = max(chosen, key=lambda item: item[1].estimate)
    worst = min(chosen, key=lambda item: item[1].estimate)
    alt = f"The {what} at each arm's chosen learning rate runs from {_at(worst)} to {_at(best)}."
    if len(chosen) == 1:
        alt = f"The {what} at the chosen learning rate is {_at(best)}."
    edge = [name for name, row in chosen if row.at_edge]
    if edge:
        alt += f" The best rate is at the edge of the list for {few(edge)}."
    lines = [f"{name}: {_value(row)} at its chosen rate {number(row.learning_rate)}." for name, row in chosen]
    return alt, f"{alt} {' '.join(lines)}"


def _value(row: Any) -> str:
    return f"{number(row.estimate)} {interval(row.low, row.high)}"


def _at(item: tuple[str, Any]) -> str:
    name, row = item
    return f"{_value(row)} for {name} at {number(row.learning_rate)}"
