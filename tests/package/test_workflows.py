"""The workflow files are YAML, and every command in them and in the recipes of the README exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from ruamel.yaml import YAML

from reportgen.cli import app

ROOT = Path(__file__).parents[2]
WORKFLOWS = (*sorted((ROOT / ".github" / "workflows").glob("*.yml")), ROOT / ".gitlab-ci.yml")
COMMANDS = typer.main.get_command(app).commands
SHARED = {"--quiet", "--debug"}


def loaded(path):
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def scripts(node):
    """Yield all shell scripts of a workflow."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run" and isinstance(value, str):
                yield value
            elif key == "script":
                yield from value
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for item in node:
            yield from scripts(item)


def check_reportgen(line):
    """Check a call of reportgen, as far as its words are plain."""
    words = [word for word in shlex.split(line.replace("…", "X"), comments=True) if word not in SHARED]
    name, *rest = words[next(i for i, word in enumerate(words) if word.endswith("reportgen")) + 1 :]
    assert name in COMMANDS, line
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {word.split("=")[0] for word in rest if word.startswith("--")} <= options, line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_commands_of_a_workflow_exist(path):
    lines = [line.strip() for script in scripts(loaded(path)) for line in script.splitlines()]
    assert lines
    targets = set(re.findall(r"^(\S+):", (ROOT / "Makefile").read_text(), re.MULTILINE)) | {".venv/.installed"}
    for line in lines:
        if re.match(r"(\S*/)?reportgen ", line):
            check_reportgen(line)
        if line.startswith("make "):
            assert line.split()[1] in targets, line
        if line.startswith("bash "):
            assert (ROOT / line.split()[1]).is_file(), line


def test_the_workflows_build_and_publish():
    text = "".join(script for path in WORKFLOWS for script in scripts(loaded(path)))
    for part in ("publish gh-pages --release", "build --release", "PROFILE=quick"):
        assert part in text


def test_only_the_job_that_publishes_may_write():
    site = loaded(ROOT / ".github" / "workflows" / "site.yml")
    assert site["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions") for name, job in site["jobs"].items()} == {
        "preview": None,
        "publish": {"contents": "write"},
    }


def test_no_workflow_puts_what_others_wrote_into_a_script():
    """Titles, names of branches and the like reach a shell as variables only."""
    for path in WORKFLOWS:
        for script in scripts(loaded(path)):
            assert "${{" not in script, (path, script)


def test_the_readme_only_has_commands_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    calls = re.findall(r"^\$ (?:\.venv/bin/)?(reportgen (?!COMMAND).+)$", text, re.MULTILINE)
    assert len(calls) > 5
    for call in calls:
        check_reportgen(call.split(" && ")[0])
