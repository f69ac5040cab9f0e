"""Commands that carry results out and in: export store, figure, tables, study; import."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.cli.console import Console, count
from reportgen.cli.locate import (
    DEFAULT_STORE,
    AsJson,
    Plugins,
    Profile,
    SeedOffset,
    StoreUrl,
    StudyName,
    as_extended,
    load_all,
    prepared,
    split_figure,
)
from reportgen.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from reportgen.figures import Figure
    from reportgen.pages.address import Address
    from reportgen.pages.entries import StudyEntry
    from reportgen.store import Store
    from reportgen.study.spec import Study

PANEL = "Results"

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go; made if it is not there.")]
FigureName = Annotated[str, typer.Argument(metavar="STUDY/FIGURE", help="A figure of a study.")]
BaseUrl = Annotated[str, typer.Option("--base-url", metavar="URL", help="The address of the published site.")]
Release = Annotated[str, typer.Option("--release", metavar="VERSION", help="The release that the files name.")]

FORMATS = ("svg", "dark.svg", "png", "pdf", "pgf", "csv", "parquet")
DEFAULT_FORMATS = "svg,png,pdf,csv,parquet"


class StoreFormat(StrEnum):
    """What `reportgen export store` writes."""

    CSV = "csv"
    PARQUET = "parquet"
    SQLITE = "sqlite"


class TableFormat(StrEnum):
    """What `reportgen export tables` writes."""

    LATEX = "latex"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
    group.command("store")(export_store)
    group.command("figure")(export_figure)
    group.command("tables")(export_tables)
    group.command("study")(export_study)
    about = "Write the store, a figure, a study's tables, or a whole study, for other programs and other people."
    app.add_typer(group, name="export", help=about, rich_help_panel=PANEL)
    app.command("import", rich_help_panel=PANEL)(import_study)


def export_store(
    context: typer.Context,
    out: Folder,
    form: Annotated[
        StoreFormat, typer.Option("--format", help="A file a table, or one SQLite database.")
    ] = StoreFormat.CSV,
    store: StoreUrl = DEFAULT_STORE,
    as_json: AsJson = False,
) -> None:
    """Write all tables of the store, as CSV, Parquet or SQLite."""
    from reportgen.store import Store
    from reportgen.store.exchange import export as write

    _told(context.obj, write(Store(store), out, form.value), as_json)


def export_figure(
    context: typer.Context,
    address: FigureName,
    out: Folder,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help=f"Any of {', '.join(FORMATS)}, joined by commas.")
    ] = DEFAULT_FORMATS,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    base_url: BaseUrl = "",
    release: Release = "",
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Write a figure as SVG, PNG, PDF, PGF for LaTeX, and its data as CSV and Parquet."""
    from reportgen.store import Store

    wanted = _formats(formats)
    name, figure_id = split_figure(address)
    kept = Store(store)
    study = as_extended(load_all([name], profile, plugins, seed_offset), kept)[0]
    if not figure_id:
        ids = ", ".join(f"{study.id}/{request.id}" for request in study.report) or "none"
        raise UsageError(f"'{address}' is a study, not a figure of one", f"its figures: {ids}")
    figure = prepared(study, figure_id, kept)
    at = _address(base_url, release)
    made = _made(study, figure, kept, at, set(wanted))
    _told(context.obj, _written(dict(made[form] for form in wanted), out), as_json)


def _made(
    study: Study, figure: Figure, store: Store, address: Address, wanted: set[str]
) -> dict[str, tuple[str, bytes | Path]]:
    """Return at least the wanted files of a figure, by format; nothing is drawn for its data alone."""
    from reportgen.figures.draw import data_files
    from reportgen.figures.pgf import render_pgf
    from reportgen.pages.downloads import statement, stem

    name = stem(figure)
    made: dict[str, tuple[str, bytes | Path]] = {}
    if wanted - {"pgf", "csv", "parquet"}:
        [made] = _drawn(study, [figure], store, address)
    else:
        made.update({end.removeprefix("."): (f"{name}{end}", content) for end, content in data_files(figure).items()})
    if "pgf" in wanted:
        said = statement(figure, study, address.permanent(f"{study.id}/{figure.id}/"))
        made["pgf"] = f"{name}.pgf", render_pgf(figure, said)
    return made


def _formats(given: str) -> list[str]:
    """Return the formats of a list, each once, in the order of `FORMATS`."""
    named = [form.strip().lower() for form in given.split(",") if form.strip()]
    for form in named:
        if form not in FORMATS:
            raise UnknownName("figure format", form, FORMATS)
    if not named:
        raise UsageError("no format is given", f"allowed: {', '.join(FORMATS)}")
    return [form for form in FORMATS if form in named]


def _address(base_url: str, release: str) -> Address:
    from reportgen.pages.address import Address

    return Address.of(base_url, release)


def _drawn(
    study: Study, figures: Sequence[Figure], store: Store, address: Address
) -> list[dict[str, tuple[str, bytes | Path]]]:
    """Return the files of each figure as the site has them, drawn if they are not yet."""
    from reportgen.cli.places import drawn_files, kept_drawings
    from reportgen.figures import save
    from reportgen.pages.downloads import downloads

    with tempfile.TemporaryDirectory(prefix="reportgen-") as place:
        save(figures, place, cache=kept_drawings(store))
        return [
            downloads(figure, study, drawn_files(figure, Path(place)), address.permanent(f"{study.id}/{figure.id}/"))
            for figure in figures
        ]


def export_tables(
    context: typer.Context,
    name: StudyName,
    out: Folder,
    form: Annotated[
        TableFormat, typer.Option("--format", help="LaTeX as on the study's page, or CSV with all estimates.")
    ] = TableFormat.LATEX,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Write a study's tables of arms, as LaTeX (booktabs) or CSV."""
    from reportgen.pages.tables import table_files
    from reportgen.store import Store

    kept = Store(store)
    study = as_extended(load_all([name], profile, plugins, seed_offset), kept)[0]
    _told(context.obj, _written(table_files(_entry(study, kept), form.value), out), as_json)


def _entry(study: Study, store: Store) -> StudyEntry:
    from reportgen import figures
    from reportgen.analyse.study import analyse
    from reportgen.pages.entries import StudyEntry

    analysis = analyse(study, store)
    return StudyEntry(study, analysis, figures.prepare(study, analysis))


def export_study(
    context: typer.Context,
    name: StudyName,
    out: Annotated[Path, typer.Argument(metavar="FILE.zip", help="The archive; replaced if it is there.")],
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    base_url: BaseUrl = "",
    release: Release = "",
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Write a study with its runs, figures and citation as one archive, from which its pages can be made again."""
    from reportgen.cli.places import bibliography_beside, register_beside
    from reportgen.pages.citations import Citable
    from reportgen.pages.parcel import parcel
    from reportgen.store import Store
    from reportgen.store.archive import pack

    if out.suffix != ".zip":
        raise UsageError(f"'{out}' does not end in .zip", "name the archive that is to be written")
    kept = Store(store)
    study = as_extended(load_all([name], profile, plugins, seed_offset), kept)[0]
    entry, at = _entry(study, kept), _address(base_url, release)
    figures = dict(file for made in _drawn(study, entry.figures, kept, at) for file in made.values())
    path = Path(study.path)
    with tempfile.TemporaryDirectory(prefix="reportgen-") as place:
        cited = Citable(f"{study.id}/", study.title, study, at)
        files, about = parcel(
            entry,
            kept,
            cited,
            figures,
            Path(place),
            bibliography=bibliography_beside([path]),
            register=register_beside(path),
        )
        pack(files, out, about)
    console: Console = context.obj
    console.say(f"Wrote {out}: {count(len(files), 'file')}, {count(about['runs'], 'run')}")
    if as_json:
        console.document({"file": out, **about})


def import_study(
    context: typer.Context,
    archive: Annotated[Path, typer.Argument(metavar="FILE.zip", help="What reportgen export study has written.")],
    out: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="Where the files go; a new folder named like the study if left out."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Unpack a study that someone has exported, once all of the archive has been checked; nothing is replaced."""
    from reportgen.pages.parcel import belongs
    from reportgen.store.archive import unpack

    console: Console = context.obj
    folder, about, written = unpack(archive, out, belongs)
    console.say(f"Wrote {count(written, 'file')} into {folder}. Next: cd {folder} && {_next(about)}")
    if as_json:
        console.document({"folder": folder, "written": written, **about})


def _next(about: Mapping[str, object]) -> str:
    """Return the command that makes the pages, from values that are checked: an archive's words are never a command."""
    study, profile, offset = (about.get(key) for key in ("study", "profile", "seed_offset"))
    command = f"reportgen build {study} --no-run"
    if isinstance(profile, str) and profile != "default" and profile.replace("-", "").replace("_", "").isalnum():
        command += f" --profile {profile}"
    return f"{command} --seed-offset {offset}" if isinstance(offset, int) and offset else command


def _written(files: Mapping[str, bytes | Path], folder: Path) -> list[Path]:
    from reportgen.errors import ReportgenError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())
    except OSError as error:
        raise ReportgenError(f"'{folder}' cannot be written: {error.strerror or error}") from error
    return [folder / name for name in files]


def _told(console: Console, paths: list[Path], as_json: bool) -> None:
    for path in paths:
        console.say(f"Wrote {path}")
    if as_json:
        console.document({"files": paths})
