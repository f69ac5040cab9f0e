"""Gaussian moments of the activation functions, in double precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtr

from reportgen.analyse.intervals import Floats

LEAKY_SLOPE = 0.01
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
_REACH = 12.0
"""Standard deviations on either side of 0 over which is integrated; what is left out is below 1e-32."""


def _elu(x: Floats) -> tuple[Floats, Floats]:
    lower = np.exp(np.minimum(x, 0.0))
    return np.where(x > 0, x, lower - 1.0), np.where(x > 0, 1.0, lower)


def _selu(x: Floats) -> tuple[Floats, Floats]:
    lower = SELU_ALPHA * np.exp(np.minimum(x, 0.0))
    value, slope = np.where(x > 0, x, lower - SELU_ALPHA), np.where(x > 0, 1.0, lower)
    return SELU_SCALE * value, SELU_SCALE * slope


def _sigmoid(x: Floats) -> tuple[Floats, Floats]:
    value = expit(x)
    return value, value * expit(-x)


def _tanh(x: Floats) -> tuple[Floats, Floats]:
    value = np.tanh(x)
    return value, 4.0 * expit(2 * x) * expit(-2 * x)


def _gelu(x: Floats) -> tuple[Floats, Floats]:
    share = ndtr(x)
    return x * share, share + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _silu(x: Floats) -> tuple[Floats, Floats]:
    share = expit(x)
    return x * share, share * (1 + x * expit(-x))


SMOOTH: Mapping[str, Callable[[Floats], tuple[Floats, Floats]]] = MappingProxyType(
    {"sigmoid": _sigmoid, "tanh": _tanh, "elu": _elu, "selu": _selu, "gelu": _gelu, "silu": _silu}
)
"""Activation function to its value and slope, where the moments need quadrature."""

HOMOGENEOUS: Mapping[str, float] = MappingProxyType(
    {"linear": 1.0, "relu": 0.5, "leaky-relu": (1 + LEAKY_SLOPE**2) / 2}
)
r"""Activation function to $c$, where $E[\phi(\sqrt q z)^2] = c\,q$ and $E[\phi'(\sqrt q z)^2] = c$ for every $q$."""

ACTIVATIONS = tuple(sorted([*SMOOTH, *HOMOGENEOUS]))
"""Activation functions whose moments are known."""


@lru_cache(maxsize=1)
def _quadrature() -> tuple[Floats, Floats]:
    """Nodes and weights of the standard normal measure: Gauss-Legendre on each side of 0, where ELU has its kink."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    half = _REACH / 2
    z = np.concatenate([half * (nodes - 1), half * (nodes + 1)])
    w = np.concatenate([weights, weights]) * half * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return z, w


def evaluate(activation: str, x: Floats) -> tuple[Floats, Floats]:
    r"""Return $\phi(x)$ and $\phi'(x)$, element by element; the slope of ReLU at 0 is 0."""
    if activation in SMOOTH:
        return SMOOTH[activation](x)
    below = {"linear": 1.0, "relu": 0.0, "leaky-relu": LEAKY_SLOPE}[activation]
    slope = np.where(x > 0, 1.0, below)
    return slope * x, slope


def gaussian_mean(function: Callable[[Floats], Floats], variance: ArrayLike, mean: float = 0.0) -> Floats:
    r"""Return $E[f(\mu + \sqrt q z)]$ for a standard normal $z$, by the quadrature of `moments`.

    Parameters
    ----------
    function : callable
        $f$, element by element.
    variance : array_like
        $q$; a number is read as an array of one.
    mean : float
        $\mu$.

    Returns
    -------
    ndarray
    """
    z, w = _quadrature()
    q = np.atleast_1d(np.asarray(variance, float))
    return np.asarray(function(mean + np.sqrt(q)[..., None] * z) @ w)


def moments(activation: str, variance: ArrayLike) -> tuple[Floats, Floats]:
    r"""Return $E[\phi(\sqrt q z)^2]$ and $E[\phi'(\sqrt q z)^2]$ for a standard normal $z$.

    Closed forms for the linear function ($q$ and 1), ReLU ($q/2$ and $1/2$) and leaky ReLU of slope $a$
    ($(1+a^2)q/2$ and $(1+a^2)/2$); the others by Gauss-Legendre quadrature with 200 nodes on either side of 0.

    Parameters
    ----------
    activation : str
        One of `ACTIVATIONS`.
    variance : array_like
        Variances $q$ of the pre-activations; a number is read as an array of one.

    Returns
    -------
    value, slope : ndarray
        The second moments of the activation function and of its derivative.
    """
    q = np.atleast_1d(np.asarray(variance, float))
    if activation in HOMOGENEOUS:
        share = HOMOGENEOUS[activation]
        return share * q, np.full(q.shape, share)
    z, w = _quadrature()
    value, slope = SMOOTH[activation](np.sqrt(q)[..., None] * z)
    return value**2 @ w, slope**2 @ w
