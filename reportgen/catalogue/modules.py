"""Any torch module as an architecture: run stacked by ``torch.func``, measured at its linear and convolution layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportgen.catalogue.base import Architecture, Taps, Weight
from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@dataclass
class _Wire:
    """The taps of the forward pass that is running."""

    taps: Taps | None = None


def from_module(
    factory: Callable[[], torch.nn.Module], *, depth: int, width: int, stacking: str = "vmap", note: str = ""
) -> Architecture:
    """Wrap a module as an architecture.

    Parameters
    ----------
    factory : callable
        Makes a freshly initialised module; it draws from torch's global generator, which is seeded for each member.
        Its forward takes (batch, [time,] features) and returns (batch, outputs), and changes no buffer.
    depth, width : int
        What the store says about it.
    stacking : str
        "vmap", or "loop" for a module that ``torch.vmap`` cannot run.
    note : str
        Why it cannot be stacked.

    Returns
    -------
    Architecture
        Its error signals are the gradients with respect to the outputs of its Linear and convolution submodules, and
        its weights all parameters with two or more dimensions. Both have kind "layer"; submodules with either are
        counted in the module's order, and named as in the module.
    """
    template = _drawn(factory, 0)
    tapped = _tapped()
    owners = [
        name
        for name, module in template.named_modules()
        if isinstance(module, tapped) or any(p.dim() >= 2 for p in module.parameters(recurse=False))
    ]
    place = {name: (index, len(owners) - index) for index, name in enumerate(owners, start=1)}
    wire = _Wire()
    for name, module in template.named_modules():
        if isinstance(module, tapped):
            module.register_forward_hook(_hook(wire, *place[name], name))

    def initialise(generator: torch.Generator) -> Parameters:
        seed = int(torch.randint(2**62, (), generator=generator))
        return {name: value.detach().clone() for name, value in _drawn(factory, seed).named_parameters()}

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        wire.taps = taps
        try:
            outputs: torch.Tensor = torch.func.functional_call(template, parameters, (inputs,))
        finally:
            wire.taps = None
        return outputs

    return Architecture(initialise, forward, _weights(template, place), depth, width, stacking, note)


def _drawn(factory: Callable[[], torch.nn.Module], seed: int) -> torch.nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return factory()


def _tapped() -> tuple[Any, ...]:
    nn = torch.nn
    return nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d


def _hook(wire: _Wire, index: int, distance: int, name: str) -> Callable[[Any, Any, torch.Tensor], torch.Tensor]:
    def hook(module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        return output if wire.taps is None else wire.taps.signal("layer", index, distance, name, output)

    return hook


def _weights(template: torch.nn.Module, place: dict[str, tuple[int, int]]) -> tuple[Weight, ...]:
    weights = []
    for owner, (index, distance) in place.items():
        own = [name for name, p in template.get_submodule(owner).named_parameters(recurse=False) if p.dim() >= 2]
        for name in own:
            # A layer's only matrix shares the row of its error signal.
            label = owner if len(own) == 1 else f"{owner}.{name}".lstrip(".")
            weights.append(Weight(f"{owner}.{name}".lstrip("."), "layer", index, distance, label or name))
    return tuple(weights)
