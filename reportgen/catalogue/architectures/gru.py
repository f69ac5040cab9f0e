"""The gated recurrent unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt

from reportgen.catalogue.activations import tanh
from reportgen.catalogue.architectures import cells
from reportgen.catalogue.architectures.gated import last_states
from reportgen.catalogue.architectures.layers import Share, affine, dropped, masks
from reportgen.catalogue.architectures.rnn import recurrent_matrix
from reportgen.catalogue.architectures.sequences import WEIGHTS, Truncation, drives, read_out, unrolled
from reportgen.catalogue.base import Architecture, Shape, Taps
from reportgen.catalogue.initialisations import weight_and_bias
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.architectures.sequences import State
    from reportgen.catalogue.base import Parameters


@architectures.register(
    "gru",
    title="GRU",
    version=1,
    summary="The gated recurrent unit: a recurrent network in which a gate decides how much of the state is kept.",
    source="cho2014",
    inputs="sequence",
    cost=2.0,
    replaces={"rnn": ()},
)
def gru(
    shape: Shape,
    *,
    width: Annotated[int, Ge(1)] = 32,
    update_bias: float = 0.0,
    recurrence: Literal["gaussian", "orthogonal"] = "orthogonal",
    gain: Annotated[float, Gt(0)] = 1.0,
    truncation: Truncation = None,
    dropout: Share = 0.0,
) -> Architecture:
    """Build h_t = z_t h_{t-1} + (1 - z_t) n_t, n_t = tanh(x_t W + b + r_t (h_{t-1} U + c)), and a linear readout of h.

    The gates r and z are sigmoid(x_t W + h_{t-1} U + b), each with its own W, U and b; h_0 = 0.

    Parameters
    ----------
    shape : Shape
        Sequences in, logits or values out, after each of the last ``shape.reads`` steps.
    width : int
        Units of the state.
    update_bias : float
        b of z at the start: the larger, the more of the state is kept. All other biases start at 0.
    recurrence : str
        How each U is drawn: "gaussian" with entries N(0, 1/width), or "orthogonal".
    gain : float
        Each U is multiplied by this.
    truncation : int, optional
        Steps in a window of truncated backpropagation through time, counted from the end of the sequence; a single
        read-out gives credit to the last window only.
    dropout : float
        Probability with which a unit of h is hidden from matrix products and readout during a whole sequence of
        training (Gal & Ghahramani 2016, doi:10.48550/arXiv.1512.05287).

    Notes
    -----
    Cho et al. 2014, doi:10.3115/v1/D14-1179, as PyTorch has it: r scales the product h U, not h. Each W has entries
    N(0, 1/inputs). The error signal called "hidden" is the whole derivative of the loss with respect to h_t.
    """

    def initialise(generator: torch.Generator) -> Parameters:
        weight, _ = weight_and_bias(shape.inputs, 3 * width, "lecun-normal", generator)
        matrices = [recurrent_matrix(width, recurrence, generator, gain=gain) for _ in range(3)]
        readout, readout_bias = weight_and_bias(width, shape.outputs, "glorot-normal", generator)
        bias = torch.zeros(1, 3 * width)
        bias[:, width : 2 * width] = update_bias
        return {
            "input": weight,
            "recurrent": torch.cat(matrices, dim=1).float(),
            "bias": bias,
            "recurrent_bias": torch.zeros(1, width),
            "readout": readout,
            "readout_bias": readout_bias,
        }

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        recurrent, mask = parameters["recurrent"], parameters.get("dropout")
        if not taps.listening and recurrent.dim() == 3:
            hidden = last_states(inputs, _joined(parameters), cells.gru(), mask, shape.reads, truncation)
            return read_out(parameters, hidden, shape.reads)
        length = inputs.shape[-2]
        # The first two products give the gates, the third what r scales.
        offset = torch.cat([torch.zeros_like(parameters["bias"])[..., width:], parameters["recurrent_bias"]], dim=-1)

        def step(t: int, drive: torch.Tensor, state: State | None) -> State:
            place = ("time", t, length - t, "hidden")
            flown = offset if state is None else affine(state[0], recurrent, offset)
            r, z = torch.sigmoid(drive[..., : 2 * width] + flown[..., : 2 * width]).split(width, dim=-1)
            candidate = tanh(drive[..., 2 * width :] + r * flown[..., 2 * width :])
            hidden = (1.0 - z) * candidate if state is None else z * state[1] + (1.0 - z) * candidate
            hidden = taps.signal(*place, hidden)
            taps.activation(*place, hidden, "tanh")
            return dropped(parameters, "dropout", hidden), hidden

        driven = drives(inputs, parameters["input"], parameters["bias"])
        return read_out(parameters, unrolled(step, driven, shape.reads, truncation), shape.reads)

    return Architecture(initialise, forward, WEIGHTS, depth=1, width=width, noise=masks(["dropout"], width, dropout))


def _joined(parameters: Parameters) -> torch.Tensor:
    """Return (members, width + inputs + 1, 4 width): the factors of h, x and 1 in r, z, x W + b, and h U + c."""
    width = parameters["recurrent_bias"].shape[-1]
    parts = [parameters[name].split([2 * width, width], dim=-1) for name in ("recurrent", "input", "bias")]
    (gates, scaled), (input_gates, added), (bias, shift) = parts
    rows = (
        [gates, torch.zeros_like(scaled), scaled],
        [input_gates, added, torch.zeros_like(added)],
        [bias, shift, parameters["recurrent_bias"]],
    )
    return torch.cat([torch.cat(row, dim=-1) for row in rows], dim=-2)
