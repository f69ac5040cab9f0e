"""Mean-field theory of densely connected networks at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.mean_field import LARGEST, mean_field, sizes, wide
from reportgen.analyse.theory.moments import moments
from reportgen.analyse.theory.network import drawn_variances, network_of
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction


def dense_profile(activation: str, growth: int, features: int, variances: Floats, mean_square: Floats) -> Floats:
    r"""Return the mean square of the error signal at each layer, up to a constant.

    Layer $l$ reads the inputs and all layers before it, $n_l = d + (l-1)\,n$ values:

    $$q_l = \frac{\sigma_l^2}{n_l}\Big(d\,q_0 + n \sum_{k<l} E[\phi(\sqrt{q_k} z)^2]\Big) + \sigma_{b,l}^2$$

    Backwards a layer gets the signals of all layers after it and of the readout, which reads everything and gives each
    unit the same mean square, here 1:

    $$g_k = E[\phi'(\sqrt{q_k} z)^2]\,\Big(1 + \sum_{l>k} \frac{n\,\sigma_l^2}{n_l}\, g_l\Big)$$

    Parameters
    ----------
    activation : str
        $\phi$.
    growth, features : int
        $n$, the units of a layer, and $d$, the inputs.
    variances : ndarray, shape (depth, 2)
        $\sigma_l^2$ and $\sigma_{b,l}^2$, which depend on the fan-in $n_l$.
    mean_square : ndarray, shape (inputs,)
        $q_0$.

    Returns
    -------
    ndarray, shape (inputs, depth)
        $g_1, \dots, g_L$.

    References
    ----------
    Derived here; the architecture: Huang et al. (2017), Densely connected convolutional networks, CVPR, 2261-2269,
    doi:10.1109/CVPR.2017.243.
    """
    depth = len(variances)
    fan_in = features + growth * np.arange(depth)
    weights = variances[:, 0] / fan_in
    below, slopes = features * np.asarray(mean_square, float), np.empty((len(mean_square), depth))
    for layer in range(depth):
        value, slope = moments(activation, np.minimum(weights[layer] * below + variances[layer, 1], LARGEST))
        slopes[:, layer] = slope
        below = below + growth * value
    signal, above = np.empty_like(slopes), np.ones(len(slopes))
    for layer in reversed(range(depth)):
        signal[:, layer] = slopes[:, layer] * above
        above = above + growth * weights[layer] * signal[:, layer]
    return signal


def predict_dense(parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None) -> Prediction | NoTheory:
    r"""Predict the decay factor of a densely connected network at initialisation (`dense_profile`).

    Early layers are read by all later ones, so the signal grows towards the input, and more slowly the further from it:
    a power of the position, not an exponential. With LeCun's variance and as many inputs as units a layer the factor
    from layer $l + 1$ to $l$ is $\sqrt{1 + 1/(l + 1)}$ for a linear network.

    Parameters
    ----------
    parameters : mapping
        depth, width (units of each layer), activation and initialisation of the architecture.
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    References
    ----------
    Huang et al. (2017), doi:10.1109/CVPR.2017.243; Schoenholz et al. (2017), doi:10.48550/arXiv.1611.01232.
    """
    network = network_of(parameters, inputs.features)
    if isinstance(network, NoTheory):
        return network
    width = network.width
    drawn = [drawn_variances(parameters, inputs.features + width * layer, width) for layer in range(network.depth)]
    variances = np.array([pair for pair in drawn if pair is not None])
    signal = dense_profile(network.activation, width, inputs.features, variances, sizes(inputs))
    factors = np.sqrt(signal[:, :-1] / signal[:, 1:])
    return mean_field(factors, ("huang2017", "schoenholz2017"), wide(width), decay)
