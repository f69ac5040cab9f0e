"""Draw one figure in all its formats; this is the only place that writes pictures."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen import registry
from reportgen.figures.base import Figure
from reportgen.figures.svg import finished, recoloured
from reportgen.figures.text import clean, wrapped
from reportgen.figures.theme import DARK, LIGHT, WIDTH, Theme
from reportgen.store.frames import parquet_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

ENDINGS = (".light.svg", ".dark.svg", ".png", ".pdf", ".csv", ".parquet")
"""Endings of the files of a figure, in the order of `render`."""
UNSAID = {
    "svg": ("Creator", "Date", "Format", "Type"),
    "png": ("Software",),
    "pdf": ("Creator", "Producer", "CreationDate"),
}
"""What matplotlib would say in the files of its own accord."""


def render(figure: Figure) -> dict[str, bytes]:
    """Return the files of a figure: ending to bytes, the same on every call.

    None has a date or a version of a program. What they say of themselves is put in when they are copied out
    (`reportgen.figures.stamp`); only an SVG's title and description, and the notes of the Parquet file, are here.
    """
    files = data_files(figure)
    with on_paper(figure, LIGHT) as drawing:
        light = _saved(drawing, "svg").decode()
        files[".png"] = _saved(drawing, "png", pil_kwargs={"compress_level": 6})
        files[".pdf"] = _saved(drawing, "pdf")
    files[".light.svg"] = _finished(light, figure, LIGHT)
    files[".dark.svg"] = _finished(_dark(light, figure), figure, DARK)
    return {ending: files[ending] for ending in ENDINGS}


def data_files(figure: Figure) -> dict[str, bytes]:
    """Return the files of a figure that need no drawing: its data."""
    notes = {"title": clean(figure.title), "source": source(figure)}
    return {".csv": figure.csv.encode(), ".parquet": parquet_bytes(figure.data, notes)}


@contextlib.contextmanager
def on_paper(figure: Figure, theme: Theme) -> Iterator[Drawing]:
    """Give a figure's drawing, laid out, under the settings it is saved with; letters that its font lacks are boxes."""
    import matplotlib

    with warnings.catch_warnings(), matplotlib.rc_context(settings(figure, theme)):
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield laid_out(figure, theme)


def _dark(light: str, figure: Figure) -> str:
    """Return the SVG in dark: the light one with other colours, or drawn anew where a colour is not the theme's."""
    changed = recoloured(light, counterparts(figure))
    if changed is not None:
        return changed
    with on_paper(figure, DARK) as drawing:
        return _saved(drawing, "svg").decode()


def settings(figure: Figure, theme: Theme) -> Any:
    """Return matplotlib's settings for a figure; the ids in the SVG come from its data hash."""
    return {**theme.rc(), "svg.hashsalt": figure.data_hash, "pgf.rcfonts": False}


def counterparts(figure: Figure) -> dict[str, str]:
    """Return each colour of the light theme that the figure may use, with its counterpart in the dark theme.

    Colours that would have two counterparts are left out.
    """
    parts = ("background", "foreground", "muted", "faint", "shade")
    pairs = [(getattr(LIGHT, part), getattr(DARK, part)) for part in parts]
    pairs += zip(LIGHT.palette, DARK.palette, strict=True)
    if "colour" in figure.parameters:
        levels, values = figure.parameters["colour"]["levels"], figure.parameters["colour"]["values"]
        pairs += [(LIGHT.style(n, levels, values).colour, DARK.style(n, levels, values).colour) for n in levels]
    several = {light for light, dark in pairs if any(light == one and dark != other for one, other in pairs)}
    return {light: dark for light, dark in pairs if light not in several}


def laid_out(figure: Figure, theme: Theme) -> Drawing:
    """Draw a figure and fix its layout, so that saving does not lay it out again."""
    draw = registry.figures[figure.kind].facts["draw"]
    drawing: Drawing = without_data(figure, theme) if figure.data.empty else draw(figure, theme)
    engine = drawing.get_layout_engine()
    if engine is not None:
        engine.execute(drawing)
        drawing.set_layout_engine("none")
    return drawing


def without_data(figure: Figure, theme: Theme) -> Drawing:
    """Draw the sentence that there are no data, and why."""
    from matplotlib.figure import Figure as Drawing

    text = wrapped(figure.alt, 72)
    height = 0.5 + 0.2 * (text.count("\n") + 1)
    drawing = Drawing(figsize=(WIDTH, height))
    drawing.text(0.02, 0.5, text, va="center", color=theme.muted)
    return drawing


def write(figure: Figure, folder: Path) -> None:
    """Write the files of a figure into an existing folder."""
    for ending, content in render(figure).items():
        (folder / f"{figure.id}{ending}").write_bytes(content)


def _saved(drawing: Drawing, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    drawing.savefig(stream, format=kind, metadata=dict.fromkeys(UNSAID[kind]), **options)
    return stream.getvalue()


def source(figure: Figure) -> str:
    """Return the figure's name and data hash in one."""
    return f"{figure.study}/{figure.id} sha256:{figure.data_hash}"


def _finished(svg: str, figure: Figure, theme: Theme) -> bytes:
    prefix = f"f{figure.data_hash[:10]}{theme.name[0]}"
    return finished(svg, prefix=prefix, title=clean(figure.title), description=clean(figure.alt)).encode()
