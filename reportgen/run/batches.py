"""The training batches of an ensemble, with their noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from reportgen.catalogue.seeding import torch_generator
from reportgen.run.assembly import Assembled

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@dataclass(frozen=True)
class Batch:
    """What some members are shown in a step.

    Attributes
    ----------
    inputs : torch.Tensor
        (members, batch, [time,] features).
    targets : torch.Tensor
        (members, batch) or (members, batch, reads).
    noise : dict of torch.Tensor
        (members, ...) each; the random factors of the step.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    noise: Parameters


class Batches:
    """Training batches of an ensemble: drawn once for each distinct seed, and handed to its members."""

    def __init__(self, assembled: Assembled, seeds: list[int], device: str) -> None:
        distinct = sorted(set(seeds))
        size = assembled.training.batch_size
        self._streams = [assembled.task.stream(seed, size) for seed in distinct]
        self._generators = [torch_generator(seed, "noise") for seed in distinct]
        self._draw_noise = assembled.architecture.noise
        self._of_member = [distinct.index(seed) for seed in seeds]
        self._device = device

    def next(self) -> None:
        """Draw the next batch of every seed."""
        drawn = [stream.batch() for stream in self._streams]
        self._inputs = torch.from_numpy(np.stack([inputs for inputs, _ in drawn])).to(self._device)
        self._targets = torch.from_numpy(np.stack([targets for _, targets in drawn])).to(self._device)
        self._noise: Parameters = {}
        if self._draw_noise is not None:
            batch = self._inputs.shape[1]
            own = [self._draw_noise(generator, batch) for generator in self._generators]
            self._noise = {name: torch.stack([masks[name] for masks in own]).to(self._device) for name in own[0]}

    def of(self, members: list[int]) -> Batch:
        """Return what these members are shown."""
        rows = [self._of_member[member] for member in members]
        return Batch(
            self._inputs[rows], self._targets[rows], {name: value[rows] for name, value in self._noise.items()}
        )
