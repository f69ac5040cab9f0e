"""Verdicts: what decides a stratum, a study and a claim."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from reportgen.analyse.claims import STRATUM_COLUMNS, combined, decide
from reportgen.analyse.comparison import holm
from reportgen.analyse.shares import difference_exceeds, newcombe
from reportgen.analyse.verdicts import verdict, verdicts
from reportgen.study.claims import UNTESTED, Claim

CLAIM = Claim("it-helps", "causes", "It helps.", ("kumar2022",), "It is said to help.")


@pytest.fixture
def ask(toy, deciding):
    """Decide one request in a study of a remedy, on and off, at two depths unless other factors are given."""

    def asked(values, name="success", edges=(), absent=(), factors=None, **changes):
        study = deciding.crossed(toy, remedy=["off", "on"], **(factors or {"depth": ["5 layers", "20 layers"]}))
        study = replace(study, claims=(deciding.request(estimate=name, **changes),))
        given = {name.replace("-", "_"): values} if callable(values) else values
        (result,) = decide(study, deciding.analysis(study, edges, absent, **given))
        return result

    return asked


def scattered(centre, seed, n=10, spread=0.05):
    rng = np.random.default_rng(seed)
    return dict(enumerate(centre + spread * rng.normal(size=n)))


def test_shares_are_decided_by_score_intervals(ask, deciding):
    result = ask(lambda at: deciding.share(9 if at["remedy"] == "on" else 2))
    assert list(result.strata.columns) == list(STRATUM_COLUMNS)
    assert result.verdict == "supported"
    row = result.strata.iloc[0]
    assert (row["stratum"], row["arm"], row["against"]) == ("Depth: 5 layers", "on/5 layers", "off/5 layers")
    low, high = newcombe(0.9, 10, 0.2, 10)
    assert (row["effect"], row["low"], row["high"]) == pytest.approx((0.7, float(low), float(high)))
    assert (row["unit"], row["n"], row["verdict"], row["reason"]) == ("share of runs", 10, "supported", "")
    raw = [difference_exceeds(0.9, 10, 0.2, 10, 0.0), difference_exceeds(0.2, 10, 0.9, 10, -0.2)] * 2
    assert (row["p_supported"], row["p_refuted"]) == pytest.approx(tuple(holm(raw)[:2]))


def test_the_direction_turns_the_effect(ask, deciding):
    result = ask(lambda at: deciding.share(1 if at["remedy"] == "on" else 9), name="diverged", direction="lower")
    assert result.verdict == "supported"
    assert result.strata["effect"].tolist() == pytest.approx([0.8, 0.8])
    assert (result.strata["low"] < result.strata["effect"]).all()
    assert ask(lambda at: deciding.share(1 if at["remedy"] == "on" else 9)).verdict == "refuted"


def test_factors_are_compared_as_ratios_by_seed(ask):
    def values(at):
        mine = {"on": 0.9, "off": 0.5}[at["remedy"]]
        return {seed: mine * 1.5**seed * (1 + 0.01 * (seed % 3) * (at["remedy"] == "on")) for seed in range(6)}

    row = ask(values, name="decay-factor", margin=1.5).strata.iloc[0]
    logs = np.log10(1.8 * (1 + 0.01 * (np.arange(6) % 3)))
    assert row["effect"] == pytest.approx(10 ** logs.mean())
    interval = stats.t.interval(0.95, 5, logs.mean(), logs.std(ddof=1) / np.sqrt(6))
    assert (row["low"], row["high"]) == pytest.approx(tuple(10 ** np.array(interval)))
    assert row["unit"] == "times"
    assert row["verdict"] == "supported"


def test_the_tests_are_students(ask):
    def values(at):
        return {"on": dict(enumerate([0.5, 0.9, 0.7, 0.8])), "off": dict(enumerate([0.4, 0.5, 0.6, 0.6]))}[at["remedy"]]

    row = ask(values, name="final-metric", factors={"kind": ["one"]}, margin=0.3).strata.iloc[0]
    differences = np.array([0.1, 0.4, 0.1, 0.2])
    raw = [
        stats.ttest_1samp(differences, 0.0, alternative="greater").pvalue,
        stats.ttest_1samp(differences, 0.3, alternative="less").pvalue,
    ]
    assert (row["p_supported"], row["p_refuted"]) == pytest.approx(tuple(holm(raw)))


@pytest.mark.parametrize(
    ("on", "off", "answer"), [(0.95, 0.5, "supported"), (1.06, 2.0, "supported"), (3.0, 0.9, "refuted")]
)
def test_nearer_to_one_from_either_side(ask, on, off, answer):
    def values(at):
        return {seed: {"on": on, "off": off}[at["remedy"]] * 1.01 ** (seed % 4) for seed in range(8)}

    result = ask(values, name="decay-factor", direction="nearer-one", margin=1.2)
    assert result.verdict == answer
    expected = abs(np.log10(off * 1.01**1.5)) - abs(np.log10(on * 1.01**1.5))
    assert result.strata["effect"].tolist() == pytest.approx([10**expected] * 2, rel=1e-6)


def test_an_effect_that_is_surely_below_the_margin_is_refuted(ask):
    def values(at):
        return scattered(0.55 if at["remedy"] == "on" else 0.5, len(at["remedy"]), spread=0.005)

    result = ask(values, name="final-metric", margin=0.1)
    assert (result.strata["low"] > 0).all()
    assert result.verdict == "refuted"


@pytest.mark.parametrize(
    ("differences", "reason"),
    [
        ([0.1, 0.4, -0.1, 0.3], "neither a difference nor its absence is certain"),
        ([0.1, 0.11, 0.16, 0.17], "there is a difference, but it is not certain whether it is as large as the margin"),
    ],
)
def test_an_interval_that_straddles_the_margin_is_undecided(ask, differences, reason):
    def values(at):
        return dict(enumerate(differences if at["remedy"] == "on" else [0.0] * 4))

    result = ask(values, name="final-metric", margin=0.15, factors={"kind": ["one"]})
    assert result.verdict == "undecided"
    assert result.strata[["verdict", "reason"]].values.tolist() == [["undecided", reason]]


def test_it_depends_on_the_factor_that_tells_the_answers_apart(ask, deciding):
    def values(at):
        return deciding.share(9 if at["remedy"] == "on" and at["depth"] != "20 layers" else 0)

    factors = {"depth": ["2 layers", "5 layers", "20 layers"], "unit": ["tanh", "ReLU"]}
    result = ask(values, factors=factors, margin=0.5)
    assert result.verdict == "depends"
    assert result.condition == "depth: for 2 and 5 layers, not for 20"


def test_without_one_factor_or_pair_it_counts(ask, deciding):
    def values(at):
        odd = sum(int(at[name]) for name in ("a", "b", "c")) % 2
        return deciding.share(10 * (at["remedy"] == "on") * odd)

    result = ask(values, factors={name: ["0", "1"] for name in ("a", "b", "c")}, margin=0.5)
    assert result.condition == "no factor or pair of factors alone: it holds in 4 of 8 comparisons"


def test_an_arm_at_the_edge_is_not_decided(ask, deciding):
    result = ask(lambda at: deciding.share(10 * (at["remedy"] == "on")), edges=("off/20 layers",))
    assert result.strata["verdict"].tolist() == ["supported", "undecided"]
    assert result.strata["reason"].tolist() == ["", "off · 20 layers: its best rate is at the edge"]
    assert np.isnan(result.strata["p_supported"][1])
    assert result.strata["effect"][1] == 1.0
    assert result.verdict == "supported"


def test_the_edge_does_not_matter_to_what_is_measured_at_the_start(ask):
    def values(at):
        return scattered({"on": 0.9, "off": 0.5}[at["remedy"]], len(at["remedy"]), n=5, spread=0.01)

    assert ask(values, name="decay-factor", margin=1.2, edges=("on/5 layers", "off/5 layers")).verdict == "supported"


def test_two_seeds_decide_nothing(ask, deciding):
    result = ask(lambda at: deciding.share(2 * (at["remedy"] == "on"), 2))
    assert result.verdict == "undecided"
    assert set(result.strata["reason"]) == {"fewer than 3 seeds"}
    assert result.strata["effect"].tolist() == [1.0, 1.0]
    assert result.strata["low"].isna().all()


def test_what_is_measured_once_decides_nothing_and_is_shown(ask):
    result = ask(
        lambda at: {-1: 0.2 if at["remedy"] == "on" else 0.1}, name="seconds-per-step", direction="lower", margin=1.1
    )
    assert result.strata["effect"].tolist() == pytest.approx([0.5, 0.5])
    assert set(result.strata["reason"]) == {"it is measured once for all seeds, so that it has no interval"}


def test_differences_that_are_all_the_same_get_the_sign_tests_p(ask):
    def values(at):
        return dict.fromkeys(range(5), 0.9 if at["remedy"] == "on" else 0.5)

    result = ask(values, name="final-metric", factors={"kind": ["one"]}, margin=0.1)
    assert result.strata["p_supported"].tolist() == [2 * 2.0**-5]
    assert result.verdict == "undecided"


def test_where_the_outcome_does_not_exist_the_stratum_is_left_out(ask):
    def values(at):
        return {} if at["depth"] == "2 layers" else scattered(0.9 if at["remedy"] == "on" else 0.5, 1, spread=0.001)

    absent = [("on/2 layers", "decay-factor", "fewer than 3 positions to fit (of 1)")]
    factors = {"depth": ["2 layers", "20 layers"]}
    result = ask(lambda at: values(at), name="decay-factor", margin=1.2, factors=factors, absent=absent)
    assert result.strata["verdict"].tolist()[0] == ""
    assert result.strata["reason"][0] == "on · 2 layers: fewer than 3 positions to fit (of 1)"


def test_arms_without_runs_count_as_undecided(toy, deciding):
    study = deciding.crossed(toy, remedy=["off", "on"], depth=["5", "20"])
    study = replace(study, claims=(deciding.request(),))
    found = deciding.analysis(
        study, success=lambda at: deciding.share(10 * (at["remedy"] == "on")) if at["depth"] == "5" else {}
    )
    found.statuses = found.statuses.assign(completed=[1, 0, 1, 0])
    (result,) = decide(study, found)
    assert result.strata["verdict"].tolist() == ["supported", "undecided"]
    assert result.strata["reason"][1] == "on · 20 has no runs yet"


def reached(times):
    """Outcomes of times to target where 100 is the budget."""
    return {
        "time_to_target": lambda at: dict(enumerate(times(at))),
        "success": lambda at: dict(enumerate(float(time < 100) for time in times(at))),
    }


FASTER = {"direction": "lower", "margin": 1.5, "factors": {"kind": ["one"]}}


def test_times_are_compared_as_ratios(ask):
    result = ask(
        reached(lambda at: [10, 20, 30, 20] if at["remedy"] == "on" else [40, 90, 90, 80]), "time-to-target", **FASTER
    )
    assert result.strata["effect"][0] == pytest.approx((4 * 4.5 * 3 * 4) ** 0.25)
    assert result.verdict == "supported"


def test_a_slower_side_that_does_not_get_there_bounds_the_effect_and_refutes_nothing(ask):
    same = reached(lambda at: [90, 80, 90, 80] if at["remedy"] == "on" else [91, 82, 92, 100])
    result = ask(same, "time-to-target", **FASTER)
    assert np.isnan(result.strata["p_refuted"][0])
    assert result.verdict == "undecided"
    all_there = reached(lambda at: [90, 80, 90, 80] if at["remedy"] == "on" else [91, 82, 92, 81])
    assert ask(all_there, "time-to-target", **FASTER).verdict == "refuted"


def test_where_nobody_gets_there_nothing_is_tested(ask):
    result = ask(reached(lambda at: [100] * 5), "time-to-target", **FASTER)
    assert result.strata["reason"].tolist() == ["no run reaches the target"]


def test_against_a_number(ask):
    def values(at):
        return {seed: (0.5 if at["remedy"] == "on" else 1.0) * 1.02 ** (seed % 3) for seed in range(6)}

    changes = {"name": "decay-factor", "direction": "lower", "margin": 1.1}
    vanishing = ask(values, against=1.0, **changes)
    assert vanishing.verdict == "supported"
    assert set(vanishing.strata["against"]) == {"1"}
    assert vanishing.strata["effect"][0] == pytest.approx(1 / (0.5 * 1.02))
    assert ask(values, compare={"remedy": ("off",)}, against=1.0, **changes).verdict == "refuted"


def test_shares_against_a_number(ask, deciding):
    result = ask(lambda at: deciding.share(9), against=0.5, factors={"kind": ["one"]})
    assert result.strata["effect"][0] == pytest.approx(0.4)
    assert result.verdict == "supported"
    assert ask(lambda at: deciding.share(1), against=0.5, factors={"kind": ["one"]}).verdict == "refuted"


def test_pooled_arms_count_each_seed_once(ask, deciding):
    on, off = {"5 layers": 10, "20 layers": 6}, {"5 layers": 4, "20 layers": 0}
    result = ask(lambda at: deciding.share((on if at["remedy"] == "on" else off)[at["depth"]]), strata=())
    row = result.strata.iloc[0]
    assert (row["effect"], row["n"]) == (pytest.approx(0.6), 10)
    assert row["low"] == pytest.approx(float(newcombe(0.8, 10, 0.2, 10)[0]))
    assert row["arm"] == "on/5 layers, on/20 layers"


def test_all_requests_of_one_claim_are_one_family(toy, deciding):
    study = deciding.crossed(toy, remedy=["off", "on"], kind=["one"])
    asked = deciding.request()
    outcomes = {"success": lambda at: deciding.share(8 if at["remedy"] == "on" else 2)}

    def p_values(*claims):
        made = replace(study, claims=claims)
        return [result.strata["p_supported"][0] for result in decide(made, deciding.analysis(made, **outcomes))]

    (alone,) = p_values(asked)
    assert p_values(asked, replace(asked, margin=0.1)) == pytest.approx([2 * alone, 2 * alone])
    assert p_values(asked, replace(asked, id="another")) == pytest.approx([alone, alone])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("ssu", "supported"),
        ("rr", "refuted"),
        ("sr", "depends"),
        ("suu", "undecided"),
        ("su", "supported"),
        ("s  ", "supported"),
        ("  ", "undecided"),
        ("", "undecided"),
    ],
)
def test_the_rule_over_strata(answers, expected):
    names = {"s": "supported", "r": "refuted", "u": "undecided", " ": ""}
    assert combined([names[answer] for answer in answers]) == expected


@pytest.fixture
def results(toy, deciding):
    """Decide the claim in a study where it holds and in one where it does not."""

    def made(title, gain, batch_size=64, **changes):
        study = deciding.crossed(toy, title, remedy=["off", "on"], depth=["5", "20"])
        arms = [replace(arm, training=replace(arm.training, batch_size=batch_size)) for arm in study.arms]
        study = replace(study, arms=tuple(arms))
        study = replace(study, claims=(deciding.request(**{"margin": 0.5, **changes}),))
        outcome = changes.get("estimate", "success").replace("-", "_")
        return decide(
            study, deciding.analysis(study, **{outcome: lambda at: deciding.share(gain * (at["remedy"] == "on"))})
        )

    return made


def test_studies_are_put_together_and_named_in_the_condition(results):
    found = verdict(CLAIM, [*results("First nets", 10), *results("Other nets", 0, batch_size=32)])
    assert found.verdict == "depends"
    assert found.condition == "study: for “First nets”, not for “Other nets”"
    assert found.reason == "Of 4 comparisons in 2 studies: 2 supported, 2 refuted."
    assert len(found.results) == 2


def test_what_was_measured_can_be_the_condition(results):
    mixed = [*results("Nets", 10), *results("Nets", 0, estimate="diverged")]
    assert verdict(CLAIM, mixed).condition == "measured by: for success, not for diverged"


def test_what_it_depends_on_can_differ_with_what_was_measured(toy, deciding):
    study = deciding.crossed(toy, "Nets", remedy=["off", "on"], a=["0", "1"], b=["0", "1"], c=["0", "1"])
    study = replace(
        study, claims=tuple(deciding.request(estimate=name, margin=0.5) for name in ("success", "diverged"))
    )
    given = {
        "success": lambda at: deciding.share(10 * (at["remedy"] == "on") * (at["a"] == at["b"])),
        "diverged": lambda at: deciding.share(10 * (at["remedy"] == "on") * (at["c"] == "1")),
    }
    found = verdict(CLAIM, decide(study, deciding.analysis(study, **given)))
    assert found.condition == (
        "what is measured: by success, A and B: for 0 (0) and 1 (1), not for 0 (1) and 1 (0); "
        "by diverged, C: for 1, not for 0"
    )


def test_the_commonest_reason_is_told(results):
    found = verdict(CLAIM, results("Nets", 0, margin=0.05))
    assert found.reason == (
        "Of 2 comparisons in one study: 2 undecided. "
        "The commonest reason for the latter: neither a difference nor its absence is certain."
    )


def test_results_of_other_claims_are_passed_over(results):
    mine, other = results("First", 10), results("Second", 0, id="another")
    found = verdict(CLAIM, [*mine, *other])
    assert (found.verdict, found.results) == ("supported", mine)


def test_a_claim_without_evidence_says_why():
    assert verdict(CLAIM, []).reason == "No study tests it so far."
    untested = replace(CLAIM, untested="Nothing can decide it.")
    assert (verdict(untested, []).verdict, verdict(untested, []).reason) == ("undecided", "Nothing can decide it.")


def test_hundreds_of_strata_in_well_under_a_second(toy, deciding):
    factors = {name: [f"{name}{level}" for level in range(7)] for name in ("a", "b", "c")}
    study = deciding.crossed(toy, remedy=["off", "on"], **factors)
    study = replace(study, claims=(deciding.request(), deciding.request(estimate="decay-factor", margin=1.1)))
    rng = np.random.default_rng(0)
    given = {
        "success": lambda at: dict(enumerate(rng.integers(0, 2, 10).astype(float))),
        "decay_factor": lambda at: dict(enumerate(rng.lognormal(size=10))),
    }
    found = deciding.analysis(study, **given)
    began = time.process_time()
    first, second = decide(study, found)
    assert time.process_time() - began < 2.0
    assert len(first.strata) == len(second.strata) == 343


def test_arms_that_start_from_the_same_networks_differ_by_nothing_whatever_the_seeds(ask):
    """Three equal differences would decide nothing by the sign test; here they are equal by construction."""
    same = ask(lambda at: dict(enumerate([0.5, 0.51, 0.49])), name="decay-factor", margin=1.02)
    assert set(same.strata["verdict"]) == {"refuted"} and same.verdict == "refuted"
    other = ask(
        lambda at: dict.fromkeys(range(3), 0.51 if at["remedy"] == "on" else 0.5), name="decay-factor", margin=1.5
    )
    assert set(other.strata["verdict"]) == {"undecided"}


def test_a_comparison_that_two_studies_make_of_the_same_runs_counts_once(results):
    twice = [*results("First nets", 10), *results("Other nets", 10)]
    assert verdict(CLAIM, twice).reason == "Of 2 comparisons in 2 studies: 2 supported."
    other = [*results("First nets", 10), *results("Other nets", 10, margin=0.4)]
    assert verdict(CLAIM, other).reason == "Of 4 comparisons in 2 studies: 4 supported."


def test_every_claim_of_a_register_is_decided_by_studies_or_by_signs_or_says_why_not(results):
    signs = pd.DataFrame({"id": ["a-sign"], "verdict": ["refuted"], "condition": [""], "reason": ["it says nothing"]})
    register = {name: replace(CLAIM, id=name, untested="no time") for name in ("it-helps", "a-sign", "later")}
    found = verdicts(register, results("Nets", 10), signs)
    assert [(one.id, one.verdict, one.reason) for one in found.values()] == [
        ("it-helps", "supported", "Of 2 comparisons in one study: 2 supported."),
        ("a-sign", "refuted", "it says nothing"),
        ("later", UNTESTED, "no time"),
    ]
