"""Study files that would run code, eat memory, or say two things at once: each is one plain error, and soon."""

from __future__ import annotations

import json
import time

import pytest

from reportgen import study
from reportgen.errors import StudyError
from reportgen.study.document import read

HEAD = "title: x\nquestion: x\nbase: {task: spirals, architecture: mlp}\n"
SECONDS = 20


@pytest.fixture(autouse=True)
def bounded():
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


@pytest.fixture
def problems(tmp_path):
    def check(text, name="attack.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return study.check(path)

    return check


BOMB = "a: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"b{n}: &a{n + 1} [{', '.join(f'*a{n}' for _ in range(10))}]\n" for n in range(12)
)

TRICKS = {
    "tag of an object": HEAD + "keywords: !!python/object/apply:os.system [touch hacked]",
    "tag of a name": HEAD + "keywords: !!python/name:os.system",
    "own tag": HEAD + "keywords: !evil x",
    "tag directive": "%TAG ! tag:yaml.org,2002:python/\n---\n" + HEAD + "keywords: !object/apply:os.system [id]",
    "binary": HEAD + "keywords: [!!binary aGFja2Vk]",
    "set": HEAD + "keywords: !!set {a, b}",
    "many laughs": BOMB + HEAD,
    "laughs in merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n + 1}: &a{n + 1} {{<<: [{', '.join([f'*a{n}'] * 9)}]}}\n" for n in range(12))
    + HEAD,
    "an alias of itself": HEAD + "factors: &a {b: *a}",
    "a repeated key": HEAD + "title: y",
    "a repeated key, quoted": HEAD + "'title': y",
    "a repeated key, escaped": HEAD + '"\\x74itle": y',
    "two documents": HEAD + "---\n" + HEAD,
    "deep lists": HEAD + "keywords: " + "[" * 20_000 + "]" * 20_000,
    "deep mappings": HEAD + "factors: " + "{a: " * 20_000 + "}" * 20_000,
    "deep blocks": HEAD + "factors:\n" + "".join(" " * n + "a:\n" for n in range(1, 1500)),
    "a complex key": HEAD + "? [a, b]\n: c",
    "a NUL": (HEAD + "version: 'x").encode() + b"\x00'",
    "not UTF-8": HEAD.encode() + b"version: '\xff\xfe'",
    "UTF-16": (HEAD).encode("utf-16"),
    "a huge number": HEAD + "training: {steps: " + "9" * 100_000 + "}",
    "a huge hexadecimal number": HEAD + "training: {steps: 0x" + "f" * 100_000 + "}",
    "a huge number as a level": HEAD + "factors: {architecture.depth: [0x" + "f" * 100_000 + "]}",
    "a huge exponent": HEAD + "training: {learning_rate: 1e999999999}",
    "infinite": HEAD + "training: {learning_rate: .inf}",
    "no number": HEAD + "training: {learning_rate: .nan}",
    "a negative number of steps": HEAD + "training: {steps: -1}",
    "too many arms": HEAD
    + "factors:\n"
    + "".join(f"  f{n}: {{{', '.join(f'l{k}: {{}}' for k in range(100))}}}\n" for n in range(20)),
    "too many runs": HEAD + "seeds: {tuning: 1000, judged: 1000}\n"
    "training: {learning_rate: [" + ", ".join(f"{n}e-3" for n in range(1, 100)) + "]}\n"
    "factors: {architecture.width: [" + ", ".join(map(str, range(1, 100))) + "]}\n",
    "too many rates": HEAD + "seeds: {tuning: 1000, judged: 1000}\n"
    f"training: {{learning_rate: [{', '.join(f'{n}e-6' for n in range(1, 3000))}]}}\n"
    f"factors: {{architecture.width: [{', '.join(map(str, range(1, 2000)))}]}}\n",
    "a path that leads out": HEAD + "report: [{id: ../../x, kind: gradient-profile, title: x}]",
    "a name with a line": HEAD + 'report: [{id: "a\\nb", kind: gradient-profile, title: x}]',
    "a name with NUL": HEAD + 'report: [{id: "a\\0", kind: gradient-profile, title: x}]',
    "a reserved name of Windows": HEAD + "report: [{id: con, kind: gradient-profile, title: x}]",
    "the same name twice": HEAD
    + "report: [{id: a, kind: gradient-profile, title: x}, {id: a, kind: gradient-profile, title: x}]",
    "a task with a path": "title: x\nquestion: x\nbase: {task: ../../etc/passwd, architecture: mlp}\n",
    "a dotted path into Python": HEAD + "factors: {architecture.__class__: [1]}",
    "a DOI that is markup": HEAD + "doi: '10.1234/\"><script>window.hacked=1</script>'",
    "a DOI that is LaTeX": HEAD + "doi: '10.1234/}\\input{x}'",
    "a licence that is a list": HEAD + "licence: [MIT]",
    "a very long label": HEAD + "factors: {architecture.activation: [{label: " + "x" * 5_000 + ", value: tanh}]}",
    "a section that is no text": HEAD + "results: {a: b}",
    "very long prose": HEAD + "results: |\n  " + "word " * 300_000,
    "a very long title": "title: " + "word " * 20_000 + "\nquestion: x\nbase: {task: spirals, architecture: mlp}\n",
}


@pytest.mark.parametrize("trick", TRICKS, ids=TRICKS)
def test_a_trick_is_a_plain_error(problems, tmp_path, trick):
    found = problems(TRICKS[trick])
    assert found, trick
    for problem in found:
        assert "Traceback" not in problem.message and len(problem.message) < 2_000
    assert len(str(StudyError("attack.yaml", found))) < 100_000
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("name", ["con", "nul", "com1", "lpt9", "aux", "prn"])
def test_a_study_has_no_name_that_is_a_device(problems, name):
    assert any("address" in problem.message or "name" in problem.message for problem in problems(HEAD, f"{name}.yaml"))


@pytest.mark.parametrize(
    "name", ["..yaml", "a b.yaml", "A.yaml", "a\nb.yaml", "ä.yaml", "-a.yaml", "a..yaml", "releases.yaml"]
)
def test_a_study_has_a_plain_name(problems, name):
    assert problems(HEAD, name)


def test_ten_megabytes_are_refused_at_once(tmp_path):
    path = tmp_path / "attack.yaml"
    path.write_text(HEAD + "results: |\n" + "  Prose without an end.\n" * 450_000, encoding="utf-8")
    assert path.stat().st_size > 10_000_000
    begun = time.process_time()
    with pytest.raises(StudyError, match="a study file has at most 2 MB"):
        study.load(path)
    assert time.process_time() - begun < 1


def test_special_files_are_not_read(tmp_path):
    import os

    os.mkfifo(tmp_path / "attack.yaml")
    with pytest.raises(StudyError, match="no regular file"):
        study.load(tmp_path / "attack.yaml")


def test_plain_data_come_out_whatever_the_tags(tmp_path):
    """Nothing but texts, numbers, lists and mappings can be made from a file."""
    path = tmp_path / "attack.yaml"
    path.write_text(TRICKS["tag of an object"], encoding="utf-8")
    document = read(path)
    assert document.problems
    json.dumps(document.value)


def test_references_beside_a_study_are_no_other_files(tmp_path):
    """The register of claims beside a study is read by the same rules."""
    (tmp_path / "claims.yaml").write_text("claims: !!python/object/apply:os.system [touch hacked]\n", encoding="utf-8")
    path = tmp_path / "attack.yaml"
    claim = "{id: a, estimate: success, compare: {x: y}, against: 1.0, direction: higher, margin: 1, why: x}"
    path.write_text(HEAD + f"claims: [{claim}]\n", encoding="utf-8")
    assert study.check(path)
    assert not (tmp_path / "hacked").exists()
