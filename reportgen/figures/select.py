"""Which arms a figure shows, how they are grouped, and what is said of those without data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reportgen import registry
from reportgen.errors import UnknownName
from reportgen.figures.base import Figure
from reportgen.figures.text import clean, count, listing, missing_text

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.study.spec import Arm, Factor, FigureRequest, Study

GROUPS: Mapping[str, str] = {
    "arm": "Id of the arm in the study.",
    "panel": "The small panel that the mark is in; empty if there is one panel.",
    "series": "The line or row that the mark belongs to.",
    "level": "Level of the factor that gives the colour.",
}
"""The columns that every figure's data begin with, and their meanings."""


@dataclass(frozen=True)
class Selection:
    """The arms of a figure with the factors that give colour, panels and horizontal axis.

    Attributes
    ----------
    arms : tuple of Arm
        In the order of the study.
    colour, panels, against : Factor or None
    detail : tuple of Factor
        The factors that vary among the arms and have no other part in the figure; they become part of the series.
    """

    study: Study
    analysis: Any
    request: FigureRequest
    arms: tuple[Arm, ...]
    colour: Factor | None
    panels: Factor | None
    against: Factor | None
    detail: tuple[Factor, ...]

    def series(self, arm: Arm) -> str:
        """Return the label of an arm's line or row: its levels of the colour factor and of the details."""
        factors = ((self.colour,) if self.colour else ()) + self.detail
        if not factors:
            return "" if self.panels or self.against else clean(arm.label)
        return " · ".join(clean(arm.levels[factor.name]) for factor in factors)

    def full_label(self, arm: Arm) -> str:
        """Return the arm's levels of all factors that vary in the figure."""
        factors = [f for f in self.study.factors if f in (self.colour, self.panels, self.against, *self.detail)]
        return " · ".join(clean(arm.levels[factor.name]) for factor in factors) or clean(arm.label) or arm.id

    def level(self, arm: Arm, factor: Factor | None) -> str:
        """Return an arm's level of a factor, "" for no factor."""
        return clean(arm.levels[factor.name]) if factor else ""

    @cached_property
    def groups(self) -> pd.DataFrame:
        """One row an arm: `arm`, `panel`, `series`, `level`, and `x` where there is a horizontal factor."""
        import pandas as pd

        rows = [
            {
                "arm": arm.id,
                "panel": self.level(arm, self.panels),
                "series": self.series(arm),
                "level": self.level(arm, self.colour),
                **({"x": self.position(arm)} if self.against else {}),
            }
            for arm in self.arms
        ]
        return pd.DataFrame(rows, columns=[*GROUPS, *(["x"] if self.against else [])])

    def position(self, arm: Arm) -> float | str:
        """Return where an arm stands on the horizontal axis: the level's number, or its label."""
        factor = self.against
        assert factor is not None
        return float(arm.values[factor.name]) if factor.numeric else clean(arm.levels[factor.name])

    def join(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a frame that belong to the figure's arms, with the groups, in the study's order."""
        groups = self.groups.assign(_order=range(len(self.groups)))
        rest = frame.drop(columns=[c for c in groups.columns if c in frame.columns and c != "arm"])
        joined = groups.merge(rest.assign(_row=range(len(rest))), on="arm", how="inner")
        return joined.sort_values(["_order", "_row"], kind="stable").drop(columns=["_order", "_row"], errors="ignore")

    def in_order(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the rows arm by arm in the order of the study; the order inside an arm is kept."""
        places = {arm.id: place for place, arm in enumerate(self.arms)}
        return data.sort_values("arm", key=lambda ids: ids.map(places), kind="stable")

    def missing(self, shown: Collection[str], estimate: str = "") -> list[tuple[str, str]]:
        """Return label and reason of the selected arms that are not among the `shown` ids.

        Parameters
        ----------
        shown : collection of str
            Arm ids.
        estimate : str
            Name of the estimate that is shown; the analysis says why an arm does not have it.
        """
        absent = [arm for arm in self.arms if arm.id not in shown]
        return [(self.full_label(arm), reason(self.analysis, arm, estimate)) for arm in absent]

    def grouping(self) -> dict[str, Any]:
        """Return the parameters that drawing needs to group and style: JSON values only."""
        details = list(dict.fromkeys(self._detail_label(arm) for arm in self.arms))
        series = {self.series(arm): [self.level(arm, self.colour), self._detail_label(arm)] for arm in self.arms}
        return {
            "colour": _described(self.study, self.colour),
            "series": [[name, level, details.index(detail)] for name, (level, detail) in series.items()],
            "details": len(details),
            "legend_title": " · ".join(clean(f.label) for f in ((self.colour,) if self.colour else ()) + self.detail),
            "panels": list(dict.fromkeys(self.level(arm, self.panels) for arm in self.arms)),
            "panel_title": clean(self.panels.label) if self.panels else "",
        }

    @cached_property
    def per(self) -> str:
        """What a decay factor is counted by: "per layer", "per time step", or either."""
        decay = self.analysis.decay
        kinds = set(decay.loc[decay["arm"].isin([arm.id for arm in self.arms]), "kind"]) if len(decay) else set()
        names = {"layer": "per layer", "time": "per time step"}
        return names.get(kinds.pop(), "per position") if len(kinds) == 1 else "per layer or time step"

    def _detail_label(self, arm: Arm) -> str:
        return " · ".join(clean(arm.levels[factor.name]) for factor in self.detail)

    def figure(
        self,
        data: pd.DataFrame,
        *,
        columns: Mapping[str, str],
        alt: str,
        description: str,
        parameters: Mapping[str, Any],
        missing: Sequence[tuple[str, str]],
        method: Sequence[str],
    ) -> Figure:
        """Return the figure; without data it says so, and why, instead of `alt`."""
        notes = missing_text(missing)
        if data.empty:
            alt = " ".join(["This figure has no data yet.", *notes])
            description = alt
        else:
            description = " ".join([description, *notes])
        ids = {run for arm in dict.fromkeys(data["arm"]) for run in self.analysis.run_ids.get(arm, ())}
        return Figure(
            study=self.study.id,
            id=self.request.id,
            kind=self.request.kind,
            kind_version=registry.figures[self.request.kind].version,
            title=self.request.title,
            caption=self.request.caption,
            alt=alt,
            description=description,
            data=data.reset_index(drop=True),
            columns={name: columns[name] for name in data.columns},
            parameters={**self.grouping(), **parameters, "notes": notes},
            run_ids=tuple(sorted(ids)),
            method=tuple(method),
        )


def select(
    study: Study,
    analysis: Any,
    request: FigureRequest,
    *,
    colour: str | None = None,
    panels: str | None = None,
    against: str | None = None,
    applies: Callable[[Arm], bool] = lambda _: True,
) -> Selection:
    """Select the arms of a figure.

    Parameters
    ----------
    colour : str, optional
        Name of the factor that gives the colour; by default the first that varies and has no other part.
    panels, against : str, optional
        Names of the factors that give small panels and the horizontal axis.
    applies : callable
        Whether the kind of figure makes sense for an arm (trained, with a target); others are left out silently.

    Raises
    ------
    UnknownName
        If the study has no such factor.
    """
    for name in request.where:
        _factor(study, name)
    arms = tuple(
        arm
        for arm in study.arms
        if all(arm.levels.get(name) in levels for name, levels in request.where.items()) and applies(arm)
    )
    varying = [f for f in study.factors if len({arm.levels[f.name] for arm in arms}) > 1]
    by_panel, by_place = _factor(study, panels), _factor(study, against)
    free = [f for f in varying if f not in (by_panel, by_place)]
    by_colour = _factor(study, colour) or next(iter(free), None)
    detail = tuple(f for f in free if f != by_colour)
    return Selection(study, analysis, request, arms, by_colour, by_panel, by_place, detail)


def reason(analysis: Any, arm: Arm, estimate: str = "") -> str:
    """Return why an arm has no data: skipped by the study, not run, failed, diverged, or nothing was measured."""
    if arm.skipped:
        return f"skipped, {clean(arm.skipped)}"
    if arm.target is None and estimate in ("success", "time-to-target"):
        return "the arm has no target"
    if arm.is_baseline and estimate in ("speed-up", "metric-difference"):
        return "it is the baseline"
    rows = analysis.statuses[analysis.statuses["arm"] == arm.id]
    if rows.empty:
        return "not run yet"
    planned, completed, diverged, failed = (
        int(rows[name].iloc[0]) for name in ("planned", "completed", "diverged", "failed")
    )
    told = analysis.absent[(analysis.absent["arm"] == arm.id) & (analysis.absent["name"] == estimate)]["reason"]
    if completed or (diverged and len(told)):
        return clean(told.iloc[0]).rstrip(".") if len(told) else "nothing was measured"
    parts = [f"{count(n, 'run')} {what}" for n, what in ((diverged, "diverged"), (failed, "failed")) if n]
    return f"of {planned} planned, {listing(parts)}" if parts else "not run yet"


def _factor(study: Study, name: str | None) -> Factor | None:
    if name is None:
        return None
    for factor in study.factors:
        if factor.name == name:
            return factor
    raise UnknownName("factor", name, [factor.name for factor in study.factors])


def _described(study: Study, factor: Factor | None) -> dict[str, Any]:
    """Describe a factor for the theme: all its levels in the study, with their numbers if it is numeric."""
    if factor is None:
        return {"label": "", "levels": [""], "values": None}
    values: dict[str, float] = {}
    if factor.numeric:
        values = {arm.levels[factor.name]: float(arm.values[factor.name]) for arm in study.arms}
    complete = factor.numeric and all(level in values for level in factor.levels)
    return {
        "label": clean(factor.label),
        "levels": [clean(level) for level in factor.levels],
        "values": [values[level] for level in factor.levels] if complete else None,
    }
