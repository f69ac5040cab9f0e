"""Components are completed from the catalogue; what does not apply to an arm is skipped with a reason."""

from __future__ import annotations

import pytest

from reportgen.study.spec import Component


def test_parameters_are_complete_whether_written_or_left_out(studies, head) -> None:
    short = studies.load().arms[0]
    long = studies.load(head=head(base="base: {task: {name: dots, noise: 0.1}, architecture: {name: stack, depth: 4}}"))
    assert short.task == Component("dots", 2, {"noise": 0.1})
    assert short.architecture == Component("stack", 3, {"depth": 4, "phi": "tanh"})
    assert [run.run_id for run in short.runs] == [run.run_id for run in long.arms[0].runs]


@pytest.mark.parametrize(
    ("base", "message", "hint"),
    [
        ("{task: dosts, architecture: stack}", "there is no task called 'dosts'", "did you mean 'dots'? allowed:"),
        ("{task: dots, architecture: stak}", "there is no architecture called 'stak'", "did you mean 'stack'?"),
        (
            "{task: dots, architecture: {name: stack, dept: 2}}",
            "the architecture 'stack' has no parameter 'dept'",
            "did you mean 'depth'? allowed: depth, phi",
        ),
        ("{task: dots, architecture: {name: stack, depth: 0}}", "must be at least 1, not 0", ""),
        ("{task: dots, architecture: {name: stack, phi: relo}}", "'relo' is not allowed here", "did you mean 'relu'?"),
        ("{task: dots, architecture: scan}", "the architecture 'scan' needs the parameter 'width'", ""),
        (
            "{task: dots, architecture: stack, remedies: [clp]}",
            "there is no remedy called 'clp'",
            "did you mean 'clip'",
        ),
        ("{task: dots, architecture: loop, remedies: [{name: clip, norm: x}]}", "must be a number, not 'x'", ""),
        ("{architecture: stack}", "is missing", "The learning problem"),
    ],
)
def test_faults_of_the_base(studies, head, base: str, message: str, hint: str) -> None:
    problem = studies.problem(head=head(base=f"base: {base}"))
    assert (problem.line, problem.message) == (3, message)
    assert problem.hint.startswith(hint)


def test_a_fault_of_the_base_is_told_even_where_every_arm_replaces_it(studies, head) -> None:
    base = "base: {task: dots, architecture: {name: stack, phi: relo}}"
    assert studies.problem("factors: {architecture.phi: [relu]}", head(base=base)).line == 3


def test_a_level_that_no_arm_takes_is_a_problem_and_one_that_some_take_is_skipped(studies) -> None:
    text = "factors: {architecture: [stack, loop], architecture.phi: [tanh, relu]}"
    assert [arm.skipped for arm in studies.load(text).arms] == ["", "", "", "'loop' does not take phi 'relu'"]
    problem = studies.problem("factors: {architecture: [stack, loop], architecture.phi: [tanh, gelu]}")
    assert (problem.column, problem.message) == (65, "'gelu' is not allowed here")


def test_a_remedy_without_its_option_is_skipped(studies) -> None:
    text = "factors: {architecture: [stack, loop], remedies: [deeper, relu]}"
    assert [arm.skipped for arm in studies.load(text).arms] == [
        "",
        "",
        "the remedy 'deeper' does not apply: 'loop' has no option 'depth'",
        "the remedy 'relu' does not apply: 'loop' does not take phi 'relu'",
    ]


def test_a_remedy_says_to_which_architectures_it_applies(studies) -> None:
    text = "factors: {architecture: [stack, loop]}"
    base = "base: {task: dots, architecture: stack, remedies: [clip]}"
    skipped = [arm.skipped for arm in studies.load(text, base_of(base)).arms]
    assert skipped == ["the remedy 'clip' does not apply: it is for loop only", ""]


def base_of(base: str) -> str:
    return f"title: T\nquestion: Q?\n{base}\ntraining: {{learning_rate: 0.1}}\n"


def test_a_remedy_that_sets_what_a_factor_sets_is_skipped(studies) -> None:
    text = """
    factors:
      architecture.phi: [tanh, relu]
      remedies: [{label: none, value: []}, relu]
    labels: {architecture.phi: Activation}
    """
    assert [arm.skipped for arm in studies.load(text).arms] == [
        "",
        "the remedy 'relu' sets architecture.phi, which the level 'tanh' of 'Activation' sets too",
        "",
        "the remedy 'relu' sets architecture.phi, which the level 'relu' of 'Activation' sets too",
    ]


def test_remedies_that_set_one_path_clash(studies) -> None:
    problem = studies.problem("factors: {remedies: [{label: both, value: [relu, {name: phi, to: tanh}]}]}")
    assert problem.message == "the remedies 'relu' and 'phi' both set architecture.phi"
    assert problem.field == "factors.remedies[1].value[2].name"


def test_remedies_of_one_group_exclude_each_other(studies, head) -> None:
    base = "base: {task: dots, architecture: stack, remedies: [adam, cut, {name: trim}]}"
    problem = studies.problem(head=head(base=base))
    assert problem.message == "the remedies 'cut' and 'trim' exclude each other: both belong to 'clipping'"
    assert (problem.line, problem.column, problem.hint) == (3, 70, "leave one of them out")


def test_a_remedy_is_listed_once(studies) -> None:
    problem = studies.problem("factors: {remedies: [{label: two, value: [cut, adam, {name: cut}]}]}")
    assert problem.message == "the remedy 'cut' is in the list twice"
    assert (problem.line, problem.field) == (6, "factors.remedies[1].value[3]")


def test_a_list_of_remedies_is_one_level(studies) -> None:
    text = """
    factors:
      remedies:
        - {label: none, value: []}
        - {label: all, value: [skip, {name: shallow, depth: 3}, cut, adam]}
    """
    none, all_of_them = studies.load(text, base_of("base: {task: dots, architecture: tower}")).arms
    assert (none.remedies, none.skipped) == ((), "")
    assert all_of_them.skipped == ""
    assert [remedy.name for remedy in all_of_them.remedies] == ["skip", "shallow", "cut", "adam"]
    assert all_of_them.remedies[1].parameters == {"depth": 3}
    assert all_of_them.architecture == none.architecture


def test_remedies_that_are_refused_only_together_are_skipped(studies) -> None:
    text = """
    factors:
      remedies:
        - group
        - {label: narrow, value: {name: halve, to: 60}}
        - {label: both, value: [group, {name: halve, to: 60}]}
    """
    skipped = [arm.skipped for arm in studies.load(text, base_of("base: {task: dots, architecture: tower}")).arms]
    assert skipped == ["", "", "'tower' does not take 'group' and 'halve' together: 60 units make no 8 groups"]


def test_a_level_that_does_not_go_with_a_default_is_skipped(studies) -> None:
    base = base_of("base: {task: dots, architecture: tower}")
    text = "factors: {architecture.norm: [none, group], architecture.width: [64, 60]}"
    skipped = [arm.skipped for arm in studies.load(text, base).arms]
    assert skipped == ["", "", "", "'tower' does not take groups 8: 60 units make no 8 groups"]


def test_a_level_that_never_goes_with_what_the_base_gives_is_a_problem(studies) -> None:
    base = base_of("base: {task: dots, architecture: {name: tower, norm: group, groups: 8}}")
    problem = studies.problem("factors: {architecture.width: [64, 60]}", base)
    assert (problem.message, problem.field) == ("60 units make no 8 groups", "factors.architecture.width[2]")


def test_a_task_that_an_architecture_cannot_read_is_skipped(studies) -> None:
    study = studies.load("factors: {task: [dots, tune]}")
    assert [arm.skipped for arm in study.arms] == ["", "'stack' reads vectors, and the task 'tune' gives sequences"]
    assert study.arms[1].runs == ()


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        ("{metric: acuracy, value: 0.9}", "the task 'dots' has no metric called 'acuracy'", "did you mean 'accuracy'?"),
        (
            "{metric: accuracy, value: 90}",
            "accuracy is a share: the target must be above 0 and at most 1, not 90",
            "write 0.9",
        ),
    ],
)
def test_a_target_must_be_a_metric_of_the_task(studies, target: str, message: str, hint: str) -> None:
    problem = studies.problem(f"target: {target}")
    assert problem.message == message
    assert problem.hint.startswith(hint)
