"""Commands about the site: build, serve."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.cli.consent import Leave
from reportgen.cli.console import Console, count
from reportgen.cli.locate import (
    DEFAULT_STORE,
    AsJson,
    Plugins,
    Profile,
    SeedOffset,
    SomeStudies,
    StoreUrl,
    as_extended,
    located,
)
from reportgen.cli.places import bibliography_beside, cache, drawn_files, kept_drawings
from reportgen.cli.train import Device, Jobs, RetryFailed, Scheduler, complete
from reportgen.errors import UsageError
from reportgen.resources import studies_folder, templates_folder
from reportgen.study import load

if TYPE_CHECKING:
    from reportgen.analyse.study import Analysis
    from reportgen.cli.unchanged import Outcome, Record
    from reportgen.pages.address import Address
    from reportgen.pages.build import StudyEntry
    from reportgen.store import Store
    from reportgen.study.spec import Study

PANEL = "Site"
INCOMPLETE = 3

Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="The site's folder.")]
Release = Annotated[
    str, typer.Option("--release", metavar="VERSION", help="Freeze a copy of the site as this release, for ever.")
]
BaseUrl = Annotated[str, typer.Option("--base-url", metavar="URL", help="The address that the site will have.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for function in (build, serve):
        app.command(rich_help_panel=PANEL)(function)


def build(
    context: typer.Context,
    studies: SomeStudies = None,
    out: Out = Path("site"),
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    no_run: Annotated[bool, typer.Option("--no-run", help="Train nothing; show what the store holds.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 if runs failed or are missing, or an author should mend.")
    ] = False,
    templates: Annotated[
        Path | None, typer.Option("--templates", help="A folder of templates that replace those of the same name.")
    ] = None,
    base_url: BaseUrl = "",
    release: Release = "",
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    device: Device = "cpu",
    retry_failed: RetryFailed = False,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Do all that is needed from definitions to the site: train what is missing, analyse, draw, write the pages."""
    from reportgen.cli.unchanged import Record
    from reportgen.pages.address import Address
    from reportgen.store import Store

    console: Console = context.obj
    if templates and not templates.is_dir():
        raise UsageError(f"there is no folder of templates '{templates}'", "look at the value of --templates")
    address = Address.of(base_url, release)
    paths = located(studies)
    kept = Store(store)
    record = Record(out, cache(kept) / ".site")
    definition = _definition(paths, templates, profile, address.base_url, release, str(seed_offset))
    outcome = None if plugins or retry_failed else _last(record, definition, kept)
    if outcome is None or (outcome.missing and not no_run):
        leave = Leave(plugins)
        loaded = [load(path, profile, leave, seed_offset) for path in paths]
        if no_run:
            loaded = as_extended(loaded, kept)
        else:
            loaded, _ = complete(
                loaded, kept, console, jobs=jobs, scheduler=scheduler, device=device, retry_failed=retry_failed
            )
        inputs = f"{definition} {kept.fingerprint()}"
        outcome = _make(loaded, kept, out, templates, address, jobs)
        if not leave.used:  # the code of plug-ins is no part of what is compared
            record.write(inputs, outcome)
    _report(console, outcome, out / "index.html", as_json)
    if strict and (outcome.failed or outcome.missing or outcome.warnings):
        raise typer.Exit(INCOMPLETE)


def _last(record: Record, definition: str, store: Store) -> Outcome | None:
    """Return what the last build of the same definition and results came to; None where a file of these is damaged."""
    from reportgen.store.parquet import DamagedFile

    try:
        return record.read(f"{definition} {store.fingerprint()}")
    except DamagedFile:
        return None


def _definition(paths: Sequence[Path], templates: Path | None, *settings: str) -> str:
    """Return a hash of all that decides the site but for the results."""
    from reportgen.cli.unchanged import digest, files_below, program
    from reportgen.study.claims import OTHER_SEEDS, REGISTER

    folders = [templates_folder(), *([templates] if templates else [])]
    files = [*paths, *(path for place in folders for path in files_below(place))]
    bibliography = bibliography_beside(paths)
    beside = [*(path.parent for path in paths), studies_folder()]
    registers = {place / name for place in beside for name in (REGISTER, OTHER_SEEDS)}
    files += [*([bibliography] if bibliography else []), *sorted(path for path in registers if path.is_file())]
    return digest(files, program(), *settings)


def _make(
    studies: Sequence[Study], store: Store, out: Path, templates: Path | None, address: Address, jobs: int | None
) -> Outcome:
    """Analyse, draw, and write the pages."""
    from reportgen.cli.analysing import analysed
    from reportgen.cli.unchanged import Outcome
    from reportgen.pages.build import build_site

    analyses, signs = analysed(studies, store, jobs)
    with tempfile.TemporaryDirectory() as drawings:
        entries, drawn = _entries(studies, analyses, store, Path(drawings), jobs)
        bibliography = bibliography_beside([Path(study.path) for study in studies])
        built = build_site(
            entries,
            out,
            bibliography=bibliography,
            templates=templates,
            address=address,
            signs=signs,
        )
    counts = [entry.analysis.statuses[["failed", "missing"]].sum() for entry in entries]
    failed, missing = (int(sum(found[name] for found in counts)) for name in ("failed", "missing"))
    return Outcome(built.pages, built.written, built.unchanged, drawn, failed, missing, built.warnings)


def _report(console: Console, outcome: Outcome, home: Path, as_json: bool) -> None:
    for warning in outcome.warnings:
        console.warn(warning)
    if outcome.failed or outcome.missing:
        runs = count(outcome.failed, "run")
        console.warn(f"{runs} failed, {outcome.missing:,} missing; the pages say which")
    if outcome.written or outcome.drawn:
        files = count(outcome.written, "file")
        console.say(f"Drew {count(outcome.drawn, 'figure')}, wrote {count(outcome.pages, 'page')} ({files} changed)")
    else:
        console.say(f"Nothing has changed: {count(outcome.pages, 'page')}")
    console.say(f"The site: {home}")
    if as_json:
        console.document({"site": home, **asdict(outcome)})


def _entries(
    studies: Sequence[Study], analyses: Sequence[Analysis], store: Store, drawings: Path, jobs: int | None
) -> tuple[list[StudyEntry], int]:
    """Draw the figures of studies; return what the pages need, and how many were drawn."""
    from reportgen import figures
    from reportgen.pages.build import StudyEntry

    environments = store.environments().set_index("environment_id", drop=False)
    prepared = [
        (study, analysis, figures.prepare(study, analysis)) for study, analysis in zip(studies, analyses, strict=True)
    ]
    everything = [figure for *_, of_study in prepared for figure in of_study]
    saved = figures.save(everything, drawings, cache=kept_drawings(store), jobs=jobs)
    entries = []
    for study, analysis, of_study in prepared:
        used = store.runs([run.run_id for arm in study.arms for run in arm.runs])["environment_id"].unique()
        files = {figure.id: drawn_files(figure, drawings) for figure in of_study}
        entries.append(StudyEntry(study, analysis, of_study, files, environments.loc[sorted(used)]))
    return entries, len(saved.drawn)


def serve(
    context: typer.Context,
    out: Out = Path("site"),
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")] = 8000,
) -> None:
    """Serve the site to this machine only, until Ctrl-C."""
    from reportgen.cli.serving import server

    console: Console = context.obj
    if not (out / "index.html").is_file():
        raise UsageError(f"there is no site in '{out}'", "reportgen build makes it")
    try:
        running = server(out, port)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}", "choose another with --port") from error
    with running:
        console.answer(f"http://127.0.0.1:{running.server_port}/")
        console.say("Ctrl-C ends it.")
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            console.say("")
