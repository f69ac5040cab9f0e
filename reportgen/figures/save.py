"""Save figures: only those that have changed are drawn, several at once."""

from __future__ import annotations

import hashlib
import inspect
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from reportgen import registry
from reportgen.errors import ReportgenError
from reportgen.figures.base import Figure
from reportgen.figures.draw import ENDINGS, write

CACHE = Path("results/.figures")
"""Where drawn figures are kept by default."""
FEWEST = 4
"""From so many figures on, starting other processes is worth its cost."""
KEPT_VERSIONS = 4
"""Drawings that are kept of each figure, for instance of several profiles."""


class FigureError(ReportgenError):
    """A figure could not be drawn."""


@dataclass(frozen=True)
class SaveSummary:
    """What `save` did: the addresses (``study/id``) of the figures that it drew, and of those it kept."""

    drawn: tuple[str, ...]
    kept: tuple[str, ...]


def save(
    figures: Iterable[Figure], folder: str | Path, *, cache: str | Path = CACHE, jobs: int | None = None
) -> SaveSummary:
    """Put the files of figures into ``folder/<study>/<id>/``, drawing what is not in the cache.

    Parameters
    ----------
    figures : iterable of Figure
    folder : path
        Made if it is not there. Files in it that are the same already are not touched.
    cache : path
        Where drawings are kept under their key; it can be deleted at any time.
    jobs : int, optional
        Processes that draw; by default one a core.

    Returns
    -------
    SaveSummary

    Raises
    ------
    FigureError
        If a figure cannot be drawn; it names the figure.
    """
    wanted = list(figures)
    kept_at = {id(figure): Path(cache) / figure.study / figure.id / key(figure) for figure in wanted}
    missing = [figure for figure in wanted if not _complete(figure, kept_at[id(figure)])]
    _draw([(figure, kept_at[id(figure)]) for figure in missing], jobs or os.cpu_count() or 1)
    for figure in wanted:
        _copy(figure, kept_at[id(figure)], Path(folder) / figure.study / figure.id)
    drawn = {id(figure) for figure in missing}
    return SaveSummary(
        drawn=tuple(f"{f.study}/{f.id}" for f in wanted if id(f) in drawn),
        kept=tuple(f"{f.study}/{f.id}" for f in wanted if id(f) not in drawn),
    )


def key(figure: Figure) -> str:
    """Return a hash of all that decides a figure's bytes: its data, its words, the drawing code and the libraries."""
    parts = (figure.study, figure.id, figure.title, figure.alt, figure.data_hash, drawing_code(figure.kind))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@lru_cache
def drawing_code(kind: str) -> str:
    """Return a hash of the source of the drawing code of a kind and of the versions of its libraries."""
    draw = registry.figures[kind].facts["draw"]
    own = Path(__file__).parent
    digest = hashlib.sha256()
    for path in (*sorted(own.glob("*.py")), Path(inspect.getfile(draw))):
        digest.update(path.read_bytes())
    for library in ("matplotlib", "seaborn", "pillow", "fonttools", "duckdb"):
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()


def _complete(figure: Figure, place: Path) -> bool:
    return all((place / f"{figure.id}{ending}").is_file() for ending in ENDINGS)


def _draw(tasks: Sequence[tuple[Figure, Path]], jobs: int) -> None:
    """Draw in other processes, or in this one where there are few figures or no process can be started."""
    workers = min(jobs, len(tasks) // 2)
    if workers < 2 or len(tasks) < FEWEST:
        for task in tasks:
            draw_into(*task)
        return
    try:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for running in [pool.submit(draw_into, *task) for task in tasks]:
                running.result()
    except BrokenProcessPool:
        for task in tasks:
            draw_into(*task)


def draw_into(figure: Figure, place: Path) -> None:
    """Draw a figure and put its files at `place` in one move, so that a place is complete or not there."""
    if _complete(figure, place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as temporary:
        stage = Path(temporary) / "files"
        stage.mkdir()
        try:
            write(figure, stage)
        except Exception as error:
            problem = f"the figure '{figure.study}/{figure.id}' could not be drawn: {type(error).__name__}: {error}"
            raise FigureError(problem, f"its kind is {figure.kind}; please report this with its data") from error
        shutil.rmtree(place, ignore_errors=True)
        try:
            stage.rename(place)
        except OSError:
            if not _complete(figure, place):  # another process was quicker
                raise
    _prune(place)


def _prune(place: Path) -> None:
    """Delete all but the newest drawings of a figure."""
    drawings = [path for path in place.parent.iterdir() if path.is_dir() and not path.name.startswith(".")]
    drawings.sort(key=lambda path: (path == place, path.stat().st_mtime), reverse=True)
    for old in drawings[KEPT_VERSIONS:]:
        shutil.rmtree(old, ignore_errors=True)


def _copy(figure: Figure, place: Path, target: Path) -> None:
    """Copy the files that differ, each in one move."""
    target.mkdir(parents=True, exist_ok=True)
    for ending in ENDINGS:
        name = f"{figure.id}{ending}"
        content = (place / name).read_bytes()
        there = target / name
        if there.is_file() and there.read_bytes() == content:
            continue
        part = target / f".{name}.part"
        part.write_bytes(content)
        part.replace(there)
