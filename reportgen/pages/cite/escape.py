"""Text that others wrote, written so that LaTeX, BibTeX, Markdown, HTML and Typst print it and do nothing else."""

from __future__ import annotations

import html as _html
import re
from functools import lru_cache
from urllib.parse import quote

from reportgen.figures.latex import escape
from reportgen.pages.text import clean

_BACKSLASH = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "&": r"\&", "%": r"\%",
    "$": r"\$", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
"""Braces have names, for BibTeX counts them even behind a backslash."""

_BIBTEX = str.maketrans(_BACKSLASH)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#|!$~^@&])")
_TYPST = re.compile(r"([\\*_`$#@<>\[\]~]|(?<=[-/])[-?/*]|^[-+=/]|(?<=\d)\.(?=\s|$))")


def one_line(text: str) -> str:
    """Return the text without control characters, on one line; no-break spaces are kept."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return re.sub(r"[^\S\u00a0\u202f]+", " ", clean(text)).strip()


@lru_cache(maxsize=4096)  # a site has many thousand values, most of whose numbers and units are written often
def latex(text: str) -> str:
    """Escape text for LaTeX, on one line; a hyphen within a word stays as it is, for people read snippets."""
    return re.sub(r"(?<=[A-Za-z0-9])\{-\}(?=[A-Za-z0-9])", "-", escape(one_line(text)))


def bibtex_text(text: str) -> str:
    """Escape text for a field in braces; letters and signs beyond ASCII stay, since .bib files are UTF-8."""
    return " ".join(clean(text).split()).translate(_BIBTEX)


def markdown(text: str) -> str:
    """Escape text for Markdown, on one line."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text))
    return re.sub(r"^(\d+)([.)])|^([-+=])", lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", escaped)


def html(text: str) -> str:
    """Escape text for HTML, also in attributes, on one line."""
    return _html.escape(one_line(text))


def typst(text: str) -> str:
    """Escape text for Typst's markup, on one line."""
    return _TYPST.sub(r"\\\1", one_line(text))


def typst_string(text: str) -> str:
    """Write a text as a string of Typst, with its quotes."""
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def address(text: str) -> str:
    """Return an address, or an id, with every character escaped that could end or begin something around it."""
    return quote(clean(text), safe="/:?#@!$&'()*+,;=%-._~").replace("(", "%28").replace(")", "%29")
