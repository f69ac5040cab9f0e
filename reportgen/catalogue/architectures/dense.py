"""The densely connected feed-forward network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.layers import Affine
from reportgen.catalogue.base import Architecture, Shape, Taps, Weight
from reportgen.catalogue.initialisations import Initialisation
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@architectures.register(
    "dense",
    title="densely connected network",
    version=1,
    summary="A feed-forward network in which every layer reads the input and all layers below it.",
    source="huang2017",
    inputs="vector",
    replaces={"mlp": ("depth", "activation", "initialisation")},
)
def dense(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 5,
    width: Annotated[int, Ge(1)] = 16,
    activation: activations.Name = "relu",
    initialisation: Initialisation = "he-normal",  # type: ignore[assignment]
) -> Architecture:
    """Build h_l = phi([x, h_1, ..., h_{l-1}] W_l + b_l) for l = 1 ... depth, and a linear readout of all of them.

    Parameters
    ----------
    shape : Shape
        Vectors in, logits or values out.
    depth : int
        Number of hidden layers. The readout of [x, h_1, ..., h_depth] comes on top, as position depth + 1.
    width : int
        Units that each layer adds, the growth rate of Huang et al. 2017 (doi:10.1109/CVPR.2017.243).
    activation : str
        phi, one of ``reportgen.catalogue.activations.NAMES``.
    initialisation : str or mapping
        Of every weight matrix, the readout included.

    Notes
    -----
    The error signal called "hidden" is that at the pre-activations of each layer.
    """
    phi = activations.function(activation)
    fans = [shape.inputs + layer * width for layer in range(depth + 1)]
    sizes = [*[width] * depth, shape.outputs]
    maps = [Affine(str(i), *fan, initialisation) for i, fan in enumerate(zip(fans, sizes, strict=True), start=1)]

    def initialise(generator: torch.Generator) -> Parameters:
        parameters: Parameters = {}
        for block in maps:
            parameters |= block.draw(generator)
        return parameters

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        seen = inputs
        for layer, block in enumerate(maps[:-1], start=1):
            place = ("layer", layer, depth + 1 - layer, "hidden")
            hidden = phi(taps.signal(*place, block(parameters, seen)))
            taps.activation(*place, hidden, activation)
            # Inputs that all members share have a leading dimension of 1 until here.
            seen = torch.cat([seen.expand(*hidden.shape[:-1], -1), hidden], dim=-1)
        return taps.signal("layer", depth + 1, 0, "readout", maps[-1](parameters, seen))

    weights = tuple(
        Weight(block.weight, "layer", layer, depth + 1 - layer, "hidden" if layer <= depth else "readout")
        for layer, block in enumerate(maps, start=1)
    )
    return Architecture(initialise, forward, weights, depth, width)
