"""The repository that a study came in has a configuration of its own; nothing that it names is run."""

from __future__ import annotations

import subprocess

import pytest

from reportgen.run.environment import repository

COMMANDS = {
    "fsmonitor": ["core.fsmonitor", "touch hacked; false"],
    "clean": ["filter.evil.clean", "touch hacked; cat"],
    "process": ["filter.evil.process", "touch hacked; false"],
    "smudge": ["filter.evil.smudge", "touch hacked; cat"],
    "pager": ["core.pager", "touch hacked; cat"],
    "ssh": ["core.sshCommand", "touch hacked"],
    "alias": ["alias.status", "!touch hacked"],
    "textconv": ["diff.evil.textconv", "touch hacked"],
    "external": ["diff.external", "touch hacked"],
    "editor": ["core.editor", "touch hacked"],
}


@pytest.fixture
def sent(tmp_path):
    """A repository with one file that is changed since."""

    def git(*words):
        who = ("-c", "user.name=A. Tester", "-c", "user.email=tester@example.org")
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--quiet")
    (tmp_path / ".gitattributes").write_text("* filter=evil diff=evil\n")
    (tmp_path / "study.yaml").write_text("title: x\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "x")
    return tmp_path, git


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("changed", [True, False])
def test_no_command_of_its_configuration_is_run(sent, name, changed):
    folder, git = sent
    git("config", *COMMANDS[name])
    git("config", "filter.evil.required", "true")
    # The same length and content with another time is looked at as well.
    (folder / "study.yaml").write_text("title: y\n" if changed else "title: x\n")
    found = repository(folder)
    assert not (folder / "hacked").exists()
    assert len(found["commit"]) == 40 and found["dirty"] is changed


def test_the_trap_works(sent):
    """Otherwise the tests above would show nothing."""
    folder, git = sent
    git("config", *COMMANDS["fsmonitor"])
    git("status")
    assert (folder / "hacked").exists()
