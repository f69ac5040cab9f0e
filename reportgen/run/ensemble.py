"""Members of a cell with their parameters stacked: one gradient, one step for all of them.

The members' numbers depend on nothing but themselves, bitwise: not on their position, nor on how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import torch

from reportgen.catalogue import stacking
from reportgen.catalogue.base import Architecture
from reportgen.catalogue.losses import losses
from reportgen.probe.taps import Probing, survey
from reportgen.run.optimisers import Optimiser, State
from reportgen.run.rules import Rules

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters
    from reportgen.run.evaluation import HeldOut

SMALL = 1024
"""Parameters with fewer elements a member share one buffer, so that a step takes few kernels."""


class Ensemble:
    """Stacked parameters, the optimiser's memory, and who is in which row.

    Parameters
    ----------
    architecture : Architecture
    initial : sequence of dict
        Parameters of each member.
    rates : sequence of float
        Learning rate of each member.
    optimiser : Optimiser
    batch : int
        Batch size in training.
    device : str

    Attributes
    ----------
    members : list of int
        The members that still train, by their number in `initial`; row i holds members[i].
    parameters : dict of torch.Tensor
        (rows, ...) each, float32; rows beyond the members are copies (see ``stacking.padding``).
    """

    def __init__(
        self,
        architecture: Architecture,
        initial: Sequence[Parameters],
        rates: Sequence[float],
        optimiser: Optimiser,
        batch: int,
        device: str = "cpu",
    ) -> None:
        self._architecture, self._optimiser, self._batch = architecture, optimiser, batch
        self.members = list(range(len(initial)))
        self._layout = {name: value.shape for name, value in initial[0].items()}
        self._steps = 0
        stacked = {name: torch.stack([own[name] for own in initial]).to(device) for name in self._layout}
        self._weights = self._buffers(stacked)
        self._rates = torch.tensor(list(rates), dtype=torch.float64, device=device)
        self._state: State = optimiser.start(self._weights)
        self._gather(self._padded(self.members))

    @property
    def count(self) -> int:
        """How many members still train."""
        return len(self.members)

    @property
    def rows(self) -> list[int]:
        """The member in each row, copies included."""
        return self._padded(self.members)

    def forward(self, inputs: torch.Tensor, noise: Parameters | None = None) -> torch.Tensor:
        """Return the outputs (rows, batch, outputs) for inputs (rows or 1, batch, [time,] features)."""
        return stacking.apply(self._architecture, {**self.parameters, **(noise or {})}, inputs)[0]

    def signals(
        self, inputs: torch.Tensor, targets: torch.Tensor, noise: Parameters, loss: str
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return the rows' losses and the error signals at the positions called "hidden", both differentiable."""
        parameters = {**self.parameters, **noise}
        found = survey(self._architecture, parameters, inputs)
        zeros = [inputs.new_zeros(len(self.rows), *shape).requires_grad_() for shape in found.shapes]
        outputs, _ = stacking.apply(self._architecture, parameters, inputs, zeros, Probing)
        member_losses = losses(loss, outputs, targets)
        hidden = [zero for zero, place in zip(zeros, found.signals, strict=True) if place.name == "hidden"]
        return member_losses, list(torch.autograd.grad(member_losses.sum(), hidden, create_graph=True))

    def step(self, objectives: torch.Tensor, rules: Rules, factor: float = 1.0) -> torch.Tensor:
        """Take one step down the gradient of the rows' objectives.

        Parameters
        ----------
        objectives : torch.Tensor
            (rows,), losses and penalties of the present parameters.
        rules : Rules
            Its penalties are part of the objectives already.
        factor : float
            On the learning rates.

        Returns
        -------
        torch.Tensor
            Whether the gradient was clipped, (rows,).
        """
        leaves = list(self.parameters.values())
        found = torch.autograd.grad((objectives * rules.loss_scale).sum(), leaves, materialize_grads=True)
        gradients = dict(zip(self.parameters, found, strict=True))
        if rules.loss_scale != 1.0:
            gradients = {name: gradient / rules.loss_scale for name, gradient in gradients.items()}
        clipped = torch.zeros(len(objectives), dtype=torch.bool, device=objectives.device)
        self._steps += 1
        with torch.no_grad():
            if rules.clip is not None:
                gradients, clipped = rules.clip(gradients, self.parameters)
            rates = self._rates * factor
            if rules.weight_decay:
                self._decay(rates * rules.weight_decay)
            self._optimiser.step(self._weights, self._buffers(gradients), self._state, rates, self._steps)
        return clipped

    def _decay(self, shares: torch.Tensor) -> None:
        """Shrink the weight matrices of every row by its share; they are views of the optimiser's buffers."""
        for weight in self._architecture.weights:
            matrix = self.parameters[weight.parameter]
            matrix.mul_((1.0 - shares).to(matrix.dtype).view(-1, *[1] * (matrix.dim() - 1)))

    def stop(self, member: int, parameters: Parameters) -> None:
        """Set a member to `parameters`, at which it stays: its learning rate becomes 0."""
        rows = [row for row, own in enumerate(self.rows) if own == member]
        with torch.no_grad():
            for name, value in parameters.items():
                self.parameters[name][rows] = value
            self._rates[rows] = 0.0
            for values in self._state.values():
                for value in values:
                    value[rows] = 0.0

    def drop(self, positions: Sequence[int]) -> None:
        """Take the members at these positions of `members` out; the others go on as if nothing had happened."""
        kept = [i for i in range(self.count) if i not in set(positions)]
        self.members = [self.members[i] for i in kept]
        if kept:
            self._gather(self._padded(kept))

    def evaluate(
        self, held_out: HeldOut, loss: str, metric: str, size: int, positions: Sequence[int] | None = None
    ) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
        """Return the loss and the metric of members on each split of the held-out data, (members,) each.

        Parameters
        ----------
        held_out : HeldOut
            The same for all.
        loss, metric : str
            As in ``catalogue.losses``.
        size : int
            How many members are evaluated at a time.
        positions : sequence of int, optional
            Positions in `members` of those that are evaluated; all by default.
        """
        chosen = range(self.count) if positions is None else positions
        taps = partial(stacking.Silent, reference=held_out.reference or None)
        found: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {split: [] for split in held_out.parts}
        with torch.no_grad():
            for group, count in stacking.groups(len(chosen), held_out.inputs.shape[1], size):
                rows = [chosen[i] for i in group]
                together = rows == list(range(rows[0], rows[0] + len(rows)))
                taken = slice(rows[0], rows[0] + len(rows)) if together else rows
                own = {name: value[taken] for name, value in self.parameters.items()}
                outputs, _ = stacking.apply(self._architecture, own, held_out.inputs, taps=taps)
                for split, values in held_out.scores(outputs[:count], loss, metric).items():
                    found[split].append(values)
        return {
            split: (torch.cat([one for one, _ in values]), torch.cat([two for _, two in values]))
            for split, values in found.items()
        }

    def member(self, position: int) -> Parameters:
        """Return a copy of the parameters of the member at a position of `members`."""
        return {name: value.detach()[position].clone() for name, value in self.parameters.items()}

    def _padded(self, members: Sequence[int]) -> list[int]:
        return [*members, *[members[0]] * stacking.padding(len(members), self._batch)] if members else []

    def _gather(self, rows: list[int]) -> None:
        """Make the present rows `rows` the new rows."""
        self._weights = [weight[rows] for weight in self._weights]
        self._state = {slot: [value[rows] for value in values] for slot, values in self._state.items()}
        self._rates = self._rates[rows]
        self.parameters = self._views()

    def _apart(self, name: str) -> bool:
        elements = self._layout[name].numel()
        return elements >= SMALL and elements % stacking.VECTOR == 0

    def _buffers(self, tensors: Parameters) -> list[torch.Tensor]:
        """Arrange tensors as the optimiser sees them: large ones, and one buffer (rows, ...) of all small ones.

        The buffer's rows fill whole vector registers, so that its last elements are treated as all others.
        """
        large = [tensor for name, tensor in tensors.items() if self._apart(name)]
        small = [tensor.flatten(1) for name, tensor in tensors.items() if not self._apart(name)]
        if not small:
            return large
        free = -sum(part.shape[1] for part in small) % stacking.VECTOR
        return [*large, torch.cat([*small, small[0].new_zeros(len(small[0]), free)], dim=1)]

    def _views(self) -> Parameters:
        """Return the parameters as views of the buffers, in the architecture's order."""
        views, large, start = {}, iter(self._weights), 0
        for name, shape in self._layout.items():
            if self._apart(name):
                view = next(large)
            else:
                buffer = self._weights[-1]
                view = buffer[:, start : start + shape.numel()].view(len(buffer), *shape)
                start += shape.numel()
            views[name] = view.detach().requires_grad_()
        return views
