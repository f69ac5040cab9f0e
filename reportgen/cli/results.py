"""Commands about results: status, show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from reportgen.cli.console import Console, records
from reportgen.cli.locate import (
    DEFAULT_STORE,
    AsJson,
    Plugins,
    Profile,
    SeedOffset,
    SomeStudies,
    StoreUrl,
    StudyName,
    as_extended,
    load_all,
)

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.study.spec import Study

PANEL = "Results"
STATUSES = ("completed", "diverged", "failed")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for function in (status, show):
        app.command(rich_help_panel=PANEL)(function)


def status(
    context: typer.Context,
    studies: SomeStudies = None,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Say how much of each study the store holds: runs planned, completed, diverged, failed and missing."""
    from reportgen.store import Store

    console: Console = context.obj
    kept = Store(store)
    by_status = {name: kept.run_ids(name) for name in STATUSES}
    loaded = as_extended(load_all(studies, profile, plugins, seed_offset), kept)
    rows = [_counts(study, by_status) for study in loaded]
    if as_json:
        console.document({"store": kept.url, "profile": profile, "studies": rows})
        return
    console.table(list(rows[0]), [list(row.values()) for row in rows])


def _counts(study: Study, by_status: dict[str, set[str]]) -> dict[str, Any]:
    planned = {run.run_id for arm in study.arms for run in arm.runs}
    held = {name: len(planned & found) for name, found in by_status.items()}
    return {"study": study.id, "planned": len(planned), **held, "missing": len(planned) - sum(held.values())}


def show(
    context: typer.Context,
    name: StudyName,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Print a study's arms, the statuses of their runs, and every estimate with its interval."""
    from reportgen.analyse.study import analyse
    from reportgen.store import Store

    console: Console = context.obj
    kept = Store(store)
    shown = as_extended(load_all([name], profile, plugins, seed_offset), kept)[0]
    analysis = analyse(shown, kept)
    if as_json:
        console.document(
            {
                "study": shown.id,
                "title": shown.title,
                "profile": shown.profile,
                "arms": _arms(shown, analysis.statuses),
                "estimates": records(analysis.estimates),
            }
        )
        return
    statuses = analysis.statuses.drop(columns=["skipped"], errors="ignore")
    console.table(list(statuses.columns), statuses.to_numpy(dtype=object).tolist())
    console.answer("")
    estimates = analysis.estimates.drop(columns=["method"])
    console.table(list(estimates.columns), estimates.to_numpy(dtype=object).tolist())


def _arms(study: Study, statuses: pd.DataFrame) -> list[dict[str, Any]]:
    counts = {row["arm"]: row for row in records(statuses)}
    return [
        {
            "arm": arm.id,
            "label": arm.label,
            "levels": dict(arm.levels),
            "baseline": arm.is_baseline,
            "skipped": arm.skipped,
            "runs": {key: value for key, value in counts.get(arm.id, {}).items() if key not in ("arm", "skipped")},
        }
        for arm in study.arms
    ]
