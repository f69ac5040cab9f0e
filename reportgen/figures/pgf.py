"""A figure as PGF commands, which take the fonts of the LaTeX document that includes them.

LaTeX is not needed to write them: text is measured as in the other formats, and placed by its anchor. Labels are
escaped character by character, so none can be a command.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from reportgen.figures.base import Figure
from reportgen.figures.latex import comment, escape
from reportgen.figures.theme import LIGHT

if TYPE_CHECKING:
    from reportgen.figures.imprint import Imprint


def render_pgf(figure: Figure, said: Imprint) -> bytes:
    """Return the figure in light colours as a file for ``\\input``; the same bytes on every call.

    Parameters
    ----------
    figure : Figure
    said : Imprint
        Its statement stands in comments at the top.
    """
    from matplotlib.backend_bases import RendererBase
    from matplotlib.backends.backend_pgf import RendererPgf

    from reportgen.figures.draw import on_paper

    base: Any = RendererPgf
    plain: Any = RendererBase

    class Escaping(base):  # type: ignore[misc]
        """Escapes all text, and measures it without LaTeX."""

        def draw_text(self, gc: Any, x: Any, y: Any, s: str, prop: Any, angle: Any, *rest: Any, **more: Any) -> None:
            super().draw_text(gc, x, y, escape(s), prop, angle, *rest, **more)

        def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Any:
            return plain.get_text_width_height_descent(self, s, prop, ismath)

    with on_paper(figure, LIGHT) as drawing:
        body = io.StringIO()
        drawing.draw(Escaping(drawing, body))
    width, height = drawing.get_size_inches()
    return f"{_head(said, width, height)}{body.getvalue()}{_FOOT}".encode("ascii")


_FOOT = "\\end{pgfpicture}%\n\\makeatother%\n\\endgroup%\n"


def _head(said: Imprint, width: float, height: float) -> str:
    lines = [
        f"% {comment(said.title)}",
        f"% {comment('. '.join(filter(None, ('; '.join(said.creators), said.copyright))))}",
        f"% reportgen: {comment(said.source)}",
        *([f"% {comment(said.address)}"] if said.address else []),
        "% Preamble: \\usepackage{pgf}. Where it is to stand: \\input{this file},",
        f"% or \\resizebox{{\\linewidth}}{{!}}{{\\input{{this file}}}}; its own width is {width:g} inches.",
        "\\begingroup%",
        "\\makeatletter%",
        "\\begin{pgfpicture}%",
        f"\\pgfpathrectangle{{\\pgfpointorigin}}{{\\pgfqpoint{{{width:f}in}}{{{height:f}in}}}}%",
        "\\pgfusepath{use as bounding box, clip}%",
    ]
    return "\n".join(lines) + "\n"
