"""Commands that train: run, verify."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.cli.console import Console, count, duration, records
from reportgen.cli.faults import FAILED
from reportgen.cli.locate import (
    DEFAULT_STORE,
    AsJson,
    Plugins,
    Profile,
    SeedOffset,
    StoreUrl,
    StudyNames,
    as_extended,
    load_all,
    prepared,
    split_figure,
)
from reportgen.cli.progress import progress
from reportgen.errors import UsageError

if TYPE_CHECKING:
    from reportgen.run.engine import Crew, RunSummary
    from reportgen.store import Store
    from reportgen.study.spec import Cell, Study

PANEL = "Results"

Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Cells trained at once; one a core if left out.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Train on this Dask cluster instead.")
]
Device = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, …")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Train failed runs again.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for function in (run, verify):
        app.command(rich_help_panel=PANEL)(function)


def run(
    context: typer.Context,
    studies: StudyNames,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    device: Device = "cpu",
    retry_failed: RetryFailed = False,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Train what the store lacks of some studies, and keep the results; what is finished survives Ctrl-C.

    Where a study allows it, lists of learning rates are then extended until each arm's best rate is inside.
    """
    from reportgen.store import Store

    console: Console = context.obj
    loaded = load_all(studies, profile, plugins, seed_offset)
    kept = Store(store)
    _, summary = complete(
        loaded, kept, console, jobs=jobs, scheduler=scheduler, device=device, retry_failed=retry_failed
    )
    if summary is None:
        console.say("Nothing to train: the store holds every run.")
    if as_json:
        console.document({"store": kept.url, "trained": asdict(summary) if summary else None})
    if summary and summary.failed:
        raise typer.Exit(FAILED)


def verify(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="STUDY[/FIGURE]", help="A study, or a figure of it.")],
    cells: Annotated[int, typer.Option("--cells", min=1, help="How many cells are trained again at most.")] = 3,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    device: Device = "cpu",
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Train a sample of cells again, or of those behind a figure, and compare every value with the store."""
    from reportgen.run.verify import verify as compare
    from reportgen.store import Store
    from reportgen.store.verification import remember

    console: Console = context.obj
    name, figure_id = split_figure(address)
    kept = Store(store)
    study = as_extended(load_all([name], profile, plugins, seed_offset), kept)[0]
    behind = set(prepared(study, figure_id, kept).run_ids) if figure_id else None
    chosen = _sample(study, kept.run_ids(("completed", "diverged")), behind, cells)
    if not chosen:
        raise UsageError(f"the store '{kept.url}' holds nothing of '{address}'", f"reportgen run {name}")
    console.say(f"Training {count(sum(len(cell.runs) for cell in chosen), 'run')} again, without writing")
    found = compare(chosen, kept, device=device, on_cell=lambda done, total: console.say(f"{done:,}/{total:,} cells"))
    try:
        remember(kept, found)
    except OSError as error:
        console.warn(f"what was found could not be kept in the store '{kept.url}': {error}")
    verdicts = {str(verdict): int(number) for verdict, number in found["verdict"].value_counts().items()}
    wrong = found[found["verdict"].isin(["differs", "failed"])]
    if as_json:
        console.document({"verdicts": verdicts, "runs": records(found)})
    else:
        console.table(("verdict", "runs"), sorted(verdicts.items()))
        for row in records(wrong):
            console.answer(f"{row['run_id']} {row['verdict']}: {row['where']} ({row['deviation']:.2g})")
    if len(wrong):
        raise typer.Exit(FAILED)


def _sample(study: Study, held: set[str], behind: set[str] | None, size: int) -> list[Cell]:
    """Return the first cells in the order of their ids, which is as good as drawn by lot."""
    from reportgen.study.spec import Cell

    wanted = held if behind is None else held & behind
    cells = {
        cell.cell_id: cell
        for arm in study.arms
        if any(run.run_id in wanted for run in arm.runs)
        for cell in [Cell(tuple(run for run in arm.runs if run.run_id in held))]
    }
    return [cells[cell_id] for cell_id in sorted(cells)[:size]]


def complete(
    studies: Sequence[Study],
    store: Store,
    console: Console,
    *,
    jobs: int | None,
    scheduler: str | None,
    device: str,
    retry_failed: bool,
) -> tuple[list[Study], RunSummary | None]:
    """Train what the store lacks of the studies, then what it lacks of their lists of rates once these are extended.

    Damaged files are set aside first, so that their runs are among what is lacking. If nothing is lacking, nothing
    heavy is imported.

    Returns
    -------
    list of Study
        The studies, extended as far as their results call for.
    RunSummary or None
        None if the store lacked nothing.
    """
    for address in store.repair():
        console.warn(f"a damaged file was set aside as '{address}'")
    total, tried, settled = None, set[str](), set[str]()
    known = list(studies)
    crew: Crew | None = None
    with contextlib.ExitStack() as closing:
        while True:
            before = known
            known = [study if study.id in settled else as_extended([study], store)[0] for study in known]
            present = store.run_ids(("completed", "diverged") if retry_failed else None) | tried
            # Of a study that lacks nothing now, no other study's runs will make the lists longer.
            settled = {one.id for one in known if all(run.run_id in present for arm in one.arms for run in arm.runs)}
            cells = _missing(known, present)
            if not cells:
                return known, total
            if crew is None:
                from reportgen.run.engine import Crew

                crew = closing.enter_context(Crew())
            tried.update(run.run_id for cell in cells for run in cell.runs)
            _tell_extended(before, known, tried, console)
            summary = _train(cells, store, console, crew, jobs, scheduler, device, retry_failed)
            total = total + summary if total else summary


def _tell_extended(before: Sequence[Study], now: Sequence[Study], missing: set[str], console: Console) -> None:
    """Say for how many arms there is a rate to train that was not in their list."""
    pairs = [pair for old, new in zip(before, now, strict=True) for pair in zip(old.arms, new.arms, strict=True)]
    grown = [
        new
        for old, new in pairs
        for added in [set(new.learning_rates) - set(old.learning_rates)]
        if any(run.learning_rate in added and run.run_id in missing for run in new.runs)
    ]
    if grown:
        arms = count(len(grown), "arm")
        console.say(f"The best learning rate of {arms} is at an end of the list: the list is extended there")


def _train(
    cells: Sequence[Cell],
    store: Store,
    console: Console,
    crew: Crew,
    jobs: int | None,
    scheduler: str | None,
    device: str,
    retry_failed: bool,
) -> RunSummary:
    """Train cells, and say how it goes.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, once what is finished is in the store.
    """
    from reportgen.run.engine import run_cells

    console.say(f"Training {count(sum(len(cell.runs) for cell in cells), 'run')} in {count(len(cells), 'cell')}")
    with progress(console, "Training") as show:
        summary = run_cells(
            cells,
            store,
            jobs=jobs or _cores(),
            scheduler=scheduler,
            device=device,
            on_event=show,
            retry_failed=retry_failed,
            crew=crew,
        )
    if summary.interrupted:
        raise KeyboardInterrupt
    done = summary.completed + summary.diverged + summary.failed
    console.say(
        f"Trained {count(done, 'run')} in {duration(summary.seconds)}: {summary.completed:,} completed, "
        f"{summary.diverged:,} diverged, {summary.failed:,} failed"
    )
    return summary


def _missing(studies: Sequence[Study], present: set[str]) -> list[Cell]:
    """Return the cells that are missing, none of whose runs another cell of the list has."""
    planned = set(present)
    cells: list[Cell] = []
    for study in studies:
        found = study.missing_cells(planned)
        planned.update(run.run_id for cell in found for run in cell.runs)
        cells += found
    return cells


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
