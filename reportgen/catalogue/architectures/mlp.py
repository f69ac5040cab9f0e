"""The plain multilayer perceptron."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.layers import Affine, Groups, Normalisation, Normaliser, Share, dropped, masks
from reportgen.catalogue.architectures.residual_mlp import residual_mlp
from reportgen.catalogue.base import Architecture, Shape, Taps, Weight
from reportgen.catalogue.initialisations import Initialisation
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@architectures.register(
    "mlp",
    title="multilayer perceptron",
    version=1,
    summary="A plain multilayer perceptron: hidden layers of one width, one after the other.",
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
    normalisation: Normalisation = "none",
    groups: Groups = 8,
    weight_normalisation: bool = False,
    dropout: Share = 0.0,
    skip: bool = False,
) -> Architecture:
    """Build h_l = phi(N(h_{l-1} W_l + b_l)) for l = 1 ... depth, and a linear readout.

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
    normalisation : str
        N, between a layer's affine map and its activation function; the error signal is that before N.
    groups : int
        Groups of units for group normalisation; the width must be a multiple.
    weight_normalisation : bool
        Whether each hidden unit's weights are a direction and a learned length.
    dropout : float
        Probability with which a hidden activation is set to 0 in training; the others are scaled up.
    skip : bool
        With skip connections over every layer it is `residual-mlp` with the same options.
    """
    if skip:
        return residual_mlp(
            shape, depth=depth, width=width, activation=activation, initialisation=initialisation, groups=groups,
            normalisation=normalisation, weight_normalisation=weight_normalisation, dropout=dropout,
        )  # fmt: skip
    phi = activations.function(activation)
    sizes = [shape.inputs, *[width] * depth, shape.outputs]
    names = ["hidden"] * depth + ["readout"]
    maps = [
        Affine(str(layer), fan_in, fan_out, initialisation, weight_normalisation and layer <= depth)
        for layer, (fan_in, fan_out) in enumerate(pairwise(sizes), start=1)
    ]
    normalisers = [Normaliser(normalisation, str(layer), width, groups) for layer in range(1, depth + 1)]

    def initialise(generator: torch.Generator) -> Parameters:
        parameters: Parameters = {}
        for block in maps:
            parameters |= block.draw(generator)
        for normaliser in normalisers:
            parameters |= normaliser.draw()
        return parameters

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        hidden = inputs
        for layer, (block, normaliser) in enumerate(zip(maps, normalisers, strict=False), start=1):
            place = ("layer", layer, depth + 1 - layer, "hidden")
            z = taps.signal(*place, block(parameters, hidden))
            hidden = phi(normaliser(parameters, z, taps))
            taps.activation(*place, hidden, activation)
            hidden = dropped(parameters, f"dropout_{layer}", hidden)
        return taps.signal("layer", depth + 1, 0, "readout", maps[-1](parameters, hidden))

    weights = tuple(
        Weight(block.weight, "layer", layer, depth + 1 - layer, name)
        for layer, (block, name) in enumerate(zip(maps, names, strict=True), start=1)
    )
    noise = masks([f"dropout_{layer}" for layer in range(1, depth + 1)], width, dropout)
    return Architecture(
        initialise, forward, weights, depth, width, noise=noise, batch_statistics=normalisation == "batch"
    )
