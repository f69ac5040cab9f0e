"""A study runs code only where it names a module and its reader has allowed that."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.cli import consent

STUDY = """\
title: x
question: x
plugins: [{module}]
base: {{task: spirals, architecture: mlp}}
training: {{optimiser: sgd, learning_rate: 0.1, steps: 2}}
"""
PLUGIN = "with open({trace!r}, 'a') as trace:\n    trace.write('ran ')\n"


class Project:
    """A project with a study that names a plug-in, which leaves a trace where it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.trace = folder, folder.parent / "trace"
        self.modules = folder.parent / "modules"
        self.modules.mkdir()
        (folder / "studies").mkdir()
        self.study = folder / "studies" / "plugged.yaml"
        self.study.write_text(STUDY.format(module="h5_plugin"), encoding="utf-8")
        self.plugin = self.modules / "h5_plugin.py"
        self.plugin.write_text(PLUGIN.format(trace=str(self.trace)), encoding="utf-8")

    @property
    def runs(self) -> int:
        """How often the plug-in has run."""
        return self.trace.read_text(encoding="utf-8").count("ran") if self.trace.exists() else 0


@pytest.fixture
def project(here, monkeypatch):
    made = Project(here)
    monkeypatch.syspath_prepend(str(made.modules))
    yield made
    for name in [name for name in sys.modules if name.startswith("h5_")]:
        del sys.modules[name]


@pytest.fixture
def terminal(monkeypatch):
    """Pretend that a person sits at the terminal; `answers` is what they type, `asked` what they are shown."""

    class Terminal:
        def __init__(self):
            self.answers, self.asked = [], []

    made = Terminal()
    monkeypatch.setattr(consent, "at_terminal", lambda: True)

    def confirm(text, **options):
        assert options["default"] is False and options["err"] is True
        made.asked.append(text)
        return made.answers.pop(0)

    monkeypatch.setattr(consent.typer, "confirm", confirm)
    return made


def forget():
    sys.modules.pop("h5_plugin", None)


def test_without_a_terminal_nothing_is_imported(cli, project):
    done = cli("check", "plugged")
    assert done.code == 2 and project.runs == 0
    assert "the study names plug-ins, which are not allowed" in done.err and "--allow-plugins" in done.err
    assert not consent.memory().exists()


@pytest.mark.parametrize(
    "command", ["check", "plan", "list", "status", "show", "run", "build", "cite", "verify", "schema"]
)
def test_no_command_imports_without_leave(cli, project, command):
    words = ["list", "arms", "plugged"] if command == "list" else [command, "plugged"]
    done = cli(*words)
    assert done.code == 2 and "not allowed" in done.err and project.runs == 0


def test_the_flag_allows_once(cli, project):
    assert cli("check", "plugged", "--allow-plugins").code == 0
    assert project.runs == 1 and not consent.memory().exists()
    forget()
    assert cli("check", "plugged").code == 2 and project.runs == 1


def test_a_person_is_asked_once_for_a_project(cli, project, terminal):
    terminal.answers = [True]
    first = cli("check", "plugged")
    assert first.code == 0 and project.runs == 1 and len(terminal.asked) == 1
    assert "h5_plugin" in first.err and str(project.plugin) in first.err and "studies/plugged.yaml" in first.err
    forget()
    assert cli("plan", "plugged").code == 0 and project.runs == 2 and len(terminal.asked) == 1


def test_what_was_allowed_holds_without_a_terminal_too(cli, project, terminal, monkeypatch):
    terminal.answers = [True]
    cli("check", "plugged")
    monkeypatch.setattr(consent, "at_terminal", lambda: False)
    forget()
    assert cli("check", "plugged").code == 0 and project.runs == 2


def test_a_no_is_a_no_and_is_not_remembered(cli, project, terminal):
    terminal.answers = [False, False]
    assert cli("check", "plugged").code == 2 and project.runs == 0
    assert not consent.memory().exists()
    assert cli("check", "plugged").code == 2 and len(terminal.asked) == 2


def test_a_changed_plugin_is_asked_about_again(cli, project, terminal):
    terminal.answers = [True, False]
    cli("check", "plugged")
    forget()
    project.plugin.write_text(project.plugin.read_text() + "# changed\n")
    assert cli("check", "plugged").code == 2
    assert project.runs == 1 and len(terminal.asked) == 2


def test_a_changed_plugin_is_not_hidden_by_the_last_build(cli, project, terminal):
    """A build that would change nothing is left out, but not where plug-ins take part in it."""
    terminal.answers = [True, False]
    assert cli("build", "plugged", "--jobs", "1").code == 0
    forget()
    project.plugin.write_text(project.plugin.read_text() + "# changed\n")
    assert cli("build", "plugged", "--jobs", "1").code == 2 and len(terminal.asked) == 2


def test_a_compiled_file_beside_the_source_is_asked_about(cli, project, terminal):
    """Python may run it in place of the source, whatever it holds."""
    terminal.answers = [True, False]
    cli("check", "plugged")
    forget()
    assert not (project.modules / "__pycache__").exists()
    cached = Path(importlib.util.cache_from_source(str(project.plugin)))
    cached.parent.mkdir()
    cached.write_bytes(b"other code")
    assert cli("check", "plugged").code == 2 and project.runs == 1 and len(terminal.asked) == 2


def test_another_module_is_asked_about(cli, project, terminal):
    terminal.answers = [True, False]
    cli("check", "plugged")
    (project.modules / "h5_other.py").write_text(PLUGIN.format(trace=str(project.trace)))
    project.study.write_text(STUDY.format(module="h5_plugin, h5_other"), encoding="utf-8")
    forget()
    assert cli("check", "plugged").code == 2 and project.runs == 1 and len(terminal.asked) == 2


def test_another_project_is_asked_about(cli, project, terminal, monkeypatch):
    terminal.answers = [True, False]
    cli("check", "plugged")
    other = project.folder.parent / "other"
    (other / "studies").mkdir(parents=True)
    (other / "studies" / "plugged.yaml").write_bytes(project.study.read_bytes())
    monkeypatch.chdir(other)
    forget()
    assert cli("check", "plugged").code == 2 and len(terminal.asked) == 2


def test_the_same_name_from_another_place_is_asked_about(cli, project, terminal, monkeypatch):
    terminal.answers = [True, False]
    cli("check", "plugged")
    elsewhere = project.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "h5_plugin.py").write_bytes(project.plugin.read_bytes())
    monkeypatch.syspath_prepend(str(elsewhere))
    forget()
    assert cli("check", "plugged").code == 2 and len(terminal.asked) == 2


def test_one_command_asks_once_for_several_studies(cli, project, terminal):
    terminal.answers = [True]
    (project.folder / "studies" / "second.yaml").write_bytes(project.study.read_bytes())
    assert cli("list", "arms").code == 0 and len(terminal.asked) == 1


def test_the_memory_is_the_users_own(cli, project, terminal):
    terminal.answers = [True]
    cli("check", "plugged")
    place = consent.memory()
    assert not place.resolve().is_relative_to(project.folder.resolve())
    assert not place.resolve().is_relative_to(project.modules.resolve())
    if os.name == "posix":
        assert place.stat().st_mode & 0o077 == 0
    kept = json.loads(place.read_text())["projects"]
    assert list(kept) == [str(project.folder.resolve())] and list(kept[str(project.folder.resolve())]) == ["h5_plugin"]


@pytest.mark.parametrize("harm", ["", "{}", "[]", '{"projects": []}', '{"projects": {"x": 3}}', "\x00"])
def test_a_damaged_memory_allows_nothing(cli, project, harm):
    consent.memory().parent.mkdir(parents=True, exist_ok=True)
    consent.memory().write_text(harm)
    assert cli("check", "plugged").code == 2 and project.runs == 0


def test_a_study_cannot_bring_its_own_leave(cli, project):
    """Whatever lies in the project's folder says nothing about what is allowed."""
    found = consent.find("h5_plugin")
    text = json.dumps({"format": 1, "projects": {str(project.folder.resolve()): {"h5_plugin": found.digest}}})
    for place in (
        project.folder,
        project.folder / "studies",
        project.folder / ".reportgen",
        project.folder / "reportgen",
    ):
        place.mkdir(exist_ok=True)
        (place / "plugins.json").write_text(text)
    assert cli("check", "plugged").code == 2 and project.runs == 0


@pytest.mark.parametrize(
    "name", ["../evil", "evil.py", "a-b", "os; import evil", "", ".evil", "a..b", "a b", "x" * 5_000]
)
def test_only_names_of_modules_are_looked_for(cli, project, name):
    project.study.write_text(STUDY.format(module=json.dumps(name)), encoding="utf-8")
    assert cli("check", "plugged", "--allow-plugins").code == 2


def test_finding_a_module_runs_nothing(project):
    package = project.modules / "h5_package"
    package.mkdir()
    for name in ("__init__.py", "inner.py"):
        (package / name).write_text(PLUGIN.format(trace=str(project.trace)))
    before = consent.find("h5_package.inner")
    assert before.file == str(package / "inner.py") and before.digest
    assert consent.find("h5_package").digest == before.digest
    (package / "__init__.py").write_text("# changed")
    assert consent.find("h5_package.inner").digest != before.digest
    assert consent.find("h5_nothing").digest == "" and consent.find("h5_package.nothing").digest == ""
    assert project.runs == 0


def test_a_module_that_is_not_there_is_never_allowed_in_advance(cli, project, terminal):
    terminal.answers = [True, True]
    project.study.write_text(STUDY.format(module="h5_later"), encoding="utf-8")
    assert "cannot be imported" in cli("check", "plugged").err
    assert not consent.memory().exists()


DECOYS = (
    "torch",
    "json",
    "numpy",
    "pandas",
    "yaml",
    "typer",
    "rich",
    "ruamel",
    "pydantic",
    "reportgen_extra",
    "distributed",
)


@pytest.mark.parametrize(
    "start", [["-m", "reportgen"], ["-c", "import sys; from reportgen.cli import main; sys.exit(main())"]]
)
def test_nothing_else_is_taken_from_the_working_directory(project, start):
    """A folder that someone sent may hold modules with the names of others; only what is named is imported."""
    for name in DECOYS:
        (project.folder / f"{name}.py").write_text(PLUGIN.format(trace=str(project.folder.parent / "decoy")))
    if start[0] == "-c":  # as the installed command does, which does not look into the working directory
        start = ["-P", *start]
    words = [*start, "check", "plugged", "--allow-plugins"]
    environment = {**os.environ, "PYTHONPATH": str(project.modules)}
    done = subprocess.run([sys.executable, *words], cwd=project.folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert project.runs == 1 and not (project.folder.parent / "decoy").exists()


def test_processes_that_are_started_take_nothing_from_there_either(project):
    code = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from reportgen.cli import main
if __name__ == "__main__":
    main(["--version"])
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        print(pool.submit(abs, -7).result())
"""
    for name in ("multiprocessing", "pickle", "signal", "concurrent"):
        (project.folder / f"{name}.py").write_text(PLUGIN.format(trace=str(project.folder.parent / "decoy")))
    script = project.folder.parent / "start.py"
    script.write_text(code)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=project.folder, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "7", done.stderr
    assert not (project.folder.parent / "decoy").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 2), ("\n", 2)])
def test_a_real_terminal_is_asked(project, typed, code):
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(project.modules), "TERM": "dumb"}
    command = [sys.executable, "-m", "reportgen", "check", "plugged"]
    running = subprocess.Popen(command, cwd=project.folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert running.wait(60) == code
    assert b"h5_plugin" in shown and b"[y/N]" in shown
    assert project.runs == (1 if code == 0 else 0)
