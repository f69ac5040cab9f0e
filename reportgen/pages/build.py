"""Building the site: gather everything, then render, then write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.errors import UsageError
from reportgen.pages.across import gather_across
from reportgen.pages.bibliography import Bibliography, read_bibliography
from reportgen.pages.entries import StudyEntry, check_ids
from reportgen.pages.gather import StudyView, gather_study
from reportgen.pages.general import general_pages
from reportgen.pages.glossary import read_glossary
from reportgen.pages.signs import sign_files
from reportgen.pages.site import Page, environment, render_page, template_chain
from reportgen.pages.studies import StudyPages
from reportgen.pages.text import clean
from reportgen.pages.write import write_tree
from reportgen.resources import studies_folder

if TYPE_CHECKING:
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
    base_url: str = "",
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
    base_url : str, optional
        The address that the site will have; citations then carry addresses.
    signs : Signs, optional
        What ``reportgen.analyse.signs.signs`` finds in the runs of all studies of the site.

    Raises
    ------
    ReportgenError
        If prose, ids, figures, templates or the bibliography are at fault. Nothing is written then.
    """
    if base_url and not base_url.startswith(("https://", "http://")):
        raise UsageError(f"'{base_url}' is not the address of a site", "it begins with https://")
    base_url = f"{base_url.rstrip('/')}/" if base_url else ""
    check_ids(entries)
    chain = template_chain(templates)
    references = read_bibliography(bibliography)
    glossary = read_glossary(chain)
    made = environment(templates)
    views = [gather_study(entry, base_url) for entry in entries]
    across = gather_across(views, signs)
    studies = StudyPages(made, references, glossary, across.claims)
    pages: list[Page] = [page for view in views for page in studies.pages(view)]
    pages += general_pages(views, studies, made, _sources(references), across, signs)
    files: dict[str, bytes | Path] = {f"{page.path}index.html": render_page(page, made, base_url) for page in pages}
    files.update(_assets(chain))
    files.update(sign_files(signs))
    files.update(across.files)
    for view in views:
        files.update(_files(view))
    written, unchanged = write_tree(files, out)
    return BuildSummary(len(pages), written, unchanged, tuple(_warnings(views)))


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
    table = view.entry.analysis.estimates.to_csv(index=False, float_format="%.12g", lineterminator="\n")
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
