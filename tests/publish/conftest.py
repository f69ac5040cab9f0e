"""Trees to publish and places to publish them to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reportgen.pages.site import NAVIGATION
from reportgen.pages.write import write_tree
from reportgen.publish.places import open_destination
from reportgen.publish.plan import make_plan
from reportgen.publish.tree import file_of

KINDS = ("folder", "git", "memory")


@pytest.fixture(autouse=True)
def committer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of this machine's git, and none of the environment that a hook would bring."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def git() -> Callable[..., str]:
    """Run git, and return what it prints."""

    def run(*arguments: str) -> str:
        command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    return run


@pytest.fixture
def memory() -> object:
    """An empty file system in memory."""
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture(params=KINDS)
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A destination of each kind, empty."""
    if request.param == "folder":
        return str(tmp_path / "public")
    if request.param == "memory":
        request.getfixturevalue("memory")
        return "memory://bucket/site"
    request.getfixturevalue("git")("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    return f"git:{tmp_path / 'remote.git'}#gh-pages"


@pytest.fixture
def put() -> Callable[..., object]:
    """Publish a tree of names and contents, and return the plan."""

    def send(where: str, files: dict[str, str], frozen: str = "", destination: object = None) -> object:
        destination = destination or open_destination(where)
        tree = {name: file_of(text.encode()) for name, text in files.items()}
        plan = make_plan(tree, destination, destination.state(recover=True), frozen)
        destination.send(plan)
        return plan

    return send


@pytest.fixture
def held() -> Callable[[str], dict[str, str]]:
    """Read all that a destination holds but for reportgen's own manifest."""

    def read(where: str) -> dict[str, str]:
        destination = open_destination(where)
        names = destination.state(recover=False).sizes
        found = {name: destination.read(name) for name in names if not name.startswith(".reportgen")}
        return {name: data.decode() for name, data in found.items() if data is not None}

    return read


BASE = "https://example.org/g/"
PAGE = """<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body><main id="main"><h1>{title}</h1><p>{text}</p><a href="{up}index.html#main">home</a></main></body></html>
"""


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Write a small site by hand, as ``reportgen build`` would: with all pages that templates link to.

    The estimate of arm ``x`` is 0.5 (0.4 to 0.6) times `factor`; without `gone` there is a second study.
    """

    def make(release: str = "", factor: float = 1.0, base_url: str = BASE, gone: bool = False, text: str = "") -> Path:
        out = tmp_path / "built"
        files = _site(factor, gone, text, "")
        record = json.dumps(_record(release, factor, base_url, gone)).encode()
        files["site.json"] = record
        if release:
            frozen = _site(factor, gone, text, '<script src="{up}../releases.js" defer></script>')
            frozen |= {"site.json": record, "changes/index.html": b"to be written"}
            files |= {f"releases/{release}/{name}": data for name, data in frozen.items()}
        files |= {"releases/index.html": b"to be written", "releases/releases.js": b"to be written"}
        write_tree(files, out)
        return out

    return make


def _site(factor: float, gone: bool, text: str, head: str) -> dict[str, bytes]:
    paths = ["", "references/", "deep/", "deep/profile/", "claims/relu/", *(path for path, _ in NAVIGATION)]
    paths += [] if gone else ["wide/"]
    files = {name: b"x" for name in ("assets/site.css", "assets/site.js", "assets/icon.svg")}
    for path in paths:
        up = "../" * path.count("/")
        words = f"{text} {factor}" if path == "deep/" else text
        page = PAGE.format(title=path or "Home", text=words, up=up, head=head.format(up=up))
        files[f"{path}index.html"] = page.encode()
    return files


def _record(release: str, factor: float, base_url: str, gone: bool) -> dict[str, object]:
    def row(arm: str, value: float, half: float | None) -> dict[str, object]:
        low, high = (None, None) if half is None else (value - half, value + half)
        ends = {"estimate": value, "low": low, "high": high}
        return {"name": "decay-factor", "arm": arm, **ends, "unit": "per layer", "n": 5, "n_censored": 0}

    deep = {"title": "Deep", "version": "1", "profile": "default", "seed_offset": 0}
    verdict = "supported" if factor < 1.2 else "refuted"
    return {
        "format": 1,
        "version": "0",
        "release": release,
        "base_url": base_url,
        "studies": {"deep": deep} | ({} if gone else {"wide": {**deep, "title": "Wide"}}),
        "figures": {"deep/profile": {"title": "A profile", "data_hash": f"{factor}"}},
        "estimates": {"deep": [row("x", 0.5 * factor, 0.1), row("y", 0.9, None)], "wide": []},
        "verdicts": {"relu": {"text": "ReLU helps.", "verdict": verdict, "condition": "It does."}},
    }
