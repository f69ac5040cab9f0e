"""What is printed moves no cursor and sets no title, whoever wrote the words."""

from __future__ import annotations

import json
import re

import pytest

STUDY = """\
title: "x\\e]0;owned\\a\\e[2J\\u202e\\x9b31m\\r"
authors: [{name: A. Tester}]
question: x
base: {task: spirals, architecture: {name: mlp, depth: 3, width: 8}}
training: {optimiser: sgd, learning_rate: 0.1, steps: 2}
factors:
  architecture.activation: [{label: "tanh\\e[2J\\u2066", value: tanh}, relu]
exclude: [{when: {architecture.activation: relu}, reason: "no\\e[31m\\rOK"}]
report: [{id: p, kind: gradient-profile, title: "y\\e[2J"}]
"""
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def folder(here):
    (here / "studies").mkdir()
    (here / "studies" / "attack.yaml").write_text(STUDY, encoding="utf-8")
    return here


@pytest.mark.parametrize(
    "words",
    [
        ("list", "studies"),
        ("list", "arms"),
        ("list", "figures"),
        ("plan", "attack"),
        ("status", "attack"),
        ("show", "attack"),
        ("cite", "attack"),
        ("check", "attack"),
    ],
    ids=" ".join,
)
def test_words_of_a_study_do_nothing_to_a_terminal(cli, folder, words):
    done = cli(*words)
    assert done.code == 0, done.err
    assert not UNSAFE.search(done.out) and not UNSAFE.search(done.err)


@pytest.mark.parametrize("words", [("list", "studies"), ("list", "arms"), ("list", "figures"), ("plan", "attack")])
def test_json_keeps_the_words_and_is_as_harmless(cli, folder, words):
    done = cli(*words, "--json")
    assert not UNSAFE.search(done.out)
    assert "\x1b" in json.dumps(done.document, ensure_ascii=False).encode().decode("unicode_escape")


def test_errors_quote_words_harmlessly(cli, folder):
    bad = STUDY.replace("title:", '"ti\\e[2Jtle": 1\n"ti\\u202etle": 2\ntitle:').replace(
        "name: mlp", 'name: "m\\e[2Jlp"'
    )
    (folder / "studies" / "attack.yaml").write_text(bad, encoding="utf-8")
    for words in (("check", "attack"), ("plan", "attack"), ("show", "no\x1b[2Jthing"), ("list", "no\x1b[2Jthing")):
        done = cli(*words)
        assert done.code == 2
        assert not UNSAFE.search(done.out) and not UNSAFE.search(done.err), words


def test_colours_of_our_own_stay(monkeypatch, capsys):
    import sys

    from reportgen.cli.console import Console

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    Console().table(("name",), [("x\x1b[2J",)])
    out = capsys.readouterr().out
    assert "\x1b[1mname" in out and "\x1b[2J" not in out
