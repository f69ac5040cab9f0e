"""build, serve."""

import shutil
import subprocess
import sys
import urllib.request

import pytest

from reportgen.store import Store


def test_build_goes_from_definitions_to_pages(cli, untrained):
    done = cli("build", "--jobs", "1")
    assert done.code == 0
    assert "A tiny study" in (untrained / "site" / "index.html").read_text(encoding="utf-8")
    assert (untrained / "site" / "tiny" / "profile" / "index.html").is_file()


@pytest.mark.parametrize("remembered", [True, False])
def test_a_second_build_changes_nothing_and_needs_nothing_heavy(tiny, remembered):
    code = (
        "import sys; from reportgen.cli import main; assert main(['build', '--quiet']) == 0;"
        "print(sorted({'torch', 'dask', 'distributed', 'sklearn', 'matplotlib.pyplot', 'seaborn'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, capture_output=True)
    before = _state(tiny / "site")
    if not remembered:
        shutil.rmtree(tiny / "results" / ".site")
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert again.stdout.strip() == "[]"
    assert _state(tiny / "site") == before


def _state(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_build_of_the_same_inputs_does_nothing(cli, tiny, monkeypatch):
    first = cli("build", "--json").document
    monkeypatch.setattr("reportgen.pages.build.build_site", None)  # would fail if it were called
    again = cli("build", "--json")
    assert "Nothing has changed" in again.err
    assert again.document == {**first, "written": 0, "unchanged": first["written"], "drawn": 0}


@pytest.mark.parametrize("harm", ["changed", "removed"])
def test_a_harmed_site_is_mended(cli, tiny, harm):
    cli("build")
    page = tiny / "site" / "tiny" / "index.html"
    good = page.read_bytes()
    page.write_bytes(b"") if harm == "changed" else page.unlink()
    assert cli("build", "--json").document["written"] == 1
    assert page.read_bytes() == good


def test_a_changed_study_or_template_is_seen(cli, tiny):
    cli("build")
    path = tiny / "studies" / "tiny.yaml"
    path.write_text(path.read_text().replace("A tiny study", "A renamed study"))
    assert cli("build", "--json").document["written"] > 0
    assert "A renamed study" in (tiny / "site" / "index.html").read_text(encoding="utf-8")
    (tiny / "mine" / "assets").mkdir(parents=True)
    (tiny / "mine" / "assets" / "new.txt").write_text("new")
    cli("build", "--templates", "mine")
    assert (tiny / "site" / "assets" / "new.txt").is_file()


def test_changed_results_are_seen(cli, tiny):
    cli("build", "--no-run")
    store = Store("results")
    store.drop(sorted(store.run_ids())[:1])
    assert cli("build", "--no-run", "--json").document["missing"] == 1
    assert cli("build", "--jobs", "1", "--json").document["missing"] == 0  # what is missing is not remembered as done


def test_no_run_shows_what_is_there(cli, untrained):
    done = cli("build", "--no-run", "--json")
    assert done.code == 0
    assert done.document["missing"] == 16
    assert "0 runs failed, 16 missing" in done.err
    assert not (untrained / "results" / "runs").exists()


def test_strict_fails_where_runs_are_missing(cli, untrained):
    assert cli("build", "--no-run", "--strict").code == 3
    assert (untrained / "site" / "index.html").is_file()


def test_strict_is_content_with_a_complete_store(cli, tiny):
    assert cli("build", "--no-run", "--strict").code == 0


def test_strict_fails_where_a_run_failed(cli, untrained, monkeypatch):
    monkeypatch.setattr("reportgen.run.trainer.train_cell", lambda *_, **__: 1 / 0)
    assert cli("build", "--jobs", "1").code == 0
    assert cli("build", "--strict").code == 3


def test_build_leaves_files_that_it_did_not_write(cli, tiny):
    (tiny / "site").mkdir()
    (tiny / "site" / "CNAME").write_text("example.org")
    cli("build", "--no-run")
    cli("build", "--no-run")
    assert (tiny / "site" / "CNAME").read_text() == "example.org"


def test_serve_answers_on_this_machine_only(cli, tiny):
    cli("build", "--no-run")
    command = [sys.executable, "-m", "reportgen", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(address, timeout=10) as answer:
                assert b"A tiny study" in answer.read()
        finally:
            process.terminate()
