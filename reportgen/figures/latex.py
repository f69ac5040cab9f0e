"""Text for LaTeX: no character of it can be a command, and it compiles in any document and with any engine."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby

from reportgen.figures.text import clean

SPECIAL: Mapping[str, str] = {
    **{"\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "&": r"\&", "%": r"\%"},
    **{"$": r"\$", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "{''}", "`": r"\textasciigrave{}"},
    **{"[": "{[}", "]": "{]}", "*": "{*}", "-": "{-}", "=": "{=}"},
}
"""ASCII characters that LaTeX would act on; brackets, stars and hyphens only at some places or beside others."""

SYMBOLS: Mapping[str, str] = {
    **{"\N{NO-BREAK SPACE}": "~", "\u202f": r"\,", "\u2009": r"\,", "–": r"\textendash{}", "—": r"\textemdash{}"},
    **{"‘": r"\textquoteleft{}", "’": r"\textquoteright{}", "“": r"\textquotedblleft{}"},
    **{"”": r"\textquotedblright{}", "…": r"\ldots{}", "°": r"\textdegree{}", "§": r"\S{}"},
    **{"·": r"\textperiodcentered{}"},
    **{"ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}"},
    **{"ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "å": r"\aa{}", "Å": r"\AA{}"},
}  # fmt: skip
"""Other characters that text has in every font."""

_SMALL = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi "
    "psi omega"
)
_LARGE = "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega"

MATHEMATICS: Mapping[str, str] = {
    **{"\N{MINUS SIGN}": "-", "×": r"\times", "÷": r"\div", "±": r"\pm", "≤": r"\leq", "≥": r"\geq", "≈": r"\approx"},
    **{"≠": r"\neq", "∞": r"\infty", "√": r"\surd", "∂": r"\partial", "∇": r"\nabla", "∼": r"\sim", "∈": r"\in"},
    **{"←": r"\leftarrow", "→": r"\rightarrow", "↑": r"\uparrow", "↓": r"\downarrow", "⊙": r"\odot", "‖": r"\|"},
    **{"µ": r"\mu", "ℓ": r"\ell", "∘": r"\circ", "⋅": r"\cdot"},
    **{letter: rf"\{name}" for letter, name in zip("αβγδεζηθικλμνξπρστυφχψω", _SMALL.split(), strict=True)},
    **{letter: rf"\{name}" for letter, name in zip("ΓΔΘΛΞΠΣΦΨΩ", _LARGE.split(), strict=True)},
}  # fmt: skip
"""Characters that only mathematics has."""

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₋₊", "0123456789-+", strict=True))
_ACCENTS = {
    **{"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0304": "=", "\u0307": "."},
    **{"\u0306": "u", "\u030c": "v", "\u030b": "H", "\u0327": "c", "\u030a": "r", "\u0323": "d", "\u0331": "b"},
}


def escape(text: object) -> str:
    r"""Return text as ASCII that LaTeX prints as it stands, on one line.

    Characters that standard fonts lack are named by their number: "[U+4E2D]". Nothing of the text can become a
    command, an argument, a comment or the end of a table's cell.
    """
    return "".join(_pieces(unicodedata.normalize("NFC", clean(text))))


def comment(text: object) -> str:
    """Return text for the rest of a line behind "%": in ASCII, and without a backslash even there."""
    letters = unicodedata.normalize("NFKD", clean(text)).replace("\\", "/")
    return "".join(c for c in letters if not unicodedata.combining(c)).encode("ascii", "replace").decode()


def _pieces(text: str) -> Iterator[str]:
    for level, run in groupby(text, lambda c: "up" if c in _RAISED else "down" if c in _LOWERED else ""):
        if not level:
            yield from map(_character, run)
            continue
        digits = "".join((_RAISED if level == "up" else _LOWERED)[c] for c in run).replace("-", r"\ensuremath{-}")
        yield rf"\text{'super' if level == 'up' else 'sub'}script{{{digits}}}"


def _character(character: str) -> str:
    for table in (SPECIAL, SYMBOLS):
        if character in table:
            return table[character]
    if character in MATHEMATICS:
        return rf"\ensuremath{{{MATHEMATICS[character]}}}"
    return character if " " <= character <= "~" else _accented(character)


def _accented(character: str) -> str:
    """Return a letter with its accents as commands, or the character's number."""
    base, *marks = list(unicodedata.normalize("NFD", character))
    if not marks or not base.isascii() or any(mark not in _ACCENTS for mark in marks):
        return f"{{[}}U+{ord(character):04X}{{]}}"
    made = {"i": r"\i", "j": r"\j"}.get(base, base)
    for mark in marks:
        made = rf"\{_ACCENTS[mark]}{{{made}}}"
    return made
