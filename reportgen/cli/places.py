"""Where things lie beside studies and stores: drawings that are kept, the bibliography, the register of claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.cli.locate import DEFAULT_STORE, folder
from reportgen.resources import studies_folder

if TYPE_CHECKING:
    from reportgen.figures import Figure
    from reportgen.store import Store

BIBLIOGRAPHY = "references.bib"


def cache(store: Store) -> Path:
    """Return where drawings and records are kept: with the results if these are in a folder of this machine."""
    return Path(DEFAULT_STORE if "://" in store.url else store.url)


def kept_drawings(store: Store) -> Path:
    """Return where drawn figures are kept."""
    return cache(store) / ".figures"


def drawn_files(figure: Figure, place: Path) -> Mapping[str, Path]:
    """Return the files that `reportgen.figures.save` has put into a folder: kind ("light.svg", "png", …) to path."""
    from reportgen.figures.draw import ENDINGS

    return {ending.removeprefix("."): place / figure.study / figure.id / f"{figure.id}{ending}" for ending in ENDINGS}


def bibliography_beside(paths: Sequence[Path]) -> Path | None:
    """Return the bibliography beside the first study that has one, else that of reportgen's own studies."""
    folders = [*(path.parent for path in paths), folder(), studies_folder()]
    return next((place / BIBLIOGRAPHY for place in folders if (place / BIBLIOGRAPHY).is_file()), None)


def register_beside(path: Path) -> Path | None:
    """Return the register of claims beside a study, else that of reportgen's own studies."""
    from reportgen.study.claims import REGISTER, beside

    return beside([path], REGISTER)
