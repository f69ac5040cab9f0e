"""A tiny catalogue without torch, and a way to load a study from text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge

from reportgen import registry
from reportgen.errors import Problem
from reportgen.registry import Registry
from reportgen.study import check, load
from reportgen.study.fields import FactorName
from reportgen.study.spec import Study


def _empty(kind: str) -> Registry[Any]:
    held: Registry[Any] = Registry(kind, "reportgen")
    held._discovered = True
    return held


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Two architectures, two tasks, four remedies and one figure kind, in registries of their own."""
    held = SimpleNamespace(
        architectures=_empty("architecture"), tasks=_empty("task"), remedies=_empty("remedy"), figures=_empty("figure")
    )
    for name, value in vars(held).items():
        monkeypatch.setattr(registry, name, value)

    @held.architectures.register("stack", version=3, summary="Layers.", inputs="vector")
    def stack(shape: Any, *, depth: Annotated[int, Ge(1)] = 4, phi: Literal["tanh", "relu"] = "tanh") -> None: ...

    @held.architectures.register("loop", version=1, summary="A recurrence.", inputs="vector")
    def loop(shape: Any, *, phi: Literal["tanh"] = "tanh", gain: float = 1.0) -> None: ...

    @held.architectures.register("scan", version=1, summary="Reads sequences.", inputs="sequence")
    def scan(shape: Any, *, width: int) -> None: ...

    @held.tasks.register("dots", version=2, summary="Points.", metrics=("accuracy",), shape_kind="vector")
    def dots(*, noise: float = 0.1) -> None: ...

    @held.tasks.register("tune", version=1, summary="Sounds.", metrics=("accuracy", "loss"), shape_kind="sequence")
    def tune() -> None: ...

    @held.remedies.register("relu", version=1, summary="ReLU.")
    def relu() -> SimpleNamespace:
        return SimpleNamespace(settings={"architecture.phi": "relu"})

    @held.remedies.register("phi", version=1, summary="Any activation.")
    def phi(*, to: str = "tanh") -> SimpleNamespace:
        return SimpleNamespace(settings={"architecture.phi": to})

    @held.remedies.register("deeper", version=1, summary="One layer.")
    def deeper() -> SimpleNamespace:
        return SimpleNamespace(settings={"architecture.depth": 9})

    @held.remedies.register("clip", version=1, summary="Clips.", applies_to=("loop",))
    def clip(*, norm: float = 1.0) -> SimpleNamespace:
        return SimpleNamespace(settings={})

    @held.figures.register("profile", version=1, summary="A line.")
    def profile(study: Any, *, colour: FactorName | None = None, logarithmic: bool = True) -> None: ...

    return held


HEAD = """\
title: T
question: Q?
base: {task: dots, architecture: stack}
training: {learning_rate: [0.1, 0.01], steps: 100}
seeds: {tuning: 2, judged: 3}
"""
"""Five lines that make a sound study of one arm; the text of a test begins in line 6."""


class Studies:
    """Writes study files and reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str = "", head: str = HEAD, name: str = "a-study.yaml") -> Path:
        path = self.folder / name
        path.write_text(head + textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def load(self, text: str = "", head: str = HEAD, profile: str = "default") -> Study:
        return load(self.write(text, head), profile)

    def problems(self, text: str = "", head: str = HEAD) -> tuple[Problem, ...]:
        return check(self.write(text, head))

    def problem(self, text: str = "", head: str = HEAD) -> Problem:
        """Return the only problem of a study."""
        found = self.problems(text, head)
        assert len(found) == 1, [(problem.line, problem.message) for problem in found]
        return found[0]


@pytest.fixture
def studies(catalogue: SimpleNamespace, tmp_path: Path) -> Studies:
    return Studies(tmp_path)


@pytest.fixture
def head() -> Callable[..., str]:
    """Replace lines of the sound head: ``head(seeds="seeds: 4")``."""

    def replaced(**lines: str) -> str:
        kept = [lines.get(line.partition(":")[0], line) for line in HEAD.splitlines()]
        return "\n".join(line for line in kept if line) + "\n"

    return replaced
