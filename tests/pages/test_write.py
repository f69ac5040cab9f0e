from __future__ import annotations

import json

import pytest

from reportgen.errors import ReportgenError
from reportgen.pages.write import MANIFEST, write_tree


@pytest.fixture
def out(tmp_path):
    return tmp_path / "site"


def test_a_second_write_changes_nothing(out):
    files = {"a/index.html": b"one", "b.css": b"two"}
    assert write_tree(files, out) == (2, 0)
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert write_tree(files, out) == (0, 2)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == times


def test_only_what_has_changed_is_replaced_and_only_our_own_is_removed(out):
    write_tree({"a/index.html": b"one", "old/x/index.html": b"gone", "same": b"s"}, out)
    (out / "CNAME").write_text("example.org")
    (out / "old" / "mine.txt").write_text("kept")
    before = (out / "same").stat().st_mtime_ns
    assert write_tree({"a/index.html": b"two", "same": b"s"}, out) == (1, 1)
    assert (out / "a/index.html").read_bytes() == b"two"
    assert (out / "CNAME").exists() and (out / "old" / "mine.txt").exists() and not (out / "old" / "x").exists()
    assert (out / "same").stat().st_mtime_ns == before


def test_files_are_copied(out, tmp_path):
    source = tmp_path / "source.svg"
    source.write_bytes(b"<svg/>")
    write_tree({"x/figure.svg": source}, out)
    assert (out / "x/figure.svg").read_bytes() == b"<svg/>"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "a\\..\\x", "", MANIFEST])
def test_nothing_is_written_outside(out, name):
    with pytest.raises(ReportgenError, match="is not a file inside the site"):
        write_tree({name: b"x"}, out)
    assert not out.exists()


def test_a_manifest_cannot_remove_what_lies_outside(out, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("here")
    out.mkdir()
    (out / MANIFEST).write_text(json.dumps({"files": ["../victim", str(victim), "a/../../victim"]}))
    write_tree({"a": b"x"}, out)
    assert victim.exists()


def test_a_link_does_not_lead_out_of_the_site(out, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    out.mkdir()
    (out / "study").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReportgenError, match="leads out of the site"):
        write_tree({"study/index.html": b"x"}, out)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_files_of_others_are_not_overwritten(out):
    out.mkdir()
    (out / "index.html").write_text("my own page")
    with pytest.raises(ReportgenError, match=r"did not write and would overwrite: index\.html"):
        write_tree({"index.html": b"x"}, out)
    assert (out / "index.html").read_text() == "my own page"


def test_a_broken_run_is_continued(out, monkeypatch):
    write_tree({"a": b"1", "b": b"1"}, out)
    import os

    real, calls = os.replace, []

    def fail_on_the_third(source, target):
        calls.append(target)
        if len(calls) == 3:
            raise OSError("power cut")
        real(source, target)

    monkeypatch.setattr(os, "replace", fail_on_the_third)
    with pytest.raises(ReportgenError, match="power cut"):
        write_tree({"a": b"2", "c": b"2", "d": b"2"}, out)
    monkeypatch.undo()
    write_tree({"a": b"3"}, out)
    assert sorted(path.name for path in out.iterdir()) == [MANIFEST, "a"]
    assert not list(out.parent.glob(".site-*"))
