"""Mean-field theory of deep feed-forward networks at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.moments import ACTIVATIONS, moments
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction, prediction

_LARGEST = 1e300
"""Variances are kept below this."""

SENSITIVITY_RANGE = 2.0
"""Inputs of this many times, and of this fraction of, the mean square must give nearly the same factor."""

MOST_SENSITIVE = 0.1
"""The largest relative difference between these that counts as nearly the same."""

WORTH_SAYING = 0.01
"""Above this relative difference the conditions of a prediction say how much the size of an input matters."""


def layer_variances(
    scheme: str, fan_in: int, fan_out: int, gain: float = 1.0, deviation: float = 0.0
) -> tuple[float, float] | None:
    r"""Return the variance per fan-in $\sigma_w^2$ of a weight matrix, and the variance $\sigma_b^2$ of its biases.

    The elements have variance $\sigma_w^2 / n_\mathrm{in}$; $g$ is a gain, 1 if none is given. Normal and uniform
    forms have the same variance.

    - PyTorch's default: $\sigma_w^2 = 1/3$ and $\sigma_b^2 = 1/(3 n_\mathrm{in})$; the biases of all others are 0.
    - Glorot: $2 g^2 n_\mathrm{in} / (n_\mathrm{in} + n_\mathrm{out})$, so $g^2$ between layers of equal width.
    - He: $2 g^2$.
    - LeCun, and normal scaled by a gain: $g^2$.
    - orthogonal: $g^2 n_\mathrm{in} / \max(n_\mathrm{in}, n_\mathrm{out})$.
    - normal with standard deviation $s$: $n_\mathrm{in} s^2$.

    Parameters
    ----------
    scheme : str
        Name of the initialisation in a study ("glorot-normal").
    fan_in, fan_out : int
        Units below and above.
    gain : float
        $g$.
    deviation : float
        $s$.

    Returns
    -------
    (float, float) or None
        None for an initialisation that is not in the list.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, AISTATS,
    PMLR 9, 249-256. He et al. (2015), Delving deep into rectifiers, ICCV, 1026-1034,
    doi:10.1109/ICCV.2015.123. LeCun et al. (1998), Efficient BackProp, in Neural networks: tricks of the trade,
    Springer, 9-50, doi:10.1007/3-540-49430-8_2. Saxe et al. (2014), Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks, ICLR, doi:10.48550/arXiv.1312.6120.
    """
    match scheme.removesuffix("-uniform").removesuffix("-normal"):
        case "default":
            return 1 / 3, 1 / (3 * fan_in)
        case "glorot":
            return 2 * gain**2 * fan_in / (fan_in + fan_out), 0.0
        case "he":
            return 2 * gain**2, 0.0
        case "lecun" | "scaled":
            return gain**2, 0.0
        case "orthogonal":
            return gain**2 * fan_in / max(fan_in, fan_out), 0.0
        case "normal":
            return fan_in * deviation**2, 0.0
    return None


def variance_trajectory(
    activation: str, depth: int, first: ArrayLike, weight_variance: float, bias_variance: float
) -> Floats:
    r"""Return the variances of the pre-activations layer by layer.

    $$q_{l+1} = \sigma_w^2 \, E\!\left[\phi(\sqrt{q_l}\, z)^2\right] + \sigma_b^2, \qquad z \sim N(0, 1)$$

    Parameters
    ----------
    activation : str
        Name of the activation function $\phi$.
    depth : int
        Number of hidden layers.
    first : array_like, shape (inputs,)
        $q_1$, the variance in the first hidden layer, of one or more inputs.
    weight_variance, bias_variance : float
        $\sigma_w^2$ and $\sigma_b^2$ of the further layers.

    Returns
    -------
    ndarray, shape (inputs, depth)
        $q_1, \dots, q_L$.

    References
    ----------
    Poole et al. (2016), Exponential expressivity in deep neural networks through transient chaos, NeurIPS 29,
    doi:10.48550/arXiv.1606.05340.
    """
    q = np.atleast_1d(np.asarray(first, float))
    trajectory = np.empty((len(q), depth))
    for layer in range(depth):
        trajectory[:, layer] = q
        q = np.minimum(weight_variance * moments(activation, q)[0] + bias_variance, _LARGEST)
    return trajectory


def layer_factors(activation: str, trajectory: Floats, weight_variance: float) -> Floats:
    r"""Return the factor on the root mean square of the error signal from each layer to the one below.

    $$\sqrt{\chi_l}, \qquad \chi_l = \sigma_w^2\, E\!\left[\phi'(\sqrt{q_l}\, z)^2\right]$$

    takes the error signal $\partial L/\partial z_{l+1}$ to $\partial L/\partial z_l$, in layers of equal width
    with weights that are independent of the forward pass.

    Parameters
    ----------
    activation : str
    trajectory : ndarray, shape (inputs, depth)
        Variances $q_l$ (`variance_trajectory`).
    weight_variance : float
        $\sigma_w^2$.

    Returns
    -------
    ndarray, shape (inputs, depth - 1)
        Factors from layer $l + 1$ to $l$, for $l = 1, \dots, L - 1$.

    References
    ----------
    Schoenholz et al. (2017), Deep information propagation, ICLR, doi:10.48550/arXiv.1611.01232.
    """
    return np.asarray(np.sqrt(weight_variance * moments(activation, trajectory[:, :-1])[1]))


def predict_feedforward(
    parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None
) -> Prediction | NoTheory:
    r"""Predict the decay factor of a plain deep network at initialisation.

    The variance starts from the inputs' mean square $q_0$, $q_1 = \sigma_{w,1}^2 q_0 + \sigma_{b,1}^2$ with the
    first layer's own fan-in, and follows its actual trajectory (`variance_trajectory`), not its fixed point: at
    20 to 40 layers the two differ visibly. The per-layer factors (`layer_factors`) give a profile, to which the
    same line is fitted as to the measurement.

    Nothing is predicted where the factor differs by more than 10 % between inputs of half and of twice the mean
    square, as for GELU with He: the variance then grows for large inputs and dies out for small ones, and a mean
    over inputs describes neither.

    The theory is exact for the mean square of the error signal in the limit of infinite width. At finite width the
    mean logarithm over seeds lies a little below (about 0.3 % of the factor at width 128), as the logarithm of the
    squared gradient has a variance that grows with depth over width (Hanin 2018). For linear networks with
    orthogonal matrices the factor is exactly the gain.

    Parameters
    ----------
    parameters : mapping
        depth, width, activation and initialisation of the architecture.
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory

    References
    ----------
    Poole et al. (2016), doi:10.48550/arXiv.1606.05340; Schoenholz et al. (2017), doi:10.48550/arXiv.1611.01232;
    Hanin (2018), Which neural net architectures give rise to exploding and vanishing gradients?, NeurIPS 31,
    doi:10.48550/arXiv.1801.03744; Pennington et al. (2017), Resurrecting the sigmoid in deep learning through
    dynamical isometry, NeurIPS 30, doi:10.48550/arXiv.1711.04735.
    """
    depth, width, activation = int(parameters["depth"]), int(parameters["width"]), str(parameters["activation"])
    given = parameters["initialisation"]
    scheme, gain, deviation = given["name"], given.get("gain", 1.0), given.get("std", 0.0)
    entry = layer_variances(scheme, inputs.features, width, gain, deviation)
    hidden = layer_variances(scheme, width, width, gain, deviation)
    if entry is None or hidden is None:
        return NoTheory(f"the variance of the initialisation '{scheme}' is not known")
    if activation not in ACTIVATIONS:
        return NoTheory(f"the moments of the activation function '{activation}' are not known")
    squares = inputs.mean_square * np.array([1.0, 1 / SENSITIVITY_RANGE, SENSITIVITY_RANGE])
    trajectory = variance_trajectory(activation, depth, entry[0] * squares + entry[1], *hidden)
    factors = layer_factors(activation, trajectory, hidden[0])
    if not (factors > 0).all():
        return NoTheory("the predicted factor is below the range of the numbers")
    ends = 10 ** np.log10(factors[:, 1:]).mean(axis=1) if depth > 2 else np.ones(len(squares))
    if max(ends) / min(ends) - 1 > MOST_SENSITIVE:
        return NoTheory(
            f"the factor depends on the size of each single input (from {min(ends):.2g} to {max(ends):.2g} for inputs "
            "of half to twice the mean square), so that the mean field gives no one value"
        )
    exact = scheme == "orthogonal" and activation == "linear"
    conditions = (
        "Exact for orthogonal matrices in a linear network, up to the first layer and the readout."
        if exact
        else f"Mean field: wide layers (here {width} units) with independent weights, at initialisation; "
        "the mean square over networks, which lies a little above the typical network."
    )
    if max(ends) / min(ends) - 1 > WORTH_SAYING:
        conditions += (
            f" The size of an input matters: from {min(ends):.3g} to {max(ends):.3g} for inputs of half to twice the "
            "mean square."
        )
    source = ("poole2016", "schoenholz2017", "pennington2017" if scheme == "orthogonal" else "hanin2018")
    return prediction(factors[0].tolist(), "layer", source, conditions, decay)
