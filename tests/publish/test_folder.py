"""Publishing to a folder: never half new, also when it is cut off."""

from __future__ import annotations

import os
import threading

import pytest

from reportgen.errors import ReportgenError
from reportgen.publish.places import folder as module
from reportgen.publish.places.folder import LocalFolder
from reportgen.publish.plan import make_plan
from reportgen.publish.tree import file_of

FIRST = {f"p{i}/index.html": f"first {i}" for i in range(20)} | {"index.html": "first", "same.css": "s"}
SECOND = {f"p{i}/index.html": f"second {i}" for i in range(20)} | {"index.html": "second", "same.css": "s"}


def leftovers(tmp_path):
    return [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_stays_is_not_copied(tmp_path, put):
    put(str(tmp_path / "public"), FIRST)
    inode = (tmp_path / "public" / "same.css").stat().st_ino
    put(str(tmp_path / "public"), SECOND)
    assert (tmp_path / "public" / "same.css").stat().st_ino == inode
    assert (tmp_path / "public" / "same.css").stat().st_nlink == 1
    assert leftovers(tmp_path) == []


def test_a_reader_never_sees_a_mixture(tmp_path, put):
    """A reader that opens the folder once sees one site, whatever is published meanwhile."""
    public = tmp_path / "public"
    put(str(public), FIRST)
    stop, seen = threading.Event(), set()

    def look():
        while not stop.is_set():
            try:
                handle = os.open(public, os.O_RDONLY)
            except FileNotFoundError:
                seen.add("absent")
                continue
            seen.add(frozenset(_words(handle)))
            os.close(handle)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(30):
        put(str(public), SECOND if number % 2 == 0 else FIRST)
    stop.set()
    reader.join()
    assert seen <= {frozenset({b"first"}), frozenset({b"second"}), frozenset()}


def _words(handle):
    """Yield the first word of each page; one may be missing where the tree was replaced and is being removed."""
    for i in range(20):
        try:
            file = os.open(f"p{i}/index.html", os.O_RDONLY, dir_fd=handle)
        except FileNotFoundError:
            continue
        yield os.read(file, 99).split()[0]
        os.close(file)


@pytest.mark.parametrize("after", range(0, 24, 5))
def test_cut_off_while_writing_leaves_the_old_site_and_the_next_try_works(tmp_path, put, held, monkeypatch, after):
    where = str(tmp_path / "public")
    put(where, FIRST)
    real, calls = module._write, []

    def fail(path, data):
        calls.append(path)
        if len(calls) > after:
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(module, "_write", fail)
    with pytest.raises(ReportgenError, match=r"cannot be written: No space left on device"):
        put(where, SECOND)
    assert held(where) == FIRST
    monkeypatch.undo()
    put(where, SECOND)
    assert held(where) == SECOND and leftovers(tmp_path) == []


@pytest.mark.parametrize("renames", [0, 1])
def test_cut_off_between_the_renames_is_put_right(tmp_path, put, held, monkeypatch, renames):
    """Where the system cannot exchange two names in one step, the next publication finds the old site."""
    where = str(tmp_path / "public")
    put(where, FIRST)
    monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    real, calls = module.Path.rename, []

    def fail(self, target):
        calls.append(target)
        if len(calls) > renames:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(module.Path, "rename", fail)
    with pytest.raises(KeyboardInterrupt):
        put(where, SECOND)
    monkeypatch.undo()
    assert set(LocalFolder(tmp_path / "public").state(recover=False).sizes) - {".reportgen.json"} == set(FIRST)
    put(where, SECOND)
    assert held(where) == SECOND and leftovers(tmp_path) == []


def test_without_an_exchange_of_names_it_works_too(tmp_path, put, held, monkeypatch):
    monkeypatch.setattr(module, "_exchange", lambda one, other: False)
    put(str(tmp_path / "public"), FIRST)
    put(str(tmp_path / "public"), SECOND)
    assert held(str(tmp_path / "public")) == SECOND and leftovers(tmp_path) == []


def test_a_publication_at_the_same_time_is_refused(tmp_path, put):
    from filelock import FileLock

    put(str(tmp_path / "public"), FIRST)
    with FileLock(tmp_path / ".public.reportgen-lock"), pytest.raises(ReportgenError, match="is under way"):
        put(str(tmp_path / "public"), SECOND)


def test_a_link_to_the_folder_stays_a_link(tmp_path, put, held):
    (tmp_path / "real").mkdir()
    (tmp_path / "public").symlink_to(tmp_path / "real")
    put(str(tmp_path / "public"), FIRST)
    assert (tmp_path / "public").is_symlink() and (tmp_path / "real" / "index.html").is_file()


def test_links_and_empty_folders_of_others_stay(tmp_path, put):
    public = tmp_path / "public"
    put(str(public), FIRST)
    (public / "latest").symlink_to("p1")
    (public / "empty").mkdir()
    put(str(public), SECOND)
    assert os.readlink(public / "latest") == "p1" and (public / "empty").is_dir()


def test_nothing_is_written_through_a_link_of_others(tmp_path, put):
    public = tmp_path / "public"
    put(str(public), FIRST)
    (tmp_path / "victim").mkdir()
    (public / "away").symlink_to(tmp_path / "victim")
    with pytest.raises(ReportgenError, match="through a link"):
        put(str(public), {**SECOND, "away/index.html": "x"})
    assert not list((tmp_path / "victim").iterdir())


def test_a_file_that_changed_after_the_plan_is_not_published(tmp_path):
    source = tmp_path / "page.html"
    source.write_text("planned")
    destination = LocalFolder(tmp_path / "public")
    plan = make_plan({"index.html": file_of(source)}, destination, destination.state(recover=True))
    source.write_text("changed")
    with pytest.raises(ReportgenError, match="has changed meanwhile"):
        destination.send(plan)
    assert not (tmp_path / "public").exists()
