"""The section ``claims`` of a study file: what it becomes, and what is wrong with it."""

from __future__ import annotations

import pytest

from reportgen.study.spec import ClaimRequest

FACTORS = """\
target: {metric: accuracy, value: 0.5}
factors: {architecture.phi: [tanh, relu], architecture.depth: [2, {label: deep, value: 9}]}
report: [{id: a-figure, kind: profile, title: A, caption: C}]
"""
HELD = {
    "id": "relu-helps",
    "estimate": "success",
    "compare": "{architecture.phi: relu}",
    "against": "{architecture.phi: tanh}",
    "direction": "higher",
    "margin": "0.2",
    "why": "one run in five",
}


def entry(**changes: str) -> str:
    """A sound entry in line 9, with some keys changed; those set to "" are left out."""
    kept = {key: value for key, value in {**HELD, **changes}.items() if value}
    return f"{FACTORS}claims:\n- {{{', '.join(f'{key}: {value}' for key, value in kept.items())}}}\n"


def test_a_claim_is_read_whole(studies) -> None:
    more = {"where": "{architecture.depth: [9, 2]}", "strata": "[architecture.depth]", "figure": "a-figure"}
    assert studies.load(entry(**more)).claims == (
        ClaimRequest(
            id="relu-helps",
            estimate="success",
            compare={"architecture.phi": ("relu",)},
            against={"architecture.phi": ("tanh",)},
            where={"architecture.depth": ("deep", "2")},
            direction="higher",
            margin=0.2,
            why="one run in five",
            strata=("architecture.depth",),
            figure="a-figure",
        ),
    )


def test_what_is_left_out_has_a_default(studies) -> None:
    (claim,) = studies.load(entry(estimate="decay-factor", against="1", direction="lower", margin="1.1")).claims
    assert (claim.against, claim.where, claim.strata, claim.figure) == (1.0, {}, None, "")
    assert studies.load(FACTORS).claims == ()


@pytest.mark.parametrize(
    ("changes", "field", "message", "hint"),
    [
        ({"estimate": "sucess"}, "estimate", "there is no outcome called 'sucess'", "did you mean 'success'"),
        ({"direction": "more"}, "direction", "there is no direction called 'more'", "allowed: higher, lower"),
        ({"compare": "{phi: relu}"}, "compare.phi", "there is no factor called 'phi'", "allowed: architecture.depth"),
        (
            {"against": "{architecture.phi: tan}"},
            "against.architecture.phi",
            "the factor 'architecture.phi' has no level 'tan'",
            "did you mean 'tanh'",
        ),
        ({"where": "{stage: x}"}, "where.stage", "there is no factor called 'stage'", "allowed:"),
        ({"compare": "{}"}, "compare", "'compare' names no level", "write `compare:"),
        ({"figure": "a-figur"}, "figure", "there is no figure called 'a-figur'", "did you mean 'a-figure'"),
        (
            {"strata": "[architecture.depht]"},
            "strata[1]",
            "there is no factor called 'architecture.depht'",
            "did you mean 'architecture.depth'",
        ),
        ({"margin": "0"}, "margin", "the margin of 'success' must be greater than 0, not 0", "it is the smallest"),
        ({"margin": "1"}, "margin", "the margin of 'success' is a share, less than 1, not 1", "0.2 stands"),
        (
            {"estimate": "time-to-target", "margin": "1"},
            "margin",
            "the margin of 'time-to-target' must be a ratio, greater than 1, not 1",
            "1.1 stands",
        ),
        ({"direction": "nearer-one"}, "direction", "'success' cannot be nearer-one", "allowed: higher, lower"),
        (
            {"against": "{architecture.phi: [relu, tanh]}"},
            "against",
            "'compare' and 'against' select the same arms",
            "name another level",
        ),
        (
            {"against": "{architecture.depth: 2}"},
            "against",
            "'compare' and 'against' have no factor in common",
            "name a level of 'architecture.phi'",
        ),
        ({"against": "2"}, "against", "'success' is a share from 0 to 1, and cannot be compared with 2", ""),
        (
            {"against": "0", "estimate": "decay-factor", "margin": "2"},
            "against",
            "'decay-factor' is positive, and cannot be compared with 0",
            "",
        ),
        (
            {"against": "1", "estimate": "decay-factor", "margin": "2", "direction": "nearer-one"},
            "against",
            "nothing is nearer to one than 1",
            "write direction",
        ),
        (
            {"where": "{architecture.phi: tanh}"},
            "compare",
            "no arm is left to compare",
            "no arm has these levels",
        ),
        ({"why": ""}, "why", "is missing", "Why a smaller difference"),
        ({"why": "''"}, "why", "must not be empty", ""),
        ({"stratum": "x"}, "stratum", "there is no key called 'stratum'", "did you mean 'strata'"),
        ({"against": "[tanh]"}, "against", "must be a mapping of keys to values or a number, not a list", ""),
    ],
)
def test_faults(studies, changes: dict[str, str], field: str, message: str, hint: str) -> None:
    problem = studies.problem(entry(**changes))
    assert (problem.line, problem.field, problem.message) == (10, f"claims[1].{field}", message)
    assert problem.hint.startswith(hint)


def test_arms_that_are_equal_in_nothing_else_cannot_be_compared(studies) -> None:
    rule = "{when: {architecture.phi: relu, architecture.depth: 2}, reason: x}"
    other = "{when: {architecture.phi: tanh, architecture.depth: deep}, reason: x}"
    problem = studies.problem(f"{entry()}exclude: [{rule}, {other}]\n")
    assert (problem.field, problem.message) == ("claims[1].against", "no two arms can be compared")


def test_the_section_is_a_list(studies) -> None:
    problem = studies.problem(f"{FACTORS}claims: {{id: x}}\n")
    assert (problem.field, problem.message) == ("claims", "'claims' must be a list")


def test_an_id_must_be_in_the_register_beside_the_study(studies) -> None:
    assert studies.problems(entry()) == ()
    register = studies.folder / "claims.yaml"
    claim = "{id: relu-help, group: causes, text: T., sources: [a], says: S.}"
    register.write_text(f"claims: [{claim}]\n", encoding="utf-8")
    problem = studies.problem(entry())
    assert (problem.field, problem.message) == ("claims[1].id", "there is no claim called 'relu-helps'")
    assert problem.hint.startswith("did you mean 'relu-help'?")
    assert studies.problems(entry(id="relu-help")) == ()


def test_a_register_that_cannot_be_read_is_a_problem_where_it_is_needed(studies) -> None:
    (studies.folder / "claims.yaml").write_text("claims: 5\n", encoding="utf-8")
    assert studies.problems(FACTORS) == ()
    problem = studies.problem(entry())
    assert problem.message == "the register claims.yaml cannot be read: the register must have a list of claims"
    assert problem.hint.endswith("claims.yaml:1:9")


def test_a_profile_keeps_its_levels_and_drops_what_it_cannot_compare(studies) -> None:
    text = entry(where="{architecture.depth: [2, deep]}", strata="[architecture.depth]")
    profiles = "profiles: {shallow: {factors: {architecture.depth: [2]}}, one: {factors: {architecture.phi: [relu]}}}\n"
    (claim,) = studies.load(text + profiles, profile="shallow").claims
    assert claim.where == {"architecture.depth": ("2",)}
    assert studies.load(text + profiles, profile="one").claims == ()
