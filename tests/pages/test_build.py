from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.errors import ReportgenError, StudyError, UsageError
from reportgen.pages.address import Address
from reportgen.pages.build import build_site


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_site_has_a_page_for_each_study_and_figure(fakes, tmp_path):
    out = tmp_path / "site"
    summary = build_site(fakes.entries(tmp_path), out, bibliography=fakes.bibliography(tmp_path))
    assert summary.pages == len(list(out.rglob("index.html")))
    for study in ("deep-mlps", "recurrent-scale"):
        assert all((out / study / figure / "index.html").is_file() for figure in ("", "profile", "factors", "success"))
    assert (out / "deep-mlps/profile/deep-mlps-profile.csv").read_text() == fakes.figure("profile").csv
    assert summary.warnings == ()
    again = build_site(fakes.entries(tmp_path), out, bibliography=fakes.bibliography(tmp_path))
    assert (again.written, again.unchanged) == (0, summary.written)


def test_two_processes_write_the_same_bytes(fakes, tmp_path):
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import site_fakes as f\n"
        "from reportgen.pages.build import build_site; t = Path(sys.argv[2])\n"
        "build_site(f.entries(t / 'in'), t / 'site', bibliography=f.bibliography(t / 'in'))"
    )
    built = []
    for seed in ("0", "12345"):
        folder = tmp_path / seed
        folder.mkdir()
        root = str(Path(__file__).parents[2])
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
        subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(folder)], check=True, env=env)
        built.append(contents(folder / "site"))
    assert built[0] == built[1]


def test_headline_numbers_and_answers_come_from_the_estimates(fakes, tmp_path):
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    home, study = ((tmp_path / "site" / name / "index.html").read_text() for name in ("", "deep-mlps"))
    assert "leaves <strong>0.251</strong>\nof the error signal" in home.replace(" of the", "\nof the")
    assert '<dd class="value">4 of 5</dd>' in study
    assert fakes.figure("profile").alt in home  # the answer of the study that writes none


def test_a_run_that_two_studies_share_counts_once(fakes, tmp_path):
    one, other = fakes.entries(tmp_path)
    ids = {run for entry in (one, other) for runs in entry.analysis.run_ids.values() for run in runs}
    assert len(ids) < sum(len(arm.runs) for entry in (one, other) for arm in entry.study.arms)
    build_site([one, other], tmp_path / "out", bibliography=fakes.bibliography(tmp_path))
    home = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert f"each number comes from {len(ids)} stored training runs" in home


def test_no_heavy_library_is_imported_where_there_is_nothing_to_decide(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import site_fakes as f; from pathlib import Path\n"
        "from reportgen.pages.build import build_site; t = Path(sys.argv[2])\n"
        "build_site([f.entry(t, claims=())], t / 'site', bibliography=f.bibliography(t))\n"
        "print([m for m in ('matplotlib', 'torch', 'duckdb', 'scipy', 'seaborn', 'dask') if m in sys.modules])"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path)]
    assert subprocess.run(command, check=True, env=env, capture_output=True, text=True).stdout == "[]\n"


def test_a_reader_can_replace_one_template_and_one_asset(fakes, tmp_path):
    own = tmp_path / "own"
    (own / "assets").mkdir(parents=True)
    (own / "studies.html").write_text("{% extends 'base.html' %}{% block main %}<h1>Mine</h1>{% endblock %}")
    (own / "assets" / "site.css").write_text("body { color: red }")
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path), templates=own)
    assert "<h1>Mine</h1>" in (tmp_path / "site/studies/index.html").read_text()
    assert (tmp_path / "site/assets/site.css").read_text() == "body { color: red }"
    assert (tmp_path / "site/assets/site.js").exists()


def test_a_template_at_fault_is_named(fakes, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "studies.html").write_text("{% extends 'base.html' %}{% block main %}{{ nothing }}{% endblock %}")
    with pytest.raises(ReportgenError, match=r"studies\.html is at fault: 'nothing' is undefined"):
        build_site([], tmp_path / "site", bibliography=None, templates=own)


def test_nothing_is_written_when_prose_is_at_fault(fakes, tmp_path):
    bad = fakes.entry(tmp_path, prose={"results": "{{ value('decay-factor', 'nobody') }}"})
    with pytest.raises(StudyError, match="no arm 'nobody'"):
        build_site([bad], tmp_path / "site", bibliography=None)
    assert not (tmp_path / "site").exists()


def test_a_figure_that_is_not_drawn_is_an_error(fakes, tmp_path):
    entry = replace(fakes.entry(tmp_path), files={})
    with pytest.raises(ReportgenError, match="deep-mlps/profile has not been drawn"):
        build_site([entry], tmp_path / "site", bibliography=fakes.bibliography(tmp_path))


def test_a_method_without_a_docstring_is_a_warning(fakes, tmp_path):
    entry = fakes.entry(tmp_path, prose={})
    entry = replace(entry, figures=(fakes.figure("profile", method=("reportgen.analyse.nothing",)),))
    summary = build_site([entry], tmp_path / "site", bibliography=None)
    assert summary.warnings == (
        "deep-mlps/profile: the method 'reportgen.analyse.nothing' has no docstring to link to",
    )


def test_a_site_without_studies_is_built(tmp_path):
    build_site([], tmp_path / "site", bibliography=None)
    assert "There is no study yet" in (tmp_path / "site/index.html").read_text()


def test_the_address_must_be_one(tmp_path):
    with pytest.raises(UsageError, match="is not the address of a site"):
        build_site([], tmp_path / "site", bibliography=None, address=Address.of("javascript:alert(1)"))


def test_the_machine_that_builds_is_not_named(fakes, tmp_path):
    entry = fakes.entry(tmp_path, path=str(tmp_path / "secret-folder" / "deep-mlps.yaml"))
    build_site([entry], tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    text = (tmp_path / "site/deep-mlps/index.html").read_text()
    assert "secret-folder" not in text and "reportgen build studies/deep-mlps.yaml" in text
