"""The convolutional network, plain or with skip connections."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.convolution import Convolution
from reportgen.catalogue.architectures.layers import Affine, Groups, Normalisation, Normaliser, Share, dropped, masks
from reportgen.catalogue.architectures.residual_mlp import Scale
from reportgen.catalogue.base import Architecture, Shape, Taps, Weight
from reportgen.catalogue.initialisations import Initialisation
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


@architectures.register(
    "cnn",
    title="convolutional network",
    version=1,
    summary="A convolutional network of one resolution: 3 x 3 convolutions, plain or with skip connections.",
    source="lecun1998gradient",
    inputs="image",
    cost=60.0,
)
def cnn(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 5,
    width: Annotated[int, Ge(1)] = 16,
    activation: activations.Name = "relu",
    initialisation: Initialisation = "he-normal",  # type: ignore[assignment]
    normalisation: Normalisation = "none",
    groups: Groups = 8,
    dropout: Share = 0.0,
    skip: bool = False,
    scale: Scale = "one",
) -> Architecture:
    """Build z_1 = x * W_1 + b_1, z_l = phi(N(z_{l-1})) * W_l + b_l, and a linear readout of the mean over pixels.

    With `skip`, after a convolution of the input, x_{l+1} = x_l + s (phi(N(x_l)) * W_l + b_l) for l = 1 ... depth, and
    the mean is over the pixels of N(x_{depth+1}). Without, it is over those of phi(N(z_depth)).

    Parameters
    ----------
    shape : Shape
        Images in, logits or values out.
    depth : int
        Number of hidden layers, or of blocks. The readout comes on top, as position depth + 1.
    width : int
        Channels of each layer.
    activation : str
        phi, one of ``reportgen.catalogue.activations.NAMES``.
    initialisation : str or mapping
        Of every weight matrix; a convolution's fan_in is 9 x channels.
    normalisation : str
        N, the normaliser; its means are over the pixels too.
    groups : int
        Groups of channels for group normalisation; the width must be a multiple.
    dropout : float
        Probability with which a hidden activation is set to 0 in training; the others are scaled up.
    skip : bool
        Whether each layer adds to its input (blocks as in He et al. 2016, doi:10.48550/arXiv.1603.05027).
    scale : str
        s, as in `residual-mlp`; without effect where there are no skip connections.

    Notes
    -----
    The error signal called "hidden" is that at the z_l, or at the block inputs x_l.
    """
    assert shape.image is not None
    phi, blocks = activations.function(activation), range(1, depth + 1)
    names = ["stem", *map(str, blocks)] if skip else [str(block) for block in blocks]
    maps = [Convolution(n, width if i else shape.inputs, width, initialisation) for i, n in enumerate(names)]
    readout = Affine("readout", width, shape.outputs, initialisation)
    normalisers = [Normaliser(normalisation, str(block), width, groups, spatial=True) for block in blocks]
    last = Normaliser(normalisation if skip else "none", "readout", width, groups, spatial=True)
    learned = skip and scale == "zero"
    factor = depth**-0.5 if scale == "inverse-sqrt-depth" else 1.0

    def initialise(generator: torch.Generator) -> Parameters:
        parameters: Parameters = {}
        for convolution in maps:
            parameters |= convolution.draw(generator)
        parameters |= readout.draw(generator)
        for normaliser in (*normalisers, last):
            parameters |= normaliser.draw()
        return parameters | ({f"scale_{block}": torch.zeros(1, 1, 1) for block in blocks} if learned else {})

    def convolved(parameters: Parameters, number: int, pixels: torch.Tensor) -> torch.Tensor:
        return maps[number](parameters, pixels.unflatten(-2, shape.image)).flatten(-3, -2)

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        stream = convolved(parameters, 0, inputs.flatten(-3, -2))
        for block, normaliser in zip(blocks, normalisers, strict=True):
            place = ("layer", block, depth + 1 - block, "hidden")
            stream = taps.signal(*place, stream)
            value = phi(normaliser(parameters, stream, taps))
            taps.activation(*place, value.flatten(-3, -2), activation)
            value = dropped(parameters, f"dropout_{block}", value)
            if skip:
                size = parameters[f"scale_{block}"] if learned else factor
                stream = stream + size * convolved(parameters, block, value)
            else:
                stream = convolved(parameters, block, value) if block < depth else value
        pooled = last(parameters, stream, taps).mean(-2)
        return taps.signal("layer", depth + 1, 0, "readout", readout(parameters, pooled))

    weights = (
        *((Weight(maps[0].weight, "layer", 1, depth, "stem"),) if skip else ()),
        *(Weight(f"weight_{block}", "layer", block, depth + 1 - block, "hidden") for block in blocks),
        Weight(readout.weight, "layer", depth + 1, 0, "readout"),
    )
    noise = masks([f"dropout_{block}" for block in blocks], (math.prod(shape.image), width), dropout)
    return Architecture(
        initialise, forward, weights, depth, width, noise=noise, batch_statistics=normalisation == "batch"
    )
