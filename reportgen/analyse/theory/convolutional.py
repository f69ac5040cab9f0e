"""Mean-field theory of convolutional networks at initialisation, pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.mean_field import LARGEST, mean_field, sizes, wide
from reportgen.analyse.theory.moments import moments
from reportgen.analyse.theory.network import Network, drawn_variances, network_of
from reportgen.analyse.theory.normalised import EPSILON
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction
from reportgen.analyse.theory.residual import carried

_TAPS = 9
"""Pixels that a filter of 3 by 3 reads."""


def neighbours(values: Floats) -> Floats:
    """Return the mean over each pixel's 3 by 3 neighbourhood, with zeros outside; shape (..., rows, columns)."""
    padded = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(1, 1), (1, 1)])
    rows, columns = values.shape[-2:]
    shifts = [padded[..., i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return np.asarray(np.sum(shifts, axis=0) / _TAPS)


def convolution_signals(network: Network, first: Floats, skip: float | None) -> Floats:
    r"""Return the mean square over pixels of the error signal at each position, up to a constant.

    A pixel $p$ on the border reads fewer inputs, as the image is padded with zeros. With the mean $\mathcal A$ over
    the 3 by 3 neighbourhood (`neighbours`), and filters whose $9 c$ elements have variance $\sigma_w^2 / (9c)$,

    $$q_{l+1}(p) = \frac{\sigma_w^2}{\kappa}\,\mathcal A\big(E[\phi(\sqrt{q_l} z)^2]\big)(p) + \sigma_b^2, \qquad
    g_l(p) = \frac{\sigma_w^2}{\kappa}\,E[\phi'(\sqrt{q_l(p)} z)^2]\,\mathcal A(g_{l+1})(p)$$

    with the keep probability $\kappa$ of dropout. Filters are independent from pixel to pixel, so variances add
    without regard to how pixels correlate. The mean over pixels before the readout gives every pixel the same signal.
    Layer normalisation, over units and pixels of a sample, divides $q_l(p)$ by its mean $r_l$ over pixels, and $g_l$
    by $r_l + \epsilon$. With skip connections
    $q_{l+1} = q_l + s^2(\dots)$ and $g_l = g_{l+1} + s^2(\dots)$.

    Parameters
    ----------
    network : Network
        Its normalisation is "none" or "layer".
    first : ndarray, shape (inputs, rows, columns)
        $q_1(p)$.
    skip : float or None
        $s^2$ of the branches; None without skip connections.

    Returns
    -------
    ndarray, shape (inputs, depth)
        Means of $g_l$ over pixels.

    References
    ----------
    Xiao et al. (2018), Dynamical isometry and a mean field theory of CNNs, ICML, PMLR 80, 5393-5402,
    doi:10.48550/arXiv.1806.05393, where images are periodic; the border is added here.
    """
    weights, biases = network.hidden
    q, slopes = np.asarray(first, float), []
    for _ in range(network.depth):
        seen = 1.0 + 0.0 * q[:, :1, :1]
        if network.normalisation == "layer":
            seen = q.mean(axis=(-2, -1), keepdims=True) + EPSILON
        value, slope = moments(network.activation, q / seen)
        slopes.append(weights / network.keep * slope / seen)
        added = weights / network.keep * neighbours(value) + biases
        q = np.minimum(added if skip is None else q + skip * added, LARGEST)
    # Plain: the signal at z_L has passed phi; with skips the last block is between x_L and the mean over pixels.
    signal = slopes[-1] if skip is None else 1 + skip * slopes[-1] * neighbours(np.ones_like(q))
    means = [signal.mean(axis=(-2, -1))]
    for slope in reversed(slopes[:-1]):
        back = slope * neighbours(signal)
        signal = back if skip is None else signal + skip * back
        means.append(signal.mean(axis=(-2, -1)))
    return np.stack(means[::-1], axis=1)


def predict_convolutional(
    parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None
) -> Prediction | NoTheory:
    r"""Predict the decay factor of a convolutional network of 3 by 3 filters at initialisation.

    The root mean square over pixels and units follows the maps of `convolution_signals`. The border matters: at 8 by 8
    pixels a critical network loses up to $1 - ((1 + 2\cos(\pi/9))/3)^2 = 8\%$ of the mean square a layer there.

    Nothing is predicted with batch or group normalisation, whose variance depends on how pixels and samples correlate.

    Parameters
    ----------
    parameters : mapping
        depth, width (channels), activation, initialisation, normalisation, dropout, skip and scale.
    inputs : Inputs
        With `image`.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    References
    ----------
    Xiao et al. (2018), doi:10.48550/arXiv.1806.05393; Yang and Schoenholz (2017), doi:10.48550/arXiv.1712.08969.
    """
    if inputs.image is None:
        return NoTheory("the size of the task's images is not known")
    network = filters_of(parameters, inputs.features)
    if isinstance(network, NoTheory):
        return network
    skip, scale = bool(parameters.get("skip")), str(parameters.get("scale", "one"))
    if skip and scale == "zero":
        return carried(network.depth, decay)
    if network.normalisation in ("batch", "group"):
        return NoTheory(
            f"the variance that {network.normalisation} normalisation measures in a convolutional network depends on "
            "how pixels and samples correlate"
        )
    square = (1 / network.depth if scale == "inverse-sqrt-depth" else 1.0) if skip else None
    flat = np.ones((1, *inputs.image)) * sizes(inputs)[:, None, None]
    first = network.entry[0] * neighbours(flat) + network.entry[1]
    signal = convolution_signals(network, first, square)
    text = (
        f"{wide(network.width, 'blocks' if skip else 'layers', 'channels')} Few channels matter more than few units "
        "elsewhere: with ReLU, simulated networks lie 2 to 3 % above at 16 channels and 1 % at 64."
    )
    return mean_field(
        np.sqrt(signal[:, :-1] / signal[:, 1:]), ("xiao2018", "yang2017" if skip else "schoenholz2017"), text, decay
    )


def filters_of(parameters: Mapping[str, Any], channels: int) -> Network | NoTheory:
    """Read the parameters of a convolutional network, whose filters have a fan-in of nine times the channels below.

    Glorot's fan-out is nine times the channels above, as each pixel is read at nine places; an orthogonal matrix has
    a column a filter.

    Parameters
    ----------
    parameters : mapping
        As in `predict_convolutional`.
    channels : int
        Of the inputs.
    """
    network = network_of(parameters, _TAPS * channels)
    if isinstance(network, NoTheory):
        return network
    above = network.width * (_TAPS if network.scheme.startswith("glorot") else 1)
    entry = drawn_variances(parameters, _TAPS * channels, above)
    hidden = drawn_variances(parameters, _TAPS * network.width, above)
    return replace(network, entry=entry or network.entry, hidden=hidden or network.hidden)
