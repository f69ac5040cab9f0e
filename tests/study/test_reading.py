"""A whole study: what comes out of a sound one, and all faults of a broken one at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reportgen.errors import StudyError, UnknownName
from reportgen.study import check, load
from reportgen.study.spec import Author

FULL = """\
title: T
authors: [{name: Ada, orcid: https://orcid.org/0000-0002-1825-0097, affiliation: X}]
keywords: [a, b]
question: Q?
results: R
abstract: A
answer: W
base: {task: dots, architecture: stack}
training: {learning_rate: 0.1}
licence: CC0-1.0
version: "2.1"
date: 2026-11-21
doi: https://doi.org/10.5281/zenodo.1
"""


def test_what_is_said_about_a_study(studies) -> None:
    study = studies.load(head=FULL)
    assert (study.id, study.title, study.question, study.keywords) == ("a-study", "T", "Q?", ("a", "b"))
    assert study.authors == (Author("Ada", "0000-0002-1825-0097", "X"),)
    assert list(study.prose.items()) == [("answer", "W"), ("abstract", "A"), ("results", "R")]
    assert (study.licence, study.version, study.doi) == ("CC0-1.0", "2.1", "10.5281/zenodo.1")
    assert study.date == "2026-11-21"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("authors: [{name: A, orcid: 0000-0002-1825-0098}]", "the last digit of the ORCID", "look for a typing error"),
        ("authors: [{name: A, orcid: x}]", "'x' is no ORCID", "it has the form"),
        ("authors: [{nam: A, name: B}]", "there is no key called 'nam'", "did you mean 'name'?"),
        ("authors: [Ada]", "must be a mapping of keys to values, not 'Ada'", ""),
        ("keywords: a", "must be a list, not 'a'", ""),
        ("version: 1.0", "must be text, not 1.0", 'put it in quotes: "1.0"'),
        ("doi: x", "'x' is no DOI", "it has the form"),
        ("date: 2026-02-30", "'2026-02-30' is no date", "it has the form 2026-11-21"),
        ("date: 20261121", "must be text, not 20261121", "put it in quotes"),
        ("date: 2026-11", "'2026-11' is no date", "it has the form"),
        ("date: 2026-11-21T10:00:00", "'2026-11-21T10:00:00' is no date", "it has the form"),
        ("abstract: [a]", "must be text, not a list", ""),
        ("titel: x", "there is no key called 'titel'", "did you mean 'title'? allowed: title, authors"),
        ("title: x", "'title' is here twice", "it is in line 1 too"),
        ("labels: {a: b}", "there is no factor called 'a'", ""),
        (
            "measure: {quantities: [weight_nrm]}",
            "there is no quantity called 'weight_nrm'",
            "did you mean 'weight_norm",
        ),
        ("measure: {quantities: []}", "the list is empty", ""),
        ("measure: {points: -1}", "must be at least 0, not -1", ""),
        ("target: 0.9", "must be a mapping of keys to values, not 0.9", ""),
        ("target: {metric: accuracy, value: .inf}", "must be a finite number, not .inf", ""),
        ("factors: [1]", "'factors' must be a mapping of keys to values", ""),
        ("exclude: {}", "'exclude' must be a list", ""),
        ("report: 5", "'report' must be a list", ""),
        ("profiles: 5", "'profiles' must be a mapping of keys to values", ""),
        ("plugins: [os]", "the study names plug-ins, which are not allowed", "a plug-in runs code"),
    ],
)
def test_faults_of_single_lines(studies, line: str, message: str, hint: str) -> None:
    problem = studies.problem(line)
    assert problem.line == 6
    assert problem.message.startswith(message)
    assert problem.hint.startswith(hint)


def test_what_the_whole_file_lacks_has_no_line_to_show(studies, head) -> None:
    problem = studies.problem(head=head(question=""))
    assert (problem.field, problem.message, problem.excerpt) == ("question", "is missing", "")
    assert problem.hint == "The question that the study answers, in one or two sentences."


def test_all_faults_are_told_at_once_in_the_order_of_the_file(studies) -> None:
    text = """\
title: T
question: 5
base: {task: dosts, architecture: {name: stack, phi: relo}}
training: {learning_rate: [0.1, -1], optimiser: adm, title: x}
factors:
  architecture.depth: []
  architecture.dept: [1]
  a: {b: {training.steps: many}}
exclude: [{when: {a: c}, reason: x}, {when: {architecture.depth: 3}}]
report: [{id: a, kind: bar, title: t}, {id: b, kind: profile, title: t, colour: aa}]
profiles: {quick: {set: {seed: 3}}}
titel: x
title: y
"""
    with pytest.raises(StudyError) as caught:
        load(studies.write(text, head=""))
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [
        (2, 11),
        (3, 14),
        (3, 54),
        (4, 33),
        (4, 49),
        (4, 54),
        (6, 23),
        (7, 3),
        (8, 27),
        (9, 22),
        (9, 38),
        (10, 24),
        (10, 81),
        (11, 26),
        (12, 1),
        (13, 1),
    ]
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("a-study.yaml:2:11 question: must be text, not 5")
    assert lines[1:4] == ["    question: 5", "              ^", '  put it in quotes: "5"']


def test_a_profile_that_is_not_there_names_the_nearest(studies) -> None:
    with pytest.raises(UnknownName, match="there is no profile called 'quik'\ndid you mean 'quick'"):
        studies.load("profiles: {quick: {}}", profile="quik")


@pytest.mark.parametrize(
    "name", ["A.yaml", "a b.yaml", "a_b.yaml", "-a.yaml", "ä.yaml", "a.b.yaml", f"{'a' * 81}.yaml"]
)
def test_a_study_is_named_for_its_address(studies, name: str) -> None:
    (problem,) = check(studies.write(name=name))
    assert problem.line == 0
    assert "is the study's address" in problem.message


def test_a_study_cannot_take_the_address_of_a_page(studies) -> None:
    (problem,) = check(studies.write(name="methods.yaml"))
    assert problem.message == "a study cannot be called 'methods': the site has a page of that name"


def test_plugins_are_imported_before_names_are_looked_up(
    studies, head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "extra_nets.py").write_text(
        "from reportgen import registry\n"
        "@registry.architectures.register('extra', version=1, summary='x')\n"
        "def extra(shape): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    path = studies.write("plugins: [extra_nets]", head(base="base: {task: dots, architecture: extra}"))
    assert [problem.line for problem in check(path)] == [3, 6]
    assert "extra_nets" not in sys.modules
    assert load(path, allow_plugins=True).arms[0].architecture.name == "extra"
    monkeypatch.delitem(sys.modules, "extra_nets")


def test_a_plugin_that_fails_is_a_problem(studies) -> None:
    problems = check(studies.write("plugins: [no_such_module_x, 'a b']"), allow_plugins=True)
    assert [problem.field for problem in problems] == ["plugins[1]", "plugins[2]"]
    assert "cannot be imported: ModuleNotFoundError" in problems[0].message
    assert problems[1].message == "'a b' is no module name"


def test_a_broken_section_hides_no_other_fault(studies) -> None:
    text = "factors: {a: 5, architecture.phi: [relo]}\nbaseline: {a: x}\nlabels: {a: A}"
    assert [(p.line, p.column) for p in studies.problems(text)] == [(6, 14), (6, 36)]
