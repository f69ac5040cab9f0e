"""The plain multilayer perceptron."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.layers import affine
from reportgen.catalogue.base import Architecture, Shape, Taps, Weight
from reportgen.catalogue.initialisations import Initialisation, weight_and_bias
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@architectures.register(
    "mlp",
    version=1,
    summary="A plain multilayer perceptron: hidden layers of one width without skip connections or normalisation.",
    source="rumelhart1986",
    inputs="vector",
)
def mlp(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 5,
    width: Annotated[int, Ge(1)] = 64,
    activation: activations.Name = "tanh",
    initialisation: Initialisation = "glorot-normal",  # type: ignore[assignment]
) -> Architecture:
    """Build h_l = phi(h_{l-1} W_l + b_l) for l = 1 ... depth, and a linear readout.

    Parameters
    ----------
    shape : Shape
        Vectors in, logits or values out.
    depth : int
        Number of hidden layers. The readout comes on top, as position depth + 1.
    width : int
        Units in each hidden layer.
    activation : str
        phi, one of ``reportgen.catalogue.activations.NAMES``.
    initialisation : str or mapping
        Of every weight matrix, the readout included.
    """
    phi = activations.function(activation)
    sizes = [shape.inputs, *[width] * depth, shape.outputs]
    names = ["hidden"] * depth + ["readout"]

    def initialise(generator: torch.Generator) -> Parameters:
        parameters = {}
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1):
            weight, bias = weight_and_bias(fan_in, fan_out, initialisation, generator)
            parameters[f"weight_{layer}"], parameters[f"bias_{layer}"] = weight, bias
        return parameters

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        hidden = inputs
        for layer, name in enumerate(names, start=1):
            place = ("layer", layer, depth + 1 - layer, name)
            z = affine(hidden, parameters[f"weight_{layer}"], parameters[f"bias_{layer}"])
            z = taps.signal(*place, z)
            if name == "readout":
                return z
            hidden = phi(z)
            taps.activation(*place, hidden, activation)
        raise AssertionError("the readout is the last layer")

    weights = tuple(
        Weight(f"weight_{layer}", "layer", layer, depth + 1 - layer, name) for layer, name in enumerate(names, start=1)
    )
    return Architecture(initialise, forward, weights, depth, width)
