"""The plain recurrent network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Gt
from pydantic import AfterValidator, Field, ValidationInfo

from reportgen.catalogue import activations
from reportgen.catalogue.architectures.layers import Share, affine, dropped, masks
from reportgen.catalogue.architectures.recurrence import last_states
from reportgen.catalogue.architectures.sequences import WEIGHTS, Truncation, drives, read_out, unrolled
from reportgen.catalogue.base import Architecture, Shape, Taps
from reportgen.catalogue.initialisations import orthogonal, weight_and_bias
from reportgen.catalogue.lazy import torch
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.architectures.sequences import State
    from reportgen.catalogue.base import Parameters

Positive = Annotated[float, Gt(0)]


def _one_scale(gain: float | None, info: ValidationInfo) -> float | None:
    radius = info.data.get("spectral_radius")
    if gain is not None and radius is not None:
        raise ValueError("give gain or spectral_radius, not both")
    return 1.0 if gain is None and radius is None else gain


@architectures.register(
    "rnn",
    title="plain recurrent network",
    version=1,
    summary="A plain recurrent network with one hidden state, read out at the last time steps.",
    source="elman1990",
    inputs="sequence",
    kinds=("recurrence",),
    variants={
        "gaussian": "plain recurrent network, Gaussian",
        "orthogonal": "plain recurrent network, orthogonal",
        "identity": "plain recurrent network, identity",
    },
)
def rnn(
    shape: Shape,
    *,
    width: Annotated[int, Ge(1)] = 32,
    activation: Literal["tanh", "relu", "linear", "sigmoid"] = "tanh",
    recurrence: Literal["gaussian", "orthogonal", "identity"] = "orthogonal",
    spectral_radius: Positive | None = None,
    gain: Annotated[Positive | None, AfterValidator(_one_scale), Field(validate_default=True)] = None,
    truncation: Truncation = None,
    dropout: Share = 0.0,
) -> Architecture:
    """Build h_t = phi(x_t W_in + h_{t-1} W_rec + b) from h_0 = 0, and a linear readout of h.

    Parameters
    ----------
    shape : Shape
        Sequences in, logits or values out, after each of the last ``shape.reads`` steps.
    width : int
        Units of the hidden state.
    activation : str
        phi: tanh, relu, linear or sigmoid.
    recurrence : str
        How W_rec is drawn: "gaussian" with entries N(0, 1/width), "orthogonal" or "identity".
    spectral_radius : float, optional
        The drawn matrix is scaled to exactly this largest absolute eigenvalue. Not with `gain`.
    gain : float, optional
        The drawn matrix is multiplied by this; 1 if neither scale is given.
    truncation : int, optional
        Steps in a window of truncated backpropagation through time, counted from the end of the sequence: no
        gradient flows from a window into the one before it (Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490).
        A single read-out gives credit to the last window only.
    dropout : float
        Probability with which a unit of h is hidden from the next step and the readout during a whole sequence of
        training; the others are scaled up (Gal & Ghahramani 2016, doi:10.48550/arXiv.1512.05287).

    Notes
    -----
    W_in has entries N(0, 1/inputs) and the readout N(0, 2/(width + outputs)); biases start at 0. That the
    singular values of W_rec, not its spectral radius, bound the gradient: Pascanu et al. 2013,
    doi:10.48550/arXiv.1211.5063.
    """
    phi = activations.function(activation)

    def initialise(generator: torch.Generator) -> Parameters:
        input_weight, bias = weight_and_bias(shape.inputs, width, "lecun-normal", generator)
        recurrent = recurrent_matrix(width, recurrence, generator, gain=gain, spectral_radius=spectral_radius)
        readout, readout_bias = weight_and_bias(width, shape.outputs, "glorot-normal", generator)
        return {
            "input": input_weight,
            "recurrent": recurrent.float(),
            "bias": bias,
            "readout": readout,
            "readout_bias": readout_bias,
        }

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        recurrent, mask = parameters["recurrent"], parameters.get("dropout")
        driven = drives(inputs, parameters["input"], parameters["bias"])
        if not taps.listening and recurrent.dim() == 3:
            hidden = last_states(driven, recurrent, activation, mask, shape.reads, truncation)
            return read_out(parameters, hidden, shape.reads)
        length = inputs.shape[-2]

        def step(t: int, drive: torch.Tensor, state: State | None) -> State:
            place = ("time", t, length - t, "hidden")
            hidden = taps.signal(*place, phi(drive if state is None else affine(state[0], recurrent, drive)))
            taps.activation(*place, hidden, activation)
            return (dropped(parameters, "dropout", hidden),)

        return read_out(parameters, unrolled(step, driven, shape.reads, truncation), shape.reads)

    return Architecture(initialise, forward, WEIGHTS, depth=1, width=width, noise=masks(["dropout"], width, dropout))


def recurrent_matrix(
    width: int,
    recurrence: str,
    generator: torch.Generator,
    *,
    gain: float | None = None,
    spectral_radius: float | None = None,
) -> torch.Tensor:
    """Draw a recurrent weight matrix (width, width) with a gain (1 by default) or a spectral radius, float64."""
    if recurrence == "gaussian":
        drawn = torch.randn(width, width, generator=generator, dtype=torch.float64) / width**0.5
    elif recurrence == "orthogonal":
        drawn = orthogonal(width, width, generator)
    else:
        drawn = torch.eye(width, dtype=torch.float64)
    if spectral_radius is None:
        return drawn * (1.0 if gain is None else gain)
    return drawn * (spectral_radius / torch.linalg.eigvals(drawn).abs().max())
