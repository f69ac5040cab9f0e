"""Lists of learning rates grow while the best rate is at an end, and no further."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from reportgen.analyse.extension import extended
from reportgen.analyse.gather import gather
from reportgen.analyse.learning import choose

FURTHER = (0.00001, 0.0001, 0.001, 10.0, 100.0, 1000.0)
"""What the list 0.01, 0.1, 1 of the toy arms may grow by."""


def learns_at(toy, *good):
    """A run learns at some rates, earlier at the ones that are named first."""

    def truth(arm, run):
        place = good.index(run.learning_rate) if run.learning_rate in good else None
        return toy.truth(jump=1000 if place is None else 20 + 10 * place)

    return truth


def store_of(toy, study, truth):
    """A store of what choosing a rate needs: the runs, and their accuracy on the validation split."""
    held = [(run, truth(arm, run)) for arm in study.arms for run in arm.runs]
    held = [(run.run_id, it) for run, it in held if it.present]
    runs = [(run_id, "cell", "failed" if it.failed else "completed", 100, 0.2) for run_id, it in held]
    points = [
        (run_id, step, step * 1e-3, "validation", "accuracy", it.level if step >= it.jump else it.chance)
        for run_id, it in held
        if not it.failed
        for step in range(0, 101, 10)
    ]
    tables = {
        "runs": pd.DataFrame(runs, columns=["run_id", "cell_id", "status", "steps", "duration_s"]),
        "curves": pd.DataFrame(points, columns=["run_id", "step", "seconds", "split", "metric", "value"]),
    }
    return replace(toy.store(toy.study(), truth), tables=tables)


def study_of(toy, *labels, **changes):
    return toy.study(*(toy.arm(label, **{"further_rates": FURTHER, **changes}) for label in labels))


def chosen(study, store):
    """The choice by arm, as the analysis makes it."""
    runs = gather(study, store).runs
    return choose(study, runs, store.curves(runs["run_id"], splits=["validation"])).set_index("arm")


def trained(toy, study, truth):
    """Extend and train until nothing is missing, as the commands do; return the last study and all before it."""
    stages = [study]
    while True:
        stages.append(extended(study, store_of(toy, stages[-1], truth)))
        if stages[-1] == stages[-2]:
            return stages


def test_a_study_that_states_no_bounds_is_the_same_study(toy):
    study = study_of(toy, "a", further_rates=())
    assert extended(study, store_of(toy, study, learns_at(toy, 1.0))) is study


def test_a_best_rate_inside_ends_it_at_once(toy):
    study = study_of(toy, "a")
    assert extended(study, store_of(toy, study, learns_at(toy, 0.1))) is study


def test_an_empty_store_calls_for_nothing(toy):
    study = study_of(toy, "a")
    store = store_of(toy, study, lambda arm, run: toy.truth(present=False))
    assert extended(study, store) is study


@pytest.mark.parametrize(("best", "added"), [(1.0, 10.0), (0.01, 0.001)])
def test_a_best_rate_at_an_end_adds_the_next_one_outside(toy, best, added):
    study = study_of(toy, "a")
    (arm,) = extended(study, store_of(toy, study, learns_at(toy, best))).arms
    assert arm.learning_rates == tuple(sorted((0.01, 0.1, 1.0, added)))


def test_an_added_rate_is_run_with_all_seeds_of_its_arm_and_of_no_other(toy):
    study = study_of(toy, "a", "b")
    truths = {"a": learns_at(toy, 1.0), "b": learns_at(toy, 0.1)}
    store = store_of(toy, study, lambda arm, run: truths[arm.id](arm, run))
    grown = extended(study, store)
    (cell,) = grown.missing_cells(store.tables["runs"]["run_id"])
    assert {run.learning_rate for run in cell.runs} == {10.0}
    assert sorted(run.seed for run in cell.runs) == [0, 1, 2, 3, 4, 100, 101, 102]
    assert grown.arms[1] == study.arms[1]


def test_it_goes_on_as_long_as_the_store_has_the_runs_and_stops_inside(toy):
    study = study_of(toy, "a")
    stages = trained(toy, study, learns_at(toy, 10.0, 1.0))
    assert [stage.arms[0].learning_rates[-1] for stage in stages] == [1.0, 10.0, 100.0, 100.0]


def test_the_chosen_rate_is_then_inside(toy):
    study = study_of(toy, "a")
    truth = learns_at(toy, 10.0, 1.0)
    grown = trained(toy, study, truth)[-1]
    found = chosen(grown, store_of(toy, grown, truth)).loc["a"]
    assert (found["learning_rate"], found["at_edge"]) == (10.0, False)


def test_it_stops_at_the_bound_and_the_arm_stays_marked(toy):
    study = study_of(toy, "a", further_rates=(0.001, 10.0))
    truth = learns_at(toy, *(rate for rate in sorted((*FURTHER, 1.0), reverse=True)))
    grown = trained(toy, study, truth)[-1]
    assert grown.arms[0].learning_rates == (0.01, 0.1, 1.0, 10.0)
    assert chosen(grown, store_of(toy, grown, truth)).loc["a", "at_edge"]


def test_both_ends_may_grow(toy):
    study = study_of(toy, "a")
    up = extended(study, store_of(toy, study, learns_at(toy, 1.0)))
    both = extended(up, store_of(toy, up, learns_at(toy, 0.01)))
    assert both.arms[0].learning_rates == (0.001, 0.01, 0.1, 1.0, 10.0)


def test_judged_seeds_have_no_say(toy):
    study = study_of(toy, "a")

    def truth(arm, run):
        best = 0.1 if run.seed in arm.tuning_seeds else 1.0
        return toy.truth(jump=20 if run.learning_rate == best else 1000)

    assert extended(study, store_of(toy, study, truth)) is study


def test_a_list_that_is_not_complete_is_not_extended(toy):
    study = study_of(toy, "a")

    def truth(arm, run):
        return replace(learns_at(toy, 1.0)(arm, run), present=(run.seed, run.learning_rate) != (101, 0.01))

    assert extended(study, store_of(toy, study, truth)) is study


def test_missing_judged_runs_hold_nothing_up(toy):
    study = study_of(toy, "a")

    def truth(arm, run):
        return replace(learns_at(toy, 1.0)(arm, run), present=run.seed in arm.tuning_seeds)

    assert extended(study, store_of(toy, study, truth)).arms[0].learning_rates == (0.01, 0.1, 1.0, 10.0)


def test_failed_runs_count_as_there(toy):
    study = study_of(toy, "a")

    def truth(arm, run):
        return replace(learns_at(toy, 1.0)(arm, run), failed=run.learning_rate == 0.01)

    assert extended(study, store_of(toy, study, truth)).arms[0].learning_rates == (0.01, 0.1, 1.0, 10.0)


def test_skipped_and_untuned_arms_are_left_alone(toy):
    study = toy.study(
        toy.arm("skipped", further_rates=FURTHER, skipped="no"),
        toy.arm("untrained", learning_rates=(), tuning_seeds=()),
    )
    assert extended(study, store_of(toy, study, learns_at(toy, 1.0))) is study


def test_without_tuning_seeds_the_judged_seeds_decide(toy):
    study = study_of(toy, "a", tuning_seeds=())
    assert extended(study, store_of(toy, study, learns_at(toy, 1.0))).arms[0].learning_rates[-1] == 10.0


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_results_rates_are_only_added_within_the_bounds_until_the_best_is_inside(toy, seed):
    chance = random.Random(seed)
    further = tuple(rate for rate in FURTHER if chance.random() < 0.8)
    study = study_of(toy, "a", "b", further_rates=further, tuning_seeds=(100,), seeds=(0,))
    jumps = {(label, rate): chance.choice((20, 40, 60, 1000)) for label in "ab" for rate in (0.01, 0.1, 1.0, *FURTHER)}

    def truth(arm, run):
        return toy.truth(jump=jumps[arm.id, run.learning_rate])

    stages = trained(toy, study, truth)
    for before, after in pairwise(stages):
        for old, new in zip(before.arms, after.arms, strict=True):
            assert set(old.learning_rates) <= set(new.learning_rates) <= {0.01, 0.1, 1.0, *further}
            assert list(new.learning_rates) == sorted(new.learning_rates)
            assert replace(new, learning_rates=old.learning_rates) == old
    last = stages[-1]
    store = store_of(toy, last, truth)
    assert extended(last, store) is last  # what is extended is extended already
    assert extended(study, store) == last
    choice = chosen(last, store)
    for arm in last.arms:
        rate = choice.loc[arm.id, "learning_rate"]
        beyond = [r for r in further if r < rate] if rate == arm.learning_rates[0] else [r for r in further if r > rate]
        assert not (choice.loc[arm.id, "at_edge"] and beyond)
