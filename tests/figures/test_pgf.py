"""PGF files that LaTeX compiles, whatever a label says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reportgen.figures import Figure, prepare
from reportgen.figures.imprint import imprint
from reportgen.figures.pgf import render_pgf

HOSTILE = "\\write18{touch hacked}\\input{/etc/passwd} % & # $x^2$ }{ ~ _ 50 % ünï 中 ⁻²"

PAPER = r"""\documentclass{article}
\usepackage{pgf}
\usepackage[paperwidth=7in,paperheight=9in,margin=0.2in]{geometry}
\pagestyle{empty}
\begin{document}
\noindent\input{figure.pgf}
\end{document}
"""


def rendered(fakes: SimpleNamespace, kind: str, label: str, **options: str) -> tuple[Figure, bytes]:
    study = fakes.study({"activation": (label, "ReLU"), "initialisation": ("Glorot", "He")})
    study = replace(study, report=(fakes.request(kind, **options),))
    (figure,) = prepare(study, fakes.analysis(study))
    return figure, render_pgf(figure, imprint(replace(figure, title=label), study))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("gradient-profile", {"panels": "initialisation"}),
        ("decay-factor", {}),
        ("learning-curves", {}),
        ("time-to-target", {}),
        ("success-by-rate", {"panels": "activation"}),
        ("metric-by-factor", {"against": "activation"}),
    ],
)
def test_latex_draws_the_figure_and_obeys_no_label(
    fakes: SimpleNamespace, latex: Callable[..., Any], tmp_path: Path, kind: str, options: dict[str, str]
) -> None:
    figure, made = rendered(fakes, kind, HOSTILE, **options)
    assert made == render_pgf(figure, imprint(replace(figure, title=HOSTILE), fakes.study()))
    (tmp_path / "figure.pgf").write_bytes(made)
    done = latex(PAPER, tmp_path, "-shell-escape")
    assert done.errors == []
    assert not (tmp_path / "hacked").exists() and "/etc/passwd" not in done.log
    assert "\\write18{touchhacked}\\input{/etc/passwd}%&#$x" in done.text.replace(" ", "")
    assert "root:" not in done.text and "Output written on paper.pdf (1 page" in done.log


def test_no_latex_is_needed_and_text_is_plain_ascii(fakes: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    figure, made = rendered(fakes, "decay-factor", HOSTILE)
    text = made.decode("ascii")
    assert "\\write" not in text and "\\input{/etc" not in text
    assert f"% reportgen: demo/decay-factor sha256:{figure.data_hash}" in text
    assert text.rstrip().endswith("\\endgroup%")
