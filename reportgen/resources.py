"""Where the templates and the studies of this distribution are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    shipped = _PACKAGE / name
    return shipped if shipped.is_dir() else _PACKAGE.parent / name


def templates_folder() -> Path:
    """Return the folder of the Jinja templates and assets."""
    return _folder("templates")


def studies_folder() -> Path:
    """Return the folder of the studies that reportgen comes with, and of their bibliography."""
    return _folder("studies")
