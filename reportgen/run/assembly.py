"""From a run's specification to the functions that it names, the settings of its remedies applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportgen.catalogue.base import Architecture, Remedy, Task
from reportgen.errors import UsageError
from reportgen.registry import Registry, architectures, remedies, tasks
from reportgen.run.rules import Rules, compose
from reportgen.study.effective import effective
from reportgen.study.spec import Component, RunSpec, Training


@dataclass(frozen=True)
class Assembled:
    """What a run trains, and by which rules."""

    task: Task
    architecture: Architecture
    training: Training
    rules: Rules


def assemble(run: RunSpec) -> Assembled:
    """Build the task, the architecture and the remedies that a run names.

    Raises
    ------
    UnknownName
        If a name is not registered, or the schedule is not known.
    UsageError
        If a component has another version here than in the specification.
    """
    task: Task = _make(tasks, run.task)
    applied: list[Remedy] = [_make(remedies, remedy) for remedy in run.remedies]
    component, training = effective(run.architecture, run.remedies, run.training)
    architecture: Architecture = _make(architectures, component, task.shape)
    return Assembled(task, architecture, training, compose(applied, training.schedule))


def _make(registry: Registry[Any], component: Component, *framework: Any) -> Any:
    entry = registry[component.name]
    if entry.version != component.version:
        raise UsageError(
            f"{registry.kind} '{component.name}' has version {entry.version} here, "
            f"and version {component.version} in the run",
            "plan the study again: its runs get new ids",
        )
    return entry(*framework, **entry.complete(component.parameters))
