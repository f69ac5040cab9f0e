"""Building the site: gather everything, then render, then write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.pages.across import gather_across
from reportgen.pages.address import Address
from reportgen.pages.bibliography import Bibliography, read_bibliography
from reportgen.pages.cite.page import cite_files, cite_page
from reportgen.pages.entries import StudyEntry, check_ids
from reportgen.pages.gather import StudyView, gather_study
from reportgen.pages.general import general_pages
from reportgen.pages.glossary import read_glossary
from reportgen.pages.metadata.crate import CRATE, crate
from reportgen.pages.metadata.deposit import deposit_files
from reportgen.pages.metadata.head import Heads
from reportgen.pages.metadata.linkset import linkset_files
from reportgen.pages.releases import Release, changes_files, releases_files
from reportgen.pages.signs import sign_files
from reportgen.pages.site import Page, environment, render_page, template_chain
from reportgen.pages.site_json import NAME as SITE_JSON
from reportgen.pages.site_json import site_json
from reportgen.pages.studies import StudyPages
from reportgen.pages.text import clean
from reportgen.pages.write import write_tree
from reportgen.resources import studies_folder
from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    import jinja2

    from reportgen.analyse.signs import Signs

__all__ = ["BuildSummary", "StudyEntry", "build_site"]

SHOWN_RUN_IDS = 60


@dataclass(frozen=True)
class BuildSummary:
    """What a build did: pages of the site, files written and unchanged, and what an author should mend."""

    pages: int
    written: int
    unchanged: int
    warnings: tuple[str, ...] = ()


def build_site(
    entries: Sequence[StudyEntry],
    out: Path,
    *,
    bibliography: Path | None,
    templates: Path | None = None,
    address: Address = Address(),  # noqa: B008  # frozen
    signs: Signs | None = None,
) -> BuildSummary:
    """Build the site of all studies; the same entries give the same bytes.

    Parameters
    ----------
    entries : sequence of StudyEntry
        In the order of the site.
    out : Path
        The site's folder. Files that this function did not write are left alone.
    bibliography : Path or None
        The BibTeX file that prose cites from. The catalogue's sources that it lacks come from reportgen's own.
    templates : Path, optional
        A folder whose templates and assets replace those of the same name.
    address : Address, optional
        Where the site will be found; citations then carry addresses.
    signs : Signs, optional
        What ``reportgen.analyse.signs.signs`` finds in the runs of all studies of the site.

    Raises
    ------
    ReportgenError
        If prose, ids, figures, templates or the bibliography are at fault. Nothing is written then.
    """
    check_ids(entries)
    made = environment(templates)
    inputs = _Inputs(entries, template_chain(templates), made, read_bibliography(bibliography), signs)
    files, views = _rendered(inputs, address)
    files.update(_releases(inputs, address))
    written, unchanged = write_tree(files, out)
    pages = sum(name == "index.html" or name.endswith("/index.html") for name in files)
    return BuildSummary(pages, written, unchanged, tuple(_warnings(views)))


@dataclass(frozen=True)
class _Inputs:
    """What all copies of the site are made from."""

    entries: Sequence[StudyEntry]
    chain: tuple[Path, ...]
    templates: jinja2.Environment
    references: Bibliography
    signs: Signs | None


def _rendered(inputs: _Inputs, address: Address) -> tuple[dict[str, bytes | Path], list[StudyView]]:
    """Return all files of the site at an address, by site path, and the views of its studies."""
    views = [gather_study(entry, address) for entry in inputs.entries]
    across = gather_across(views, inputs.signs)
    studies = StudyPages(inputs.templates, inputs.references, read_glossary(inputs.chain), across.claims)
    pages: list[Page] = [page for view in views for page in studies.pages(view)]
    pages += general_pages(views, studies, inputs.templates, _sources(inputs.references), across, inputs.signs)
    pages.append(cite_page(views, address))
    heads = Heads(views, _sources(inputs.references), address)
    files: dict[str, bytes | Path] = {
        f"{page.path}index.html": render_page(page, inputs.templates, address, heads.head(page)) for page in pages
    }
    files.update(_assets(inputs.chain))
    files.update(sign_files(inputs.signs))
    files.update(across.files)
    files.update(cite_files(views))
    files[SITE_JSON] = site_json(views, across.claims, address)
    for view in views:
        files.update(_files(view))
    files.update({**deposit_files(views, address), **linkset_files(views, address)})
    files[CRATE] = crate(files, views, address)
    return files, views


def _releases(inputs: _Inputs, address: Address) -> dict[str, bytes | Path]:
    """Return the list of releases, and the frozen copy of the site where there is a release to freeze.

    A publication writes the list anew, from what the destination holds, and the page of changes.
    """
    if not address.release:
        return {**releases_files((), (), address, inputs.templates)}
    release = Release(address.release)
    frozen = replace(address, frozen=True)
    inside, _ = _rendered(inputs, frozen)
    inside.update(changes_files(None, release, "", frozen, inputs.templates, published=False))
    files = {f"{release.path}{name}": content for name, content in inside.items()}
    names = [name.removesuffix("index.html") for name in inside if name.endswith("index.html")]
    return {
        **files,
        **changes_files(None, release, "", address, inputs.templates, published=False),
        **releases_files((release,), names, address, inputs.templates),
    }


def _sources(references: Bibliography) -> Bibliography:
    """Return the studies' references, and those of reportgen's own bibliography for what these lack."""
    return Bibliography({**read_bibliography(studies_folder() / "references.bib"), **references})


def _assets(chain: Sequence[Path]) -> Mapping[str, Path]:
    found = {}
    for folder in reversed(chain):
        assets = folder / "assets"
        for path in sorted(assets.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                found[f"assets/{path.relative_to(assets).as_posix()}"] = path
    return found


def _files(view: StudyView) -> Mapping[str, bytes | Path]:
    """Return the files beside a study's pages: the drawings, their data, run ids, and all estimates."""
    table = csv_text(view.entry.analysis.estimates)
    files: dict[str, bytes | Path] = {f"{view.path}estimates.csv": table.encode()}
    for figure in view.figures:
        files.update({f"{figure.path}{name}": figure.sources[kind] for kind, name in figure.files.items()})
        if len(figure.run_ids) > SHOWN_RUN_IDS:
            files[f"{figure.path}runs.txt"] = "".join(f"{run_id}\n" for run_id in figure.run_ids).encode()
    return files


def _warnings(views: Sequence[StudyView]) -> list[str]:
    return [
        f"{view.entry.study.id}/{figure.figure.id}: the method '{clean(dotted)}' has no docstring to link to"
        for view in views
        for figure in view.figures
        for dotted, found in figure.methods
        if not found
    ]
