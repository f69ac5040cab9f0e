"""Tables of arms for other documents."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from reportgen.pages import tables
from reportgen.pages.arms import Cell, Row, Table, arm_tables
from reportgen.pages.tables import latex_table, table_files

PAPER = r"""\documentclass{article}
\usepackage{booktabs,longtable,graphicx}
\begin{document}
See Table~\ref{tab:deep-mlps-trained}.
\input{table}
\end{document}
"""
HOSTILE = '[4em] \\write18{touch hacked} \\input{/etc/passwd} & a \\\\ % }{ $x_1^2$ #1 ~ <b> "q" 10⁻⁵ × ü 中\x00'


@pytest.fixture
def entry(fakes, tmp_path):
    return fakes.entry(tmp_path)


def hostile(entry):
    """The entry with hostile levels, reasons and title."""
    arms = tuple(
        replace(arm, label=HOSTILE, levels=dict.fromkeys(arm.levels, HOSTILE), skipped=arm.skipped and HOSTILE)
        for arm in entry.study.arms
    )
    factors = tuple(replace(factor, label=HOSTILE) for factor in entry.study.factors)
    return replace(entry, study=replace(entry.study, title=HOSTILE, version=HOSTILE, arms=arms, factors=factors))


def test_latex_prints_the_numbers_of_the_page(entry, latex, tmp_path):
    files = table_files(entry, "latex")
    assert list(files) == ["deep-mlps-untrained.tex", "deep-mlps-trained.tex"]
    (tmp_path / "table.tex").write_bytes(files["deep-mlps-trained.tex"])
    done = latex(PAPER, tmp_path)
    assert done.errors == [] and "undefined" not in done.log
    assert "See Table 1." in done.text and "Table 1: Trained arms" in done.text
    assert "(baseline)" in done.text and "Not run:" in done.text
    trained = arm_tables(entry)[1]
    cells = [cell for row in trained.rows for cell in row.cells if cell.low]
    assert len(cells) > 10
    for cell in cells:
        printed = f"{cell.text} [{cell.low}, {cell.high}]".replace("\u00a0", " ").replace("\u2212", "−")
        assert printed in done.text
    for title, _ in trained.columns:
        assert title in done.text


@pytest.mark.parametrize("longest", [0, 40])
def test_latex_obeys_nothing_in_a_table(entry, latex, tmp_path, monkeypatch, longest):
    monkeypatch.setattr(tables, "LONGEST", longest)
    (tmp_path / "table.tex").write_bytes(table_files(hostile(entry), "latex")["deep-mlps-trained.tex"])
    done = latex(PAPER, tmp_path, "-shell-escape")
    assert done.errors == []
    assert not (tmp_path / "hacked").exists() and "/etc/passwd" not in done.log and "root:" not in done.text
    assert "\\write18{touchhacked}" in done.text.replace(" ", "")


def test_a_long_table_goes_over_pages_with_its_head(entry, latex, tmp_path):
    rows = tuple(Row((f"level {i}",), (Cell("0.5", "0.4", "0.6"),), i == 0, "") for i in range(120))
    table = Table("trained", "Trained arms", "A note.", ("Factor",), (("Decay factor", "meaning"),), rows)
    (tmp_path / "table.tex").write_text(latex_table(entry, table), encoding="ascii")
    done = latex(PAPER, tmp_path)
    assert done.errors == [] and done.text.count("Decay factor") == 2
    assert "level 119 0.5 [0.4, 0.6]" in done.text


def test_csv_has_every_estimate_in_full(entry):
    files = table_files(entry, "csv")
    rows = list(csv.DictReader(io.StringIO(files["deep-mlps-untrained.csv"].decode())))
    frame = entry.analysis.estimates
    assert [row["arm"] for row in rows] == [
        arm.id for arm in entry.study.arms if not arm.skipped and arm.training.steps == 0
    ]
    for row in rows:
        (wanted,) = frame[(frame["name"] == "decay-factor") & (frame["arm"] == row["arm"])].to_dict("records")
        assert float(row["decay-factor"]) == pytest.approx(wanted["estimate"], rel=1e-11)
        assert float(row["decay-factor low"]) == pytest.approx(wanted["low"], rel=1e-11)
        assert row["Activation"] in ("sigmoid", "tanh", "ReLU")
    assert "success" not in rows[0] and "theory-decay-factor" in rows[0]


def test_a_factor_may_be_called_as_a_column_is(entry):
    factors = tuple(
        replace(factor, label=label) for factor, label in zip(entry.study.factors, ("arm", "arm", "=1+1"), strict=True)
    )
    named = replace(entry, study=replace(entry.study, factors=factors))
    first, *rows = csv.reader(io.StringIO(table_files(named, "csv")["deep-mlps-untrained.csv"].decode()))
    assert first[:5] == ["arm", "arm", "arm", "'=1+1", "decay-factor"]
    assert rows[0][:4] == ["sigmoid/glorot/untrained-30-layers", *entry.study.arms[0].levels.values()]


def test_a_study_without_results_has_tables_without_numbers(entry, latex, tmp_path):
    empty = replace(entry, analysis=replace(entry.analysis, estimates=entry.analysis.estimates.iloc[:0]))
    assert set(table_files(empty, "csv")) == {"deep-mlps-untrained.csv", "deep-mlps-trained.csv"}
    (tmp_path / "table.tex").write_bytes(table_files(empty, "latex")["deep-mlps-trained.tex"])
    assert latex(PAPER, tmp_path).errors == []
