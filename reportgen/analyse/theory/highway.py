"""Mean-field theory of highway networks at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.mean_field import LARGEST, mean_field, sizes, wide
from reportgen.analyse.theory.moments import evaluate, gaussian_mean, moments
from reportgen.analyse.theory.network import Network, network_of
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction


def highway_factors(network: Network, gate_bias: float, first: Floats) -> Floats:
    r"""Return the factors on the mean square of the error signal at $h_l$, block by block.

    With $h_{l+1} = T \phi(a) + (1 - T)\,h_l$ and $T = \sigma(t)$, the pre-activations of a wide block are independent:
    $a \sim N(0, v)$ and $t \sim N(b_T, v)$ with $v = \sigma_w^2 q_l + \sigma_b^2$, both independent of the unit's own
    $h_l$, of which $q_l$ is the mean square and $m_l$ the mean over units:

    $$q_{l+1} = E[T^2]\,E[\phi^2] + E[(1-T)^2]\,q_l + 2\,E[T(1-T)]\,E[\phi]\,m_l, \qquad
    m_{l+1} = E[T]\,E[\phi] + E[1-T]\,m_l$$

    Backwards the signal goes through the carry, through $\phi$ and through the gate:

    $$\chi_l = E[(1-T)^2] + \sigma_w^2\,E[T^2]\,E[\phi'^2]
    + \sigma_w^2\,E[T^2(1-T)^2]\,\big(E[\phi^2] - 2\,E[\phi]\,m_l + q_l\big).$$

    Parameters
    ----------
    network : Network
        Its matrices for $\phi$ and for the gate are drawn alike.
    gate_bias : float
        $b_T$.
    first : ndarray, shape (inputs,)
        $q_1$, with $m_1 = 0$.

    Returns
    -------
    ndarray, shape (inputs, depth - 1)

    References
    ----------
    Derived here along the lines of Yang and Schoenholz (2017), doi:10.48550/arXiv.1712.08969; the architecture:
    Srivastava et al. (2015), Training very deep networks, NeurIPS 28, doi:10.48550/arXiv.1507.06228.
    """
    weights, biases = network.hidden
    square, mean = np.asarray(first, float), np.zeros(len(first))
    factors = np.empty((len(first), max(network.depth - 1, 0)))
    for block in range(network.depth - 1):
        variance = np.minimum(weights * square + biases, LARGEST)
        value, slope = moments(network.activation, variance)
        centre = gaussian_mean(lambda x: evaluate(network.activation, x)[0], variance)
        opened, opened_square, carried_square, both = (
            gaussian_mean(function, variance, gate_bias)
            for function in (
                expit,
                lambda t: expit(t) ** 2,
                lambda t: expit(-t) ** 2,
                lambda t: (expit(t) * expit(-t)) ** 2,
            )
        )
        gate = both * (value - 2 * centre * mean + square)
        factors[:, block] = carried_square + weights * (opened_square * slope + gate)
        carried = opened - opened_square
        square = opened_square * value + carried_square * square + 2 * carried * centre * mean
        mean = opened * centre + (1 - opened) * mean
    return factors


def predict_highway(parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None) -> Prediction | NoTheory:
    r"""Predict the decay factor at the block inputs of a highway network at initialisation (`highway_factors`).

    With a gate that is closed (a large negative bias) the factor tends to 1; at the usual bias of -1 to -3 it lies
    below, near the carry gate's root mean square. Single units of a network with ReLU grow large, and the network's
    mean square with them, so that networks of finite width lie above, by about 2 % of the factor at
    width 256 and a bias of -1.

    Parameters
    ----------
    parameters : mapping
        depth (blocks), width, activation, initialisation and gate_bias of the architecture.
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    References
    ----------
    Srivastava et al. (2015), doi:10.48550/arXiv.1507.06228; Yang and Schoenholz (2017),
    doi:10.48550/arXiv.1712.08969.
    """
    network = network_of(parameters, inputs.features)
    if isinstance(network, NoTheory):
        return network
    first = network.entry[0] * sizes(inputs) + network.entry[1]
    factors = np.sqrt(highway_factors(network, float(parameters.get("gate_bias", -1.0)), first))
    text = (
        f"{wide(network.width, 'blocks')} Narrow networks lie above where gates are open and the activation function "
        "is unbounded: by 3 to 5 % for ReLU with He at widths 128 to 64 and a gate bias of -1."
    )
    return mean_field(factors, ("srivastava2015", "yang2017"), text, decay)
