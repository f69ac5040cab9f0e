"""Mean-field theory of plain deep networks at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.finite_width import attach, signal_variances
from reportgen.analyse.theory.mean_field import LARGEST, mean_field, sizes, wide
from reportgen.analyse.theory.moments import moments
from reportgen.analyse.theory.network import Network, network_of
from reportgen.analyse.theory.normalised import predict_normalised
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction
from reportgen.analyse.theory.residual import predict_residual


def variance_trajectory(
    activation: str, depth: int, first: ArrayLike, weight_variance: float, bias_variance: float, keep: float = 1.0
) -> Floats:
    r"""Return the variances of the pre-activations layer by layer.

    $$q_{l+1} = \frac{\sigma_w^2}{p} \, E\!\left[\phi(\sqrt{q_l}\, z)^2\right] + \sigma_b^2, \qquad z \sim N(0, 1)$$

    Dropout keeps a unit with probability $p$ and divides it by $p$, so that its mean square grows by $1/p$.

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
    keep : float
        $p$, 1 without dropout.

    Returns
    -------
    ndarray, shape (inputs, depth)
        $q_1, \dots, q_L$.

    References
    ----------
    Poole et al. (2016), Exponential expressivity in deep neural networks through transient chaos, NeurIPS 29,
    doi:10.48550/arXiv.1606.05340; with dropout: Schoenholz et al. (2017), doi:10.48550/arXiv.1611.01232.
    """
    q = np.atleast_1d(np.asarray(first, float))
    trajectory = np.empty((len(q), depth))
    for layer in range(depth):
        trajectory[:, layer] = q
        q = np.minimum(weight_variance / keep * moments(activation, q)[0] + bias_variance, LARGEST)
    return trajectory


def layer_factors(activation: str, trajectory: Floats, weight_variance: float, keep: float = 1.0) -> Floats:
    r"""Return the factor on the root mean square of the error signal from each layer to the one below.

    $$\sqrt{\chi_l}, \qquad \chi_l = \frac{\sigma_w^2}{p}\, E\!\left[\phi'(\sqrt{q_l}\, z)^2\right]$$

    takes the error signal $\partial L/\partial z_{l+1}$ to $\partial L/\partial z_l$, in layers of equal width
    with weights that are independent of the forward pass. The mask of dropout multiplies the signal as it multiplied
    the unit.

    Parameters
    ----------
    activation : str
    trajectory : ndarray, shape (inputs, depth)
        Variances $q_l$ (`variance_trajectory`).
    weight_variance : float
        $\sigma_w^2$.
    keep : float
        $p$, 1 without dropout.

    Returns
    -------
    ndarray, shape (inputs, depth - 1)
        Factors from layer $l + 1$ to $l$, for $l = 1, \dots, L - 1$.

    References
    ----------
    Schoenholz et al. (2017), Deep information propagation, ICLR, doi:10.48550/arXiv.1611.01232.
    """
    return np.asarray(np.sqrt(weight_variance / keep * moments(activation, trajectory[:, :-1])[1]))


def predict_feedforward(
    parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None
) -> Prediction | NoTheory:
    r"""Predict the decay factor of a deep feed-forward network at initialisation.

    With skip connections it is that of `predict_residual`, with a normaliser that of `predict_normalised`. Weight
    normalisation changes nothing at initialisation, as each unit's length starts as that of its drawn weights.

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
        depth, width, activation and initialisation of the architecture; dropout, normalisation, groups and skip
        where they are given.
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
    if parameters.get("skip"):
        plain = {"branch_layers": 1, "scale": "one", "placement": "before"}
        return predict_residual({**parameters, **plain}, inputs, decay)
    network = network_of(parameters, inputs.features)
    if isinstance(network, NoTheory):
        return network
    if network.normalisation != "none":
        return predict_normalised(network, inputs, decay)
    return _plain(network, inputs, decay)


def _plain(network: Network, inputs: Inputs, decay: Decay | None) -> Prediction | NoTheory:
    activation, (weights, biases), keep = network.activation, network.hidden, network.keep
    first = network.entry[0] * sizes(inputs) + network.entry[1]
    trajectory = variance_trajectory(activation, network.depth, first, weights, biases, keep)
    factors = layer_factors(activation, trajectory, weights, keep)
    orthogonal = network.scheme == "orthogonal"
    exact = orthogonal and activation == "linear" and keep == 1
    text = "Exact for orthogonal matrices in a linear network, up to the first layer and the readout."
    source = ("poole2016", "schoenholz2017", "pennington2017" if orthogonal else "hanin2018")
    found = mean_field(factors, source, text if exact else wide(network.width), decay)
    if isinstance(found, NoTheory):
        return found
    return attach(
        found,
        signal_variances(
            activation,
            trajectory[0],
            weights,
            biases,
            network.width,
            orthogonal=orthogonal,
            keep=keep,
            batch=inputs.batch,
        ),
    )
