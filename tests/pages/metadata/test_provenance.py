from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from reportgen.pages.metadata.provenance import Environment, environments, provenance

COMMIT = "15cc4e7a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e"


@pytest.fixture
def entry(fakes, tmp_path):
    rows = [
        {"environment_id": "b", "reportgen": "0.1.0", "python": "3.13.1", "torch": "2.13.0", "numpy": "2.4.6",
         "os": "Linux", "cpu": "A cpu", "threads": 1, "device": "cpu", "commit": COMMIT, "dirty": True},
        {"environment_id": "a", "reportgen": "0.1.0", "python": "3.13.1", "torch": "2.13.0", "numpy": "2.4.6",
         "os": "Linux", "cpu": "B cpu", "threads": 4, "device": "H200", "commit": None, "dirty": None},
    ]  # fmt: skip
    return replace(fakes.entry(tmp_path), environments=pd.DataFrame(rows))


def test_environments_are_read_in_the_order_of_their_ids(entry):
    first, second = environments(entry)
    assert (first.environment_id, first.commit, first.dirty) == ("a", "", False)
    assert (second.commit, second.dirty, second.threads) == (COMMIT, True, "1")


def test_words_name_code_libraries_and_machines_once(entry):
    assert provenance(entry) == [
        ("Code", ["reportgen 0.1.0", "reportgen 0.1.0, commit 15cc4e7a0b1c with uncommitted changes"]),
        ("Libraries", ["Python 3.13.1, PyTorch 2.13.0, NumPy 2.4.6"]),
        ("Machine", ["H200, B cpu, 4 threads a process, Linux", "A cpu, 1 thread a process, Linux"]),
    ]


def test_a_commit_that_is_none_is_shown_whole():
    assert Environment(reportgen="0.1.0", commit="not a commit, but a text").code.endswith("not a commit, but a text")


def test_a_study_whose_store_says_nothing_has_no_provenance(entry):
    assert (
        provenance(replace(entry, environments=None)) == [] == provenance(replace(entry, environments=pd.DataFrame()))
    )


def test_a_figures_page_says_where_it_comes_from(site):
    page = (site / "deep-mlps/profile/index.html").read_text(encoding="utf-8")
    block = page[page.index('id="behind"') : page.index('id="cite"')]
    assert "reportgen fake, commit fake" in block and "PyTorch 2.13.0+cpu" in block
    assert 'href="../../data/index.html#table-runs"' in block and 'href="../../deep-mlps/index.html#rerun"' in block
