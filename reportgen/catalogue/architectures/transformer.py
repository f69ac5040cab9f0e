"""The transformer encoder, read out after the last time step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.attention import attention, sinusoids
from reportgen.catalogue.architectures.layers import Affine, Groups, Normaliser, Share, dropped, masks
from reportgen.catalogue.base import Architecture, Shape, Taps, Weight
from reportgen.catalogue.initialisations import Initialisation
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters

EXPANSION = 4
"""Units of the perceptrons' hidden layers, in multiples of the width."""


@architectures.register(
    "transformer",
    version=1,
    summary="A transformer encoder: blocks of self-attention and a perceptron, each added to its own input.",
    source="vaswani2017",
    inputs="sequence",
    cost=8.0,
)
def transformer(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 4,
    width: Annotated[int, Ge(1)] = 32,
    heads: Groups = 4,
    placement: Literal["before", "after"] = "before",
    positions: Literal["learned", "sinusoidal"] = "learned",
    activation: activations.Name = "relu",
    initialisation: Initialisation = "glorot-uniform",  # type: ignore[assignment]
    dropout: Share = 0.0,
) -> Architecture:
    """Build x_1 = x W_e + b_e + P, y_l = x_l + A(N(x_l)), x_{l+1} = y_l + F(N(y_l)), l = 1 ... depth, and a readout.

    The readout is linear in N(x_{depth+1}). That is `placement` "before"; with "after", y_l = N(x_l + A(x_l)),
    x_{l+1} = N(y_l + F(y_l)), and the readout is linear in x_{depth+1}.
    A joins heads softmax(q k^T / sqrt(d)) v of d = width / heads units each by a matrix; q, k and v are affine in each
    time step. F(y) = phi(y W_1 + b_1) W_2 + b_2 with 4 width hidden units. N is layer normalisation.

    Parameters
    ----------
    shape : Shape
        Sequences in, logits or values out: of the mean over time, or of each of the last steps if several are read.
    depth : int
        Number of blocks. The readout comes on top, as position depth + 1.
    width : int
        Units of a time step.
    heads : int
        Attention heads; the width must be a multiple.
    placement : str
        Layer normalisation "before" each branch, or "after" each sum (Xiong et al. 2020,
        doi:10.48550/arXiv.2002.04745).
    positions : str
        P: "learned", starting from N(0, 0.02^2), or the fixed "sinusoidal" of Vaswani et al. 2017
        (doi:10.48550/arXiv.1706.03762).
    activation : str
        phi, one of ``reportgen.catalogue.activations.NAMES``.
    initialisation : str or mapping
        Of every weight matrix, the embedding's and the readout's included.
    dropout : float
        Probability with which a unit of A or F is set to 0 in training; the others are scaled up.

    Notes
    -----
    The error signal called "hidden" is that at the block inputs x_l.
    """
    length = shape.length
    assert length is not None
    phi, blocks = activations.function(activation), range(1, depth + 1)
    fans = dict.fromkeys(("query", "key", "value", "joined"), (width, width))
    fans |= {"hidden": (width, EXPANSION * width), "second": (EXPANSION * width, width)}
    embedding = Affine("embedding", shape.inputs, width, initialisation)
    readout = Affine("readout", width, shape.outputs, initialisation)
    maps = {(b, name): Affine(f"{b}_{name}", *fan, initialisation) for b in blocks for name, fan in fans.items()}
    parts = ("attention", "perceptron")
    norms = {(b, part): Normaliser("layer", f"{b}_{part}", width) for b in blocks for part in parts}
    last = Normaliser("layer" if placement == "before" else "none", "readout", width)

    def initialise(generator: torch.Generator) -> Parameters:
        parameters: Parameters = {}
        if positions == "learned":
            parameters["positions"] = 0.02 * torch.randn(length, width, generator=generator)
        for block in (embedding, *maps.values(), readout):
            parameters |= block.draw(generator)
        for normaliser in (*norms.values(), last):
            parameters |= normaliser.draw()
        return parameters

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        def perceptron(block: int, value: torch.Tensor) -> torch.Tensor:
            hidden = phi(each_step(maps[block, "hidden"], parameters, value))
            taps.activation("layer", block, depth + 1 - block, "hidden", hidden.flatten(-3, -2), activation)
            return each_step(maps[block, "second"], parameters, hidden)

        def attended(block: int, value: torch.Tensor) -> torch.Tensor:
            query, key, read = (each_step(maps[block, name], parameters, value) for name in ("query", "key", "value"))
            return each_step(maps[block, "joined"], parameters, attention(query, key, read, heads))

        places = parameters["positions"] if positions == "learned" else sinusoids(length, width).to(inputs)
        stream = each_step(embedding, parameters, inputs) + places.unsqueeze(-3)
        for block in blocks:
            stream = taps.signal("layer", block, depth + 1 - block, "hidden", stream)
            for part, branch in (("attention", attended), ("perceptron", perceptron)):
                normalised = partial(each_step, norms[block, part], parameters)
                added = branch(block, normalised(stream, taps) if placement == "before" else stream)
                stream = stream + dropped(parameters, f"dropout_{block}_{part}", added)
                stream = stream if placement == "before" else normalised(stream, taps)
        stream = each_step(last, parameters, stream, taps)
        if shape.reads > 1:
            outputs = each_step(readout, parameters, stream[..., -shape.reads :, :])
        else:
            outputs = readout(parameters, stream.mean(-2))
        return taps.signal("layer", depth + 1, 0, "readout", outputs)

    weights = (
        Weight(embedding.weight, "layer", 1, depth, "embedding"),
        *(Weight(maps[b, name].weight, "layer", b, depth + 1 - b, name) for b in blocks for name in fans),
        Weight(readout.weight, "layer", depth + 1, 0, "readout"),
    )
    noise = masks([f"dropout_{b}_{part}" for b, part in norms], (length, width), dropout)
    return Architecture(initialise, forward, weights, depth, width, noise=noise)


def each_step(
    block: Callable[..., torch.Tensor], parameters: Parameters, value: torch.Tensor, *more: Any
) -> torch.Tensor:
    """Apply a block for (..., batch, units) to (..., batch, time, units)."""
    return block(parameters, value.flatten(-3, -2), *more).unflatten(-2, value.shape[-3:-1])
