"""Formulas that docstrings write as plain text, as mathematics: ``W_rec``, ``h_{t-1}``, ``phi(z)``."""

from __future__ import annotations

import re

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "omega": "ω",
}  # fmt: skip
"""Names of letters that stand for themselves in formulas."""

_LETTER = "|".join(("[A-Za-z]", *GREEK))
_KEPT = r"`+[^`]*`+|\$\$.*?\$\$|\$[^$]*\$|\[@[^\]]*\]|<[^>\s]*>|https?://\S+|doi:\s*\S+|:\w+:`[^`]*`|\.\. math::.*"
_FORMULA = re.compile(
    rf"(?P<kept>{_KEPT})|(?<![\w\\])(?P<base>{_LETTER})_(?:\{{(?P<braced>[^{{}}]{{1,20}})\}}|(?P<plain>[A-Za-z0-9]{{1,8}})(?!\w))"
    rf"|(?<![\w\\])(?P<greek>{'|'.join(GREEK)})(?!\w)",
    re.DOTALL,
)


def typeset(text: str) -> str:
    """Mark subscripts as mathematics and write Greek letters; code, links, citations and mathematics stay as they are.

    A subscript belongs to a single letter or a Greek one, so that names such as ``max_norm`` are left alone.
    """
    return _FORMULA.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    if match["kept"] is not None:
        return match["kept"]
    if match["greek"] is not None:
        return GREEK[match["greek"]]
    base = f"\\{match['base']}" if match["base"] in GREEK else match["base"]
    below = match["braced"] if match["braced"] is not None else match["plain"]
    below = re.sub(r"[A-Za-z]{2,}", lambda word: rf"\mathrm{{{word.group()}}}", below)
    return f"${base}_{{{below}}}$"
