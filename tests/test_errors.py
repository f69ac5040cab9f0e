"""Messages for people: a place, a caret, what is allowed, the nearest name."""

from __future__ import annotations

import pytest

from reportgen.errors import Problem, ReportgenError, StudyError, UnknownName, UsageError, nearest, suggestion


def test_a_hint_follows_the_message() -> None:
    assert str(ReportgenError("it broke", "mend it")) == "it broke\nmend it"
    assert str(ReportgenError("it broke")) == "it broke"


def test_wrong_usage_and_failed_work_have_different_exit_codes() -> None:
    assert (ReportgenError("x").exit_code, UsageError("x").exit_code, StudyError("a", []).exit_code) == (1, 2, 2)


@pytest.mark.parametrize(
    ("name", "found"), [("relo", "relu"), ("RELU", "relu"), ("sigmod", "Sigmoid"), ("xyz", None), ("", None)]
)
def test_the_nearest_name(name: str, found: str | None) -> None:
    assert nearest(name, ["relu", "tanh", "Sigmoid"]) == found


def test_a_suggestion_says_what_there_is() -> None:
    assert suggestion("tan", ["tanh", "relu"]) == "did you mean 'tanh'? allowed: relu, tanh"
    assert suggestion("q", ["tanh", "relu"]) == "allowed: relu, tanh"
    assert suggestion("q", []) == "there is none so far"


def test_an_unknown_name_says_of_what_kind() -> None:
    assert str(UnknownName("task", "digts", {"digits": 1})) == (
        "there is no task called 'digts'\ndid you mean 'digits'? allowed: digits"
    )


def shown(problem: Problem) -> list[str]:
    return str(StudyError("s.yaml", [problem])).splitlines()


def test_a_problem_is_shown_with_its_line_and_a_caret() -> None:
    assert shown(Problem(3, 6, "a.b", "is wrong : so", "do right", "  b: x")) == [
        "s.yaml:3:6 a.b: is wrong : so",
        "      b: x",
        "         ^",
        "  do right",
    ]


def test_a_problem_of_the_whole_file_has_no_line() -> None:
    assert shown(Problem(0, 0, "", "is empty")) == ["s.yaml: is empty"]
    assert shown(Problem(1, 1, "title", "is missing")) == ["s.yaml:1:1 title: is missing"]


def test_the_caret_stays_under_its_character() -> None:
    tab = shown(Problem(1, 2, "", "m", "", "\tx"))
    assert tab[2].index("^") == tab[1].index("x")
    wide = shown(Problem(1, 4, "", "m", "", "日本 x"))
    assert wide[2].index("^") == 4 + 2 + 2 + 1, "two columns for each of the wide characters"


@pytest.mark.parametrize("column", [1, 50, 200, 399])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    line = "".join("abcdefghij"[i % 10] for i in range(400))
    _, excerpt, caret = shown(Problem(1, column, "", "m", "", line))
    assert len(excerpt) <= 4 + 112
    assert excerpt[caret.index("^")] == line[column - 1]
    assert ("…" in excerpt[:5]) == (column > 60)


def test_problems_come_in_the_given_order() -> None:
    text = str(StudyError("s", [Problem(1, 1, "a", "x"), Problem(2, 1, "b", "y")]))
    assert text == "s:1:1 a: x\n\ns:2:1 b: y"
