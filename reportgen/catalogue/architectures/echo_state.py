"""The echo state network: a fixed random reservoir, and a linear readout in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Le

from reportgen.catalogue.activations import tanh
from reportgen.catalogue.architectures.sequences import WEIGHTS, drives, unrolled
from reportgen.catalogue.base import Architecture, Readout, Shape, Taps
from reportgen.catalogue.lazy import torch
from reportgen.catalogue.stacking import Silent
from reportgen.registry import architectures

if TYPE_CHECKING:
    from reportgen.catalogue.architectures.sequences import State
    from reportgen.catalogue.base import Parameters


@architectures.register(
    "echo-state",
    title="echo state network",
    version=1,
    summary="An echo state network: a fixed random recurrent network of which only the readout is fitted.",
    source="jaeger2001",
    inputs="sequence",
    learning_rate=False,
    replaces={"rnn": ()},
)
def echo_state(
    shape: Shape,
    *,
    width: Annotated[int, Ge(1)] = 32,
    spectral_radius: Annotated[float, Gt(0)] = 0.9,
    leak: Annotated[float, Gt(0), Le(1)] = 1.0,
    density: Annotated[float, Gt(0), Le(1)] = 0.1,
    input_scale: Annotated[float, Gt(0)] = 1.0,
    ridge: Annotated[float, Ge(0)] = 1e-4,
) -> Architecture:
    """Build h_t = (1 - a) h_{t-1} + a tanh(x_t W_in + h_{t-1} W) from h_0 = 0, and a linear readout of [h, 1].

    Parameters
    ----------
    shape : Shape
        Sequences in, logits or values out, after each of the last ``shape.reads`` steps.
    width : int
        Units of the reservoir.
    spectral_radius : float
        Largest absolute eigenvalue of W.
    leak : float
        a: the share of a unit's state that a step replaces.
    density : float
        Share of the units that a unit reads from, at least one; those weights are uniform around 0, the others 0.
    input_scale : float
        W_in is uniform between minus and plus this.
    ridge : float
        Penalty on the readout's squares, in units of the mean square of what it reads.

    Notes
    -----
    Jaeger 2001, "The echo state approach to analysing and training recurrent neural networks"; Jaeger & Haas 2004,
    doi:10.1126/science.1091277; Lukoševičius & Jaeger 2009, doi:10.1016/j.cosrev.2009.03.005. Nothing is trained but
    the readout, which starts at 0; the state is detached at every step, so no gradient flows through time. The
    readout does not see x_t beside h_t: neither does that of the other recurrent networks.
    """

    def initialise(generator: torch.Generator) -> Parameters:
        return {
            "input": _uniform(shape.inputs, width, generator).mul(input_scale).float(),
            "recurrent": reservoir(width, density, spectral_radius, generator).float(),
            "readout": torch.zeros(width + 1, shape.outputs),
        }

    def states(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        recurrent, length = parameters["recurrent"].detach(), inputs.shape[-2]

        def step(t: int, drive: torch.Tensor, state: State | None) -> State:
            place = ("time", t, length - t, "hidden")
            new = tanh(drive if state is None else drive + state[0] @ recurrent) * leak
            hidden = taps.signal(*place, new if state is None else new + (1.0 - leak) * state[0])
            taps.activation(*place, hidden, "tanh")
            return (hidden,)

        weight = parameters["input"].detach()
        return unrolled(step, drives(inputs, weight, torch.zeros_like(weight[..., :1, :])), shape.reads, truncation=1)

    def read(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        hidden = states(parameters, inputs, taps)
        rows = hidden if shape.reads == 1 else hidden.flatten(-3, -2)
        return torch.cat([rows, torch.ones_like(rows[..., :1])], dim=-1)

    def forward(parameters: Parameters, inputs: torch.Tensor, taps: Taps) -> torch.Tensor:
        outputs: torch.Tensor = read(parameters, inputs, taps) @ parameters["readout"]
        return outputs if shape.reads == 1 else outputs.unflatten(-2, (-1, shape.reads))

    def features(parameters: Parameters, inputs: torch.Tensor) -> torch.Tensor:
        return read(parameters, inputs, Silent())

    readout = Readout(features, "readout", ridge)
    return Architecture(initialise, forward, WEIGHTS, depth=1, width=width, readout=readout)


def reservoir(width: int, density: float, spectral_radius: float, generator: torch.Generator) -> torch.Tensor:
    """Draw a sparse matrix (width, width) of exactly this spectral radius, float64.

    Every unit reads from equally many others, so there is a cycle, and the radius before scaling is not 0.
    """
    sources = max(1, round(density * width))
    order = torch.rand(width, width, generator=generator, dtype=torch.float64).argsort(dim=0)
    drawn = _uniform(width, width, generator) * (order < sources)
    return drawn * (spectral_radius / torch.linalg.eigvals(drawn).abs().max())


def _uniform(rows: int, columns: int, generator: torch.Generator) -> torch.Tensor:
    return 2.0 * torch.rand(rows, columns, generator=generator, dtype=torch.float64) - 1.0
