"""Any estimate against a factor: success against depth, the final metric by initialisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportgen.analyse.estimates import KINDS
from reportgen.errors import UnknownName
from reportgen.figures.against import against_parameters, draw_against
from reportgen.figures.base import Figure
from reportgen.figures.findings import each, extremes, labelled, measured, seeds
from reportgen.figures.select import GROUPS, Selection, select
from reportgen.figures.text import with_unit
from reportgen.registry import figures
from reportgen.study.fields import FactorName
from reportgen.study.spec import FigureRequest, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from reportgen.figures.theme import Theme

COLUMNS = {
    **GROUPS,
    "x": "Level of the factor on the horizontal axis.",
    "estimate": "The estimate.",
    "low": "Lower end of the 95 % interval.",
    "high": "Upper end of the 95 % interval.",
    "n": "Number of seeds.",
    "n_censored": "Number of seeds that are censored.",
}
LOGARITHMIC = ("decay-factor", "decay-factor-end", "theory-decay-factor", "weight-gradient-factor", "learning-rate",
               "speed-up", "seconds-per-step")  # fmt: skip
UNTRAINED = ("decay-factor", "decay-rate", "exponential-fit", "weight-gradient-factor", "signal-ratio",
             "theory-decay-factor", "theory-deviation")  # fmt: skip
"""Estimates that an arm has before it is trained."""
REFERENCES: dict[str, tuple[float, list[str]]] = {
    "decay-factor": (1.0, ["explodes", "vanishes"]),
    "decay-factor-end": (1.0, ["explodes", "vanishes"]),
    "theory-decay-factor": (1.0, ["explodes", "vanishes"]),
    "decay-rate": (0.0, ["explodes", "vanishes"]),
    "speed-up": (1.0, ["faster", "slower"]),
    "metric-difference": (0.0, ["higher", "lower"]),
    "theory-deviation": (0.0, []),
}


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw marks with intervals, joined by lines where the factor is a number."""
    return draw_against(figure, theme)


@figures.register(
    "metric-by-factor",
    version=1,
    summary="Any estimate against a factor, for instance success against depth.",
    draw=draw,
)
def metric_by_factor(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    against: FactorName,
    estimate: str = "success",
    colour: FactorName | None = None,
    panels: FactorName | None = None,
) -> Figure:
    """Prepare a chart of an estimate against a factor.

    Parameters
    ----------
    against : str
        Factor on the horizontal axis; numbers are joined by lines.
    estimate : str
        Name of the estimate (``reportgen.analyse.estimates.KINDS``).
    colour, panels : str, optional
        Factors that give the colour and the small panels.

    Raises
    ------
    UnknownName
        If there is no such estimate.
    """
    if estimate not in KINDS:
        raise UnknownName("estimate", estimate, KINDS)
    kind = KINDS[estimate]
    applies = (lambda _: True) if estimate in UNTRAINED else (lambda arm: arm.training.steps > 0)
    selection = select(study, analysis, request, colour=colour, panels=panels, against=against, applies=applies)
    estimates = analysis.estimates
    data = selection.join(estimates[estimates["name"] == estimate])
    logarithmic = estimate in LOGARITHMIC
    known = (data["estimate"] > 0) if logarithmic else data["estimate"].notna()
    unit = _unit(data, kind.unit)
    data = data.loc[known, list(COLUMNS)]
    reference, words = REFERENCES.get(estimate, (None, []))
    alt, description = _words(selection, data, kind.title, unit)
    return selection.figure(
        data,
        columns={**COLUMNS, "estimate": with_unit(kind.title, unit) + ". " + kind.meaning},
        alt=alt,
        description=description and f"{description} {kind.meaning}",
        parameters={
            "estimate": estimate,
            **against_parameters(selection, data),
            "ylabel": with_unit(kind.title, unit),
            "y_log": logarithmic,
            "y_share": kind.unit == "share of runs" or unit == "accuracy",
            "reference": reference,
            "words": words,
        },
        missing=selection.missing(set(data["arm"]), estimate),
        method=("reportgen.analyse.study.analyse",),
    )


def _unit(data: pd.DataFrame, otherwise: str) -> str:
    """Return the unit that the rows state, if they agree on one."""
    stated = {unit for unit in data["unit"] if isinstance(unit, str) and unit}
    return stated.pop() if len(stated) == 1 else otherwise


def _words(selection: Selection, data: pd.DataFrame, title: str, unit: str) -> tuple[str, str]:
    """Return the alternative text and the long description."""
    if data.empty:
        return "", ""
    rows = labelled(selection, data)
    shown = "" if unit in ("share of runs", "log10") else unit

    def say(row: Any) -> str:
        return measured(row, shown)

    alt = extremes(rows, say, with_unit(title, unit if unit != shown else ""))
    return alt, f"{alt} {seeds(data['n']).capitalize()} an arm. {each(rows, say)}"
