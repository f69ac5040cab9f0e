"""Run an architecture for all members of an ensemble at once.

Stacked parameters and inputs have a leading dimension of members. Inputs whose leading dimension is 1 are shared by
all members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reportgen.catalogue.base import Architecture
from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters

VECTOR = 32
"""Elements that no vector instruction's unrolled loop exceeds."""


class Silent:
    """Taps that do nothing, for training; `recorded` stays empty."""

    listening = False

    def __init__(self, perturbations: Sequence[torch.Tensor] = (), reference: int | None = None) -> None:
        self.recorded: list[torch.Tensor] = []
        self.reference = reference

    def signal(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor) -> torch.Tensor:
        """Return `value`."""
        return value

    def activation(self, kind: str, index: int, distance: int, name: str, value: torch.Tensor, activation: str) -> None:
        """Do nothing."""


def apply(
    architecture: Architecture,
    parameters: Parameters,
    inputs: torch.Tensor,
    perturbations: Sequence[torch.Tensor] = (),
    taps: Callable[[Sequence[torch.Tensor]], Any] = Silent,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Apply a network to all members, in the way that its `stacking` says.

    Parameters
    ----------
    architecture : Architecture
    parameters : dict of torch.Tensor
        (members, ...) each.
    inputs : torch.Tensor
        (members, batch, [time,] features), or (1, batch, ...) where all members share them.
    perturbations : sequence of torch.Tensor
        (members, ...) each; handed to `taps`.
    taps : callable
        Makes the taps from the perturbations; what they append to `recorded` comes back.

    Returns
    -------
    outputs : torch.Tensor
        (members, batch, outputs).
    recorded : list of torch.Tensor
        (members, ...) each.
    """

    def member(
        own: Parameters, own_inputs: torch.Tensor, own_perturbations: Sequence[torch.Tensor]
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        tap = taps(own_perturbations)
        return architecture.forward(own, own_inputs, tap), tap.recorded

    if architecture.stacking == "batched":
        return member(parameters, inputs, perturbations)
    members = len(next(iter(parameters.values())))
    shared = len(inputs) == 1 and members > 1
    if architecture.stacking == "vmap":
        mapped = torch.vmap(member, in_dims=(0, None if shared else 0, 0))
        result: tuple[torch.Tensor, list[torch.Tensor]] = mapped(
            parameters, inputs[0] if shared else inputs, list(perturbations)
        )
        return result
    results = [
        member({k: v[i] for k, v in parameters.items()}, inputs[0 if shared else i], [e[i] for e in perturbations])
        for i in range(members)
    ]
    outputs = torch.stack([result[0] for result in results])
    return outputs, [torch.stack(parts) for parts in zip(*(result[1] for result in results), strict=True)]


def padding(members: int, batch: int) -> int:
    """Return how many copies of a member an ensemble needs at its end, so that the members do not depend on it.

    Matrix products of a single member, and the last elements of a tensor, which do not fill a vector register, are
    computed by other instructions, and may differ in the last digit. Copies take their place; nothing reads them.
    """
    copies = 0 if batch % VECTOR == 0 else -(-(VECTOR - 1) // batch)
    return max(copies, 2 - members)


def groups(members: int, batch: int, size: int) -> Iterator[tuple[list[int], int]]:
    """Cut an ensemble into groups of nearly equal size, at most `size` members each.

    Yields
    ------
    rows : list of int
        The members of a group, and the copies that `padding` asks for.
    count : int
        How many of them are members.
    """
    count = -(-members // max(1, size))
    for group in range(count):
        own = list(range(group * members // count, (group + 1) * members // count))
        yield own + [own[0]] * padding(len(own), batch), len(own)
