"""The same study with other seeds."""

from __future__ import annotations

import pytest

from reportgen.errors import UsageError
from reportgen.study import load
from reportgen.study.seeds import LARGEST_OFFSET, shifted


def test_without_a_shift_nothing_changes(studies):
    path = studies.write()
    assert load(path, seed_offset=0) == load(path)
    assert [run.run_id for run in load(path, seed_offset=0).arms[0].runs] == [
        run.run_id for run in load(path).arms[0].runs
    ]


def test_all_seeds_are_shifted_and_nothing_else(studies):
    path = studies.write("factors: {a: {raw: {training.steps: 0, seeds: 2}, trained: {}}}")
    raw, trained = load(path, seed_offset=50).arms
    assert (raw.seeds, raw.tuning_seeds) == ((50, 51), ())
    assert (trained.seeds, trained.tuning_seeds) == ((50, 51, 52), (1050, 1051))
    assert trained.learning_rates == load(path).arms[1].learning_rates
    assert load(path, seed_offset=50).seed_offset == 50


def test_shifted_runs_are_other_runs(studies):
    path = studies.write()
    ids = [{run.run_id for run in load(path, seed_offset=offset).arms[0].runs} for offset in (0, 3)]
    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize("offset", range(995, 1004))
def test_no_seed_is_judged_that_chooses_rates_with_or_without_the_shift(studies, offset):
    path = studies.write()  # judges 0, 1 and 2; tunes on 1000 and 1001
    if offset in (998, 999, 1000, 1001):
        with pytest.raises(UsageError, match=r"would judge the seed 100[01](.|\n)*at most 997, or by at least 1002"):
            load(path, seed_offset=offset)
        return
    (arm,) = load(path, seed_offset=offset).arms
    assert set(arm.seeds).isdisjoint({*arm.tuning_seeds, 1000, 1001})


def test_a_study_without_tuning_takes_any_shift(studies, head):
    path = studies.write(head=head(training="training: {steps: 0}", seeds="seeds: 2"))
    assert load(path, seed_offset=1000).arms[0].seeds == (1000, 1001)


@pytest.mark.parametrize("offset", [-1, LARGEST_OFFSET + 1])
def test_a_shift_has_bounds(studies, offset):
    with pytest.raises(UsageError, match=f"cannot be shifted by {offset}"):
        shifted(studies.load(), offset)
