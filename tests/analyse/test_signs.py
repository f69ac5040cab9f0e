"""The signs on stores whose runs are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reportgen.analyse.sign_cases import cases, failure_kinds
from reportgen.analyse.sign_catalogue import SIGNS
from reportgen.analyse.sign_layers import dead_concordance, last_layers
from reportgen.analyse.sign_readings import evaluated, probed
from reportgen.analyse.sign_verdicts import sign_verdicts, verdict_of
from reportgen.analyse.signs import Signs, signs


def row(frame, **where):
    for name, value in where.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


@pytest.fixture(scope="module")
def fakes(sign_fakes):
    """The makers of runs with known signs, in place of those of sites."""
    return sign_fakes


@pytest.fixture
def one_run(fakes, tmp_path):
    """Read the signs of a single run with a fate."""

    def read(fate):
        study = fakes.study(fakes.arm("one", tuning_seeds=(), seeds=(0,)))
        store = fakes.filled(tmp_path, [study], lambda *_: fate)
        found = cases([study], store)
        inside = probed(found, store, 1.0).set_index("step")
        outside = evaluated(found, store.curves(found["run_id"].tolist(), splits=["train"])).set_index("step")
        return found, inside, outside

    return read


def test_progress_is_the_share_of_the_way_to_the_target(fakes, one_run):
    fate = fakes.Fate(accuracy=lambda step: 0.1 + 0.002 * step, loss=lambda step: 2.0 - 0.01 * step)
    _, _, outside = one_run(fate)
    assert outside.loc[10, "slow-training"] == pytest.approx(0.02 / 0.8)
    assert outside.loc[10, "flat-loss"] == pytest.approx(0.05)
    assert 0 not in outside.index


def test_the_inner_signs_are_what_their_formulas_say(fakes, one_run):
    def layers(step):
        return fakes.changed(
            step,
            error_signal_rms=[1e-6, 1e-5, 1e-4, 1e-3],
            weight_norm=[8.0 + step / 10, 8.0, 4.0 + step, 8.0],
            weight_gradient_norm=[0.3, 1, 1, 1],
            update_ratio=[2e-5, 1, 1, 1],
            error_signal_histogram=[fakes.histogram(e_3=5), *[fakes.histogram(5, e_5=5, e_12=5)] * 3],
            dead_fraction=[0.0, 0.1, 0.2, 0.3],
        )

    _, inside, _ = one_run(fakes.Fate(network=lambda step: {"gradient_norm": 5.0 + step}, layers=layers))
    at_10 = inside.loc[10]
    assert at_10["flat-weights"] == 2e-5
    assert at_10["small-first-gradient"] == 0.3
    assert at_10["constant-norm"] == pytest.approx(1 / 8)
    assert at_10["growing-weights"] == pytest.approx(14 / 4)
    assert at_10["small-gradient"] == pytest.approx(15 / 10) == at_10["large-gradient"]  # of 100 parameters
    assert at_10["falling-gradient"] == pytest.approx(3.0)
    assert at_10["dead-units"] == pytest.approx(0.15) and math.isnan(at_10["saturated-units"])
    assert at_10["decay-factor"] == pytest.approx(1.0)
    assert at_10["signal-span"] == pytest.approx(3.0) and at_10["ratio"] == pytest.approx(-3.0)
    # 50 elements: 15 zeros, 15 below 1e-10; of the others 5 at 10^-2.5, 15 at 10^-4.5, 15 at 10^-11.5
    assert at_10["tiny-share"] == pytest.approx(30 / 50)
    logs = np.repeat([-2.5, -4.5, -11.5], [5, 15, 15])
    assert at_10["wide-distribution"] == pytest.approx(logs.std())
    assert math.isnan(inside.loc[0, "growing-weights"]) and math.isnan(inside.loc[0, "falling-gradient"])


def test_a_signal_of_zero_at_the_first_layer_has_an_infinite_span(fakes, one_run):
    _, inside, _ = one_run(
        fakes.Fate(layers=lambda step: fakes.changed(step, error_signal_rms=[0.0, 1e-5, 1e-4, 1e-3]))
    )
    assert inside.loc[0, "ratio"] == -math.inf and inside.loc[0, "signal-span"] == math.inf


@pytest.mark.parametrize(
    ("fate", "failed", "known"),
    [
        ({"reaches": 40}, False, 40),
        ({}, True, math.inf),
        ({"diverges": 15}, True, 15),
        ({"reaches": 20, "diverges": 35}, True, 20),
    ],
)
def test_a_run_fails_if_it_misses_its_target_or_diverges(fakes, one_run, fate, failed, known):
    found, _, _ = one_run(fakes.Fate(layers=fakes.level, **fate))
    assert (bool(found["failed"].iloc[0]), found["known"].iloc[0]) == (failed, known)


def test_arms_without_target_training_or_rate_are_no_cases(fakes, tmp_path):
    from reportgen.study.spec import Training

    untargeted = fakes.arm("untargeted", target=None)
    untrained = fakes.arm("untrained", training=Training(steps=0), learning_rates=())
    solved = fakes.arm("solved", learning_rates=())
    study = fakes.study(untargeted, untrained, solved, fakes.arm("trained"))
    store = fakes.filled(tmp_path, [study], lambda *_: fakes.Fate(layers=fakes.level))
    assert set(cases([study], store)["arm"]) == {"trained"}


def test_a_run_of_two_studies_is_the_first_ones_own(fakes, tmp_path):
    arm = fakes.arm("shared")
    studies = [fakes.study(arm, title="First"), fakes.study(arm, fakes.arm("new"), title="Second")]
    store = fakes.filled(tmp_path, studies, lambda *_: fakes.Fate(layers=fakes.level))
    found = cases(studies, store)
    assert found.groupby("study")["own"].sum().to_dict() == {"First": 3, "Second": 3}
    assert found.groupby("study").size().to_dict() == {"First": 3, "Second": 6}


def test_the_kinds_of_failure(fakes, tmp_path):
    rates = (0.01, 0.1, 1.0, 10.0)
    arms = [fakes.arm(name, learning_rates=rates) for name in ("tuned", "vanishing", "exploding", "level")]
    spans = {"vanishing": [1e-3, 1e-2, 0.1, 1.0], "exploding": [1e3, 1e2, 10.0, 1.0]}

    def fate(arm, run):
        layers = lambda step: fakes.changed(step, error_signal_rms=spans.get(arm.id, [1.0] * 4))  # noqa: E731
        if run.learning_rate == 10.0:
            return fakes.Fate(diverges=5, layers=layers)
        learns = arm.id == "tuned" and run.learning_rate == 0.1 and run.seed != 1
        return fakes.Fate(reaches=50 if learns else None, layers=layers)

    study = fakes.study(*arms)
    store = fakes.filled(tmp_path, [study], fate)
    found = cases([study], store)
    inside = probed(found, store, 0.1)
    ratio = inside[inside["step"] == 0].set_index("run_id")["ratio"]
    kinds = failure_kinds(found, ratio)
    told = {(r.arm, r.learning_rate): set(kinds[found.index == r.Index]) for r in found[::-1].itertuples()}
    assert told["tuned", 0.01] == {"rate too small"} and told["tuned", 1.0] == {"rate too large"}
    assert set(kinds[(found["arm"] == "tuned") & (found["learning_rate"] == 0.1)]) == {"", "borderline"}
    assert {kind for (_, rate), kind_set in told.items() if rate == 10.0 for kind in kind_set} == {"diverged"}
    assert told["vanishing", 0.1] == {"vanishing"} and told["exploding", 0.1] == {"exploding"}
    assert told["level", 0.1] == {"neither"}


@pytest.fixture(scope="module")
def tried(fakes, tmp_path_factory):
    """Half of the arms fail: their loss stays flat, and their gradient is small in one architecture only."""
    from reportgen.study.spec import Component

    arms = [
        fakes.arm(f"{kind}-{i}", architecture=Component(kind, 1, {"i": i}), seeds=(0, 1, 2, 3))
        for kind in ("mlp", "rnn")
        for i in range(8)
    ]

    def fate(arm, run):
        fails = int(arm.id[-1]) % 2 == 0
        small = fails if arm.architecture.name == "mlp" else not fails
        size = (1e-6 if small else 1.0) * (1 + 0.1 * run.seed)
        return fakes.Fate(
            reaches=None if fails else 60,
            loss=lambda step: 2.0 if fails else 2.0 - 0.01 * step,
            accuracy=lambda step: 0.1 if fails else 0.1 + 0.005 * step,
            network=lambda step: {"gradient_norm": size},
            layers=fakes.level,
        )

    study = fakes.study(*arms)
    return signs([study], fakes.filled(tmp_path_factory.mktemp("tried"), [study], fate))


def test_a_sign_that_separates_all_runs_is_perfect_and_one_that_is_constant_knows_nothing(tried):
    flat = row(tried.overall, sign="flat-loss")
    assert (flat["auc"], flat["low"], flat["high"]) == (1.0, 1.0, 1.0)
    assert (flat["n"], flat["n_failed"], flat["arms"], flat["coverage"]) == (80, 40, 16, 1.0)
    assert (flat["step"], flat["fraction"]) == (10, 0.1)
    assert flat["threshold"] == pytest.approx(0.025)  # midway between 0 and 5 %
    assert (flat["sensitivity"], flat["false_alarms"], flat["is_validated"]) == (1.0, 0.0, True)
    assert flat["earliest"] == 0.1
    span = row(tried.overall, sign="signal-span")
    assert span["auc"] == 0.5 and math.isnan(span["earliest"])
    assert row(tried.overall, sign="dead-units")["n"] == 0


def test_groups_tell_architectures_apart(tried):
    areas = {
        kind: row(tried.groups, sign="small-gradient", by="architecture", group=kind)["auc"] for kind in ("mlp", "rnn")
    }
    assert areas == {"mlp": 1.0, "rnn": 0.0}
    assert row(tried.overall, sign="small-gradient")["auc"] == pytest.approx(0.5)


def test_the_course_follows_the_readings(tried):
    course = tried.course[tried.course["sign"] == "flat-loss"].set_index("fraction")
    assert course["n"].to_dict() == {0.0: 0, 0.01: 0, 0.02: 0, 0.05: 0, 0.1: 80, 0.2: 80, 0.5: 80}
    gradients = tried.course[tried.course["sign"] == "small-gradient"]
    assert set(gradients["n"]) == {80}


def test_verdicts_follow_the_limits_and_the_architectures(tried):
    verdicts = sign_verdicts(tried)
    claims = {sign.claim for sign in SIGNS if sign.claim}
    assert set(verdicts["id"]) == claims | {"dead-means-small-weights"}
    assert row(verdicts, id="sign-flat-loss")["verdict"] == "supported"
    depends = row(verdicts, id="sign-small-mean-gradient")
    assert (depends["verdict"], depends["condition"]) == (
        "depends",
        "architecture: for multilayer perceptron, not for plain recurrent network",
    )
    assert row(verdicts, id="sign-gradient-distribution")["verdict"] == "refuted"  # the same in all runs
    absent = row(verdicts, id="sign-dead-neurons")
    assert (absent["verdict"], absent["n"]) == ("undecided", 0) and absent["reason"]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.71, 0.9, "supported"),
        (0.7, 0.9, "undecided"),
        (0.5, 0.59, "refuted"),
        (0.5, 0.6, "undecided"),
        (math.nan, math.nan, "undecided"),
    ],
)
def test_the_limits_of_the_verdicts(low, high, verdict):
    assert verdict_of(low, high) == verdict


def test_runs_whose_outcome_is_known_are_no_cases(fakes, tmp_path):
    arms = [fakes.arm(name) for name in ("early", "late", "never", "lost")]
    fates = {
        "early": fakes.Fate(reaches=10, layers=fakes.level),
        "late": fakes.Fate(reaches=60, layers=fakes.level),
        "never": fakes.Fate(layers=fakes.level),
        "lost": fakes.Fate(diverges=10, layers=fakes.level),
    }
    study = fakes.study(*arms)
    found = signs([study], fakes.filled(tmp_path, [study], lambda arm, _: fates[arm.id]))
    # at step 10 the early ones are there and the lost ones gone
    assert row(found.overall, sign="flat-loss")["n"] == 6
    course = found.course[found.course["sign"] == "flat-weights"].set_index("fraction")
    assert course.loc[0.05, "n"] == 12 and course.loc[0.1, "n"] == 6


def test_units_that_die_where_weights_shrink_are_told_from_those_that_die_where_they_grow(fakes, tmp_path):
    arms = [fakes.arm(f"arm-{i}") for i in range(6)]

    def fate(arm, run):
        sign = -1 if int(arm.id[-1]) < 3 else 1

        def layers(step):
            grown = np.arange(4) * step / 100
            return fakes.changed(step, dead_fraction=list(0.1 * grown), weight_norm=list(8.0 + sign * grown))

        return fakes.Fate(layers=layers)

    study = fakes.study(*arms)
    store = fakes.filled(tmp_path, [study], fate)
    found = cases([study], store)
    layers = last_layers(found, store)
    shrinking = found[found["arm"].isin(["arm-0", "arm-1", "arm-2"])]
    one = row(dead_concordance(shrinking, layers), group="")
    assert (one["estimate"], one["low"], one["high"], one["n"], one["arms"]) == (1.0, 1.0, 1.0, 9, 3)
    assert one["norm"] == pytest.approx(6 / 8)  # the layers' norms end at 7, 6 and 5
    both = row(dead_concordance(found, layers), group="")
    assert both["estimate"] == 0.5 and both["low"] < 0.3 and both["high"] > 0.7


def test_without_runs_there_are_frames_without_rows(tmp_path):
    from reportgen.store import Store

    found = signs([], Store(tmp_path / "none"))
    assert isinstance(found, Signs) and found.runs.empty
    assert (found.overall["n"] == 0).all() and found.groups.empty and found.found.empty
    assert set(sign_verdicts(found)["verdict"]) == {"undecided"}


def test_the_same_runs_give_the_same_numbers(fakes, tmp_path):
    arms = [fakes.arm(f"arm-{i}", seeds=(0, 1, 2)) for i in range(12)]

    def fate(arm, run):
        number = int(arm.id[4:])
        return fakes.Fate(
            reaches=60 if number % 3 else None,
            loss=lambda step: 2.0 - 0.001 * step * (number + run.seed % 5),
            layers=fakes.level,
        )

    study = fakes.study(*arms)
    store = fakes.filled(tmp_path, [study], fate)
    one, two = (signs([study], store).overall for _ in range(2))
    assert one.equals(two)
    assert 0 < row(one, sign="flat-loss")["low"] < row(one, sign="flat-loss")["high"] < 1


def test_a_moment_without_an_interval_does_not_end_reliability(fakes, tmp_path):
    arms = [fakes.arm(f"arm-{i}", seeds=(0, 1, 2, 3)) for i in range(8)]

    def fate(arm, run):
        fails = int(arm.id[-1]) % 2 == 0
        reaches = None if fails else 40  # so that no healthy run is open at half of the budget
        return fakes.Fate(reaches=reaches, loss=lambda step: 2.0 if fails else 2.0 - 0.01 * step, layers=fakes.level)

    study = fakes.study(*arms)
    found = signs([study], fakes.filled(tmp_path, [study], fate))
    course = found.course[found.course["sign"] == "flat-loss"].set_index("fraction")
    assert math.isnan(course.loc[0.5, "low"]) and course.loc[0.2, "low"] == 1.0
    assert row(found.overall, sign="flat-loss")["earliest"] == 0.1
