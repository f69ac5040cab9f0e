"""What every destination promises."""

from __future__ import annotations

import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.publish.places import open_destination
from reportgen.publish.places.branch import GitBranch
from reportgen.publish.places.folder import LocalFolder
from reportgen.publish.places.objects import ObjectStore
from reportgen.publish.plan import MANIFEST, damaged_releases

FIRST = {"index.html": "home 1", "a/index.html": "a", "assets/x.css": "css", "old/index.html": "old"}
SECOND = {"index.html": "home 2", "a/index.html": "a", "assets/x.css": "css", "new/index.html": "new"}


def test_what_is_sent_is_there_and_what_is_gone_is_removed(where, put, held):
    first = put(where, FIRST)
    assert held(where) == FIRST and not first.changed and set(first.send) == set(FIRST)
    second = put(where, SECOND)
    assert held(where) == SECOND
    assert set(second.send) == {"index.html", "new/index.html"} and second.changed == {"index.html"}
    assert second.remove == ("old/index.html",) and second.unchanged == 2
    assert second.size == len("home 2") + len("new")


def test_what_is_there_already_is_not_sent_again(where, put):
    put(where, FIRST)
    again = put(where, FIRST)
    assert again.nothing and not again.send and again.unchanged == len(FIRST)


def test_planning_writes_nothing(where, put, held):
    destination = open_destination(where)
    assert destination.state(recover=False).sizes == {}
    assert held(where) == {}


def test_files_of_others_stay_and_are_not_overwritten(where, put, held, tmp_path, memory, git):
    put(where, FIRST)
    _add(where, "CNAME", "example.org", tmp_path, memory, git)
    _add(where, "mine/index.html", "my own", tmp_path, memory, git)
    put(where, SECOND)
    assert held(where) == {**SECOND, "CNAME": "example.org", "mine/index.html": "my own"}
    with pytest.raises(ReportgenError, match=r"did not publish and would overwrite: mine/index\.html"):
        put(where, {**SECOND, "mine/index.html": "theirs"})
    assert held(where)["mine/index.html"] == "my own"
    put(where, {**SECOND, "mine/index.html": "my own"})  # the same content is no harm


def test_releases_stay_whatever_comes_later(where, put, held):
    one = {"releases/1.0/index.html": "one", "releases/1.0/a.csv": "1", "releases/index.html": "1.0"}
    put(where, {**FIRST, **one}, "releases/1.0/")
    put(where, {**SECOND, "releases/2.0/index.html": "two", "releases/index.html": "2.0"}, "releases/2.0/")
    put(where, FIRST | {"releases/index.html": "both"})
    there = held(where)
    assert {name: there[name] for name in one if "/1.0/" in name} == {n: one[n] for n in one if "/1.0/" in n}
    assert there["releases/2.0/index.html"] == "two" and there["releases/index.html"] == "both"


@pytest.mark.parametrize(
    "altered",
    [
        {"releases/1.0/index.html": "other", "releases/1.0/a.csv": "1"},
        {"releases/1.0/index.html": "one"},
        {"releases/1.0/index.html": "one", "releases/1.0/a.csv": "1", "releases/1.0/b.csv": "2"},
    ],
    ids=["changed", "less", "more"],
)
def test_a_release_that_is_there_is_never_altered(where, put, held, altered):
    one = {"releases/1.0/index.html": "one", "releases/1.0/a.csv": "1"}
    put(where, {**FIRST, **one}, "releases/1.0/")
    with pytest.raises(ReportgenError, match=r"release 1\.0 has been published already, and differs in 1 files"):
        put(where, {**SECOND, **altered}, "releases/1.0/")
    assert held(where) == {**FIRST, **one}
    put(where, {**SECOND, **one}, "releases/1.0/")  # the same again is allowed
    assert held(where) == {**SECOND, **one}


def test_a_release_that_the_manifest_does_not_know_is_not_altered_either(where, put, held, tmp_path, memory, git):
    put(where, FIRST)
    _add(where, "releases/1.0/index.html", "by hand", tmp_path, memory, git)
    with pytest.raises(ReportgenError, match="has been published already"):
        put(where, {**FIRST, "releases/1.0/index.html": "other"}, "releases/1.0/")
    assert held(where)["releases/1.0/index.html"] == "by hand"


def test_an_altered_release_is_noticed(where, put, tmp_path, memory, git):
    put(where, {**FIRST, "releases/1.0/index.html": "one"}, "releases/1.0/")
    assert damaged_releases(open_destination(where).state(recover=False)) == []
    _add(where, "releases/1.0/index.html", "tampered", tmp_path, memory, git)
    assert damaged_releases(open_destination(where).state(recover=False)) == ["releases/1.0/index.html"]


def test_a_manifest_that_cannot_be_read_stops_everything(where, put, tmp_path, memory, git):
    put(where, FIRST)
    _add(where, MANIFEST, '{"format": 99}', tmp_path, memory, git)
    with pytest.raises(ReportgenError, match=r"manifest .* cannot be read"):
        put(where, SECOND)


@pytest.mark.parametrize("name", ["with space.txt", "ümläut/日本.csv", "a%20b.txt", "brackets[1].txt"])
def test_unusual_names_are_published_and_removed(where, put, held, name):
    put(where, {**FIRST, name: "text"})
    assert held(where)[name] == "text"
    put(where, FIRST)
    assert held(where) == FIRST


@pytest.mark.parametrize(
    ("text", "kind"),
    [("public", LocalFolder), ("file:///tmp/x", LocalFolder), ("memory://x", ObjectStore), ("git:.#pages", GitBranch)],
)
def test_a_word_on_the_command_line_is_one_kind_of_place(text, kind, memory):
    assert isinstance(open_destination(text), kind)


@pytest.mark.parametrize(
    "text", ["", " ", "git:origin", "git:#x", "git:--upload-pack=touch#x", "git:a#-x", "git:a#x..y", "what://x"]
)
def test_a_word_that_is_no_place_is_refused(text):
    with pytest.raises(UsageError):
        open_destination(text)


def _add(where, name, text, tmp_path, memory, git):
    """Write a file at a destination, as someone else would."""
    if where.startswith("memory"):
        memory.pipe_file(f"/bucket/site/{name}", text.encode())
    elif where.startswith("git:"):
        work = tmp_path / f"work-{abs(hash((name, text)))}"
        git("clone", "--quiet", "--branch", "gh-pages", str(tmp_path / "remote.git"), str(work))
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text)
        git("-C", str(work), "add", "-A")
        git("-C", str(work), "commit", "--quiet", "-m", "by hand")
        git("-C", str(work), "push", "--quiet")
    else:
        path = tmp_path / "public" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)
