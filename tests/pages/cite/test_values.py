"""Values for papers: what is printed, what is read back, and what the typesetters make of it."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from reportgen.pages.cite import values
from reportgen.pages.cite.values import Value

NAN = math.nan
DECAY = Value("deep-mlps/decay-factor/sigmoid/glorot/20", 0.251203942118, 0.249, 0.2534, "per layer or step", 8)
SHARE = Value("deep-mlps/success/tanh/he", 0.625, 0.3, 0.875, "share of runs", 8)
LOSS = Value("deep-mlps/signal-ratio/sigmoid", -18.25, -18.5, -18.0, "log10", 8)
SMALL = Value("deep-mlps/seconds-per-step/tanh", 2.5e-5, NAN, NAN, "s", 1)
HOSTILE = Value('s/x/a_b%c#d{e}\\f$g^h~i&j"k l!m', 1.0, 0.5, 1.5, "50 % of \\input{x} #1 $y$ R²", 3)
ALL = (DECAY, SHARE, LOSS, SMALL, HOSTILE)
WRITERS = pytest.mark.parametrize("write", [values.latex, values.typst, values.to_json])


def test_the_interval_says_how_many_digits():
    assert [value.interval for value in ALL[:4]] == [
        "0.251 [0.249, 0.253]",
        "62\u00a0% [30\u00a0%, 88\u00a0%]",
        "\u221218.2 [\u221218.5, \u221218.0]",
        "2.50\u00a0×\u00a010⁻⁵",
    ]


@WRITERS
def test_raw_numbers_are_read_back(write):
    text = write(ALL)
    found = values.read_values(text)
    assert {name: told for name, (told, _) in found.items()} == {value.id: value.raw for value in ALL}
    lines = text.splitlines()
    assert "0.251203942118" in "".join(lines[found[DECAY.id][1] - 1 :][:2])
    assert values.is_values(text) and found[SMALL.id][0] == ("2.5e-05", "", "")


@WRITERS
def test_no_values_are_a_file_too(write):
    assert values.read_values(write([])) == {}


def test_json_has_numbers():
    held = json.loads(values.to_json(ALL))["values"]
    assert held[DECAY.id]["estimate"] == DECAY.estimate and held[SMALL.id]["low"] is None


def test_arms_without_an_estimate_have_no_value():
    frame = pd.DataFrame(
        [("decay-factor", "b", 0.5, 0.4, 0.6, "", 8), ("decay-factor", "a", NAN, NAN, NAN, "", 0)],
        columns=["name", "arm", "estimate", "low", "high", "unit", "n"],
    )
    assert [value.id for value in values.study_values("s", frame)] == ["s/decay-factor/b"]


def test_ids_for_latex_are_told_apart_and_read_back():
    names = [HOSTILE.id, "a!b", "a!21!b", "a b", "a/b.c:d+e-f_g", "é"]
    written = [values.latex_id(name) for name in names]
    assert [values.plain_id(name) for name in written] == names
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789/_.:+-!x") for name in written)


PAPER = r"""\documentclass{article}
\usepackage{hyperref}
\input{values}
\begin{document}
\section{It leaves \rgvalue{DECAY} of the signal}
A\rginterval{DECAY}B\rgunit{DECAY}C\rgn{DECAY}D\rglow{DECAY}E\rghigh{DECAY}F\rgraw{DECAY}G

A\rginterval{SHARE}B\rginterval{LOSS}C\rginterval{SMALL}D\rginterval{HOSTILE}E\rgunit{HOSTILE}F
\begin{figure}\caption{With \rginterval{LOSS}.}\end{figure}
\ifdim\rgraw{DECAY}pt<0.3pt less\fi
\end{document}
"""


def paper(text):
    named = {"DECAY": DECAY, "SHARE": SHARE, "LOSS": LOSS, "SMALL": SMALL, "HOSTILE": HOSTILE}
    for name, value in named.items():
        text = text.replace(name, values.latex_id(value.id))
    return text


def test_latex_prints_the_values(latex, tmp_path):
    (tmp_path / "values.tex").write_text(values.latex(ALL), encoding="utf-8")
    done = latex(paper(PAPER), tmp_path)
    assert done.errors == []
    assert "A0.251 [0.249, 0.253]Bper layer or stepC8D0.249E0.253F0.251203942118G" in done.text
    assert "A62 % [30 %, 88 %]B−18.2 [−18.5, −18.0]C2.50 × 10−5D1.0 [0.5, 1.5]" in done.text
    assert "E50 % of \\input{x} #1 $y$ R2F" in done.text.replace("$ y", "$y")
    assert "less" in done.text


def test_latex_says_that_a_value_is_not_there(latex, tmp_path):
    (tmp_path / "values.tex").write_text(values.latex(ALL), encoding="utf-8")
    done = latex(paper(PAPER).replace(r"\ifdim", r"X\rgvalue{s/none}Y\ifdim"), tmp_path)
    assert done.errors == ["! Package reportgen Error: There is no value 's/none'."]
    assert "X??Y" in done.text


def typeset(folder, text):
    import typst

    (folder / "values.typ").write_text(values.typst(ALL), encoding="utf-8")
    (folder / "paper.typ").write_text(text, encoding="utf-8")
    return json.loads(typst.query(str(folder / "paper.typ"), "<out>", field="value"))


def test_typst_prints_the_values(tmp_path):
    asked = [f"#metadata(rginterval({json.dumps(value.id)})) <out>" for value in ALL]
    named, hostile = json.dumps(DECAY.id), json.dumps(HOSTILE.id)
    asked += [f"#metadata({name}({named})) <out>" for name in ("rgvalue", "rglow", "rghigh", "rgunit", "rgn")]
    asked += [f"#metadata(rgraw({named}) * 2) <out>", f"#metadata(rgunit({hostile})) <out>"]
    found = typeset(tmp_path, '#import "values.typ": *\n' + "\n".join(asked))
    assert found[:5] == [value.interval for value in ALL]
    assert found[5:10] == ["0.251", "0.249", "0.253", "per layer or step", "8"]
    assert found[10] == pytest.approx(0.502407884236) and found[11] == HOSTILE.unit


def test_typst_refuses_a_value_that_is_not_there(tmp_path):
    with pytest.raises(RuntimeError, match="there is no value 's/none'"):
        typeset(tmp_path, '#import "values.typ": *\n#rgvalue("s/none")')
