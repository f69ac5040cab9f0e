"""Every command is documented, and answers for help at once."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from reportgen.cli import app, main
from reportgen.cli.define import Listed

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GROUPS = typer.main.get_command(app).commands
COMMANDS = list(GROUPS)
HELP_SECONDS = 0.3
"""Of processor time, so that whatever else the machine does plays no part."""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_has_every_command(command):
    assert re.search(rf"^\| `reportgen {command}\b", README, re.MULTILINE)


def test_the_readme_has_no_command_that_is_not_there():
    assert set(re.findall(r"^\| `reportgen ([\w-]+)", README, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize(
    ("command", "inner"),
    [(name, inner) for name, found in GROUPS.items() for inner in getattr(found, "commands", {})],
)
def test_the_readme_has_every_command_of_a_group_which_has_help(command, inner):
    assert re.search(rf"^\| `reportgen {command} {inner}\b", README, re.MULTILINE)
    described = GROUPS[command].commands[inner]
    assert described.help and described.help.endswith(".")
    assert all(getattr(parameter, "help", None) for parameter in described.params)


@pytest.mark.parametrize("what", list(Listed))
def test_the_readme_has_all_that_can_be_listed(what):
    assert f"`{what}`" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_for_itself_and_its_options(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"Usage: reportgen {command}" in capsys.readouterr().out
    described = typer.main.get_command(app).commands[command]
    assert described.help and described.help.endswith(".")
    assert all(getattr(parameter, "help", None) for parameter in described.params)


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"]])
def test_help_answers_at_once_and_imports_nothing_heavy(arguments):
    heavy = "{'torch', 'numpy', 'pandas', 'scipy', 'duckdb', 'matplotlib', 'jinja2', 'dask', 'ruamel'}"
    code = f"import sys; from reportgen.cli import main; main({arguments}); print({heavy} & set(sys.modules))"
    times = []
    for _ in range(15):  # what else the machine does makes some of them slower
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.stdout.splitlines()[-1] == "set()"
        if times[-1] < HELP_SECONDS:
            break
    assert min(times) < HELP_SECONDS, times


def test_the_files_of_the_repository_name_one_version():
    from reportgen import __version__

    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()


def test_the_study_in_the_readme_is_sound(tmp_path):
    from reportgen.study import check, load

    path = tmp_path / "my-study.yaml"
    path.write_text(README.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert check(path) == ()
    assert [arm.id for arm in load(path).arms] == ["pytorch-default", "he"]
