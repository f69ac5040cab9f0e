"""Text that LaTeX prints and never obeys."""

from __future__ import annotations

import re

import pytest

from reportgen.figures.latex import MATHEMATICS, SPECIAL, SYMBOLS, comment, escape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words 12", "plain words 12"),
        (r"\input{x}", r"\textbackslash{}input\textbraceleft{}x\textbraceright{}"),
        ("a & b % c_d #1 $", r"a \& b \% c\_d \#1 \$"),
        ("10⁻¹² × x₀", r"10\textsuperscript{\ensuremath{-}12} \ensuremath{\times} x\textsubscript{0}"),
        ("−3 ≤ α", r"\ensuremath{-}3 \ensuremath{\leq} \ensuremath{\alpha}"),
        ("Jürgen Łukasz Hořava", r"J\"{u}rgen \L{}ukasz Ho\v{r}ava"),
        ("e\u0301", r"\'{e}"),
        ("中", "{[}U+4E2D{]}"),
        ("two\nlines\x00 \x1b", "two lines"),
        ("[a]*", "{[}a{]}{*}"),
    ],
)
def test_text_is_escaped(text: str, expected: str) -> None:
    assert escape(text) == expected


def test_every_character_gives_ascii_without_a_bare_command() -> None:
    given = "".join(map(chr, range(0x20, 0x2300))) + "\U0001f600"
    made = escape(given)
    assert made.isascii()
    known = r"\\(?:text[a-z]+|ensuremath|[a-z]+|[A-Z]+|[&%$#_,|]|[`'^~\"=.uvHcrdb](?=\{))"
    assert re.sub(known, "", made).count("\\") == 0
    assert made.count("{") == made.count("}")


def test_a_comment_stays_on_its_line() -> None:
    assert comment("a\n\\input{x} ü 中") == "a /input{x} u ?"


def test_latex_prints_every_character_that_has_a_command(latex, tmp_path) -> None:
    text = "".join([*SPECIAL, *SYMBOLS, *MATHEMATICS, "é ň ő ş"])
    body = f"{escape(text)}\n\n{escape('10⁻⁵ x₁ 中')}"
    done = latex(f"\\documentclass{{article}}\\begin{{document}}{body}\\end{{document}}\n", tmp_path)
    assert done.errors == []
    assert "\\{}&%$#" in done.text.replace(" ", "")  # an underscore is a rule, not a letter
    assert "αβγ" in done.text and "[U+4E2D]" in done.text
