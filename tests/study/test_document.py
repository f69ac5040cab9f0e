"""Reading YAML 1.2 with places; every way in which a file is not YAML is one plain sentence."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from reportgen.errors import Problem, StudyError
from reportgen.study.document import Place, dotted, label_text, read


def document(tmp_path: Path, text: str | bytes):
    path = tmp_path / "a.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path)


def fault(tmp_path: Path, text: str | bytes) -> Problem:
    with pytest.raises(StudyError) as caught:
        document(tmp_path, text)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-2", 0.01),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("-3", -3),
        ("0o17", 15),
        ("017", 17),
        ("0x1f", 31),
        ("-.inf", -math.inf),
        ("no", "no"),
        ("on", "on"),
        ("True", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_scalars_are_those_of_yaml_1_2(tmp_path: Path, written: str, value: object) -> None:
    read_value = document(tmp_path, f"a: {written}\n").value["a"]
    assert read_value == value
    assert type(read_value) is type(value)


def test_places_of_keys_and_values(tmp_path: Path) -> None:
    found = document(tmp_path, "a: 1\nb:\n  - {c: 2}\n  - x\nd:\n")
    assert found.place(("b", 0, "c")) == Place(3, 9)
    assert found.place(("b", 0, "c"), key=True) == Place(3, 6)
    assert found.place(("b", 1)) == Place(4, 5)
    assert found.place(("b", 0, "missing")) == Place(3, 5)
    assert found.place(("d",)) == Place(5, 1), "an empty value is where its key is"


def test_a_location_counts_items_from_one() -> None:
    assert dotted(("report", 0, "kind")) == "report[1].kind"
    assert dotted(()) == ""


def test_a_repeated_key_is_a_problem_and_the_first_one_stays(tmp_path: Path) -> None:
    found = document(tmp_path, "a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert found.value == {"a": 1, "b": {"c": 1}}
    assert [(p.line, p.column, p.field, p.message) for p in found.problems] == [
        (2, 11, "b.c", "'c' is here twice"),
        (3, 1, "a", "'a' is here twice"),
    ]
    assert found.problems[1].hint == "it is in line 1 too"


def test_anchors_aliases_and_merge_keys(tmp_path: Path) -> None:
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {y: 0, <<: [{y: 4, z: 5}, *a]}\n"
    found = document(tmp_path, text)
    assert found.value["b"] == {"x": 1, "y": 2}
    assert found.value["c"] == {"x": 1, "y": 3}
    assert found.value["d"] == {"x": 1, "y": 0, "z": 5}
    assert found.place(("c", "x")) == Place(1, 11), "a merged value is where it is written"
    assert found.place(("c", "y")) == Place(3, 16)
    assert found.problems == []


def test_keys_become_text(tmp_path: Path) -> None:
    assert document(tmp_path, "a: {5: x, 0.50: y, true: z, ~: w}\n").value == {
        "a": {"5": "x", "0.5": "y", "true": "z", "none": "w"}
    }


@pytest.mark.parametrize(
    ("number", "text"), [(0.9, "0.9"), (1e-05, "1e-05"), (20, "20"), (1.0, "1.0"), (None, "none"), (False, "false")]
)
def test_the_label_of_a_number_is_its_shortest_text(number: object, text: str) -> None:
    assert label_text(number) == text


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: 1\n\tb: 2\n", (2, 1), "a tab cannot indent a line"),
        ("a: b: c\n", (1, 5), "a colon cannot be here"),
        ("a: 'b\nc: 1\n", (1, 4), "the quotation mark is not closed"),
        ("a: [1, 2\nb: 1\n", (1, 4), "a bracket or brace that was opened is not closed, or a comma is missing"),
        ("a:\n  - x: 1\n y: 2\n", (3, 2), "the indentation does not fit the lines above"),
        ("a: 'b' c\n", (1, 8), "text cannot be here"),
        ("a: 1\nb 2\nc: 3\n", (2, 1), "a key has no colon"),
        ("a: @b\n", (1, 4), "text cannot begin with '@'"),
        ("a: %b\n", (1, 4), "text cannot begin with '%'"),
        ("a: *b\n", (1, 4), "there is no anchor '&b' above this alias"),
        ("a: - b\n", (1, 4), "a list item cannot be here"),
        ('a: "\\q"\n', (1, 6), "this backslash sequence does not exist"),
        ("a: 1\n---\nb: 2\n", (2, 1), "a second document begins here"),
        ("a: x\x07y\n", (1, 5), "the character U+0007 is not allowed in YAML"),
        (b"a: 1\nb: caf\xe9\n", (2, 7), "the file is not UTF-8: byte 0xe9 is no character"),
        ("a: &a [*a]\n", (1, 4), "this anchor contains an alias of itself"),
        ("- a\n", (1, 1), "a study is a mapping, and this is a list"),
        ("words\n", (1, 1), "a study is a mapping, and this is text without a key"),
        ("", (0, 0), "the file is empty"),
        ("# a comment\n", (0, 0), "the file is empty"),
        ("a: " + "[" * 3000, (0, 0), "lists or mappings are nested too deeply to be read"),
        ("#" * 2_000_001, (0, 0), "the file has 2.0 MB; a study file has at most 2 MB"),
    ],
)
def test_what_is_not_a_study_is_said_in_one_sentence(
    tmp_path: Path, text: str | bytes, place: tuple[int, int], message: str
) -> None:
    problem = fault(tmp_path, text)
    assert ((problem.line, problem.column), problem.message) == (place, message)


def test_aliases_of_aliases_cannot_fill_the_memory(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert fault(tmp_path, "\n".join(lines)).message == "the file has too many values once its aliases are followed"


def test_a_tag_runs_nothing(tmp_path: Path) -> None:
    found = document(tmp_path, "a: !!python/object/apply:os.system [exit]\nb: !x y\n")
    assert [problem.message for problem in found.problems] == [
        "the tag !!python/object/apply:os.system is not allowed here",
        "the tag !x is not allowed here",
    ]


def test_a_byte_order_mark_and_windows_ends_of_line_are_no_fault(tmp_path: Path) -> None:
    found = document(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert found.value == {"a": 1, "b": 2}
    assert found.place(("b",)) == Place(2, 4)


def test_a_missing_file_names_its_nearest_neighbour(tmp_path: Path) -> None:
    (tmp_path / "deep-mlps.yaml").write_text("a: 1")
    with pytest.raises(StudyError, match=r"there is no such file\n  did you mean .*deep-mlps\.yaml"):
        read(tmp_path / "deep-mlp.yaml")
    with pytest.raises(StudyError, match=r"there is no folder .*nowhere either"):
        read(tmp_path / "nowhere" / "a.yaml")


def test_a_folder_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="this is a folder, not a study file"):
        read(tmp_path)
