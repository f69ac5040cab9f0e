"""build, serve, cite."""

import subprocess
import sys
import urllib.request

from reportgen.store import Store


def test_build_goes_from_definitions_to_pages(cli, untrained):
    done = cli("build", "--jobs", "1")
    assert done.code == 0
    assert "A tiny study" in (untrained / "site" / "index.html").read_text(encoding="utf-8")
    assert (untrained / "site" / "tiny" / "profile" / "index.html").is_file()


def test_a_second_build_changes_nothing_and_needs_nothing_heavy(tiny):
    code = (
        "import sys; from reportgen.cli import main; assert main(['build', '--quiet']) == 0;"
        "print(sorted({'torch', 'dask', 'distributed', 'sklearn', 'matplotlib.pyplot', 'seaborn'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, capture_output=True)
    before = _state(tiny / "site")
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert again.stdout.strip() == "[]"
    assert _state(tiny / "site") == before


def _state(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_no_run_shows_what_is_there(cli, untrained):
    done = cli("build", "--no-run", "--json")
    assert done.code == 0
    assert done.document["missing"] == 16
    assert "16 runs missing" in done.err
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


def test_cite_a_figure_by_the_hash_of_its_data(cli, tiny):
    cited = cli("cite", "tiny/profile", "--json").document
    assert len(cited["data_hash"]) == 64
    assert cited["data_hash"][:16] in cited["text"] and cited["data_hash"][:16] in cited["bibtex"]
    assert cli("cite", "tiny").out.count("@misc{tiny,") == 1


def test_cite_a_study_by_its_path(cli, tiny):
    assert "A tiny study" in cli("cite", "studies/tiny.yaml", "--base-url", "https://example.org").out
    assert Store("results").run_ids()


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
