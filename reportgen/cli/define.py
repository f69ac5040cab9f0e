"""Commands about definitions: new, check, schema, plan, list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reportgen.cli.consent import Leave
from reportgen.cli.console import Console, count, duration, printable
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
    located,
)
from reportgen.errors import StudyError, UsageError

if TYPE_CHECKING:
    from reportgen.registry import Entry
    from reportgen.study.plan import ArmPlan
    from reportgen.study.spec import Study

PANEL = "Define"
MAY_BE_EMPTY = ("source", "plugin")
"""Columns of lists that are left out where nothing is in them."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for function, name in ((new, "new"), (check, "check"), (schema, "schema"), (plan, "plan"), (listing, "list")):
        app.command(name, rich_help_panel=PANEL)(function)


def new(context: typer.Context, name: Annotated[str, typer.Argument(help="The new study's id.")]) -> None:
    """Write a commented study to begin with, as studies/NAME.yaml."""
    from reportgen import study
    from reportgen.study.names import is_device

    console: Console = context.obj
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or is_device(name):
        raise UsageError(
            f"'{name}' cannot be the id of a study", "use small letters, digits and single hyphens: decay-by-depth"
        )
    path = Path("studies") / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(study.template(name))
    except FileExistsError as error:
        raise UsageError(f"{path} exists already", "choose another name, or remove the file first") from error
    console.say(f"Wrote {path}. Next: reportgen check {name}")


def check(
    context: typer.Context, studies: SomeStudies = None, plugins: Plugins = False, as_json: AsJson = False
) -> None:
    """Say all that is wrong with study files, each fault with its line, what is allowed and the nearest name."""
    from reportgen import study

    console: Console = context.obj
    leave = Leave(plugins)
    found = {path: study.check(path, allow_plugins=leave) for path in located(studies)}
    if as_json:
        console.document(
            [
                {"study": path.stem, "path": str(path), "problems": [vars(problem) for problem in problems]}
                for path, problems in found.items()
            ]
        )
    for path, problems in found.items():
        if problems:
            typer.echo(printable(str(StudyError(str(path), problems))) + "\n", err=True)
        else:
            console.say(f"{path}: no fault")
    if any(found.values()):
        total = sum(len(problems) for problems in found.values())
        typer.echo(count(total, "fault"), err=True)
        raise typer.Exit(2)


def schema(
    context: typer.Context,
    studies: Annotated[
        list[str] | None, typer.Argument(metavar="STUDY", help="Studies whose plug-ins are described too.")
    ] = None,
    plugins: Plugins = False,
    out: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there, not to standard output.")
    ] = None,
) -> None:
    """Write the JSON Schema of study files, by which editors complete and check them, with all installed plug-ins."""
    from reportgen.study.jsonschema import text

    console: Console = context.obj
    _bring_plugins(studies, "default", plugins)
    found = text(plugins=True)
    if out is None:
        console.answer(found.rstrip("\n"))
        return
    try:
        out.write_text(found, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"'{out}' cannot be written: {error.strerror}", "choose another file with -o") from error
    console.say(f"Wrote {out}. An editor reads it from a study's first line: # yaml-language-server: $schema={out}")


def _bring_plugins(studies: list[str] | None, profile: str, plugins: bool) -> None:
    """Load the studies that are named, or all of them where plug-ins are allowed, so that their plug-ins register."""
    if studies or plugins:
        load_all(studies, profile, plugins)


def plan(
    context: typer.Context,
    name: StudyName,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Print a study's arms, runs and cells, what is skipped and why, what the store holds, and the time it takes."""
    from reportgen.run.parts import seconds
    from reportgen.store import Store
    from reportgen.study.plan import plan as plan_study

    console: Console = context.obj
    loaded = load_all([name], profile, plugins, seed_offset)[0]
    kept = Store(store)
    held = kept.run_ids()
    whole = as_extended([loaded], kept)[0]
    added = {arm.id: sorted({*whole.arm(arm.id).learning_rates} - {*arm.learning_rates}) for arm in loaded.arms}
    planned = plan_study(whole, held)
    expected = sum(map(seconds, whole.missing_cells(held)))
    if as_json:
        totals = {"runs": planned.runs, "held": planned.present, "missing": planned.missing, "cells": planned.cells}
        arms = [{**asdict(arm), "added_rates": added[arm.id]} for arm in planned.arms]
        console.document(
            {"study": loaded.id, "profile": profile, **totals, "expected_core_seconds": expected, "arms": arms}
        )
        return
    rows = [(arm.id, arm.runs, arm.present, arm.missing, _note(arm, added[arm.id])) for arm in planned.arms]
    console.table(("arm", "runs", "held", "to do", "note"), rows)
    counted = f"{count(len(planned.arms), 'arm')}, {len(planned.skipped):,} of them skipped"
    console.answer(f"\n{counted}; {count(planned.runs, 'run')}, {planned.present:,} of them held")
    if planned.missing:
        todo = f"{count(planned.missing, 'run')} in {count(planned.cells, 'cell')}"
        console.answer(f"To do: {todo}, roughly {duration(expected)} on one core")
        if any(arm.further_rates for arm in whole.arms):
            console.answer("More where the best learning rate of an arm is then the first or last of its list")


def _note(arm: ArmPlan, added: Sequence[float]) -> str:
    parts = ["baseline"] if arm.is_baseline else []
    if arm.skipped:
        parts.append(f"skipped: {arm.skipped}")
    if added:
        parts.append(f"added learning rates: {', '.join(f'{rate:g}' for rate in added)}")
    if arm.shared:
        parts.append(f"{count(arm.shared, 'run')} shared with {', '.join(arm.shared_with)}")
    return "; ".join(parts)


class Listed(StrEnum):
    """What `reportgen list` can list."""

    STUDIES = "studies"
    ARMS = "arms"
    FIGURES = "figures"
    FIGURE_KINDS = "figure-kinds"
    ARCHITECTURES = "architectures"
    REMEDIES = "remedies"
    TASKS = "tasks"
    QUANTITIES = "quantities"
    ESTIMATES = "estimates"


def listing(
    context: typer.Context,
    what: Annotated[Listed, typer.Argument(help="What to list.", metavar="WHAT")],
    studies: SomeStudies = None,
    profile: Profile = "default",
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """List studies, arms, figures, figure-kinds, architectures, remedies, tasks, quantities or estimates.

    Entries that plug-ins bring are listed with the studies that name these, under --allow-plugins.
    """
    console: Console = context.obj
    of_studies = {Listed.STUDIES: _study, Listed.ARMS: _arms, Listed.FIGURES: _figures}
    if what in of_studies:
        rows = [row for study in load_all(studies, profile, plugins) for row in of_studies[what](study)]
    else:
        _bring_plugins(studies, profile, plugins)
        rows = _entries(what)
    if as_json:
        console.document(rows)
    elif rows:
        shown = [key for key in rows[0] if key not in MAY_BE_EMPTY or any(row[key] for row in rows)]
        console.table(shown, [[row[key] for key in shown] for row in rows])


def _study(study: Study) -> list[dict[str, Any]]:
    runs = len({run.run_id for arm in study.arms for run in arm.runs})
    return [{"study": study.id, "arms": len(study.arms), "runs": runs, "title": study.title}]


def _arms(study: Study) -> list[dict[str, Any]]:
    return [
        {"study": study.id, "arm": arm.id, "runs": len(arm.runs), "baseline": arm.is_baseline, "skipped": arm.skipped}
        for arm in study.arms
    ]


def _figures(study: Study) -> list[dict[str, Any]]:
    return [{"figure": f"{study.id}/{wish.id}", "kind": wish.kind, "title": wish.title} for wish in study.report]


def _entries(what: Listed) -> list[dict[str, Any]]:
    from reportgen import registry
    from reportgen.analyse.estimates import KINDS
    from reportgen.pages.components import plugin
    from reportgen.store.tables import QUANTITIES

    if what is Listed.QUANTITIES:
        return [{"quantity": c.name, "unit": c.unit, "meaning": c.meaning} for c in QUANTITIES]
    if what is Listed.ESTIMATES:
        return [{"estimate": name, "unit": kind.unit, "meaning": kind.meaning} for name, kind in KINDS.items()]
    kinds = {
        Listed.ARCHITECTURES: registry.architectures,
        Listed.REMEDIES: registry.remedies,
        Listed.TASKS: registry.tasks,
        Listed.FIGURE_KINDS: registry.figures,
    }
    return [
        {
            "name": entry.name,
            "title": entry.title,
            "version": entry.version,
            **_fit(what, entry),
            "parameters": ", ".join(entry.parameters.model_fields),
            "source": entry.source,
            "plugin": plugin(entry),
            "summary": entry.summary,
        }
        for entry in kinds[what].entries()
    ]


def _fit(what: Listed, entry: Entry[Any]) -> dict[str, str]:
    """Say what an architecture reads, what a task gives, and to which architectures a remedy applies."""
    from reportgen import registry
    from reportgen.pages.components import takes

    if what is Listed.ARCHITECTURES:
        return {"reads": entry.facts.get("inputs", "")}
    if what is Listed.TASKS:
        return {"gives": entry.facts.get("shape_kind", "")}
    if what is not Listed.REMEDIES:
        return {}
    return {"applies_to": ", ".join(a.name for a in registry.architectures.entries() if takes(entry, a))}
