"""The files of a figure that readers can take away, with what each says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen.figures.imprint import Imprint, imprint
from reportgen.figures.stamp import stamped
from reportgen.pages.drawings import checked
from reportgen.pages.metadata.identifiers import licence

if TYPE_CHECKING:
    from reportgen.figures.base import Figure
    from reportgen.study.spec import Study

KINDS: Mapping[str, str] = {
    **{"csv": ".csv", "parquet": ".parquet", "light.svg": ".svg", "dark.svg": "-dark.svg", "png": ".png"},
    "pdf": ".pdf",
}
"""Kind of a drawn file to the end of its name."""


def stem(figure: Figure) -> str:
    """Return what the names of a figure's files begin with."""
    return f"{figure.study}-{figure.id}"


def statement(figure: Figure, study: Study, address: str) -> Imprint:
    """Return what the files of a figure say of themselves; `address` is its permanent one, or ""."""
    return imprint(figure, study, address, licence(study.licence).url)


def downloads(
    figure: Figure, study: Study, drawn: Mapping[str, Path], address: str
) -> dict[str, tuple[str, bytes | Path]]:
    """Return the files of a figure: kind ("svg", "dark.svg", "png", "pdf", "csv", "parquet") to name and content.

    Parameters
    ----------
    figure : Figure
    study : Study
    drawn : mapping
        Kind of drawing ("light.svg", "dark.svg", "png", "pdf", "parquet") to the drawn file; those that are missing
        are left out.
    address : str
        The permanent address of the figure's page, or "".
    """
    said = statement(figure, study, address)
    found: dict[str, tuple[str, bytes | Path]] = {"csv": (f"{stem(figure)}.csv", figure.csv.encode())}
    for kind, ending in KINDS.items():
        if kind in drawn and kind != "csv":
            kept = checked(drawn[kind].read_bytes(), kind, f"{figure.study}/{figure.id}")
            content = stamped(kept, kind, said)
            found["svg" if kind == "light.svg" else kind] = (f"{stem(figure)}{ending}", content)
    return found
