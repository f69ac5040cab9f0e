"""What shows a figure in a paper or on a page: LaTeX, Markdown, HTML and Typst, each with the hash of its data."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.pages.cite import escape
from reportgen.pages.cite.record import Record
from reportgen.pages.text import shorten

ALT_LENGTH = 300


@dataclass(frozen=True)
class Shown:
    """A figure as snippets show it.

    Attributes
    ----------
    record : Record
    caption, alt : str
        The caption falls back on the title.
    stem : str
        Of its files: ``deep-mlps-profile``.
    folder : str
        The address of its files with a final "/", or "" where it is not published.
    """

    record: Record
    caption: str
    alt: str
    stem: str
    folder: str = ""

    @property
    def words(self) -> str:
        """The caption, or the title where there is none."""
        return self.caption.strip() or self.record.title

    @property
    def mark(self) -> str:
        """What ``reportgen cite --check`` finds the figure by, whatever becomes of the rest."""
        return f"reportgen: {escape.address(self.record.id)} sha256:{self.record.data_hash}"


def latex(shown: Shown) -> str:
    """Write a ``figure`` environment."""
    lines = (
        rf"% {shown.mark}", r"\begin{figure}", r"  \centering",
        rf"  \includegraphics[width=\linewidth]{{{shown.stem}.pdf}}",
        rf"  \caption{{{escape.latex(shown.words)} \cite{{{shown.record.key}}}}}",
        rf"  \label{{fig:{shown.stem}}}", r"\end{figure}",
    )  # fmt: skip
    return "\n".join(lines)


def markdown(shown: Shown) -> str:
    """Write an image that leads to the figure's page, with its caption; ``[@key]`` is Pandoc's citation."""
    image = f"![{escape.markdown(shorten(shown.alt, ALT_LENGTH))}]({_source(shown, 'svg')})"
    linked = f"[{image}]({escape.address(shown.record.url)})" if shown.record.url else image
    words = escape.markdown(shown.words)
    return f"<!-- {shown.mark} -->\n{linked}\n\n*{words}* [@{shown.record.key}]"


def html(shown: Shown) -> str:
    """Write a ``figure`` element that needs no script and no style."""
    image = f'<img src="{escape.html(_source(shown, "svg"))}" alt="{escape.html(shorten(shown.alt, ALT_LENGTH))}">'
    linked = f'<a href="{escape.html(shown.record.url)}">{image}</a>' if shown.record.url else image
    caption = f"  <figcaption>{escape.html(shown.words)}</figcaption>"
    return "\n".join((f"<!-- {shown.mark} -->", "<figure>", f"  {linked}", caption, "</figure>"))


def typst(shown: Shown) -> str:
    """Write a ``figure`` of Typst."""
    alt = escape.typst_string(shorten(shown.alt, ALT_LENGTH))
    file = escape.typst_string(f"{shown.stem}.svg")
    lines = (
        f"// {shown.mark}", "#figure(", f"  image({file}, width: 100%, alt: {alt}),",
        f"  caption: [{escape.typst(shown.words)} @{shown.record.key}],", f") <fig:{shown.stem}>",
    )  # fmt: skip
    return "\n".join(lines)


def _source(shown: Shown, kind: str) -> str:
    return escape.address(f"{shown.folder}{shown.stem}.{kind}")
