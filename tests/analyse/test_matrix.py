"""The remedy matrix: which arms are pairs, what a pair comes to, and how pairs are summarised."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from reportgen.analyse.combinations import combinations
from reportgen.analyse.estimates import COLUMNS
from reportgen.analyse.intervals import wilson
from reportgen.analyse.matrix import cells, named, pairs, replacements
from reportgen.study.spec import Component, Training

SKIP, CLIP, BATCH = Component("skip"), Component("clip", 1, {"max_norm": 1.0}), Component("norm", 1, {"kind": "batch"})
BUDGET = 100


@pytest.fixture
def network(toy):
    """Make an arm with remedies; the name is its id."""
    return lambda name, *remedies, **changes: toy.arm(name, remedies=remedies, measure=toy.arm("").measure, **changes)


def analysed(study, steps, *, factors=None, edges=(), seconds=None):
    """An analysis in which each arm's seeds reach the target at the given steps (the budget: not at all)."""
    rows, times = [], []
    for arm, reached in steps.items():
        hits, n = sum(step < BUDGET for step in reached), len(reached)
        low, high = (float(end) for end in wilson(hits, n))
        rows.append(("success", arm, hits / n, low, high, "share of runs", n, 0, ""))
        rows.append(("seconds-per-step", arm, (seconds or {}).get(arm, 1.0), *[float("nan")] * 2, "s", 1, 0, ""))
        times += [(arm, seed, step, step >= BUDGET, False) for seed, step in enumerate(reached)]
    rows += [
        ("decay-factor", arm, value, value * 0.99, value * 1.01, "per layer", 5, 0, "")
        for arm, value in (factors or {}).items()
    ]
    return SimpleNamespace(
        estimates=pd.DataFrame(rows, columns=list(COLUMNS)),
        times=pd.DataFrame(times, columns=["arm", "seed", "step", "censored", "diverged"]),
        chosen=pd.DataFrame({"arm": list(steps), "at_edge": [arm in edges for arm in steps]}),
    )


NEVER, LATE, SOON = [BUDGET] * 5, [60, 62, 58, 61, 59], [20, 21, 19, 20, 22]


def test_a_pair_has_one_remedy_more_and_is_the_same_in_all_else(toy, network):
    study = toy.study(
        network("bare"),
        network("clip", CLIP),
        network("clip and skip", CLIP, SKIP),
        network("other depth", SKIP, depth=5),
        network("other budget", SKIP, training=Training(steps=50)),
        network("left out", SKIP, skipped="it is excluded"),
    )
    found = pairs([(study, analysed(study, {arm.id: LATE for arm in study.arms}))])
    assert found[["with", "without", "remedy", "beside"]].to_numpy().tolist() == [
        ["clip", "bare", "clip", ""],
        ["clip and skip", "clip", "skip", "clip"],
    ]


def test_a_given_rate_is_compared_with_the_same_rate_and_a_chosen_one_with_a_chosen_one(toy, network):
    study = toy.study(
        network("bare, chosen", learning_rates=(0.01, 0.1)),
        network("clip, chosen", CLIP, learning_rates=(0.01, 0.1, 1.0)),
        network("bare, given", learning_rates=(0.1,)),
        network("clip, given", CLIP, learning_rates=(0.1,)),
        network("clip, other", CLIP, learning_rates=(0.01,)),
    )
    found = pairs([(study, analysed(study, {arm.id: LATE for arm in study.arms}))])
    assert found[["with", "without"]].to_numpy().tolist() == [
        ["clip, chosen", "bare, chosen"],
        ["clip, given", "bare, given"],
    ]


def test_settings_that_are_words_make_another_remedy_and_numbers_do_not():
    nested = Component("initialisation", 1, {"to": {"name": "glorot-normal", "gain": 1.0}})
    assert [named(one) for one in (BATCH, CLIP, nested)] == ["norm: batch", "clip", "initialisation: glorot-normal"]


def of(arm, name, **parameters):
    return replace(arm, architecture=Component(name, 1, parameters))


def test_another_network_is_compared_where_all_else_is_the_same(toy, network):
    deep = {"depth": 9, "activation": "tanh"}
    study = toy.study(
        of(network("plain"), "plain", **deep, start="flat"),
        of(network("steep"), "plain", **deep, start="steep"),
        of(network("gated"), "gated", **deep, gates=2),
        of(network("gated, other activation"), "gated", depth=9, activation="relu"),
        of(network("gated, with a remedy", SKIP), "gated", **deep),
        of(network("gated, untrained", training=Training(steps=0), target=None), "gated", **deep),
        of(network("gated, left out", skipped="it is excluded"), "gated", **deep),
        of(network("unheard of"), "unheard-of", **deep),
    )
    found = analysed(study, {arm.id: LATE for arm in study.arms} | {"gated": SOON}, factors={"steep": 1.5})
    replaces, kinds = {"gated": {"plain": ("depth", "activation")}}, {"plain": ("start", "not an option of it")}
    rows = replacements([(study, found), (replace(study, id="again"), found)], replaces, kinds)
    shown = rows[["study", "architecture", "remedy", "setting", "gradient", "with", "without", "effect"]]
    assert shown.to_numpy().tolist() == [
        ["toy", "plain: flat", "gated", "", "not measured", "gated", "plain", "helps"],
        ["toy", "plain: steep", "gated", "", "explodes", "gated", "steep", "helps"],
    ]
    alike = replacements([(study, found)], {"gated": {"plain": ()}}, {})
    assert set(alike["architecture"]) == {"plain"}
    assert set(alike["with"]) == {"gated", "gated, other activation"}


def one_pair(toy, network, without, with_it, **given):
    study = toy.study(network("bare"), network("skip", SKIP))
    return pairs([(study, analysed(study, {"bare": without, "skip": with_it}, **given))]).iloc[0]


@pytest.mark.parametrize(
    ("without", "with_it", "effect"),
    [
        (NEVER, LATE, "helps"),  # success 0 % and 100 %: Newcombe's interval is 38.6 % to 100 %
        (LATE, NEVER, "hurts"),
        (LATE, SOON, "helps"),  # all succeed, three times as fast
        (SOON, LATE, "hurts"),
        (LATE, LATE, "no clear difference"),
        (NEVER, NEVER, "no clear difference"),
        (LATE[:2], SOON[:2], "not judged"),
    ],
)
def test_an_effect_is_told_by_success_and_then_by_time(toy, network, without, with_it, effect):
    row = one_pair(toy, network, without, with_it)
    assert row["effect"] == effect
    assert bool(row["reason"]) == (effect == "not judged")


def test_the_numbers_of_a_pair(toy, network):
    row = one_pair(toy, network, LATE, SOON, factors={"bare": 0.5, "skip": 1.1}, seconds={"bare": 0.002, "skip": 0.005})
    assert row["speed_up"] == pytest.approx(300 / 102)
    assert row["speed_low"] < row["speed_up"] < row["speed_high"]
    assert row["cost"] == pytest.approx(2.5)
    assert (row["decay_without"], row["decay_with"], row["gradient"]) == (0.5, 1.1, "vanishes")
    assert (row["success_change"], row["n"]) == (0.0, 5)


def test_the_cost_of_a_step_is_not_told_from_runs_that_diverged(toy, network):
    study = toy.study(network("bare"), network("skip", SKIP))
    found = analysed(study, {"bare": LATE, "skip": SOON})
    gone = pd.DataFrame([("diverged", "bare", 0.2, 0.0, 0.5, "share of runs", 5, 0, "")], columns=list(COLUMNS))
    found.estimates = pd.concat([found.estimates, gone], ignore_index=True)
    assert pd.isna(pairs([(study, found)]).iloc[0]["cost"])


def test_success_of_all_against_none_has_newcombes_interval(toy, network):
    row = one_pair(toy, network, NEVER, LATE)
    # Wilson's limits of 0/5 and 5/5 are 0 to 0.4345 and 0.5655 to 1; 1 - sqrt(2) * 0.4345
    assert (row["success_low"], row["success_high"]) == pytest.approx((0.3855, 1.0), abs=5e-5)


@pytest.mark.parametrize(
    ("edge", "without", "with_it", "effect"),
    [
        ("bare", NEVER, LATE, "not judged"),  # a better rate could make up for the remedy
        ("skip", NEVER, LATE, "helps"),  # a better rate could only widen the difference
        ("skip", LATE, NEVER, "not judged"),
        ("bare", LATE, NEVER, "hurts"),
        ("bare", LATE, LATE, "not judged"),
    ],
)
def test_a_rate_at_the_edge_leaves_open_what_a_better_one_could_change(toy, network, edge, without, with_it, effect):
    assert one_pair(toy, network, without, with_it, edges=(edge,))["effect"] == effect


@pytest.mark.parametrize(("factor", "gradient"), [(0.98, "vanishes"), (1.005, "level"), (1.2, "explodes")])
def test_what_the_gradient_does_is_told_by_the_interval(toy, network, factor, gradient):
    assert one_pair(toy, network, LATE, LATE, factors={"bare": factor})["gradient"] == gradient


def test_an_untrained_pair_has_factors_only(toy, network):
    untrained = {"training": Training(steps=0), "target": None, "learning_rates": (), "tuning_seeds": ()}
    study = toy.study(network("bare", **untrained), network("skip", SKIP, **untrained))
    row = pairs([(study, analysed(study, {}, factors={"bare": 0.5, "skip": 1.0}))]).iloc[0]
    assert (row["effect"], row["reason"]) == ("not judged", "measured before training only")
    assert row["decay_with"] == 1.0 and pd.isna(row["success_with"])


def test_runs_that_two_studies_share_are_compared_once(toy, network):
    study = toy.study(network("bare"), network("skip", SKIP))
    found = analysed(study, {"bare": LATE, "skip": SOON})
    again = replace(study, id="again")
    assert pairs([(study, found), (again, found)])["study"].tolist() == ["toy"]


def frame(**columns):
    """Pairs of one cell, with what `cells` reads."""
    n = len(next(iter(columns.values())))
    given = {"architecture": "mlp", "remedy": "skip", "setting": "", "gradient": "vanishes", "beside": "", "n": 5}
    given |= dict.fromkeys(("decay_without", "decay_with", "success_without", "success_with", "speed_up", "cost"), 1.0)
    given |= {"effect": "helps", "reason": "", "study": "toy"}
    return pd.DataFrame({name: [value] * n for name, value in given.items()} | columns)


def test_a_cell_has_the_median_and_the_range_of_its_pairs():
    row = cells(frame(speed_up=[1.0, 5.0, 2.0], effect=["helps", "not judged", "hurts"])).iloc[0]
    assert (row["speed_up"], row["speed_up_least"], row["speed_up_most"]) == (2.0, 1.0, 5.0)
    assert (row["n_pairs"], row["n"], row["helps"], row["hurts"], row["unclear"], row["unjudged"]) == (
        3,
        15,
        1,
        1,
        0,
        1,
    )


def test_pairs_beside_other_remedies_count_only_where_there_are_no_others():
    both = cells(frame(beside=["", "clip"], speed_up=[2.0, 9.0]))
    assert both[["n_pairs", "speed_up", "beside"]].to_numpy().tolist() == [[1, 2.0, False]]
    assert cells(frame(beside=["clip"]))["beside"].tolist() == [True]
    apart = cells(frame(beside=["", "clip"], gradient=["vanishes", "explodes"]))
    assert apart["gradient"].tolist() == ["vanishes"]


def test_what_vanishes_and_what_explodes_are_apart():
    assert cells(frame(gradient=["vanishes", "explodes"]))["n_pairs"].tolist() == [1, 1]


def test_no_pairs_make_no_cells(toy, network):
    study = toy.study(network("bare"))
    found = pairs([(study, analysed(study, {"bare": LATE}))])
    assert found.empty and cells(found).empty and combinations([(study, analysed(study, {"bare": LATE}))]).empty


@pytest.mark.parametrize(
    ("first", "second", "both", "verdict"),
    [
        (LATE, LATE, SOON, "add"),
        (NEVER, NEVER, LATE, "add"),
        (SOON, LATE, [21, 20, 20, 21, 20], "redundant"),
        (SOON, LATE, LATE, "hurt"),
        (SOON, NEVER, NEVER, "hurt"),
        (NEVER, NEVER, NEVER, "undecided"),
        ([20, 60, 40, 30, 50], LATE, [50, 20, 60, 30, 40], "undecided"),
    ],
)
def test_two_remedies_add_are_redundant_or_hurt(toy, network, first, second, both, verdict):
    study = toy.study(
        network("bare"), network("skip", SKIP), network("clip", CLIP), network("skip and clip", SKIP, CLIP)
    )
    steps = {"bare": NEVER, "skip": first, "clip": second, "skip and clip": both}
    row = combinations([(study, analysed(study, steps))]).iloc[0]
    assert (row["first"], row["second"], row["arm"], row["bare"]) == ("skip", "clip", "skip and clip", "bare")
    assert row["verdict"] == verdict
    assert bool(row["reason"]) == (verdict == "undecided")


def test_a_combination_needs_each_remedy_alone_and_neither(toy, network):
    study = toy.study(network("skip", SKIP), network("clip", CLIP), network("skip and clip", SKIP, CLIP))
    assert combinations([(study, analysed(study, {arm.id: LATE for arm in study.arms}))]).empty
