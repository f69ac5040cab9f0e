"""How a study's cells become the units of work: sizes, splitting, and what they are reserved by."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from reportgen.registry import Registry, architectures, tasks
from reportgen.study.spec import Cell, RunSpec

SMALLEST = 8
"""Runs that a part keeps at least: smaller ensembles lose more by their size than more workers gain."""

MEMORY = 1 << 30
"""Bytes that the parameters of a part may take, copies and gradients included; larger cells are split."""

_COPIES = 24
"""Bytes a parameter takes while it is measured: float32 and float64 copies, each with its gradient."""


def reservation(cell: Cell) -> str:
    """Return what a cell is reserved by: a hash of its runs' specification without seeds and learning rates.

    It is the arm and not the cell that is reserved, so two processes that have split an arm differently, or plan
    different seeds of it, still wait for each other instead of repeating runs.
    """
    keys = {dataclasses.replace(run, seed=0, learning_rate=None).canonical for run in cell.runs}
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:16]


def width(run: RunSpec) -> int:
    """Return the units in a hidden layer or state; 32 where the architecture does not say."""
    return _number(run, ("width", "hidden", "hidden_size", "units"), 32)


def depth(run: RunSpec) -> int:
    """Return the number of hidden layers; 1 where the architecture does not say."""
    return _number(run, ("depth", "layers"), 1)


def length(run: RunSpec) -> int:
    """Return the length of the sequences that a recurrent network unrolls; 1 where the task does not say."""
    return _number(run, ("length", "sequence_length", "lag"), int(_fact(tasks, run.task.name, "length", 1)), task=True)


def cost(run: RunSpec) -> float:
    """Return how many times dearer a layer or step of the architecture is than a plain one of its width."""
    return _fact(architectures, run.architecture.name, "cost", 1.0)


def _fact(held: Registry[Any], name: str, fact: str, default: float) -> float:
    return float(held[name].facts.get(fact, default)) if name in held else default


def _number(run: RunSpec, names: Iterable[str], default: int, task: bool = False) -> int:
    parameters = (run.task if task else run.architecture).parameters
    found = (parameters[name] for name in names if isinstance(parameters.get(name), int))
    return int(next(found, default))


def seconds(cell: Cell) -> float:
    """Estimate how long a cell takes on one core of an ordinary machine, in seconds.

    It decides the order of the cells, the first estimate of the time left, and nothing else. A training step costs
    per layer or time step an overhead, and arithmetic for each member; a probe costs as much as several steps.
    """
    run = cell.runs[0]
    units = depth(run) * length(run)
    samples = run.training.batch_size * len(cell.runs)
    operations = 6.0 * samples * width(run) ** 2
    elementwise = 20.0 * samples * width(run)
    per_unit = cost(run) * (4e-5 + operations / 2.5e10 + elementwise / 2e9)
    training = run.training.steps
    probes, evaluations = (run.measure.points + 1, run.measure.evaluations) if training else (1, 0)
    return 0.05 + (training + 8.0 * probes + 2.0 * evaluations) * units * per_unit


def split(cells: Sequence[Cell], jobs: int) -> list[Cell]:
    """Return the cells, longest first, the largest split by seeds where that helps.

    A cell is split where it would take too much memory, and where there are fewer cells than twice the `jobs`.
    Members of a cell do not influence each other, so no result depends on it.
    """
    parts = [part for cell in cells for part in _by_memory(cell)]
    while jobs > 1 and len(parts) < 2 * jobs:
        largest = max(parts, key=seconds, default=None)
        halves = _halves(largest) if largest else []
        if largest is None or len(halves) < 2 or seconds(largest) < 2.0:
            break
        parts.remove(largest)
        parts += halves
    return sorted(parts, key=lambda part: (-seconds(part), part.cell_id))


def _by_memory(cell: Cell) -> list[Cell]:
    run = cell.runs[0]
    member = _COPIES * depth(run) * width(run) ** 2
    if len(cell.runs) * member <= MEMORY:
        return [cell]
    halves = _halves(cell)
    return [part for half in halves for part in _by_memory(half)] if len(halves) == 2 else [cell]


def _halves(cell: Cell) -> list[Cell]:
    """Split a cell between two seeds, or return it alone if a half would be too small."""
    seeds = sorted({run.seed for run in cell.runs})
    first = set(seeds[: len(seeds) // 2])
    halves = (
        tuple(run for run in cell.runs if run.seed in first),
        tuple(run for run in cell.runs if run.seed not in first),
    )
    return [Cell(half) for half in halves] if min(map(len, halves)) >= SMALLEST else [cell]
