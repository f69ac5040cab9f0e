"""Measure an ensemble at one step: error signals, weight gradients and activations, in float64.

The error signal at a position is the gradient with respect to a perturbation of zero that is added there, a tensor a
position. The loss is multiplied by a power of two before the backward pass, and the result divided by it, which is
exact; so no gradient reads as 0 that is not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reportgen.catalogue import stacking
from reportgen.catalogue.lazy import torch
from reportgen.catalogue.losses import losses
from reportgen.probe import magnitudes
from reportgen.probe.taps import NETWORK, STATISTICS, Position, Probing, Survey, survey

if TYPE_CHECKING:
    from reportgen.catalogue.base import Architecture, Clip, Parameters

    Values = dict[str, dict[Position, NDArray[np.float64]]]

EXPONENTS = (500, -500)
"""The loss is multiplied by 2 to the first; where that overflows, by 2 to the second."""

MEMORY = 2**28
"""Bytes that measuring one group of members may take, about; more members are measured group by group."""

SIGNALS = ("error_signal_rms", "error_signal_histogram")
GRADIENTS = ("weight_gradient_norm", "gradient_norm", "gradient_norm_clipped")


@dataclass
class Measurement:
    """What was measured: quantity to position to an array with one entry for each member; NaN where undefined."""

    values: Values = field(default_factory=dict)
    histograms: dict[Position, list[list[int] | None]] = field(default_factory=dict)

    def positions(self) -> list[Position]:
        """All positions: the network first, then layers, then time steps, each from the input."""
        found = {position for by_position in self.values.values() for position in by_position}
        order = {"network": 0, "layer": 1}
        return sorted(found | set(self.histograms), key=lambda p: (order.get(p.kind, 2), p.index, p.name))

    def append(self, other: Measurement) -> None:
        """Add the members of another measurement of the same positions."""
        for quantity, by_position in other.values.items():
            mine = self.values.setdefault(quantity, {})
            for position, values in by_position.items():
                mine[position] = np.concatenate([mine[position], values]) if position in mine else values
        for position, lists in other.histograms.items():
            self.histograms[position] = self.histograms.get(position, []) + lists


@dataclass(frozen=True)
class _Group:
    """Members that are measured together, in float64, and how many of them count."""

    parameters: Parameters
    noise: Parameters
    inputs: torch.Tensor
    targets: torch.Tensor
    count: int


@dataclass(frozen=True)
class Probe:
    """Measures an ensemble.

    Attributes
    ----------
    architecture : Architecture
    loss : str
        As in ``catalogue.losses``.
    quantities : collection of str
        Names from ``store.tables.QUANTITIES``; only these are computed. Those that depend on the step that is
        taken (``update_ratio``, ``clipped_fraction``) are not known here.
    clip : callable or None
        As in ``catalogue.base.Remedy``.
    """

    architecture: Architecture
    loss: str
    quantities: Collection[str]
    clip: Clip | None = None

    def __call__(
        self, parameters: Parameters, inputs: torch.Tensor, targets: torch.Tensor, noise: Parameters | None = None
    ) -> Measurement:
        """Measure all members on their batches; nothing that is passed is changed.

        Parameters
        ----------
        parameters : dict of torch.Tensor
            (members, ...) each, float32; a float64 copy is used.
        inputs : torch.Tensor
            (members, batch, [time,] features).
        targets : torch.Tensor
            (members, batch) or (members, batch, reads).
        noise : dict of torch.Tensor, optional
            (members, ...) each: the random factors of the training step (dropout).
        """
        noise = noise or {}
        found = survey(self.architecture, {**parameters, **noise}, inputs)
        members, batch = inputs.shape[:2]
        weights = sum(value[0].numel() for value in parameters.values())
        # Of every signal there are value, perturbation, gradient and derivative; of every weight copy and gradient.
        size = MEMORY // (8 * (4 * found.elements + 3 * weights))
        result = Measurement()
        for rows, count in stacking.groups(members, batch, size):
            own, masks = (
                {name: value.detach()[rows].double() for name, value in held.items()} for held in (parameters, noise)
            )
            group = _Group(own, masks, inputs[rows].double(), targets[rows], count)
            result.append(self._group(found, group))
        return result

    def _group(self, found: Survey, group: _Group) -> Measurement:
        result, count = Measurement(), group.count
        if "weight_norm" in self.quantities:
            result.values["weight_norm"] = {
                Position(w.kind, w.index, w.distance, w.name): _array(
                    magnitudes.norm(group.parameters[w.parameter]), count
                )
                for w in self.architecture.weights
            }
        if self._wants(*SIGNALS, *GRADIENTS, *STATISTICS):
            recorded = self._backward(EXPONENTS[0], found, group, result)
            if not _finite(result):
                second = Measurement()
                self._backward(EXPONENTS[1], found, group, second)
                _complete(result, second)
            self._activations(found, recorded, count, result)
        for by_position in result.values.values():
            for values in by_position.values():
                values[~np.isfinite(values)] = np.nan
        return result

    def _backward(self, exponent: int, found: Survey, group: _Group, result: Measurement) -> list[torch.Tensor]:
        """Fill in the quantities of the backward pass; return what the taps recorded."""
        inputs, count = group.inputs, group.count
        names = list(group.parameters) if self._wants(*GRADIENTS) else []
        leaves = {name: value.detach().requires_grad_(name in names) for name, value in group.parameters.items()}
        shapes = found.shapes if self._wants(*SIGNALS) else []
        zeros = [torch.zeros(len(inputs), *shape, dtype=inputs.dtype, device=inputs.device) for shape in shapes]
        zeros = [zero.requires_grad_() for zero in zeros]
        outputs, recorded = stacking.apply(self.architecture, {**leaves, **group.noise}, inputs, zeros, Probing)
        wanted = [*zeros, *(leaves[name] for name in names)]
        if not wanted:
            return recorded
        member_losses = losses(self.loss, outputs, group.targets)
        scale = torch.full_like(member_losses, 2.0**exponent)
        gradients = torch.autograd.grad(member_losses, wanted, scale, materialize_grads=True)
        self._signals(found, gradients[: len(zeros)], exponent, count, result)
        self._weights(dict(zip(names, gradients[len(zeros) :], strict=True)), exponent, group, result)
        return recorded

    def _signals(
        self, found: Survey, signals: tuple[torch.Tensor, ...], exponent: int, count: int, result: Measurement
    ) -> None:
        for position, signal in zip(found.signals, signals, strict=bool(signals)):
            size = np.ldexp(_array(magnitudes.rms(signal), count), -exponent)
            if "error_signal_rms" in self.quantities:
                result.values.setdefault("error_signal_rms", {})[position] = size
            if "error_signal_histogram" in self.quantities:
                counts = magnitudes.histogram(signal[:count], exponent).tolist()
                finite = np.isfinite(size)
                result.histograms[position] = [row if ok else None for row, ok in zip(counts, finite, strict=True)]

    def _weights(self, gradients: Parameters, exponent: int, group: _Group, result: Measurement) -> None:
        if not gradients:
            return
        count = group.count
        norms = {name: magnitudes.norm(gradient) for name, gradient in gradients.items()}

        def put(quantity: str, position: Position, scaled: torch.Tensor, power: int) -> None:
            if quantity in self.quantities:
                result.values.setdefault(quantity, {})[position] = np.ldexp(_array(scaled, count), -power)

        for w in self.architecture.weights:
            put("weight_gradient_norm", Position(w.kind, w.index, w.distance, w.name), norms[w.parameter], exponent)
        total = magnitudes.norm(torch.stack(list(norms.values()), dim=1))
        put("gradient_norm", NETWORK, total, exponent)
        if "gradient_norm_clipped" not in self.quantities:
            return
        if self.clip is None:
            put("gradient_norm_clipped", NETWORK, total, exponent)
        else:
            unscaled = {name: gradient * 2.0**-exponent for name, gradient in gradients.items()}
            clipped, _ = self.clip(unscaled, group.parameters)
            parts = [magnitudes.norm(gradient) for gradient in clipped.values()]
            put("gradient_norm_clipped", NETWORK, magnitudes.norm(torch.stack(parts, dim=1)), 0)

    def _activations(self, found: Survey, recorded: list[torch.Tensor], count: int, result: Measurement) -> None:
        for position, values in zip(found.activations, recorded, strict=True):
            for column, quantity in enumerate(STATISTICS):
                if quantity in self.quantities:
                    result.values.setdefault(quantity, {})[position] = _array(values[:, column], count)

    def _wants(self, *quantities: str) -> bool:
        return any(quantity in self.quantities for quantity in quantities)


def _array(values: torch.Tensor, count: int) -> NDArray[np.float64]:
    result: NDArray[np.float64] = values[:count].cpu().numpy().copy()
    return result


def _finite(result: Measurement) -> bool:
    values = all(np.isfinite(v).all() for by_position in result.values.values() for v in by_position.values())
    return values and all(row is not None for rows in result.histograms.values() for row in rows)


def _complete(first: Measurement, second: Measurement) -> None:
    """Take from the second measurement what overflowed in the first."""
    for quantity, by_position in second.values.items():
        for position, values in by_position.items():
            mine = first.values[quantity][position]
            first.values[quantity][position] = np.where(np.isfinite(mine), mine, values)
    for position, rows in second.histograms.items():
        mine_rows = first.histograms[position]
        first.histograms[position] = [
            mine if mine is not None else row for mine, row in zip(mine_rows, rows, strict=True)
        ]
