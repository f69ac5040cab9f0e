"""Publishing to a git branch: one push, on top of what is there."""

from __future__ import annotations

import pytest

from reportgen.errors import ReportgenError, UsageError
from reportgen.publish.places import open_destination
from reportgen.publish.plan import make_plan
from reportgen.publish.tree import file_of

FIRST = {"index.html": "one", "a/b.csv": "1"}


@pytest.fixture
def clone(tmp_path, git, monkeypatch):
    """A working copy of a project, with a bare repository as its remote; the process is in a folder of it."""
    git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "remote.git"))
    git("clone", "--quiet", str(tmp_path / "remote.git"), str(tmp_path / "project"))
    project = tmp_path / "project"
    (project / "inner").mkdir()
    (project / "inner" / "code.py").write_text("x")
    git("-C", str(project), "add", "-A")
    git("-C", str(project), "commit", "--quiet", "-m", "code")
    git("-C", str(project), "push", "--quiet", "origin", "HEAD:main")
    monkeypatch.chdir(project / "inner")
    return project


def test_gh_pages_is_a_branch_of_the_remote_and_leaves_the_working_copy_alone(clone, git, put, tmp_path):
    before = git("-C", str(clone), "status", "--porcelain", "--branch"), (clone / ".git" / "index").read_bytes()
    put("gh-pages", FIRST)
    put("gh-pages", {**FIRST, "index.html": "two"})
    remote = str(tmp_path / "remote.git")
    assert git("-C", remote, "show", "gh-pages:index.html") == "two"
    assert git("-C", remote, "rev-list", "--count", "gh-pages").strip() == "2"
    after = git("-C", str(clone), "status", "--porcelain", "--branch"), (clone / ".git" / "index").read_bytes()
    assert after == before
    assert git("-C", str(clone), "branch", "--list").split() == ["*", "main"] or "gh-pages" not in git(
        "-C", str(clone), "branch", "--list"
    )


def test_one_publication_is_one_commit_that_says_what_it_is(clone, git, put, tmp_path):
    put("git:origin#pages", FIRST)
    log = git("-C", str(tmp_path / "remote.git"), "log", "--format=%an %ae|%s|%P", "pages")
    assert log == "reportgen reportgen@localhost|Publish the site|\n"


def test_the_committer_of_the_machine_is_kept(clone, git, put, tmp_path):
    git("-C", str(clone), "config", "user.name", "A. Person")
    git("-C", str(clone), "config", "user.email", "a@example.org")
    put("gh-pages", FIRST)
    assert git("-C", str(tmp_path / "remote.git"), "log", "--format=%an %ae", "gh-pages") == "A. Person a@example.org\n"


def test_a_branch_that_moved_is_not_overwritten(clone, put, git, tmp_path):
    put("gh-pages", FIRST)
    mine, other = open_destination("gh-pages"), open_destination(f"git:{tmp_path / 'remote.git'}#gh-pages")
    plans = []
    for destination, text in ((mine, "mine"), (other, "theirs")):
        tree = {**{name: file_of(t.encode()) for name, t in FIRST.items()}, "index.html": file_of(text.encode())}
        plans.append(make_plan(tree, destination, destination.state(recover=True)))
    other.send(plans[1])
    with pytest.raises(ReportgenError, match=r"has moved meanwhile.*nothing was published"):
        mine.send(plans[0])
    assert git("-C", str(tmp_path / "remote.git"), "show", "gh-pages:index.html") == "theirs"
    put("gh-pages", {**FIRST, "index.html": "mine"})
    assert git("-C", str(tmp_path / "remote.git"), "show", "gh-pages:index.html") == "mine"


def test_a_branch_that_appeared_meanwhile_is_not_overwritten(clone, put, git, tmp_path):
    mine = open_destination("gh-pages")
    plan = make_plan({"index.html": file_of(b"mine")}, mine, mine.state(recover=True))
    put("gh-pages", FIRST)
    with pytest.raises(ReportgenError, match="has moved meanwhile"):
        mine.send(plan)


def test_earlier_releases_keep_their_very_objects(clone, put, git, tmp_path):
    put("gh-pages", {**FIRST, "releases/1.0/index.html": "one"}, "releases/1.0/")
    tree = git("-C", str(tmp_path / "remote.git"), "rev-parse", "gh-pages:releases/1.0")
    put("gh-pages", {"index.html": "later"})
    assert git("-C", str(tmp_path / "remote.git"), "rev-parse", "gh-pages:releases/1.0") == tree


def test_a_shallow_copy_of_the_project_is_enough(clone, put, git, tmp_path, monkeypatch):
    """Continuous integration fetches one commit only."""
    put("gh-pages", FIRST)
    put("gh-pages", {**FIRST, "index.html": "two"})
    git("clone", "--quiet", "--depth=1", f"file://{tmp_path / 'remote.git'}", str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    put("gh-pages", {**FIRST, "index.html": "three"})
    remote = str(tmp_path / "remote.git")
    assert git("-C", remote, "show", "gh-pages:index.html") == "three"
    assert git("-C", remote, "rev-list", "--count", "gh-pages").strip() == "3"


def test_a_remote_that_is_not_there_is_told(clone, tmp_path):
    with pytest.raises(UsageError, match="there is no git remote 'upstream' here"):
        open_destination("git:upstream#gh-pages")
    with pytest.raises(ReportgenError, match="git ls-remote failed"):
        open_destination(f"git:{tmp_path / 'nowhere'}#gh-pages").state(recover=True)


def test_a_repository_that_refuses_is_told(clone, put, tmp_path):
    hook = tmp_path / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho no pushes today >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ReportgenError, match="refuses the push; nothing was published") as caught:
        put("gh-pages", FIRST)
    assert "no pushes today" in caught.value.hint


def test_a_token_in_an_address_is_not_repeated(clone):
    where = open_destination("git:https://oauth2:secret@127.0.0.1:9/project.git#pages")
    assert "secret" not in where.address
    with pytest.raises(ReportgenError) as caught:
        where.state(recover=True)
    assert "secret" not in str(caught.value)
