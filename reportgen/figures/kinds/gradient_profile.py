"""The gradient profile: how large the error signal is at each layer or time step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from reportgen.figures.base import Figure
from reportgen.figures.findings import seeds
from reportgen.figures.select import GROUPS, Selection, select
from reportgen.figures.text import axis_label, count, from_log10, interval, listing, log_interval, number
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
    made = c.series_canvas(figure, theme, styles, height=2.7, xlabel=parameters["xlabel"], extra=extra)
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
    at: Literal["hidden", "cell", "branch", "forget-gate", "gate"] = "hidden",
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
    at : str
        Name of the positions; with "hidden" the readout is drawn too. Arms without such positions show all they have.
    position : str
        Whether positions are counted from the loss or from the input.
    theory : bool
        Whether the predicted profile is drawn.
    """
    trained = (lambda arm: arm.training.steps > 0) if stage == "end" else (lambda _: True)
    selection = select(study, analysis, request, colour=colour, panels=panels, applies=trained)
    data = _data(selection, (quantity, stage, at), position, theory)
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


def _data(selection: Selection, what: tuple[str, str, str], position: str, theory: bool) -> pd.DataFrame:
    """Return the positions where a quantity was measured at a stage, arm by arm, in the order of the axis."""
    quantity, stage, at = what
    profiles = selection.analysis.profiles
    rows = profiles[(profiles["quantity"] == quantity) & (profiles["stage"] == stage)]
    wanted = rows["name"].isin({at, "readout"} if at == "hidden" else {at})
    named = rows.loc[rows["name"] == at, "arm"].unique()
    rows = rows[wanted | ~rows["arm"].isin(named)]
    joined = selection.join(rows).rename(columns={"kind": "position", "estimate": "value"})
    if quantity == "error_signal_rms" and "time" in set(joined["position"]):
        joined = joined[joined["position"] == "time"]
    known = joined["value"].notna() | (joined["n_censored"] > 0)
    data = selection.in_order(joined.loc[known, list(COLUMNS)].sort_values(position, kind="stable"))
    return data if theory else data.assign(theory=float("nan"))


@dataclass(frozen=True)
class Ends:
    """A series' values nearest to the loss and farthest from it, and how many positions are out of range."""

    label: str
    near: Any
    far: Any
    censored: int
    lost: bool
    """Whether there are positions farther from the loss than any value."""
    linear: bool

    @property
    def change(self) -> float:
        """Difference of the ends; infinite where the series leaves the range on its way."""
        change = float(self.far["value"] - self.near["value"])
        return math.copysign(math.inf, change) if self.lost and change else change

    def told(self, unit: str) -> str:
        """Say how the value changes from the loss to the farthest position."""
        near, far, span = self.near["value"], self.far["value"], (self.far["low"], self.far["high"])
        start, end = (number(near), number(far)) if self.linear else (from_log10(near), from_log10(far))
        shown = f"{end} {interval(*span) if self.linear else log_interval(*span)}"
        apart = int(self.far["distance"] - self.near["distance"])
        way = f"over {count(apart, unit.removesuffix('s'))}"
        beyond = ", and is out of the range of the numbers beyond" if self.lost else ""
        if start == end:
            return f"stays at {shown} {way}{beyond}"
        return f"{'falls' if far < near else 'grows'} from {start} to {shown} {way}{beyond}"

    def in_full(self, unit: str) -> str:
        """Return `told` as a sentence with the theory and the number of positions out of range."""
        known = not self.linear and self.far["theory"] == self.far["theory"]
        predicted = f", theory {from_log10(self.far['theory'])}" if known else ""
        below = f", {count(self.censored, 'position')} out of the range of the numbers" if self.censored else ""
        return f"{self.label}: {self.told(unit)}{predicted}{below}."


def _ends(selection: Selection, data: pd.DataFrame, linear: bool) -> tuple[list[Ends], list[str]]:
    """Return the ends of each arm, and the labels of the arms without a value in the range."""
    labels = {arm.id: selection.full_label(arm) for arm in selection.arms}
    ends, lost = [], []
    for arm, rows in data.groupby("arm", sort=False):
        ordered = rows.sort_values("distance", kind="stable")
        seen = ordered[ordered["value"].notna()]
        if seen.empty:
            lost.append(labels[str(arm)])
            continue
        beyond = bool(ordered["distance"].iloc[-1] > seen["distance"].iloc[-1])
        censored = int((ordered["n_censored"] > 0).sum())
        ends.append(Ends(labels[str(arm)], seen.iloc[0], seen.iloc[-1], censored, beyond, linear))
    return ends, lost


def _words(selection: Selection, data: pd.DataFrame, quantity: str, unit: str) -> tuple[str, str]:
    """Return the alternative text and the long description."""
    if data.empty:
        return "", ""
    name = axis_label(quantity).split(" (")[0]
    ends, lost = _ends(selection, data, quantity in FRACTIONS)
    gone = f" Out of the range of the numbers at every position: {listing(lost)}." if lost else ""
    if not ends:
        return f"{name}.{gone}", f"{name}.{gone}"
    ordered = sorted(ends, key=lambda item: item.change)
    shown = ordered[:1] if len(ends) == 1 else [ordered[0], ordered[-1]]
    alt = f"{name} towards the input: {'; '.join(f'for {item.label} it {item.told(unit)}' for item in shown)}.{gone}"
    intro = f"{axis_label(quantity)} by position, {seeds(data['n'])} an arm, mean with 95 % interval."
    return alt, f"{intro} {' '.join(item.in_full(unit) for item in ends)}{gone}"
