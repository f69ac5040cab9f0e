"""Arms: full crossing, ids, seeds, rates, and runs that are shared."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from reportgen.store.tables import QUANTITIES, names
from reportgen.study.spec import SPEC_FORMAT, Measure, RunSpec, Training


def test_levels_are_fully_crossed_in_order(studies) -> None:
    study = studies.load("factors: {architecture.phi: [tanh, relu], architecture.depth: [2, 5]}")
    assert [arm.id for arm in study.arms] == ["tanh/2", "tanh/5", "relu/2", "relu/5"]
    assert study.arms[2].label == "relu · 2"
    assert study.arms[2].levels == {"architecture.phi": "relu", "architecture.depth": "2"}
    assert study.arms[2].values == {"architecture.phi": "relu", "architecture.depth": 2.0}
    assert study.arms[2].architecture.parameters == {"depth": 2, "phi": "relu"}


def test_a_study_without_factors_has_one_arm(studies) -> None:
    (arm,) = studies.load().arms
    assert (arm.id, arm.levels, arm.is_baseline) == ("base", {}, False)


def test_tuning_seeds_never_meet_judged_ones_and_rates_are_sorted(studies) -> None:
    (arm,) = studies.load().arms
    assert arm.seeds == (0, 1, 2)
    assert arm.tuning_seeds == (1000, 1001)
    assert arm.learning_rates == (0.01, 0.1)
    assert len(arm.runs) == 5 * 2


def test_an_untrained_arm_has_no_rates_no_tuning_and_no_target(studies) -> None:
    text = "target: {metric: accuracy, value: 0.9}\nfactors: {a: {raw: {training.steps: 0}}}"
    (arm,) = studies.load(text).arms
    assert (arm.learning_rates, arm.tuning_seeds, arm.target) == ((), (), None)
    assert [(run.seed, run.learning_rate) for run in arm.runs] == [(0, None), (1, None), (2, None)]


def test_untrained_runs_do_not_depend_on_how_others_are_trained(studies) -> None:
    text = """
    factors: {a: {raw: {training.steps: 0}, trained: {}}}
    profiles: {quick: {set: {training.optimiser: adam, measure.evaluations: 3, training.learning_rate: 1}}}
    """
    ids = [[run.run_id for run in studies.load(text, profile=name).arms[0].runs] for name in ("default", "quick")]
    assert ids[0] == ids[1]
    assert studies.load(text, profile="quick").arms[0].training == Training("sgd", 0, 64, "constant")


def test_the_order_of_quantities_does_not_matter(studies) -> None:
    first = studies.load("measure: {quantities: [weight_norm, error_signal_rms], points: 3}").arms[0].measure
    assert first == Measure(("error_signal_rms", "weight_norm"), 3, 40)
    assert studies.load().arms[0].measure.quantities == tuple(names(QUANTITIES))


def test_a_partial_baseline_is_met_by_one_arm_for_each_other_level(studies) -> None:
    text = "factors: {architecture.phi: [tanh, relu], architecture.depth: [2, 5]}\nbaseline: {architecture.depth: 2}"
    assert [arm.id for arm in studies.load(text).arms if arm.is_baseline] == ["tanh/2", "relu/2"]


def test_an_excluded_arm_keeps_its_reason_and_need_not_be_sound(studies) -> None:
    text = """
    factors: {architecture: [stack, loop], architecture.phi: [tanh, gelu]}
    exclude: [{when: {architecture.phi: gelu}, reason: nobody has it}]
    """
    study = studies.load(text)
    assert [arm.skipped for arm in study.arms] == ["", "nobody has it", "", "nobody has it"]
    assert study.arms[1].architecture.name == "stack"


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        ({"seeds": "seeds: 4"}, 5, "2 learning rates need tuning seeds to choose among them"),
        ({"seeds": ""}, 4, "2 learning rates need tuning seeds to choose among them"),
        ({"training": "training: {steps: 5}"}, 4, "training needs a learning_rate"),
        ({"training": "training: {learning_rate: -1}"}, 4, "must be greater than 0, not -1"),
        ({"training": "training: {learning_rate: .nan}"}, 4, "must be a finite number, not .nan"),
        ({"training": "training: {learning_rate: [1, 1]}"}, 4, "1 is in the list twice"),
        ({"training": "training: {learning_rate: []}"}, 4, "the list is empty"),
        ({"training": "training: {learning_rate: 1, optimiser: adm}"}, 4, "there is no optimiser called 'adm'"),
        ({"training": "training: {learning_rate: 1, schedule: cosin}"}, 4, "there is no schedule called 'cosin'"),
        ({"training": "training: {learning_rate: 1, stepz: 3}"}, 4, "there is no key called 'stepz'"),
        ({"seeds": "seeds: {tuning: 2, judged: 0}"}, 5, "must be at least 1, not 0"),
        ({"seeds": "seeds: 0"}, 5, "must be at least 1, not 0"),
    ],
)
def test_faults_of_training_and_seeds(studies, head, lines: dict[str, str], line: int, message: str) -> None:
    problem = studies.problem(head=head(**lines))
    assert (problem.line, problem.message) == (line, message)


def test_one_rate_needs_no_tuning_and_no_rate_is_needed_where_nothing_is_trained(studies, head) -> None:
    (arm,) = studies.load(head=head(seeds="seeds: 2", training="training: {learning_rate: 1e-2}")).arms
    assert (arm.learning_rates, arm.tuning_seeds, arm.seeds) == ((0.01,), (), (0, 1))
    (arm,) = studies.load(head=head(training="training: {learning_rate: 1e-2}")).arms
    assert (arm.tuning_seeds, len(arm.seeds)) == ((), 3), "there is nothing to choose, so no run is spent on a choice"
    (arm,) = studies.load(head=head(seeds="seeds: 2", training="training: {steps: 0}")).arms
    assert len(arm.runs) == 2


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine"])
def test_the_rate_may_follow_a_schedule(studies, head, schedule: str) -> None:
    training = f"training: {{learning_rate: 0.1, schedule: {schedule}}}"
    (arm,) = studies.load(head=head(training=training)).arms
    assert arm.training.schedule == schedule


def test_what_is_solved_for_has_no_rates_and_no_tuning(studies) -> None:
    text = "target: {metric: accuracy, value: 0.9}\nfactors: {architecture: [stack, pond]}"
    stack, pond = studies.load(text).arms
    assert (len(stack.learning_rates), len(stack.tuning_seeds)) == (2, 2)
    assert (pond.learning_rates, pond.tuning_seeds, pond.skipped) == ((), (), "")
    assert (pond.training, pond.measure, pond.target) == (stack.training, stack.measure, stack.target)
    assert [(run.seed, run.learning_rate) for run in pond.runs] == [(0, None), (1, None), (2, None)]


def test_what_is_solved_for_needs_no_rate(studies, head) -> None:
    base = "base: {task: dots, architecture: pond}"
    (arm,) = studies.load(head=head(base=base, training="training: {steps: 9}", seeds="seeds: 2")).arms
    assert [(run.training.steps, run.learning_rate) for run in arm.runs] == [(9, None), (9, None)]
    (arm,) = studies.load(head=head(base=base, seeds="seeds: 2")).arms
    assert len(arm.runs) == 2


def test_a_run_without_a_rate_is_read_back(studies, head) -> None:
    (arm,) = studies.load(head=head(base="base: {task: dots, architecture: pond}")).arms
    assert [RunSpec.from_canonical(run.canonical) for run in arm.runs] == list(arm.runs)


def test_a_study_cannot_have_arms_without_end(studies) -> None:
    levels = ", ".join(str(n) for n in range(1, 101))
    text = f"factors: {{architecture.depth: [{levels}], training.batch_size: [{levels}]}}"
    assert studies.problem(text).message == "the factors make 10000 arms; a study has at most 5000"


def test_a_specification_is_written_as_its_fields_are(studies) -> None:
    (arm,) = studies.load().arms
    for run in arm.runs:
        fields = {"format": SPEC_FORMAT, **asdict(run)}
        assert run.canonical == json.dumps(fields, sort_keys=True, separators=(",", ":"))
