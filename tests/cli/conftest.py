"""A working directory, and the command line called in this process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reportgen.cli import main


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
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


@pytest.fixture
def tiny(here: Path, trained_tiny: Path) -> Path:
    """A working directory with a tiny study and its results."""
    shutil.copytree(trained_tiny, here, dirs_exist_ok=True)
    return here


@pytest.fixture
def untrained(here: Path, trained_tiny: Path) -> Path:
    """A working directory with a tiny study and no results."""
    shutil.copytree(trained_tiny / "studies", here / "studies")
    return here


@pytest.fixture
def cli(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Call the command line with arguments."""

    def call(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(list(arguments))
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call
