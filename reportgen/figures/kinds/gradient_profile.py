"""The gradient profile: how large the error signal is at each layer or time step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from reportgen.figures.base import Figure
from reportgen.figures.findings import seeds
from reportgen.figures.select import GROUPS, Selection, select
from reportgen.figures.text import axis_label, count, from_log10, interval, log_interval, number
from reportgen.registry import figures
from reportgen.study.fields import FactorName
from reportgen.study.spec import FigureRequest, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from reportgen.figures.theme import Theme

FRACTIONS = ("saturated_fraction", "dead_fraction")
COLUMNS = {
    **GROUPS,
    "position": "layer or time: what the position counts.",
    "index": "Position counted from the input, from 1.",
    "distance": "Position counted from the loss, 0 nearest to it (layers or time steps).",
    "value": "Mean over the seeds of the quantity, or of its log10 where the axis is logarithmic.",
    "low": "Lower end of the 95 % interval over the seeds, in the unit of the value.",
    "high": "Upper end of the 95 % interval over the seeds, in the unit of the value.",
    "theory": "What theory predicts, in the unit of the value; empty where there is no theory.",
    "n": "Number of seeds that are averaged.",
    "n_censored": "Number of seeds whose value is 0 or beyond the range of float64; they are counted, not averaged.",
}
PLURAL = {"layer": "layers", "time": "time steps"}


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw one line a series with its band and the theory beside it."""
    from reportgen.figures import canvas as c
    from reportgen.figures import marks, scales

    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    extra = []
    if data["theory"].notna().any():
        extra.append(("theory", marks.mark(theme, ls="--", dashes=(4, 3), lw=0.9)))
    made = c.canvas(
        theme,
        c.shown_panels(data, parameters),
        height=2.7,
        xlabel=parameters["xlabel"],
        ylabel=parameters["ylabel"],
        panel_title=parameters["panel_title"],
        legends=c.series_legends(data, parameters, styles, extra),
        notes=parameters["notes"],
    )
    low, high = scales.padded([data[name] for name in ("value", "low", "high", "theory")])
    strip = 0.11 * (high - low) if parameters["logarithmic"] and (data["n_censored"] > 0).any() else 0.0
    names = c.shown_series(data, parameters)
    for panel, name, rows in c.by_panel(data, parameters):
        ax, style, order = made.axes[panel], styles[name], names.index(name)
        x = rows[parameters["x"]].to_numpy(float)
        y, below, above, theory = (rows[k].to_numpy(float) for k in ("value", "low", "high", "theory"))
        marks.line(ax, x, y, style, low=below, high=above, order=order)
        marks.theory_line(ax, x, theory, theme)
        censored = x[rows["n_censored"].to_numpy() > 0]
        place = low - strip * (order + 1) / (len(names) + 1)
        ax.plot(censored, [place] * len(censored), ls="none", marker=".", ms=4, color=style.colour)
    for ax in made.axes.values():
        scales.step_ticks(ax, made.panel_width)
        _finish(ax, theme, (low, high), strip, parameters["logarithmic"])
    return made.drawing


def _finish(ax: Axes, theme: Theme, limits: tuple[float, float], strip: float, logarithmic: bool) -> None:
    """Label the vertical axis, and set off the strip of values out of range."""
    from reportgen.figures import scales

    ax.grid(True, axis="y")
    if not logarithmic:
        ax.set_ylim(*limits)
        return
    scales.set_log(ax.yaxis, limits, below=strip, below_label="out of\nrange")
    if strip:
        ax.axhspan(limits[0] - strip, limits[0], color=theme.shade, lw=0, zorder=0)


@figures.register(
    "gradient-profile",
    version=1,
    summary="How large the gradient is at each layer or time step, with the theory beside it.",
    draw=draw,
)
def gradient_profile(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
    quantity: Literal[
        "error_signal_rms", "weight_gradient_norm", "update_ratio", "weight_norm", "saturated_fraction", "dead_fraction"
    ] = "error_signal_rms",
    stage: Literal["start", "end"] = "start",
    position: Literal["distance", "index"] = "distance",
    theory: bool = True,
) -> Figure:
    """Prepare a gradient profile.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels.
    quantity : str
        What is drawn; fractions stand on a linear axis from 0 to 1, everything else on a logarithmic one.
    stage : str
        At initialisation ("start") or after the last step at the chosen learning rate ("end").
    position : str
        Whether positions are counted from the loss or from the input.
    theory : bool
        Whether the predicted profile is drawn.
    """
    trained = (lambda arm: arm.training.steps > 0) if stage == "end" else (lambda _: True)
    selection = select(study, analysis, request, colour=colour, panels=panels, applies=trained)
    data = _data(selection, quantity, stage, position, theory)
    kinds = [PLURAL.get(kind, kind) for kind in dict.fromkeys(data["position"])]
    unit = " or ".join(kinds)
    counted = "Distance from the loss" if position == "distance" else "Position from the input"
    words = _words(selection, data, quantity, unit)
    return selection.figure(
        data,
        columns=COLUMNS,
        alt=words[0],
        description=words[1],
        parameters={
            "quantity": quantity,
            "stage": stage,
            "x": position,
            "logarithmic": quantity not in FRACTIONS,
            "xlabel": f"{counted} ({unit})",
            "ylabel": axis_label(quantity) + (", at initialisation" if stage == "start" else ", after training"),
        },
        missing=selection.missing(set(data["arm"])),
        method=("reportgen.analyse.profiles.Profiles", "reportgen.analyse.profiles.with_theory"),
    )


def _data(selection: Selection, quantity: str, stage: str, position: str, theory: bool) -> pd.DataFrame:
    """Return the positions where anything was measured, arm by arm, in the order of the axis."""
    profiles = selection.analysis.profiles
    rows = profiles[(profiles["quantity"] == quantity) & (profiles["stage"] == stage)]
    joined = selection.join(rows).rename(columns={"kind": "position", "estimate": "value"})
    if quantity == "error_signal_rms" and "time" in set(joined["position"]):
        joined = joined[joined["position"] == "time"]
    known = joined["value"].notna() | (joined["n_censored"] > 0)
    data = selection.in_order(joined.loc[known, list(COLUMNS)].sort_values(position, kind="stable"))
    return data if theory else data.assign(theory=float("nan"))


def _words(selection: Selection, data: pd.DataFrame, quantity: str, unit: str) -> tuple[str, str]:
    """Return the alternative text and the long description."""
    if data.empty:
        return "", ""
    linear = quantity in FRACTIONS
    name = axis_label(quantity).split(" (")[0]
    labels = {arm.id: selection.full_label(arm) for arm in selection.arms}
    lines = []
    for arm, rows in data.groupby("arm", sort=False):
        ends = rows.sort_values("distance", kind="stable")
        seen = ends[ends["value"].notna()]
        if len(seen):
            near, far, censored = seen.iloc[0], seen.iloc[-1], int((ends["n_censored"] > 0).sum())
            lines.append((labels[str(arm)], near, far, far["value"] - near["value"], censored))
    if not lines:
        return f"{name}: every measured position is out of the range of the numbers.", ""
    least, most = min(lines, key=lambda item: item[3]), max(lines, key=lambda item: item[3])
    parts = [f"{name} towards the input: for {least[0]} it {_change(least, unit, linear)}"]
    if most is not least:
        parts.append(f"for {most[0]} it {_change(most, unit, linear)}")
    sentences = [f"{axis_label(quantity)} by position, {seeds(data['n'])} an arm, mean with 95 % interval."]
    for line in lines:
        below = f", {count(line[4], 'position')} out of the range of the numbers" if line[4] else ""
        known = not linear and line[2]["theory"] == line[2]["theory"]
        predicted = f", theory {from_log10(line[2]['theory'])}" if known else ""
        sentences.append(f"{line[0]}: {_change(line, unit, linear)}{predicted}{below}.")
    return "; ".join(parts) + ".", " ".join(sentences)


def _change(line: tuple[str, Any, Any, float, int], unit: str, linear: bool) -> str:
    """Say how the value changes from the loss to the farthest position."""
    _, near, far, change, _ = line
    if linear:
        start, end, span = number(near["value"]), number(far["value"]), interval(far["low"], far["high"])
    else:
        start, end, span = from_log10(near["value"]), from_log10(far["value"]), log_interval(far["low"], far["high"])
    if start == end:
        return f"stays at {end} {span} over {int(far['distance'] - near['distance'])} {unit}"
    verb = "falls" if change < 0 else "grows"
    return f"{verb} from {start} to {end} {span} over {int(far['distance'] - near['distance'])} {unit}"
