"""Time to target: how many steps an arm needs, with the runs that never get there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportgen.figures.base import Figure
from reportgen.figures.findings import each, extremes, labelled, measured
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
    "mark": "mean: the restricted mean; reached, censored or diverged: a single run.",
    "seed": "The seed of a single run; empty for a mean.",
    "estimate": "Steps to the target: restricted mean, or the run's own; the budget where it is censored.",
    "low": "Lower end of the 95 % interval of the restricted mean.",
    "high": "Upper end of the 95 % interval of the restricted mean.",
    "reached": "Number of judged runs that reached the target.",
    "n": "Number of judged runs.",
    "budget": "Number of steps after which training ends.",
}
SURVIVAL_COLUMNS = {
    **GROUPS,
    "step": "Optimiser steps.",
    "not_reached": "Share of the judged runs that have not reached the target by this step (Kaplan-Meier).",
    "low": "Lower end of its 95 % interval.",
    "high": "Upper end of its 95 % interval.",
    "at_risk": "Number of runs that are still on their way just before this step.",
}
SHAPES: dict[str, dict[str, Any]] = {
    "reached": {"marker": ".", "ms": 6},
    "censored": {"marker": ">", "ms": 6, "mfc": "none"},
    "diverged": {"marker": "x", "ms": 5.5, "mew": 1.4},
}
WORDS = {"reached": "a run that reached it", "censored": "not reached within the budget", "diverged": "diverged"}


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw a row an arm, or the survival curves."""
    return _draw_survival(figure, theme) if figure.parameters["survival"] else _draw_rows(figure, theme)


def _draw_rows(figure: Figure, theme: Theme) -> Drawing:
    """Draw the restricted mean, each run as a small mark, and the counts as words."""
    from reportgen.figures import canvas as c
    from reportgen.figures import marks
    from reportgen.figures import rows as r

    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    legend = [("restricted mean with 95 % interval", marks.mark(theme, marker="o", ms=7.5, ls="-"))]
    means = data[data["mark"] == "mean"]
    if ((means["reached"] == 0) & means["low"].notna()).any():
        legend.append(("no run reached it: what so few runs leave open", marks.mark(theme, ls=":", lw=1.2)))
    present = set(data["mark"])
    legend += [(WORDS[kind], marks.mark(theme, **shape)) for kind, shape in SHAPES.items() if kind in present]
    chart = r.rows_chart(data, parameters, theme, xlabel=parameters["xlabel"], legend=legend)
    budget = float(data["budget"].max())
    for panel, name, rows in c.by_panel(data[data["mark"] != "mean"], parameters):
        ax, place = chart.canvas.axes[panel], chart.place(name)
        for (_, row), offset in zip(rows.iterrows(), r.seed_offsets(len(rows)), strict=True):
            ax.plot([row["estimate"]], [place + offset], ls="none", color=styles[name].colour, **SHAPES[row["mark"]])
    known = means[means["estimate"].notna()]
    open_ended = known["reached"] == 0
    r.draw_means(chart, known[~open_ended], parameters, styles)
    for panel, name, rows in c.by_panel(known[open_ended], parameters):
        ax, place = chart.canvas.axes[panel], chart.place(name)
        ax.hlines([place] * len(rows), rows["low"], rows["high"], color=styles[name].colour, lw=1.2, ls=":", zorder=2)
    alone = len(chart.canvas.axes) == 1
    room = budget * (1.25 if alone else 0.8) / max(chart.canvas.panel_width - (2.2 if alone else 0.6), 1.0)
    for panel, name, rows in c.by_panel(means, parameters):
        first = rows.iloc[0]
        told = f"{int(first['reached'])} of {int(first['n'])}" + (" reached" if alone else "")
        chart.canvas.axes[panel].text(
            1.0, chart.place(name), told, ha="right", va="center", fontsize=9.5, color=theme.foreground,
            transform=chart.canvas.axes[panel].get_yaxis_transform(),
            bbox={"fc": theme.background, "ec": "none", "pad": 0.5},
        )  # fmt: skip
    for ax in chart.canvas.axes.values():
        from matplotlib.ticker import MaxNLocator

        most = 5 if alone else max(2, int(chart.canvas.panel_width / 0.9))
        ticks = [tick for tick in MaxNLocator(most, integer=True).tick_values(0, budget) if 0 <= tick <= budget]
        ax.set_xticks(ticks)
        ax.set_xlim(-0.02 * budget, 1.06 * budget + room)
    return chart.canvas.drawing


def _draw_survival(figure: Figure, theme: Theme) -> Drawing:
    """Draw Kaplan-Meier curves with their bands."""
    from reportgen.figures import canvas as c
    from reportgen.figures import scales

    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    made = c.series_canvas(
        figure, theme, styles, xlabel="Training steps", ylabel="Runs that have not reached the target (share)"
    )
    for panel, name, rows in c.by_panel(data, parameters):
        ax, style = made.axes[panel], styles[name]
        shape = {"color": style.colour, "ls": style.line, "marker": style.marker, "mec": theme.background}
        shape["markevery"] = max(1, len(rows) // 4)
        ax.plot(rows["step"], rows["not_reached"], drawstyle="steps-post", **shape)
        ax.fill_between(rows["step"], rows["low"], rows["high"], step="post", color=style.colour, alpha=0.2, lw=0)
    for ax in made.axes.values():
        ax.set_ylim(-0.03, 1.03)
        ax.grid(True, axis="y")
        scales.step_ticks(ax, made.panel_width)
    return made.drawing


@figures.register(
    "time-to-target",
    version=2,
    summary="How many steps until the target is reached, and how many runs never reach it.",
    draw=draw,
)
def time_to_target(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
    survival: bool = False,
) -> Figure:
    """Prepare times to target at the chosen learning rates.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels.
    survival : bool
        Draw Kaplan-Meier curves in place of rows.
    """
    selection = select(
        study, analysis, request, colour=colour, panels=panels, applies=lambda arm: arm.training.steps > 0
    )
    if survival:
        joined = selection.join(analysis.survival)
        data = joined.loc[joined["not_reached"].notna(), list(SURVIVAL_COLUMNS)]
    else:
        data = _rows(selection)
    targets = {f"{arm.target.metric} {number(arm.target.value)}" for arm in selection.arms if arm.target}
    target = targets.pop() if len(targets) == 1 else "the target"
    alt, description = _words(selection, target)
    return selection.figure(
        data,
        columns=SURVIVAL_COLUMNS if survival else COLUMNS,
        alt=alt,
        description=description,
        parameters={"survival": survival, "xlabel": f"Training steps until {target} on test data"},
        missing=selection.missing(set(data["arm"]), "time-to-target"),
        method=("reportgen.analyse.survival.restricted_mean", "reportgen.analyse.survival.KaplanMeier"),
    )


def _counts(selection: Selection) -> pd.DataFrame:
    """Return how many judged runs each arm has, and how many reached the target."""
    import pandas as pd

    times = selection.analysis.times
    reached = (~times["censored"].astype(bool)).groupby(times["arm"]).sum()
    return pd.DataFrame({"reached": reached, "n": times.groupby("arm").size()})


def _rows(selection: Selection) -> pd.DataFrame:
    """Return the restricted means and the single runs."""
    import pandas as pd

    analysis = selection.analysis
    budgets = {arm.id: arm.training.steps for arm in selection.arms}
    counts = _counts(selection)
    runs = selection.join(analysis.times)
    if runs.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    estimates = analysis.estimates[analysis.estimates["name"] == "time-to-target"][["arm", "estimate", "low", "high"]]
    means = selection.join(counts.index.to_frame(index=False).merge(estimates, on="arm", how="left"))
    means = means.assign(mark="mean", seed=None)
    state = runs["censored"].astype(bool).map({True: "censored", False: "reached"})
    runs["mark"] = state.where(~runs["diverged"].astype(bool), "diverged")
    runs = runs.rename(columns={"step": "estimate"}).assign(low=float("nan"), high=float("nan"))
    both = pd.concat([means.astype({"seed": object}), runs.astype({"seed": object})], ignore_index=True)
    both = both.assign(
        budget=both["arm"].map(budgets), reached=both["arm"].map(counts["reached"]), n=both["arm"].map(counts["n"])
    )
    return selection.in_order(both[list(COLUMNS)])


def _words(selection: Selection, target: str) -> tuple[str, str]:
    """Return the alternative text and the long description: how many reach it, and when."""
    counts = _counts(selection)
    estimates = selection.analysis.estimates
    means = estimates[(estimates["name"] == "time-to-target") & estimates["estimate"].notna()]
    means = means[means["arm"].isin([arm.id for arm in selection.arms])]
    arms = [arm for arm in selection.arms if arm.id in counts.index]
    if not arms:
        return "", ""
    reached, runs = (int(counts.loc[[arm.id for arm in arms], name].sum()) for name in ("reached", "n"))
    alt = f"{reached} of {runs} runs reach {target}."
    if means.empty:
        return alt, alt
    rows = labelled(selection, means)

    def say(row: Any) -> str:
        return f"{measured(row, 'steps')}, {counts.loc[row.arm, 'reached']} of {counts.loc[row.arm, 'n']} runs"

    alt += f" {extremes(rows, say, 'The restricted mean time')}"
    return alt, f"{alt} {each(rows, say)}"
