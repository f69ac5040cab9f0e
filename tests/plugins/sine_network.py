"""An architecture from outside the package: a perceptron of sine units."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from annotated_types import Ge, Gt

from reportgen.catalogue.architectures.layers import affine
from reportgen.catalogue.base import Architecture, Shape, Weight
from reportgen.catalogue.initialisations import weight_and_bias
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures


@architectures.register(
    "sine-network", version=1, summary="A perceptron of sine units.", source="sitzmann2020", inputs="vector"
)
def sine_network(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 3,
    width: Annotated[int, Ge(1)] = 16,
    frequency: Annotated[float, Gt(0)] = 30.0,
) -> Architecture:
    """Build h_l = sin(omega (h_{l-1} W_l + b_l)) and a linear readout.

    Parameters
    ----------
    depth : int
        Number of hidden layers.
    width : int
        Units in each.
    frequency : float
        omega, the same in all layers.
    """
    places = [("layer", i, depth + 1 - i, "hidden" if i <= depth else "readout") for i in range(1, depth + 2)]
    sizes = [shape.inputs, *[width] * depth, shape.outputs]

    def initialise(generator):
        parameters = {}
        for (_, layer, _, _), (below, above) in zip(places, pairwise(sizes), strict=True):
            drawn = weight_and_bias(below, above, "lecun-normal", generator)
            parameters |= dict(zip((f"weight_{layer}", f"bias_{layer}"), drawn, strict=True))
        return parameters

    def forward(parameters, inputs, taps):
        for place in places:
            z = taps.signal(*place, affine(inputs, parameters[f"weight_{place[1]}"], parameters[f"bias_{place[1]}"]))
            inputs = torch.sin(frequency * z)
        return z

    weights = tuple(Weight(f"weight_{place[1]}", *place) for place in places)
    return Architecture(initialise, forward, weights, depth, width)
