"""Held-out data as an ensemble is evaluated on them: all splits in one forward pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from reportgen.catalogue import losses, stacking


@dataclass(frozen=True)
class HeldOut:
    """The samples of all splits, one after the other.

    Attributes
    ----------
    inputs : torch.Tensor
        (1, samples, [time,] features): the reference, the splits, and zeros that fill whole vector registers.
    targets : torch.Tensor
        (1, samples, ...), likewise; those of the reference and of the filling are never looked at.
    parts : mapping
        Split to its samples.
    reference : int
        How many samples at the head are training data from which batch normalisation takes its statistics.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    parts: Mapping[str, slice]
    reference: int

    @classmethod
    def join(
        cls,
        splits: Mapping[str, tuple[NDArray[np.float32], NDArray[np.generic]]],
        reference: NDArray[np.float32] | None,
        device: str,
    ) -> HeldOut:
        """Put the splits, (inputs, targets) each, behind the reference (samples, ...)."""
        head = 0 if reference is None else len(reference)
        inputs = ([] if reference is None else [reference]) + [inputs for inputs, _ in splits.values()]
        targets = [targets for _, targets in splits.values()]
        parts, end = {}, head
        for split, (own, _) in splits.items():
            parts[split] = slice(end, end + len(own))
            end += len(own)
        filling = -end % stacking.VECTOR
        shown = np.concatenate([*inputs, np.zeros((filling, *inputs[0].shape[1:]), inputs[0].dtype)])
        wanted = np.concatenate([_nothing(targets[0], head), *targets, _nothing(targets[0], filling)])
        return cls(
            torch.from_numpy(shown).to(device).unsqueeze(0), torch.from_numpy(wanted).to(device).unsqueeze(0),
            parts, head,
        )  # fmt: skip

    def scores(self, outputs: torch.Tensor, loss: str, metric: str) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Return loss and metric of each split, (members,) each, from the outputs (members, samples, ...)."""
        values = losses.sample_losses(loss, outputs, self.targets), losses.sample_metrics(metric, outputs, self.targets)
        return {
            split: (losses.averaged(values[0][:, part]), losses.averaged(values[1][:, part]))
            for split, part in self.parts.items()
        }


def _nothing(targets: NDArray[np.generic], samples: int) -> NDArray[np.generic]:
    return np.zeros((samples, *targets.shape[1:]), targets.dtype)
