"""The command cite: citations, snippets, values for papers, and whether what a paper cites still holds."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reportgen.cli.consent import Leave
from reportgen.cli.console import Console, count
from reportgen.cli.locate import (
    DEFAULT_STORE,
    AsJson,
    Plugins,
    Profile,
    SeedOffset,
    StoreUrl,
    as_extended,
    known,
    load_all,
    prepared,
    split_figure,
)
from reportgen.errors import UsageError

if TYPE_CHECKING:
    from reportgen.pages.address import Address
    from reportgen.pages.cite.check import Finding, Held
    from reportgen.pages.cite.snippets import Shown
    from reportgen.pages.cite.values import Value
    from reportgen.store import Store
    from reportgen.study.spec import Study

PANEL = "Site"
FAULT = 1


class Form(StrEnum):
    """What `reportgen cite` writes."""

    TEXT = "text"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"
    APA = "apa"
    CHICAGO = "chicago"
    LATEX = "latex"
    MARKDOWN = "markdown"
    HTML = "html"
    TYPST = "typst"
    JSON = "json"


SNIPPETS = (Form.LATEX, Form.MARKDOWN, Form.HTML, Form.TYPST)
VALUES = (Form.LATEX, Form.TYPST, Form.JSON)


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel=PANEL)(cite)


def cite(
    context: typer.Context,
    addresses: Annotated[
        list[str] | None, typer.Argument(metavar="STUDY[/FIGURE]", help="Studies, or figures of these.")
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="Text and BibTeX if left out; json is for --values.")
    ] = None,
    values: Annotated[bool, typer.Option("--values", help="Write the estimates as macros for a paper.")] = False,
    check: Annotated[
        list[Path] | None,
        typer.Option("--check", metavar="PAPER", help="Say whether what a paper cites is still so."),
    ] = None,
    site: Annotated[
        Path | None, typer.Option("--site", metavar="FOLDER", help="Check against a built site, not the store.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to a file.")] = None,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    base_url: Annotated[str, typer.Option("--base-url", metavar="URL", help="The site's address.")] = "",
    release: Annotated[
        str, typer.Option("--release", metavar="VERSION", help="Cite the pages of this release of the site.")
    ] = "",
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Cite studies and figures, write values for a paper, or check what a paper cites."""
    from reportgen.pages.address import Address
    from reportgen.store import Store

    console: Console = context.obj
    _refuse(addresses, form, values, check, site, out, release, base_url)
    source = _Source(Store(store), profile, seed_offset, plugins)
    if check:
        _check(console, check, site, source, as_json)
        return
    text = (
        _values(source, addresses, Form.JSON if as_json else form or Form.LATEX)
        if values
        else _citations(source, addresses or [], form, Address.of(base_url, release), as_json)
    )
    _give(console, text, out)


def _refuse(
    addresses: Sequence[str] | None, form: Form | None, values: bool, check: Sequence[Path] | None, site: Path | None,
    out: Path | None, release: str, base_url: str,
) -> None:  # fmt: skip
    """Refuse options that do not belong together."""
    if check and addresses:
        raise UsageError("--check takes the paper alone", "leave out the studies")
    if check and (form or values or out):
        raise UsageError("--check prints what it finds", "leave out --values, --format and --out; --json is allowed")
    if site and not check:
        raise UsageError("--site belongs to --check", "give --check PAPER, or leave --site out")
    if not (addresses or values or check):
        raise UsageError("nothing to cite is named", "give STUDY or STUDY/FIGURE; reportgen list figures has them all")
    if values and form is not None and form not in VALUES:
        raise UsageError(f"values cannot be written as {form}", f"choose {', '.join(VALUES)}")
    if form is Form.JSON and not values:
        raise UsageError("the format json is for --values", "give --json for everything as one document")
    if release and not base_url:
        raise UsageError("a release has an address only where the site has one", "give --base-url as well")


class _Source:
    """The studies and the store that citations are made from."""

    def __init__(self, store: Store, profile: str, seed_offset: int, plugins: bool) -> None:
        self.store = store
        self._profile, self._seed_offset, self._leave = profile, seed_offset, Leave(plugins)

    def studies(self, names: Sequence[str] | None) -> list[Study]:
        """Return the named studies, or all, as their results extend them."""
        return as_extended(self.load(names), self.store)

    def load(self, names: Sequence[str] | None) -> list[Study]:
        """Return the named studies, or all, without a look at results."""
        return load_all(names, self._profile, self._leave, self._seed_offset)

    def values(self, study: Study) -> list[Value]:
        """Return a study's values."""
        from reportgen.analyse.study import analyse
        from reportgen.pages.cite.values import study_values

        return study_values(study.id, analyse(study, self.store).estimates)


def _citations(source: _Source, addresses: Sequence[str], form: Form | None, address: Address, as_json: bool) -> str:
    works = [_shown(source, name, address) for name in addresses]
    if as_json:
        import json

        documents = [_document(work) for work in works]
        return json.dumps(documents[0] if len(documents) == 1 else documents, indent=2, ensure_ascii=False)
    if form is Form.CSL_JSON:
        from reportgen.pages.cite.formats import csl_json

        return csl_json([work.record for work in works])
    return "\n\n".join(_written(work, form) for work in works)


def _document(shown: Shown) -> dict[str, Any]:
    from reportgen.pages.cite.all import citation_snippets, citations

    record = shown.record
    document: dict[str, Any] = {"key": record.key, "url": record.url, "data_hash": record.data_hash}
    document |= citations(record)
    return document | ({"snippets": citation_snippets(shown)} if record.data_hash else {})


def _written(shown: Shown, form: Form | None) -> str:
    from reportgen.pages.cite.all import citation_snippets, citations

    if form is None:
        made = citations(shown.record)
        return f"{made['text']}\n\n{made['bibtex']}"
    if form not in SNIPPETS:
        return citations(shown.record)[form.value].replace("\r\n", "\n").rstrip("\n")
    if not shown.record.data_hash:
        raise UsageError(f"a study has no {form} snippet, only its figures have", "give STUDY/FIGURE")
    return citation_snippets(shown)[form.value]


def _shown(source: _Source, name: str, address: Address) -> Shown:
    from reportgen.pages.citations import Citable
    from reportgen.pages.cite.record import cite_key, record
    from reportgen.pages.cite.snippets import Shown

    study_name, figure_id = split_figure(name)
    study = source.load([study_name])[0]
    if not figure_id:
        return Shown(record(Citable(f"{study.id}/", study.title, study, address)), "", "", study.id)
    figure = prepared(as_extended([study], source.store)[0], figure_id, source.store)
    path = f"{study.id}/{figure.id}/"
    work = Citable(path, figure.title, study, address, figure.data_hash)
    stem = cite_key(f"{study.id}-{figure.id}")  # that of the files, where the id can be the name of a file
    return Shown(record(work), figure.caption, figure.alt, stem, address.permanent(path))


def _values(source: _Source, names: Sequence[str] | None, form: Form) -> str:
    from reportgen.pages.cite import values

    found = [value for study in source.studies(names) for value in source.values(study)]
    if not found:
        raise UsageError("the store has no estimate of these studies", "reportgen run trains them")
    write = {Form.LATEX: values.latex, Form.TYPST: values.typst, Form.JSON: values.to_json}[form]
    return write(found).rstrip("\n")


def _give(console: Console, text: str, out: Path | None) -> None:
    if out is None:
        console.answer(text)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(f"{text}\n", encoding="utf-8")
    console.say(f"Wrote {out}")


def _check(console: Console, papers: Sequence[Path], site: Path | None, source: _Source, as_json: bool) -> None:
    from reportgen.pages.cite.check import compare, read_site
    from reportgen.pages.cite.cited import Cited, collect

    on_site = read_site(site) if site else None
    names = set(on_site.studies) if on_site else set(known())
    found = [collect(paper, names) for paper in papers]
    cited: list[Cited] = list(dict.fromkeys(one for paper in found for one in paper.cited))
    findings = compare(cited, on_site or _held(source, cited, names))
    for gone in dict.fromkeys(gone for paper in found for gone in paper.missing):
        console.warn(f"{gone.path}:{gone.line} takes in '{gone.name}', which is not there; nothing in it was checked")
    if as_json:
        console.document({"findings": [_entry(finding) for finding in findings]})
    else:
        for finding in findings:
            console.answer(_line(finding))
    _sum_up(console, findings)
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(FAULT)


def _held(source: _Source, cited: Sequence[Any], names: set[str]) -> Held:
    """Return what the store holds of the studies that are cited; the others are known by name only."""
    from reportgen import figures
    from reportgen.analyse.study import analyse
    from reportgen.pages.cite.check import Held
    from reportgen.pages.cite.cited import STUDY
    from reportgen.pages.cite.record import edition
    from reportgen.pages.cite.values import study_values

    wanted = {one.id.partition("/")[0] for one in cited}
    versions, hashes, values = dict.fromkeys(names, ""), {}, {}
    measured = {one.id.partition("/")[0] for one in cited if one.kind != STUDY}
    for name in sorted(wanted & names):
        study = source.studies([name])[0]
        versions[name] = edition(study)
        if name in measured:
            analysis = analyse(study, source.store)
            drawn = figures.prepare(study, analysis)
            hashes.update({f"{name}/{figure.id}": figure.data_hash for figure in drawn})
            values.update({value.id: value for value in study_values(name, analysis.estimates)})
    return Held(versions, hashes, values)


def _line(finding: Finding) -> str:
    first, *more = finding.places
    place = f"{first.path}:{first.line}" + (f" and {count(len(more), 'more place')}" if more else "")
    said = {
        "current": finding.now,
        "changed": f"{finding.cited} → {finding.now}",
        "unpinned": f"it is there, with {finding.now}; the paper does not say which data it means",
    }.get(finding.status, "")
    if finding.status == "unknown":
        said = f"did you mean {finding.nearest}?" if finding.nearest else "there is none of this name"
        said = said if not finding.now else "the paper's file of values does not have it"
    return f"{place}: {finding.status} {finding.kind} {finding.id}: {said}"


def _entry(finding: Finding) -> dict[str, Any]:
    places = [{"file": str(place.path), "line": place.line} for place in finding.places]
    return {
        "status": finding.status, "kind": finding.kind, "id": finding.id, "cited": finding.cited, "now": finding.now,
        "nearest": finding.nearest, "places": places,
    }  # fmt: skip


def _sum_up(console: Console, findings: Sequence[Finding]) -> None:
    if not findings:
        console.warn("nothing in it cites a study, a figure or a value of reportgen")
        return
    counts = {status: sum(finding.status == status for finding in findings)
              for status in ("current", "changed", "unknown", "unpinned")}  # fmt: skip
    console.say(", ".join(f"{number} {status}" for status, number in counts.items() if number))
