"""From a run's specification to the functions that it names, the settings of its remedies applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reportgen.catalogue.base import Architecture, Remedy, Task
from reportgen.errors import UsageError
from reportgen.registry import Registry, architectures, remedies, tasks
from reportgen.study.spec import Component, RunSpec, Training

if TYPE_CHECKING:
    import torch

    from reportgen.catalogue.base import Parameters

    Clip = Callable[[Parameters], tuple[Parameters, torch.Tensor]]


@dataclass(frozen=True)
class Assembled:
    """What a run trains."""

    task: Task
    architecture: Architecture
    training: Training
    clip: Clip | None


def assemble(run: RunSpec) -> Assembled:
    """Build the task, the architecture and the remedies that a run names.

    Raises
    ------
    UnknownName
        If a name is not registered.
    UsageError
        If a component has another version here than in the specification, or the schedule is not known.
    """
    task: Task = _make(tasks, run.task)
    applied: list[Remedy] = [_make(remedies, remedy) for remedy in run.remedies]
    settings: dict[str, Any] = {"architecture": dict(run.architecture.parameters), "training": asdict(run.training)}
    for remedy in applied:
        for path, value in remedy.settings.items():
            _set(settings, path, value)
    training = Training(**settings["training"])
    if training.schedule != "constant":
        raise UsageError(f"there is no schedule called '{training.schedule}'", "allowed: constant")
    component = Component(run.architecture.name, run.architecture.version, settings["architecture"])
    architecture: Architecture = _make(architectures, component, task.shape)
    return Assembled(task, architecture, training, _compose([r.clip for r in applied if r.clip is not None]))


def _make(registry: Registry[Any], component: Component, *framework: Any) -> Any:
    entry = registry[component.name]
    if entry.version != component.version:
        raise UsageError(
            f"{registry.kind} '{component.name}' has version {entry.version} here, "
            f"and version {component.version} in the run",
            "plan the study again: its runs get new ids",
        )
    return entry(*framework, **entry.complete(component.parameters))


def _set(settings: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    holder = settings
    for parent in parents:
        holder = holder[parent]
    holder[last] = value


def _compose(clips: list[Clip]) -> Clip | None:
    if not clips:
        return None

    def clip(gradients: Parameters) -> tuple[Parameters, torch.Tensor]:
        gradients, changed = clips[0](gradients)
        for further in clips[1:]:
            gradients, more = further(gradients)
            changed = changed | more
        return gradients, changed

    return clip
