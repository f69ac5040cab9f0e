"""The decay factor by arm, or against a number such as the gain or the depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from reportgen.figures.against import against_parameters, draw_against
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
    "x": "Level of the factor on the horizontal axis.",
    "mark": "mean: over the seeds; seed: a single run.",
    "seed": "The seed of a single run; empty for a mean.",
    "estimate": "Decay factor per layer or time step: geometric mean over the seeds, or the run's own.",
    "low": "Lower end of the 95 % interval over the seeds.",
    "high": "Upper end of the 95 % interval over the seeds.",
    "theory": "The decay factor that theory predicts; empty where there is no theory.",
    "n": "Number of seeds.",
}
MOST_SEEDS = 10


def draw(figure: Figure, theme: Theme) -> Drawing:
    """Draw a row an arm, or lines against a factor."""
    if figure.parameters["against"]:
        return draw_against(figure, theme)
    return _draw_rows(figure, theme)


def _draw_rows(figure: Figure, theme: Theme) -> Drawing:
    """Draw a dot with its interval a row, the seeds as small dots, the theory as a hollow circle."""
    from reportgen.figures import canvas as c
    from reportgen.figures import marks, scales
    from reportgen.figures import rows as r

    data, parameters = figure.data.copy(), figure.parameters
    for name in ("estimate", "low", "high", "theory"):
        data[name] = scales.log10(data[name])
    styles = c.series_styles(theme, parameters)
    legend = [("mean with 95 % interval", marks.mark(theme, marker="o", ms=7.5, ls="-"))]
    if data["theory"].notna().any():
        legend.append(("theory", marks.mark(theme, marker="o", ms=9, mfc="none")))
    if (data["mark"] == "seed").any():
        legend.append(("single seed", marks.mark(theme, marker=".", ms=5, alpha=0.6)))
    chart = r.rows_chart(data, parameters, theme, xlabel=parameters["label"], legend=legend, headroom=0.9)
    means = data[data["mark"] == "mean"]
    _draw_seeds(chart, data[data["mark"] == "seed"], parameters, {n: s.colour for n, s in styles.items()})
    r.draw_means(chart, means, parameters, styles)
    for panel, name, rows in c.by_panel(means, parameters):
        place = [chart.place(name)] * len(rows)
        chart.canvas.axes[panel].plot(
            rows["theory"], place, ls="none", marker="o", ms=10.5, mfc="none", mew=1.2, color=theme.foreground, zorder=5
        )
    limits = scales.padded([*(data[k] for k in ("estimate", "low", "high", "theory")), [0.0]], share=0.08)
    # room on both sides of the line at 1 for the words beside it
    room = 0.95 / max(chart.canvas.panel_width - (1.6 if len(chart.canvas.axes) == 1 else 0.6), 0.9)
    room = min(room, 0.45)
    span = max(limits[1] - limits[0], -limits[0] / (1 - room), limits[1] / (1 - room))
    limits = (min(limits[0], -room * span), max(limits[1], room * span))
    for ax in chart.canvas.axes.values():
        scales.set_log(ax.xaxis, limits, most=max(3, int(chart.canvas.panel_width / 0.6)))
        r.words_at_one(ax, theme, 0.0, ("vanishes", "explodes"))
    return chart.canvas.drawing


def _draw_seeds(chart: Any, seeds_data: pd.DataFrame, parameters: Any, colours: dict[str, str]) -> None:
    """Draw each seed as a small dot in its row."""
    import pandas as pd
    import seaborn as sns

    from reportgen.figures import canvas as c
    from reportgen.figures import rows as r

    if seeds_data.empty:
        return
    placed = pd.concat(
        rows.assign(row=[chart.place(name) + offset for offset in r.seed_offsets(len(rows))])
        for _, name, rows in c.by_panel(seeds_data, parameters)
    )
    for panel, ax in chart.canvas.axes.items():
        inside = placed[placed["panel"] == panel]
        if len(inside):
            sns.scatterplot(inside, x="estimate", y="row", hue="series", palette=colours, s=14, alpha=0.55,
                            linewidth=0, legend=False, ax=ax, zorder=2)  # fmt: skip
        ax.set(xlabel="", ylabel="")


@figures.register(
    "decay-factor",
    version=1,
    summary="By how much the gradient shrinks or grows at each layer or time step.",
    draw=draw,
)
def decay_factor(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: FactorName | None = None,
    panels: FactorName | None = None,
    against: FactorName | None = None,
    stage: Literal["start", "end"] = "start",
    theory: bool = True,
) -> Figure:
    """Prepare a chart of decay factors.

    Parameters
    ----------
    colour, panels : str, optional
        Factors that give the colour and the small panels.
    against : str, optional
        Factor on the horizontal axis; without it each arm has a row.
    stage : str
        At initialisation, or after the last step at the chosen learning rate.
    theory : bool
        Whether the predicted factor is drawn.
    """
    trained = (lambda arm: arm.training.steps > 0) if stage == "end" else (lambda _: True)
    selection = select(study, analysis, request, colour=colour, panels=panels, against=against, applies=trained)
    data = _data(selection, stage, theory)
    means = data[data["mark"] == "mean"]
    when = "at initialisation" if stage == "start" else "after training"
    parameters = {
        "against": against or "",
        "stage": stage,
        "label": f"Decay factor {selection.per}, {when}",
        **against_parameters(selection, data),
        "ylabel": f"Decay factor {selection.per}, {when}",
        "y_log": True,
        "y_share": False,
        "reference": 1.0,
        "words": ["explodes", "vanishes"],
    }
    words = _words(selection, means, when)
    return selection.figure(
        data,
        columns=COLUMNS,
        alt=words[0],
        description=words[1],
        parameters=parameters,
        missing=selection.missing(set(data["arm"]), "decay-factor" if stage == "start" else "decay-factor-end"),
        method=("reportgen.analyse.decay.Decay", "reportgen.analyse.decay.geometric_mean"),
    )


def _data(selection: Selection, stage: str, theory: bool) -> pd.DataFrame:
    """Return means with theory, and the single seeds where there are few and each arm has a row."""
    import pandas as pd

    estimates = selection.analysis.estimates
    measured_name = "decay-factor" if stage == "start" else "decay-factor-end"
    means = selection.join(estimates[estimates["name"] == measured_name])
    means = means[means["estimate"] > 0].assign(mark="mean", seed=None)
    predicted = estimates[estimates["name"] == "theory-decay-factor"].set_index("arm")["estimate"]
    means["theory"] = means["arm"].map(predicted) if theory and stage == "start" else float("nan")
    columns = [name for name in COLUMNS if name in means.columns]
    runs = selection.analysis.decay
    if stage != "start" or selection.against or runs.empty:
        return means[columns]
    runs = runs[(runs["step"] == 0) & (runs["factor"] > 0) & runs["arm"].isin(means["arm"])]
    runs = runs.drop_duplicates(["arm", "seed"]).sort_values(["arm", "seed"])
    few = runs.groupby("arm")["seed"].transform("size") <= MOST_SEEDS
    single = selection.join(runs[few]).rename(columns={"factor": "estimate"})
    blank: dict[str, Any] = {"mark": "seed", "low": float("nan"), "high": float("nan"), "theory": float("nan"), "n": 1}
    single = single.assign(**blank)
    both = [means[columns]] + ([single[columns].astype({"seed": object})] if len(single) else [])
    return selection.in_order(pd.concat(both, ignore_index=True))


def _words(selection: Selection, means: pd.DataFrame, when: str) -> tuple[str, str]:
    """Return the alternative text and the long description."""
    if means.empty:
        return "", ""
    rows = labelled(selection, means)

    def say(row: Any) -> str:
        theory = f", theory {number(row.theory)}" if row.theory == row.theory else ""
        return measured(row) + theory

    alt = extremes(rows, say, f"The decay factor {selection.per} {when}")
    what = "Below 1 the gradient vanishes towards the input, above 1 it explodes."
    intro = f"{alt} {what} Mean over {seeds(means['n'])} an arm, {len(means)} arms."
    return alt, f"{intro} {each(rows, say)}"
