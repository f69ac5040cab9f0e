"""Learning curves: a metric against the number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from reportgen.figures.base import Figure
from reportgen.figures.findings import each, extremes, labelled, measured, seeds
from reportgen.figures.select import GROUPS, Selection, select
from reportgen.figures.text import clean, number
from reportgen.registry import figures
from reportgen.study.fields import FactorName
from reportgen.study.spec import FigureRequest, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

    from reportgen.figures.theme import Theme

COLUMNS = {
    **GROUPS,
    "mark": "mean: over the seeds; seed: a single run.",
    "seed": "The seed of a single run; empty for a mean.",
    "step": "Optimiser steps done before the evaluation.",
    "value": "The metric: mean over the seeds, or the run's own.",
    "low": "Lower end of the 95 % interval over the seeds.",
    "high": "Upper end of the 95 % interval over the seeds.",
    "n": "Number of seeds.",
}
MOST_SEEDS = 10


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw means with bands, each seed as a faint line, the target dotted, the untrained level dash-dotted."""
    import seaborn as sns

    from reportgen.figures import canvas as c
    from reportgen.figures import marks, scales

    data, parameters = figure.data, figure.parameters
    styles = c.series_styles(theme, parameters)
    lines: list[tuple[str, Any, float]] = [("target", ":", value) for value in parameters["targets"]]
    lines += [("untrained", (0, (6, 2, 1, 2)), value) for value in parameters["untrained"]]
    extra = [(f"{name} {number(value, 2)}", marks.mark(theme, ls=ls, lw=1.2)) for name, ls, value in lines]
    made = c.series_canvas(figure, theme, styles, xlabel="Training steps", extra=extra)
    colours = {name: style.colour for name, style in styles.items()}
    singles, means = data[data["mark"] == "seed"], data[data["mark"] == "mean"]
    for panel, ax in made.axes.items():
        inside = singles[singles["panel"] == panel]
        if len(inside):
            sns.lineplot(inside, x="step", y="value", hue="series", units="seed", estimator=None, palette=colours,
                         lw=0.7, alpha=0.35, legend=False, ax=ax)  # fmt: skip
        for _, ls, value in lines:
            ax.axhline(value, color=theme.foreground, ls=ls, lw=1.2, zorder=1)
        ax.set(xlabel="", ylabel="")
        ax.grid(True, axis="y")
        scales.step_ticks(ax, made.panel_width)
        if parameters["share"]:
            ax.set_ylim(-0.03, 1.03)
    names = c.shown_series(data, parameters)
    for panel, name, rows in c.by_panel(means, parameters):
        step, mean, low, high = (rows[k].to_numpy(float) for k in ("step", "value", "low", "high"))
        marks.line(made.axes[panel], step, mean, styles[name], low=low, high=high, order=names.index(name))
    return made.drawing


@figures.register(
    "learning-curves",
    version=1,
    summary="How the task's metric changes during training, mean and single seeds.",
    draw=draw,
)
def learning_curves(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
    split: Literal["test", "validation", "train"] = "test",
    metric: str | None = None,
) -> Figure:
    """Prepare learning curves at the chosen learning rates.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels.
    split : str
        The data on which the metric is evaluated.
    metric : str, optional
        By default the one that the target names.
    """
    selection = select(study, analysis, request, colour=colour, panels=panels, applies=lambda a: a.training.steps > 0)
    chosen = metric or _main_metric(selection)
    curves = analysis.curves
    means = selection.join(curves[(curves["split"] == split) & (curves["metric"] == chosen)])
    means = means[means["mean"].notna()]
    data = _with_seeds(selection, means, chosen if split == "test" else "")
    levels = [arm.target.value for arm in selection.arms if arm.target and arm.target.metric == chosen]
    first = means[means["step"] == means.groupby("arm")["step"].transform("min")]
    untrained = [float(first["mean"].mean())] if len(first) and chosen == "accuracy" else []
    alt, description = _words(selection, means, f"{clean(chosen)} on {split} data")
    return selection.figure(
        data,
        columns=COLUMNS,
        alt=alt,
        description=description,
        parameters={
            "split": split,
            "metric": chosen,
            "share": chosen == "accuracy",
            "targets": sorted(set(levels)),
            "untrained": untrained,
            "ylabel": f"{clean(chosen).capitalize()} on {split} data"
            + (" (share of samples that are right)" if chosen == "accuracy" else ""),
        },
        missing=selection.missing(set(data["arm"]), "final-metric"),
        method=("reportgen.analyse.learning.Learning", "reportgen.analyse.selection.Selection"),
    )


def _main_metric(selection: Selection) -> str:
    """Return the metric that the arms are judged by."""
    named = [arm.target.metric for arm in selection.arms if arm.target]
    curves = selection.analysis.seed_curves
    return named[0] if named else str(curves["metric"].iloc[0]) if len(curves) else "loss"


def _with_seeds(selection: Selection, means: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the means, and below them the single seeds of the arms that have few."""
    import pandas as pd

    columns = list(COLUMNS)
    means = means.rename(columns={"mean": "value"}).assign(mark="mean", seed=None)[columns]
    singles = selection.analysis.seed_curves
    singles = singles[(singles["metric"] == metric) & singles["arm"].isin(means["arm"])]
    few = singles.groupby("arm")["seed"].transform("nunique") <= MOST_SEEDS
    single = selection.join(singles[few]).assign(mark="seed", low=float("nan"), high=float("nan"), n=1)
    if single.empty:
        return means
    both = pd.concat([means, single[columns].astype({"seed": object})], ignore_index=True)
    return selection.in_order(both)


def _words(selection: Selection, means: pd.DataFrame, what: str) -> tuple[str, str]:
    """Return the alternative text and the long description: where the curves end."""
    if means.empty:
        return "", ""
    last = means[means["step"] == means.groupby("arm")["step"].transform("max")]
    rows = labelled(selection, last.rename(columns={"mean": "estimate"}))

    def say(row: Any) -> str:
        return f"{measured(row)} after {int(row.step)} steps"

    alt = extremes(rows, say, f"At the end of training, the {what}")
    return alt, f"{alt} Means over {seeds(last['n'])} at each arm's chosen learning rate. {each(rows, say)}"
