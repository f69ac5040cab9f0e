"""Studies that are analysed in other processes come to the same as in this one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from reportgen.cli import analysing
from reportgen.store import Store
from reportgen.study import load


@pytest.fixture
def several(tiny):
    """Four studies of the same runs."""
    study = load(Path("studies/tiny.yaml"))
    return [replace(study, id=f"tiny-{number}") for number in range(analysing.FEWEST)], Store("results")


def test_in_processes_and_in_this_one_the_numbers_are_the_same(several):
    studies, store = several
    apart, signs = analysing.analysed(studies, store, 2)
    here, the_same = analysing.analysed(studies, store, 1)
    for one, other in zip(apart, here, strict=True):
        assert len(one.estimates)
        pd.testing.assert_frame_equal(one.estimates, other.estimates)
        pd.testing.assert_frame_equal(one.outcomes, other.outcomes)
    pd.testing.assert_frame_equal(signs.overall, the_same.overall)


def test_few_studies_and_stores_elsewhere_start_no_process(several, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a process was started")

    monkeypatch.setattr(analysing, "ProcessPoolExecutor", refuse)
    studies, store = several
    assert len(analysing.analysed(studies[:3], store, 2)[0]) == 3
    with pytest.raises(AssertionError, match="a process"):
        analysing.analysed(studies, store, 2)


def test_an_error_in_a_process_reaches_the_caller(several, monkeypatch):
    from reportgen.store.parquet import DamagedFile

    studies, store = several
    for path in Path("results/curves").glob("*.parquet"):
        path.write_bytes(b"no parquet")
    with pytest.raises(DamagedFile):
        analysing.analysed(studies, store, 2)
