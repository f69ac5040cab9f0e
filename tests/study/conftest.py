"""A tiny catalogue without torch, and a way to load a study from text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge
from pydantic import AfterValidator, ValidationInfo

from reportgen import registry
from reportgen.catalogue.base import Remedy
from reportgen.errors import Problem
from reportgen.registry import Registry
from reportgen.study import check, load
from reportgen.study.fields import FactorName
from reportgen.study.spec import Study


def _empty(kind: str) -> Registry[Any]:
    held: Registry[Any] = Registry(kind, "reportgen")
    held._discovered = True
    return held


def _divides_width(groups: int, info: ValidationInfo) -> int:
    if info.data["norm"] == "group" and info.data["width"] % groups:
        raise ValueError(f"{info.data['width']} units make no {groups} groups")
    return groups


def _named(start: dict[str, Any] | str) -> dict[str, Any]:
    return {"name": start, "gain": 1.0} if isinstance(start, str) else start


def _more_remedies(held: Registry[Any]) -> None:
    """Register remedies of every form."""

    @held.register("shallow", version=1, summary="Fewer layers.", lowers=("architecture.depth",))
    def shallow(*, depth: int = 2) -> Remedy:
        return Remedy({"architecture.depth": depth})

    @held.register("skip", version=1, summary="Skips.")
    def skip() -> Remedy:
        return Remedy({"architecture.skip": True})

    @held.register("scale", version=1, summary="Small branches.", needs=("architecture.skip",))
    def scale() -> Remedy:
        return Remedy({"architecture.scale": "zero"})

    @held.register("group", version=1, summary="Normalises groups.")
    def group(*, groups: int = 8) -> Remedy:
        return Remedy({"architecture.norm": "group", "architecture.groups": groups})

    @held.register("halve", version=1, summary="Half as wide.")
    def halve(*, to: int = 4) -> Remedy:
        return Remedy({"architecture.width": to})

    @held.register("start", version=1, summary="Another start.")
    def start(*, to: str = "small") -> Remedy:
        return Remedy({"architecture.start": to})

    @held.register("cut", version=1, summary="Cuts.", group="clipping")
    def cut() -> Remedy:
        return Remedy(loss_scale=2.0)

    @held.register("trim", version=1, summary="Trims.", group="clipping")
    def trim() -> Remedy:
        return Remedy(weight_decay=0.1)

    @held.register("adam", version=1, summary="Adam.")
    def adam() -> Remedy:
        return Remedy({"training.optimiser": "adam"})

    @held.register("stray", version=1, summary="Sets what is no option.")
    def stray(*, path: str = "training.learning_rate") -> Remedy:
        return Remedy({path: 1})


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A few architectures, tasks and remedies and one figure kind, in registries of their own."""
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

    @held.architectures.register("tower", version=1, summary="Many options.", inputs="vector")
    def tower(
        shape: Any,
        *,
        depth: Annotated[int, Ge(1)] = 6,
        width: int = 64,
        norm: Literal["none", "group"] = "none",
        groups: Annotated[int, AfterValidator(_divides_width)] = 8,
        skip: bool = False,
        scale: Literal["one", "zero"] = "one",
        start: Annotated[dict[str, Any] | str, AfterValidator(_named)] = "small",
    ) -> None: ...

    @held.architectures.register("pond", version=1, summary="Solved for.", inputs="vector", learning_rate=False)
    def pond(shape: Any, *, width: int = 8) -> None: ...

    @held.tasks.register("dots", version=2, summary="Points.", metrics=("accuracy",), shape_kind="vector")
    def dots(*, noise: float = 0.1) -> None: ...

    @held.tasks.register("tune", version=1, summary="Sounds.", metrics=("accuracy", "loss"), shape_kind="sequence")
    def tune() -> None: ...

    @held.remedies.register("relu", version=1, summary="ReLU.")
    def relu() -> Remedy:
        return Remedy({"architecture.phi": "relu"})

    @held.remedies.register("phi", version=1, summary="Any activation.")
    def phi(*, to: str = "tanh") -> Remedy:
        return Remedy({"architecture.phi": to})

    @held.remedies.register("deeper", version=1, summary="One layer.")
    def deeper() -> Remedy:
        return Remedy({"architecture.depth": 9})

    @held.remedies.register("clip", version=1, summary="Clips.", applies_to=("loop",))
    def clip(*, norm: float = 1.0) -> Remedy:
        return Remedy()

    _more_remedies(held.remedies)

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
