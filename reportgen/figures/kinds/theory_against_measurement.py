"""Predicted decay factors against measured ones: what lies on the diagonal is understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reportgen.figures.base import Figure
from reportgen.figures.findings import each, few, labelled, seeds
from reportgen.figures.select import GROUPS, Selection, reason, select
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
    "predicted": "The decay factor per layer or time step that theory predicts.",
    "measured": "The measured decay factor per layer or time step, geometric mean over the seeds.",
    "low": "Lower end of the 95 % interval of the measurement over the seeds.",
    "high": "Upper end of the 95 % interval of the measurement over the seeds.",
    "deviation": "Measured over predicted factor, less one, in per cent.",
    "inside": "Whether the prediction lies within the interval; empty where there is no interval.",
    "n": "Number of seeds.",
}
HEIGHT = 4.4
"""Height of a single panel in inches, enough to see where marks leave the diagonal."""
_NUMBERS = re.compile(r" \([^()]*\d[^()]*\)")
MOST_NAMES = 3
"""Arms without a mark that the drawing names for each reason; the description names all of them."""


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw measured factors with intervals over predicted ones, and the diagonal; a ring marks a miss."""
    from reportgen.figures import canvas as c
    from reportgen.figures import marks, scales

    data, parameters = figure.data.copy(), figure.parameters
    for name in ("predicted", "measured", "low", "high"):
        data[name] = scales.log10(data[name])
    styles = c.series_styles(theme, parameters)
    extra = [("measured = predicted", marks.mark(theme, ls="-", lw=1.1, color=theme.muted))]
    missed = (data["inside"] == False).any()  # noqa: E712 - the column also holds None
    if missed:
        extra.append(("prediction outside the interval", marks.mark(theme, marker="o", ms=10.5, mfc="none", mew=1.2)))
    panels = c.shown_panels(data, parameters)
    made = c.series_canvas(
        figure, theme, styles, height=HEIGHT if len(panels) == 1 else 2.4, xlabel=parameters["xlabel"], extra=extra
    )
    limits = scales.padded([data[name] for name in ("predicted", "measured", "low", "high")], share=0.06)
    for panel, name, rows in c.by_panel(data, parameters):
        ax, style = made.axes[panel], styles[name]
        x, y, low, high = (rows[k].to_numpy(float) for k in ("predicted", "measured", "low", "high"))
        marks.bars(ax, x, y, style, low=low, high=high, joined=False)
        out = (rows["inside"] == False).to_numpy()  # noqa: E712 - the column also holds None
        ring: dict[str, Any] = {"ls": "none", "marker": "o", "ms": 10.5, "mfc": "none", "mew": 1.2, "zorder": 5}
        ax.plot(x[out], y[out], color=theme.foreground, **ring)
    for ax in made.axes.values():
        ax.axline((limits[0], limits[0]), slope=1, color=theme.muted, lw=1.1, zorder=1)
        ax.grid(True)
        scales.set_log(ax.xaxis, limits, most=max(3, int(made.panel_width / 0.8)))
        scales.set_log(ax.yaxis, limits)
    return made.drawing


@figures.register(
    "theory-against-measurement",
    version=1,
    summary="Predicted against measured decay factors at initialisation; on the diagonal they agree.",
    draw=draw,
)
def theory_against_measurement(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
) -> Figure:
    """Prepare a chart of measured over predicted decay factors, one mark an arm.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels; arms that differ in another factor share a colour.
    """
    selection = select(study, analysis, request, colour=colour, panels=panels)
    coloured = replace(selection, detail=())
    data = _data(coloured)
    alt, description = _words(selection, data)
    missing = _missing(selection, set(data["arm"]))
    figure = coloured.figure(
        data,
        columns=COLUMNS,
        alt=alt,
        description=description,
        parameters={
            "xlabel": f"Predicted decay factor {selection.per}, at initialisation",
            "ylabel": f"Measured decay factor {selection.per}, at initialisation",
        },
        missing=missing,
        method=("reportgen.analyse.theory.predict", "reportgen.analyse.decay.Decay"),
    )
    return replace(figure, parameters={**figure.parameters, "notes": _notes(missing)})


def _data(selection: Selection) -> pd.DataFrame:
    """Return the arms that have a prediction and a measurement."""
    import pandas as pd

    estimates = selection.analysis.estimates
    numbers = estimates[estimates["name"] == "decay-factor"].set_index("arm")["n"]
    theory = selection.analysis.theory.rename(columns={"factor": "predicted"})
    data = selection.join(theory.assign(n=theory["arm"].map(numbers)))
    data = data[(data["predicted"] > 0) & (data["measured"] > 0)]
    known = data["low"].notna() & data["high"].notna()
    verdicts = [bool(value) if there else None for value, there in zip(data["inside"], known, strict=True)]
    return data.assign(inside=pd.Series(verdicts, index=data.index, dtype=object))[list(COLUMNS)]


def _missing(selection: Selection, shown: set[str]) -> list[tuple[str, str]]:
    """Return the arms without a mark: those without theory with its reason, the others with the measurement's."""
    theory = selection.analysis.theory
    reasons = {row.arm: clean(row.reason) for row in theory.itertuples(index=False) if row.reason}
    absent = [arm for arm in selection.arms if arm.id not in shown]
    return [
        (
            selection.full_label(arm),
            f"no theory, {reasons[arm.id]}" if arm.id in reasons else reason(selection.analysis, arm, "decay-factor"),
        )
        for arm in absent
    ]


def _notes(missing: Sequence[tuple[str, str]]) -> list[str]:
    """Return short lines on the arms without a mark: reasons that differ in bracketed numbers only are told once."""
    by_reason: dict[str, list[str]] = {}
    for label, why in missing:
        by_reason.setdefault(_NUMBERS.sub("", why), []).append(label)
    return [f"No data for {few(labels, MOST_NAMES)}: {why}." for why, labels in by_reason.items()]


def _words(selection: Selection, data: pd.DataFrame) -> tuple[str, str]:
    """Return the alternative text and the long description."""
    if data.empty:
        return "", ""
    rows = labelled(selection, data)
    judged = [row for _, row in rows if row.inside is not None]
    inside = sum(row.inside for row in judged)
    name, worst = max(rows, key=lambda item: abs(item[1].deviation))
    finding = f"The predicted decay factor lies within the 95 % interval of the measured one for {inside} of "
    finding = f"{finding}{count(len(judged), 'arm')}. " if judged else "No measured decay factor has an interval. "
    alt = (
        f"{finding}The largest deviation is {number(worst.deviation, 2)} %, for {name}: "
        f"predicted {number(worst.predicted)}, measured {_measured(worst)}."
    )

    def say(row: Any) -> str:
        return f"predicted {number(row.predicted)}, measured {_measured(row)}, deviation {number(row.deviation, 2)} %"

    intro = f"{alt} On the diagonal both are equal. Mean over {seeds(data['n'])} an arm, {count(len(data), 'arm')}."
    return alt, f"{intro} {each(rows, say)}"


def _measured(row: Any) -> str:
    return f"{number(row.measured)} {interval(row.low, row.high)}"
