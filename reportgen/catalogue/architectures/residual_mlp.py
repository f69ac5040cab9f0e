"""The residual multilayer perceptron."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.layers import Affine, Groups, Normalisation, Normaliser, Share, dropped, masks
from reportgen.catalogue.base import Architecture, Shape, Taps, Weight
from reportgen.catalogue.initialisations import Initialisation
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters

Scale = Literal["one", "inverse-sqrt-depth", "zero"]
"""How large a branch is beside the sum that it is added to."""


@architectures.register(
    "residual-mlp",
    title="residual network",
    version=1,
    summary="A multilayer perceptron with skip connections: every block adds a branch to its own input.",
    source="he2016",
    inputs="vector",
    replaces={"mlp": ("depth", "activation", "initialisation")},
)
def residual_mlp(
    shape: Shape,
    *,
    depth: Annotated[int, Ge(1)] = 5,
    width: Annotated[int, Ge(1)] = 64,
    activation: activations.Name = "relu",
    initialisation: Initialisation = "he-normal",  # type: ignore[assignment]
    branch_layers: Literal[1, 2] = 1,
    scale: Scale = "one",
    normalisation: Normalisation = "none",
    groups: Groups = 8,
    placement: Literal["before", "after"] = "before",
    weight_normalisation: bool = False,
    dropout: Share = 0.0,
) -> Architecture:
    """Build x_1 = x W_0 + b_0, x_{l+1} = x_l + s f_l(x_l) for l = 1 ... depth, and a linear readout.

    Parameters
    ----------
    shape : Shape
        Vectors in, logits or values out.
    depth : int
        Number of blocks. The readout comes on top, as position depth + 1.
    width : int
        Units of the sum and of each branch.
    activation : str
        phi, one of ``reportgen.catalogue.activations.NAMES``.
    initialisation : str or mapping
        Of every weight matrix, the readout included.
    branch_layers : int
        1: f(x) = phi(N(x)) W + b. 2: the same twice.
    scale : str
        s: "one"; "inverse-sqrt-depth", which keeps the variance of the sum within a factor; or "zero", a learned
        number a block that starts at 0 (Zhang et al. 2019, doi:10.48550/arXiv.1901.09321; De & Smith 2020,
        doi:10.48550/arXiv.2002.10444; Bachlechner et al. 2021, doi:10.48550/arXiv.2003.04887).
    normalisation : str
        N, the normaliser.
    groups : int
        Groups of units for group normalisation; the width must be a multiple.
    placement : str
        "before": N stands before each activation function of the branch, and before the readout. "after": the sum is
        normalised, and the branch is not.
    weight_normalisation : bool
        Whether each unit's weights in the branches are a direction and a learned length.
    dropout : float
        Probability with which a branch's activation is set to 0 in training; the others are scaled up.

    Notes
    -----
    The order activation, then weights is that of He et al. 2016 (doi:10.48550/arXiv.1603.05027). The error signal
    called "hidden" is that at the block inputs x_l; "branch" is that at a branch's output.
    """
    phi = activations.function(activation)
    blocks, inner = range(1, depth + 1), range(1, branch_layers + 1)
    before = normalisation if placement == "before" else "none"
    stem = Affine("stem", shape.inputs, width, initialisation)
    readout = Affine("readout", width, shape.outputs, initialisation)
    maps = {
        (b, i): Affine(f"{b}_{i}", width, width, initialisation, weight_normalisation) for b in blocks for i in inner
    }
    inside = {(b, i): Normaliser(before, f"{b}_{i}", width, groups) for b in blocks for i in inner}
    outside = [Normaliser(normalisation if placement == "after" else "none", str(b), width, groups) for b in blocks]
    last = Normaliser(before, "readout", width, groups)
    factor = depth**-0.5 if scale == "inverse-sqrt-depth" else 1.0

    def initialise(generator: torch.Generator) -> Parameters:
        parameters: Parameters = {}
        for block in (stem, *maps.values(), readout):
            parameters |= block.draw(generator)
        for normaliser in (*inside.values(), *outside, last):
            parameters |= normaliser.draw()
        return parameters | ({f"scale_{b}": torch.zeros(1, 1) for b in blocks} if scale == "zero" else {})

    def branch(parameters: Parameters, value: torch.Tensor, taps: Taps, block: int) -> torch.Tensor:
        for i in inner:
            value = phi(inside[block, i](parameters, value, taps))
            if i == 1:
                taps.activation("layer", block, depth + 1 - block, "hidden", value, activation)
            value = maps[block, i](parameters, dropped(parameters, f"dropout_{block}_{i}", value))
        return value

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        stream = stem(parameters, inputs)
        for block, normaliser in zip(blocks, outside, strict=True):
            place = ("layer", block, depth + 1 - block)
            stream = taps.signal(*place, "hidden", stream)
            added = taps.signal(*place, "branch", branch(parameters, stream, taps, block))
            size = parameters[f"scale_{block}"] if scale == "zero" else factor
            stream = normaliser(parameters, stream + size * added, taps)
        return taps.signal("layer", depth + 1, 0, "readout", readout(parameters, last(parameters, stream, taps)))

    weights = (
        Weight(stem.weight, "layer", 1, depth, "stem"),
        *(
            Weight(maps[b, i].weight, "layer", b, depth + 1 - b, ("hidden", "second")[i - 1])
            for b in blocks
            for i in inner
        ),
        Weight(readout.weight, "layer", depth + 1, 0, "readout"),
    )
    noise = masks([f"dropout_{b}_{i}" for b in blocks for i in inner], width, dropout)
    return Architecture(
        initialise, forward, weights, depth, width, noise=noise, batch_statistics=normalisation == "batch"
    )
