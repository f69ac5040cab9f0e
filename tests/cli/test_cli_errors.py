"""Bad input ends in a sentence, a hint and an exit code, never in a traceback."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from reportgen.cli import main
from reportgen.cli import train as train_commands

COMMAND = [sys.executable, "-m", "reportgen"]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["plan", "tinny"], "there is no study called 'tinny'", "did you mean 'tiny'?"),
        (["plan", "studies/tinny.yaml"], "there is no file 'studies/tinny.yaml'", "tiny"),
        (["plan", "studies"], "'studies' is a folder", "tiny"),
        (["plan", "tiny", "--profile", "quik"], "there is no profile called 'quik'", "did you mean 'quick'?"),
        (["cite", "tiny/profil"], "there is no figure of tiny called 'profil'", "did you mean 'profile'?"),
        (["paln", "tiny"], "No such command 'paln'", "Did you mean 'plan'?"),
        (["plan"], "Missing argument 'STUDY'", "reportgen plan --help"),
        (["plan", "tiny", "--storr", "x"], "No such option", "--store"),
        (["list", "things"], "things", "studies"),
        (["run", "tiny", "--jobs", "0"], "Invalid value for '--jobs'", "reportgen run --help"),
        (["status", "--store", "studies/tiny.yaml"], "is a file", "folder"),
        (["build", "--no-run", "--base-url", "nowhere"], "'nowhere' is not the address of a site", "https://"),
        (["build", "--templates", "nowhere"], "no folder of templates 'nowhere'", "--templates"),
        (["serve", "--out", "nowhere"], "there is no site in 'nowhere'", "reportgen build"),
    ],
)
def test_wrong_usage_is_explained(cli, tiny, arguments, message, hint):
    done = cli(*arguments)
    assert done.code == 2
    assert message in done.err
    assert hint in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_a_file_that_is_no_text_is_explained(cli, untrained):
    (untrained / "studies" / "tiny.yaml").write_bytes(b"\xff\xfe\x00\x81")
    done = cli("plan", "tiny")
    assert done.code == 2
    assert "tiny.yaml" in done.err and "Traceback" not in done.err


def test_two_studies_with_one_id_are_refused(cli, untrained):
    (untrained / "other").mkdir()
    (untrained / "other" / "tiny.yaml").write_text("title: x")
    done = cli("check", "tiny", "other/tiny.yaml")
    assert done.code == 2
    assert "two studies have the id 'tiny'" in done.err


def test_an_unforeseen_error_is_one_sentence(cli, tiny, monkeypatch):
    monkeypatch.setattr("reportgen.store.Store.run_ids", _broken)
    done = cli("status")
    assert done.code == 1
    assert "ZeroDivisionError: nobody foresaw this" in done.err
    assert "--debug" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_the_traceback(cli, tiny, monkeypatch, place):
    monkeypatch.setattr("reportgen.store.Store.run_ids", _broken)
    done = cli("--debug", "status") if place == "before" else cli("status", "--debug")
    assert done.code == 1
    assert "Traceback" in done.err and "_broken" in done.err


def _broken(*_, **__):
    raise ZeroDivisionError("nobody foresaw this")


def test_a_missing_extra_is_named(cli, untrained, monkeypatch):
    def without_torch(*_, **__):
        raise ModuleNotFoundError("No module named 'sklearn.datasets'", name="sklearn.datasets")

    monkeypatch.setattr(train_commands, "complete", without_torch)
    done = cli("run", "tiny")
    assert done.code == 1
    assert "training needs sklearn" in done.err
    assert "pip install 'reportgen[run]'" in done.err


def test_an_interruption_has_its_own_code(cli, untrained, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_commands, "complete", interrupted)
    done = cli("run", "tiny")
    assert done.code == 130
    assert "the same command continues" in done.err


def test_ctrl_c_keeps_what_is_finished(untrained):
    path = untrained / "studies" / "tiny.yaml"
    path.write_text(path.read_text().replace("steps: 8", "steps: 2000000"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen([*COMMAND, "run", "tiny", "--jobs", "1"], stderr=subprocess.PIPE, env=environment) as process:
        process.stderr.readline()  # "Training 16 runs …"
        process.stderr.readline()  # the first event
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().decode()
    assert process.returncode == 130
    assert "the same command continues" in rest
    assert "Traceback" not in rest


def test_an_interrupt_while_a_class_is_made_gives_the_same_exit_code(tmp_path):
    """Classes of values are made from text, as during an import; Python marks an interrupt there, also a caught one."""
    patch = """
        import reportgen.cli
        def interrupted():
            try:
                exec("raise KeyboardInterrupt")
            except KeyboardInterrupt:
                return 130
        reportgen.cli.main = interrupted
    """
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(patch))
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[2]}"}
    assert subprocess.run(COMMAND, env=environment).returncode == 130


def test_a_reader_that_leaves_is_no_error(untrained):
    with subprocess.Popen(
        [*COMMAND, "list", "estimates"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, pipesize=4096
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_no_command_prints_the_help(cli):
    done = cli()
    assert done.code == 2
    assert "Usage: reportgen" in done.out + done.err


def test_version(cli):
    from reportgen import __version__

    assert main(["--version"]) == 0
    assert cli("--version").out == f"reportgen {__version__}\n"
