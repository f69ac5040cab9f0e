"""One step of a gated recurrent network (LSTM or GRU), forwards and backwards, for many sampled units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from reportgen.analyse.intervals import Floats

Phi = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]

ACTIVATIONS: Mapping[str, Phi] = {
    "tanh": (np.tanh, lambda z: np.asarray(1 - np.tanh(z) ** 2)),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z: np.asarray(z > 0, float)),
}
"""Activation function of the candidate and of the output to its value and slope."""


@dataclass(frozen=True)
class Gated:
    r"""A gated recurrent network as theory sees it.

    Attributes
    ----------
    cell : str
        "lstm" or "gru".
    activation : str
        $\phi$ of candidate and output: "tanh" or "relu" (LSTM only).
    bias : float
        Of the forget gate (LSTM) or of the update gate (GRU); all others are 0.
    chrono : bool
        Whether the biases of forget and input gate are drawn: $b_f = \log u$ with $u$ uniform on $[1, T - 1]$, and
        $b_i = -b_f$.
    scale : float
        Gain $g$ of the recurrent matrices, one a gate, Gaussian (elements of variance $g^2/n$) or orthogonal.
    first, drive : float
        Mean square of an input value at the first step and at the others.
    length : int
        Time steps.
    keep : float
        Probability with which dropout keeps a unit of h for a whole sequence; it is then divided by it.
    """

    cell: str
    activation: str
    bias: float
    chrono: bool
    scale: float
    first: float
    drive: float
    length: int
    keep: float = 1.0


Back = Callable[[Floats, Floats], tuple[Floats, Floats, list[Floats], Floats]]
"""The way back through a step: from the field W^T delta that reaches the state and from what the step after carries
over, the signals of hidden and cell state, those of the gates, and what is carried to the step before."""

Advance = Callable[[Floats, Floats], tuple[Floats, Back]]
"""A step of the sampled units: from what their gates receive of the state and of the input to the state and `Back`."""


def lstm_steps(network: Gated, units: int, generator: np.random.Generator) -> Advance:
    r"""Return the step of an LSTM, from the state 0.

    $c_t = f c_{t-1} + i g$ and $h_t = o\, \phi(c_t)$, with $i, f, o$ the sigmoid and $g$ the $\phi$ of what each
    receives.

    Parameters
    ----------
    network : Gated
    units : int
        Sampled units.
    generator : numpy.random.Generator
        It deals the biases of chrono initialisation to the units.

    Returns
    -------
    callable
        `Advance`; the four gates are those of i, f, o and g.
    """
    phi, slope = ACTIVATIONS[network.activation]
    forget_bias, input_bias = np.full(units, network.bias), np.zeros(units)
    if network.chrono:
        share = generator.permutation((np.arange(units) + 0.5) / units)
        forget_bias = np.log(1 + (network.length - 2) * share)
        input_bias = -forget_bias
    cell = np.zeros(units)

    def advance(recurrent: Floats, driven: Floats) -> tuple[Floats, Back]:
        nonlocal cell
        for_input, for_forget, for_output, for_candidate = recurrent + driven
        i, f, o = expit(for_input + input_bias), expit(for_forget + forget_bias), expit(for_output)
        candidate, old = phi(for_candidate), cell
        cell = new = f * old + i * candidate

        def back(field: Floats, carried: Floats) -> tuple[Floats, Floats, list[Floats], Floats]:
            to_cell = field * o * slope(new) + carried
            at_candidate, at_output = to_cell * i * slope(for_candidate), field * phi(new) * o * (1 - o)
            gates = [to_cell * candidate * i * (1 - i), to_cell * old * f * (1 - f), at_output, at_candidate]
            return field, to_cell, gates, f * to_cell

        return o * phi(new), back

    return advance


def gru_steps(network: Gated, units: int) -> Advance:
    r"""Return the step of a GRU, from the state 0.

    $h_t = z h_{t-1} + (1 - z) \tanh(v + r u)$ with $r, z$ the sigmoid of what each receives, and with $v$ from the
    input and $u$ from the state.

    Parameters
    ----------
    network : Gated
    units : int
        Sampled units.

    Returns
    -------
    callable
        `Advance`; the three gates are r, z and the candidate.
    """
    hidden = np.zeros(units)

    def advance(recurrent: Floats, driven: Floats) -> tuple[Floats, Back]:
        nonlocal hidden
        r, z = expit(recurrent[0] + driven[0]), expit(recurrent[1] + driven[1] + network.bias)
        inner, old = recurrent[2], hidden
        candidate = np.tanh(driven[2] + r * inner)
        hidden = z * old + (1 - z) * candidate

        def back(field: Floats, carried: Floats) -> tuple[Floats, Floats, list[Floats], Floats]:
            signal = field + carried
            at_candidate = signal * (1 - z) * (1 - candidate**2)
            gates = [at_candidate * inner * r * (1 - r), signal * (old - candidate) * z * (1 - z), at_candidate * r]
            return signal, signal, gates, z * signal

        return hidden, back

    return advance
