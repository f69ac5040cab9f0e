from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from reportgen.pages.arms import arm_tables, status_counts


@pytest.fixture
def tables(fakes, tmp_path):
    return {table.id: table for table in arm_tables(fakes.entry(tmp_path))}


def row(table, *levels):
    return next(row for row in table.rows if row.levels == levels)


def cell(table, levels, title):
    return row(table, *levels).cells[[name for name, _ in table.columns].index(title)]


def test_untrained_and_trained_arms_have_a_table_each(tables):
    assert tables["untrained"].factors == ("Activation", "Initialisation")
    assert [title for title, _ in tables["trained"].columns] == [
        "Runs", "Decay factor", "Chosen rate", "Success", "Time to target (steps)",
    ]  # fmt: skip


def test_a_decay_factor_has_its_interval_and_a_mark_at_one(tables):
    found = cell(tables["untrained"], ("sigmoid", "Glorot"), "Decay factor")
    assert (found.text, found.low, found.high) == ("0.251", "0.249", "0.254")
    assert found.glyph.low < found.glyph.middle < found.glyph.high < found.glyph.mark


def test_skipped_arms_are_listed_by_reason_below_the_table(fakes, tables):
    assert all(found.levels != ("sigmoid", "He") for found in tables["trained"].rows)
    ((reason, labels),) = tables["trained"].left_out
    assert reason == fakes.SKIPPED and len(labels) == 1 and labels[0].startswith("sigmoid · He")


def test_a_rate_at_the_edge_is_marked(tables):
    edge = cell(tables["trained"], ("sigmoid", "Glorot"), "Chosen rate")
    inside = cell(tables["trained"], ("tanh", "He"), "Chosen rate")
    assert (edge.text, edge.warn, edge.note) == ("1", True, "edge of the list")
    assert (inside.text, inside.warn) == ("0.1", False)


def test_a_target_that_no_run_reaches_is_a_bound(tables):
    found = cell(tables["trained"], ("sigmoid", "Glorot"), "Time to target (steps)")
    assert (found.text, found.low, found.note) == ("≥\u00a0600", "", "no run reached it")


def test_diverged_and_failed_runs_are_visible(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    first = entry.study.arms[0].id
    frame = entry.analysis.statuses
    frame.loc[frame["arm"] == first, ["completed", "failed"]] = [5, 3]
    table = arm_tables(entry)[0]
    found = cell(table, ("sigmoid", "Glorot"), "Runs")
    assert (found.text, found.note, found.warn) == ("5", "3 failed", True)
    trained = arm_tables(entry)[1]
    assert cell(trained, ("tanh", "He"), "Runs").note == "2 diverged"
    assert status_counts(entry)["failed"] == 3


def test_arms_without_estimates_still_have_a_row(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    empty = replace(
        entry.analysis,
        estimates=entry.analysis.estimates.iloc[:0],
        chosen=pd.DataFrame(columns=["arm", "learning_rate", "at_edge"]),
    )
    table = arm_tables(replace(entry, analysis=empty))[0]
    assert len(table.rows) == 5 and [title for title, _ in table.columns] == ["Runs"]


def test_an_estimate_that_is_not_there_says_why(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    frame, arm = entry.analysis.estimates, entry.study.arms[0].id
    frames = vars(entry.analysis) | {
        "estimates": frame[~((frame["arm"] == arm) & (frame["name"] == "decay-factor"))],
        "absent": pd.DataFrame([{"arm": arm, "name": "decay-factor", "reason": "too few positions"}]),
    }
    table = arm_tables(replace(entry, analysis=SimpleNamespace(**frames)))[0]
    assert cell(table, ("sigmoid", "Glorot"), "Decay factor").note == "too few positions"
