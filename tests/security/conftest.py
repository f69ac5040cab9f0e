"""A study that tries everything, built for real; and the command line, called in this process."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reportgen.cli import main


def _beside(name: str) -> ModuleType:
    """Import a module of this folder by its path, since tests are no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec and spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on standard output."""
        return json.loads(self.out)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and a home of its own for what is remembered."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return folder


@pytest.fixture
def cli(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Call the command line with arguments."""

    def call(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def attack() -> ModuleType:
    """The module with the hostile texts and the study that is made of them."""
    return _beside("attack")


@pytest.fixture(scope="session")
def attacked(attack: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the hostile study, its trained results and its site; tests leave it as it is."""
    folder = tmp_path_factory.mktemp("attacked")
    (folder / "studies").mkdir()
    (folder / "studies" / "attack.yaml").write_text(attack.STUDY, encoding="utf-8")
    (folder / "studies" / "references.bib").write_text(attack.BIBLIOGRAPHY, encoding="utf-8")
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main(["build", "--quiet", "--jobs", "1", "--base-url", "https://example.org/g"]) == 0
        yield folder
    finally:
        os.chdir(before)


@pytest.fixture(scope="session")
def attacked_site(attacked: Path) -> Path:
    """The site of the hostile study."""
    return attacked / "site"
