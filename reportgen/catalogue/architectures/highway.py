"""The highway network: gates decide what a layer changes and what it carries."""

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
    "highway",
    title="highway network",
    version=1,
    summary="A feed-forward network whose layers have a gate: what it does not let them change, they carry on.",
    source="srivastava2015",
    inputs="vector",
    cost=2.0,
    replaces={"mlp": ("depth", "activation", "initialisation")},
)
def highway(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 5,
    width: Annotated[int, Ge(1)] = 64,
    activation: activations.Name = "tanh",
    initialisation: Initialisation = "glorot-normal",  # type: ignore[assignment]
    gate_bias: float = -1.0,
) -> Architecture:
    """Build h_1 = x W_0 + b_0, h_{l+1} = T_l phi(h_l W_l + b_l) + (1 - T_l) h_l, l = 1 ... depth, and a linear readout.

    The gates are T_l = sigmoid(h_l W_{T,l} + b_{T,l}).

    Parameters
    ----------
    shape : Shape
        Vectors in, logits or values out.
    depth : int
        Number of gated layers. The readout comes on top, as position depth + 1.
    width : int
        Units in each layer.
    activation : str
        phi, one of ``reportgen.catalogue.activations.NAMES``.
    initialisation : str or mapping
        Of every weight matrix, those of the gates and the readout included.
    gate_bias : float
        Where b_T starts; below 0 the layers begin by carrying their input (Srivastava et al. 2015,
        doi:10.48550/arXiv.1507.06228).

    Notes
    -----
    The error signal called "hidden" is that at the layer inputs h_l.
    """
    phi = activations.function(activation)
    layers = range(1, depth + 1)
    stem = Affine("stem", shape.inputs, width, initialisation)
    readout = Affine("readout", width, shape.outputs, initialisation)
    maps = [Affine(str(layer), width, width, initialisation) for layer in layers]
    gates = [Affine(f"{layer}_gate", width, width, initialisation) for layer in layers]

    def initialise(generator: torch.Generator) -> Parameters:
        parameters: Parameters = {}
        for block in (stem, *maps, *gates, readout):
            parameters |= block.draw(generator)
        return parameters | {f"bias_{gate.name}": torch.full((1, width), gate_bias) for gate in gates}

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        hidden = stem(parameters, inputs)
        for layer, block, gate in zip(layers, maps, gates, strict=True):
            place = ("layer", layer, depth + 1 - layer)
            hidden = taps.signal(*place, "hidden", hidden)
            candidate, open_share = phi(block(parameters, hidden)), torch.sigmoid(gate(parameters, hidden))
            taps.activation(*place, "hidden", candidate, activation)
            taps.activation(*place, "gate", open_share, "sigmoid")
            hidden = torch.lerp(hidden, candidate, open_share)
        return taps.signal("layer", depth + 1, 0, "readout", readout(parameters, hidden))

    weights = (
        Weight(stem.weight, "layer", 1, depth, "stem"),
        *(Weight(block.weight, "layer", layer, depth + 1 - layer, "hidden") for layer, block in enumerate(maps, 1)),
        *(Weight(gate.weight, "layer", layer, depth + 1 - layer, "gate") for layer, gate in enumerate(gates, 1)),
        Weight(readout.weight, "layer", depth + 1, 0, "readout"),
    )
    return Architecture(initialise, forward, weights, depth, width)
