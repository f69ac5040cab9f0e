"""A recurrent network whose recurrent matrix stays orthogonal while it trains."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.layers import affine
from reportgen.catalogue.architectures.recurrence import last_states
from reportgen.catalogue.architectures.sequences import WEIGHTS, drives, read_out, unrolled
from reportgen.catalogue.base import Architecture, Shape, Taps
from reportgen.catalogue.initialisations import orthogonal, weight_and_bias
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.architectures.sequences import State
    from reportgen.catalogue.base import Parameters

PROBED = 2.0**100
"""Gradients beyond this are those of a probe, which multiplies the loss by a large power of two."""


@architectures.register(
    "orthogonal-rnn",
    title="orthogonal recurrent network",
    version=1,
    summary="A recurrent network whose recurrent matrix is orthogonal during the whole training.",
    source="lezcano2019",
    inputs="sequence",
    replaces={"rnn": ("activation",)},
)
def orthogonal_rnn(
    shape: Shape,
    *,
    width: Annotated[int, Ge(1)] = 32,
    activation: Literal["tanh", "relu", "linear"] = "tanh",
) -> Architecture:
    """Build h_t = phi(x_t W_in + h_{t-1} W_rec + b) with W_rec = Q exp(A - A^T), and a linear readout of h.

    Parameters
    ----------
    shape : Shape
        Sequences in, logits or values out, after each of the last ``shape.reads`` steps.
    width : int
        Units of the hidden state.
    activation : str
        phi: tanh, relu or linear.

    Notes
    -----
    The exponential of a skew-symmetric matrix is a rotation, so W_rec is orthogonal whatever A is, and an ordinary
    optimiser trains A (Lezcano-Casado & Martinez-Rubio 2019, doi:10.48550/arXiv.1901.08428). Q, "start", is drawn
    uniformly from the orthogonal matrices and stays as it is; A, "recurrent", starts at 0. The other parameters start
    as in `rnn`.
    """
    phi = activations.function(activation)

    def initialise(generator: torch.Generator) -> Parameters:
        input_weight, bias = weight_and_bias(shape.inputs, width, "lecun-normal", generator)
        start = orthogonal(width, width, generator)
        readout, readout_bias = weight_and_bias(width, shape.outputs, "glorot-normal", generator)
        return {
            "input": input_weight,
            "start": start.float(),
            "recurrent": torch.zeros(width, width),
            "bias": bias,
            "readout": readout,
            "readout_bias": readout_bias,
        }

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        driven = drives(inputs, parameters["input"], parameters["bias"])
        recurrent = recurrent_matrix(parameters)
        if not taps.listening and recurrent.dim() == 3:
            return read_out(parameters, last_states(driven, recurrent, activation, reads=shape.reads), shape.reads)
        length = inputs.shape[-2]

        def step(t: int, drive: torch.Tensor, state: State | None) -> State:
            place = ("time", t, length - t, "hidden")
            hidden = taps.signal(*place, phi(drive if state is None else affine(state[0], recurrent, drive)))
            taps.activation(*place, hidden, activation)
            return (hidden,)

        return read_out(parameters, unrolled(step, driven, shape.reads, None), shape.reads)

    return Architecture(initialise, forward, WEIGHTS, depth=1, width=width)


def recurrent_matrix(parameters: Parameters) -> torch.Tensor:
    """Return W_rec = Q exp(A - A^T), (..., width, width); no gradient flows into Q."""
    start, turned = parameters["start"].detach(), parameters["recurrent"]
    # Weight decay may shrink Q with everything else; the mean square of an orthogonal matrix is 1/width.
    length = (start.square().mean((-2, -1), keepdim=True) * start.shape[-1]).sqrt()
    rotated: torch.Tensor = (start / length) @ _exponential().apply(turned - turned.mT)
    return rotated


@cache
def _exponential() -> Any:
    class Exponential(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(matrix: torch.Tensor) -> torch.Tensor:
            return torch.matrix_exp(matrix)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
            """Return the corner of exp([[M^T, G], [0, M^T]]), as PyTorch does, but of G divided by a power of two.

            The number of products grows with the exponent of the largest element: the 2^500 of a probe made it five
            hundred, which took nearly all of its time.
            """
            (matrix,) = ctx.saved_tensors
            size = matrix.shape[-1]
            largest = gradient.detach().abs().amax((-2, -1), keepdim=True)
            one = torch.ones_like(largest)
            power = torch.where(largest > PROBED, torch.ldexp(one, torch.frexp(largest).exponent - 1), one)
            upper = torch.cat([matrix.mT, gradient / power], dim=-1)
            lower = torch.cat([torch.zeros_like(matrix), matrix.mT], dim=-1)
            corner: torch.Tensor = torch.matrix_exp(torch.cat([upper, lower], dim=-2))[..., :size, size:]
            return corner * power

    return Exponential
