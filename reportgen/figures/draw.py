"""Draw one figure in all its formats; this is the only place that writes pictures."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen import registry
from reportgen.figures.base import Figure
from reportgen.figures.svg import finished, recoloured
from reportgen.figures.text import clean, wrapped
from reportgen.figures.theme import DARK, LIGHT, WIDTH, Theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

ENDINGS = (".light.svg", ".dark.svg", ".png", ".pdf", ".csv")
"""Endings of the files of a figure, in the order of `render`."""


def render(figure: Figure) -> dict[str, bytes]:
    """Return the files of a figure: ending to bytes, the same on every call.

    Each has the figure's title, its address (``study/id``) and its data hash in its own metadata; none has a date or
    a version of a program.
    """
    import matplotlib

    files = {".csv": figure.csv.encode()}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        with matplotlib.rc_context(settings(figure, LIGHT)):
            drawing = laid_out(figure, LIGHT)
            light = _saved(drawing, "svg", _svg_metadata(figure)).decode()
            files[".png"] = _saved(drawing, "png", _png_text(figure), pil_kwargs={"compress_level": 6})
            files[".pdf"] = _saved(drawing, "pdf", _pdf_info(figure))
        files[".light.svg"] = _finished(light, figure, LIGHT)
        files[".dark.svg"] = _finished(_dark(light, figure), figure, DARK)
    return {ending: files[ending] for ending in ENDINGS}


def _dark(light: str, figure: Figure) -> str:
    """Return the SVG in dark: the light one with other colours, or drawn anew where a colour is not the theme's."""
    import matplotlib

    changed = recoloured(light, counterparts(figure))
    if changed is not None:
        return changed
    with matplotlib.rc_context(settings(figure, DARK)):
        return _saved(laid_out(figure, DARK), "svg", _svg_metadata(figure)).decode()


def settings(figure: Figure, theme: Theme) -> Any:
    """Return matplotlib's settings for a figure; the ids in the SVG come from its data hash."""
    return {**theme.rc(), "svg.hashsalt": figure.data_hash}


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


def _saved(drawing: Drawing, kind: str, metadata: dict[str, Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    drawing.savefig(stream, format=kind, metadata=metadata, **options)
    return stream.getvalue()


def source(figure: Figure) -> str:
    """Return the figure's address and data hash, as its metadata state them."""
    return f"{figure.study}/{figure.id} sha256:{figure.data_hash}"


def _svg_metadata(figure: Figure) -> dict[str, Any]:
    return {
        **{"Title": clean(figure.title), "Description": clean(figure.alt), "Creator": "reportgen", "Date": None},
        **{"Source": f"{figure.study}/{figure.id}", "Identifier": f"sha256:{figure.data_hash}"},
        "Format": "image/svg+xml",
    }


def _finished(svg: str, figure: Figure, theme: Theme) -> bytes:
    prefix = f"f{figure.data_hash[:10]}{theme.name[0]}"
    return finished(svg, prefix=prefix, title=clean(figure.title), description=clean(figure.alt)).encode()


def _png_text(figure: Figure) -> dict[str, Any]:
    return {"Title": clean(figure.title), "Description": clean(figure.alt), "Source": source(figure), "Software": None}


def _pdf_info(figure: Figure) -> dict[str, Any]:
    return {
        **{"Title": clean(figure.title), "Subject": clean(figure.alt), "Keywords": source(figure)},
        **{"Creator": "reportgen", "Producer": "reportgen", "CreationDate": None},
    }
