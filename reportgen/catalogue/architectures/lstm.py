"""Long short-term memory: a cell state that gates protect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt
from pydantic import AfterValidator, ValidationInfo

from reportgen.catalogue import activations
from reportgen.catalogue.architectures import cells, fused, gated
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


def _one_bias(chrono: bool, info: ValidationInfo) -> bool:
    if chrono and info.data.get("forget_bias"):
        raise ValueError("give forget_bias or chrono, not both")
    return chrono


@architectures.register(
    "lstm",
    title="LSTM",
    version=1,
    summary="Long short-term memory: a recurrent network whose cell state is kept, filled and read by gates.",
    source="hochreiter1997",
    inputs="sequence",
    cost=2.0,
    replaces={"rnn": ()},
)
def lstm(
    shape: Shape,
    *,
    width: Annotated[int, Ge(1)] = 32,
    forget_bias: float = 0.0,
    chrono: Annotated[bool, AfterValidator(_one_bias)] = False,
    activation: Literal["tanh", "relu"] = "tanh",
    recurrence: Literal["gaussian", "orthogonal"] = "orthogonal",
    gain: Annotated[float, Gt(0)] = 1.0,
    truncation: Truncation = None,
    dropout: Share = 0.0,
) -> Architecture:
    """Build c_t = f_t c_{t-1} + i_t g_t, h_t = o_t phi(c_t) from h_0 = c_0 = 0, and a linear readout of h.

    The gates i, f, o are sigmoid(x_t W + h_{t-1} U + b), each with its own W, U and b; so is g with phi.

    Parameters
    ----------
    shape : Shape
        Sequences in, logits or values out, after each of the last ``shape.reads`` steps.
    width : int
        Units of the state.
    forget_bias : float
        b of f at the start (Gers et al. 2000, doi:10.1162/089976600300015015); all other biases start at 0.
    chrono : bool
        Chrono initialisation: b of f is log u with u uniform between 1 and T - 1, and b of i is its negative
        (Tallec & Ollivier 2018, doi:10.48550/arXiv.1804.11188). Not with `forget_bias`.
    activation : str
        phi, tanh or relu.
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
    Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735. Each W has entries N(0, 1/inputs). The error
    signals called "hidden" and "cell" are the whole derivatives of the loss with respect to h_t and c_t.
    """
    phi = activations.function(activation)

    def initialise(generator: torch.Generator) -> Parameters:
        weight, _ = weight_and_bias(shape.inputs, 4 * width, "lecun-normal", generator)
        matrices = [recurrent_matrix(width, recurrence, generator, gain=gain) for _ in range(4)]
        readout, readout_bias = weight_and_bias(width, shape.outputs, "glorot-normal", generator)
        bias = torch.zeros(1, 4 * width)
        bias[:, width : 2 * width] = forget_bias
        if chrono:
            longest = max(1.0, (shape.length or 2) - 1.0)
            bias[:, width : 2 * width] = torch.log(1.0 + (longest - 1.0) * torch.rand(width, generator=generator))
            bias[:, :width] = -bias[:, width : 2 * width]
        recurrent = torch.cat(matrices, dim=1).float()
        return {"input": weight, "recurrent": recurrent, "bias": bias, "readout": readout, "readout_bias": readout_bias}

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        recurrent, mask = parameters["recurrent"], parameters.get("dropout")
        if not taps.listening and recurrent.dim() == 3:
            if activation == "tanh" and truncation is None and mask is None and fused.available(inputs):
                hidden = fused.last_states(parameters, inputs, shape.reads)
            else:
                cell, weight = cells.lstm(activation), _joined(parameters)
                hidden = gated.last_states(inputs, weight, cell, mask, shape.reads, truncation)
            return read_out(parameters, hidden, shape.reads)
        length = inputs.shape[-2]

        def step(t: int, drive: torch.Tensor, state: State | None) -> State:
            place = ("time", t, length - t)
            z = drive if state is None else affine(state[0], recurrent, drive)
            i, f, g, o = z.split(width, dim=-1)
            i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), phi(g), torch.sigmoid(o)
            taps.activation(*place, "forget-gate", f, "sigmoid")
            cell = taps.signal(*place, "cell", i * g if state is None else i * g + f * state[1])
            hidden = taps.signal(*place, "hidden", o * phi(cell))
            taps.activation(*place, "hidden", hidden, activation)
            return dropped(parameters, "dropout", hidden), cell

        driven = drives(inputs, parameters["input"], parameters["bias"])
        return read_out(parameters, unrolled(step, driven, shape.reads, truncation), shape.reads)

    return Architecture(initialise, forward, WEIGHTS, depth=1, width=width, noise=masks(["dropout"], width, dropout))


def _joined(parameters: Parameters) -> torch.Tensor:
    """Return (members, width + inputs + 1, 4 width): the factors of h, x and 1 in i, f, o, g."""
    rows = torch.cat([parameters[name] for name in ("recurrent", "input", "bias")], dim=-2)
    i, f, g, o = rows.chunk(4, dim=-1)
    return torch.cat([i, f, o, g], dim=-1)
