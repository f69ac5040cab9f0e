"""The course of the decay factor during training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportgen.figures.base import Figure
from reportgen.figures.findings import each, extremes, labelled, measured, seeds
from reportgen.figures.select import GROUPS, Selection, select
from reportgen.figures.text import number
from reportgen.registry import figures
from reportgen.study.fields import FactorName
from reportgen.study.spec import FigureRequest, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from reportgen.figures.theme import Theme

COLUMNS = {
    **GROUPS,
    "step": "Optimiser steps done before the measurement.",
    "estimate": "Decay factor per layer or time step, geometric mean over the seeds.",
    "low": "Lower end of the 95 % interval over the seeds.",
    "high": "Upper end of the 95 % interval over the seeds.",
    "n": "Number of seeds.",
}


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw one line a series over log-spaced steps, with the line at 1."""
    from reportgen.figures import canvas as c
    from reportgen.figures import marks, scales

    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    made = c.series_canvas(figure, theme, styles, xlabel="Training steps (logarithmic, from 0)")
    limits = scales.padded([*(scales.log10(data[k]) for k in ("estimate", "low", "high")), [0.0]], share=0.08)
    names = c.shown_series(data, parameters)
    for panel, name, rows in c.by_panel(data, parameters):
        y, low, high = (scales.log10(rows[k]) for k in ("estimate", "low", "high"))
        step = scales.log10(1 + rows["step"])
        marks.line(made.axes[panel], step, y, styles[name], low=low, high=high, order=names.index(name))
    last = list(made.axes.values())[-1]
    for ax in made.axes.values():
        scales.set_log(ax.yaxis, limits)
        scales.set_steps(ax, float(data["step"].max()))
        ax.grid(True, axis="y")
        marks.reference(ax, 0.0, theme)
        if ax is last:
            marks.words_beside(ax, 0.0, ("explodes", "vanishes"), theme)
    return made.drawing


@figures.register(
    "decay-course",
    version=1,
    summary="How the decay factor changes while the network learns.",
    draw=draw,
)
def decay_course(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
) -> Figure:
    """Prepare the course of the decay factor at the chosen learning rates.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels.
    """
    selection = select(study, analysis, request, colour=colour, panels=panels, applies=lambda a: a.training.steps > 0)
    data = selection.join(analysis.course).rename(columns={"factor": "estimate"})
    data = data.loc[data["estimate"] > 0, list(COLUMNS)]
    alt, description = _words(selection, data)
    return selection.figure(
        data,
        columns=COLUMNS,
        alt=alt,
        description=description,
        parameters={"ylabel": f"Decay factor {selection.per}"},
        missing=selection.missing(set(data["arm"]), "decay-factor-end"),
        method=("reportgen.analyse.decay.Decay", "reportgen.analyse.decay.geometric_mean"),
    )


def _words(selection: Selection, data: pd.DataFrame) -> tuple[str, str]:
    """Return the alternative text and the long description: from the first to the last step."""
    if data.empty:
        return "", ""
    starts = data[data["step"] == data.groupby("arm")["step"].transform("min")].set_index("arm")["estimate"]
    last = data[data["step"] == data.groupby("arm")["step"].transform("max")]
    rows = labelled(selection, last)

    def say(row: Any) -> str:
        return f"{measured(row)} after {int(row.step)} steps, from {number(starts[row.arm])}"

    alt = extremes(rows, say, "The decay factor during training")
    return alt, f"{alt} Below 1 the gradient vanishes. Means over {seeds(last['n'])}. {each(rows, say)}"
