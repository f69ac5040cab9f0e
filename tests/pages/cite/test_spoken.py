"""Comments and verbatim parts say nothing."""

from __future__ import annotations

import time

import pytest

from reportgen.pages.cite.sources import line_of
from reportgen.pages.cite.spoken import MARKDOWN, TEX, TYPST, spoken


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (TEX, "a % b\nc", "a    \nc"),
        (TEX, r"50\% a % b", r"50\% a    "),
        (TEX, r"a \\% b", r"a \\   "),
        (TEX, r"\verb|%x| y", "          y"),
        (TEX, "\\begin{verbatim}\n%\n\\end{verbatim}z", "                \n \n              z"),
        (TEX, r"\begin{verbatim} a", r"\begin{verbatim} a"),
        (TEX, r"\begin{quote} a", r"\begin{quote} a"),
        (MARKDOWN, "a <!-- b\n--> c", "a       \n    c"),
        (MARKDOWN, "a `b` c", "a     c"),
        (MARKDOWN, "a ``b`c`` d", "a         d"),
        (MARKDOWN, "a `b c", "a `b c"),
        (MARKDOWN, r"a \`b` c", r"a \`b` c"),
        (MARKDOWN, "```\n@x\n```\ny", "   \n  \n   \ny"),
        (TYPST, "a // b\nc", "a     \nc"),
        (TYPST, "https://a /* b */ c", "https://a         c"),
        (TYPST, "a `b` ```c``` d", "a             d"),
        ("bib", "a % b", "a % b"),
    ],
)
def test_silent_parts_become_spaces(kind, text, said):
    assert spoken(text, kind) == said


@pytest.mark.parametrize(
    ("kind", "piece"),
    [
        (TEX, "\\begin{verbatim}"),
        (TEX, "\\verb|"),
        (MARKDOWN, "` "),
        (MARKDOWN, "<!--"),
        (TYPST, "/*"),
        (TYPST, "`a``` "),
    ],
)
def test_what_never_ends_takes_no_time(kind, piece):
    """Twenty thousand of them took minutes where each was looked for to the end of the file."""
    began = time.process_time()
    spoken(piece * 20_000, kind)
    assert time.process_time() - began < 5


def test_a_line_is_counted_from_one():
    assert [line_of("a\n\nb", position) for position in range(4)] == [1, 1, 2, 3]
