"""Theory of finite width: how much single networks scatter around mean-field theory, and how far below it they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.moments import HOMOGENEOUS, LEAKY_SLOPE, SMOOTH
from reportgen.analyse.theory.prediction import NoTheory, Prediction

BATCH = 64
"""Samples over which the root mean square of an error signal is usually taken."""

CLASSES = 10
"""Values of the readout, from which the error signals of a batch start, where nothing else is said."""

SLOPES_BELOW = {"linear": 1.0, "relu": 0.0, "leaky-relu": LEAKY_SLOPE}
"""Activation functions of slope 1 above 0 to their slope below."""


def attach(found: Prediction | NoTheory, variances: Sequence[float] | Floats) -> Prediction | NoTheory:
    r"""Add to a prediction the scatter over seeds and the shift that finite width gives the fitted factor.

    Layers of independent weights add independent amounts of variance $b_k$ to the logarithm of the squared error
    signal. It is log-normal to leading order, so where the mean square follows mean field, the mean of its logarithm
    falls short by $b_k/2$. The fitted log10 factor is a weighted sum $\sum_k w_k s_k$ of the steps
    $s_k = \log_{10}$ (rms at $k$ over rms at $k + 1$), with the weights of a least-squares line, from which those of
    Theil and Sen's differ little:

    $$\mathrm{scatter}^2 = \frac{1}{4 \ln^2 10} \sum_k w_k^2\, b_k, \qquad
    \mathrm{shift} = -\frac{1}{4 \ln 10} \sum_k w_k\, b_k$$

    For equal $b$ over $m$ fitted layers the scatter is $\sqrt{6 b / 5 m} / (2 \ln 10)$.

    Parameters
    ----------
    found : Prediction or NoTheory
        What mean-field theory says; returned as it is if that is nothing.
    variances : sequence of float, shape (positions - 1,)
        $b_k$, from index k + 1 to k for k = 1, 2, ...: `signal_variances` for plain networks.

    Returns
    -------
    Prediction or NoTheory

    References
    ----------
    Hanin and Nica (2020), Products of many large random matrices and gradients in deep neural networks,
    Communications in Mathematical Physics 376, 287-322, doi:10.1007/s00220-019-03624-z; Hanin (2018), NeurIPS 31,
    doi:10.48550/arXiv.1801.03744.
    """
    if isinstance(found, NoTheory):
        return found
    added = np.asarray(variances, float)
    positions = len(found.profile)
    if added.shape != (positions - 1,):
        raise ValueError(f"{len(added)} variances for {positions} positions; there must be one less")
    distance = np.arange(positions - found.fitted, -1, -1, dtype=float)
    centred = distance - distance.mean()
    weights = np.cumsum(centred / (centred @ centred))[:-1]
    fitted = added[found.fitted - 1 :]
    scatter = float(np.sqrt(weights**2 @ fitted)) / (2 * np.log(10))
    return replace(found, scatter=scatter, shift=float(-(weights @ fitted) / (4 * np.log(10))))


def signal_variances(
    activation: str,
    trajectory: Floats,
    weight_variance: float,
    bias_variance: float,
    width: int,
    *,
    orthogonal: bool = False,
    keep: float = 1.0,
    batch: int = BATCH,
    outputs: int = CLASSES,
) -> Floats:
    r"""Return the variance that each layer adds to the logarithm of a batch's mean squared error signal.

    For one sample it is, with $y = W^\top \delta$ Gaussian,

    $$b = \frac1n \left(3\, \frac{E[\phi'^4]}{E[\phi'^2]^2} - 1\right)$$

    or 2/n for a linear network and 5/n for ReLU (Hanin and Nica 2020). The mean over a batch averages the
    covariances of all pairs of samples,

    $$b_{12} = \frac1n \left(\frac{E[\phi_1'^2 \phi_2'^2]}{E[\phi'^2]^2} (1 + 2\rho^2) - 1\right)$$

    where $\rho$ is the cosine between the error signals of two samples, and the expectations are taken over
    pre-activations with the correlation of the two samples. That starts at 0 and follows its own recursion upwards
    (Poole et al. 2016). The mean of $\rho^2$ starts at $1/(K - 1)$ at a readout of $K$ values, as for residuals
    of an undecided classifier, and follows downwards

    $$\overline{\rho^2} \leftarrow \frac{\mu_1^2\, \overline{\rho^2} + v_{12}/n}{1 + b_{12}}, \qquad
    \mu_1 = \frac{E[\phi_1' \phi_2']}{E[\phi'^2]}, \qquad
    v_{12} = \frac{E[\phi_1'^2 \phi_2'^2]}{E[\phi'^2]^2}(1 + 2\overline{\rho^2}) - \mu_1^2\, \overline{\rho^2}$$

    since finite width turns the signals of a batch towards each other. An orthogonal matrix keeps lengths and
    angles: $b$ is then $3(E[\phi'^4]/E[\phi'^2]^2 - 1)/n$, and 0 in a linear network.

    Simulated batches of 64 (widths 32 to 128, depths 10 to 50; a test holds some of them) scatter by 0.9 to 1.2
    times the result. Averaging over a batch reduces the scatter by less than half where there are ten classes, and
    hardly at all where there are two. The fluctuations of the forward pass are left out; they lower tanh and sigmoid
    networks by about as much again as `attach` says (0.2 % of the factor at width 64).

    Parameters
    ----------
    activation : str
    trajectory : ndarray, shape (depth,)
        Variances $q_l$ of the pre-activations for an input of mean size.
    weight_variance, bias_variance : float
        $\sigma_w^2$ and $\sigma_b^2$ of the layers.
    width : int
        $n$.
    orthogonal : bool
        Whether the matrices are orthogonal, times a gain.
    keep : float
        Probability with which dropout keeps a unit of a sample.
    batch : int
        Samples of the mean.
    outputs : int
        $K$.

    Returns
    -------
    ndarray, shape (depth - 1,)
        From layer l + 1 to l, for l = 1, ..., depth - 1.

    References
    ----------
    Hanin and Nica (2020), doi:10.1007/s00220-019-03624-z; Poole et al. (2016), doi:10.48550/arXiv.1606.05340.
    """
    own, alike, both = _pairs(activation, tuple(np.asarray(trajectory, float)), weight_variance, bias_variance)
    own, alike = own / keep, alike * keep
    added = np.zeros(len(own) - 1)
    cosine = min(1.0, 1 / (outputs - 1)) if outputs > 1 else 1.0
    for layer in range(len(own) - 1, -1, -1):
        stretch = 1 + 2 * cosine
        single = 3 * (own[layer] - 1) if orthogonal else 3 * own[layer] - 1
        pair = (both[layer] - 1) * stretch if orthogonal else both[layer] * stretch - 1
        if layer < len(added):
            added[layer] = (single / batch + (1 - 1 / batch) * pair) / width
        turned = (both[layer] - alike[layer] ** 2) * stretch + (not orthogonal) * alike[layer] ** 2 * (1 + cosine)
        cosine = min(1.0, (alike[layer] ** 2 * cosine + turned / width) / (1 + pair / width))
    return np.maximum(added, 0.0)


@lru_cache(maxsize=256)
def _pairs(
    activation: str, trajectory: tuple[float, ...], weight_variance: float, bias_variance: float
) -> tuple[Floats, Floats, Floats]:
    """Normalised moments of the slopes in each layer: fourth of one sample; second and fourth of two samples."""
    own, alike, both = (np.ones(len(trajectory)) for _ in range(3))
    correlation = 0.0
    for layer, variance in enumerate(trajectory):
        _, square, fourth = _moments(activation, variance, 1.0)
        value, slope, slopes = _moments(activation, variance, correlation)
        own[layer], alike[layer], both[layer] = fourth / square**2, slope / square, slopes / square**2
        if layer + 1 < len(trajectory) and trajectory[layer + 1] > 0:
            raised = (weight_variance * value + bias_variance) / trajectory[layer + 1]
            correlation = float(np.clip(raised, -1.0, 1.0))
    return own, alike, both


@cache
def _nodes() -> tuple[Floats, Floats]:
    """Nodes and weights of Gaussian averages."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return nodes, weights / np.sqrt(2 * np.pi)


def _moments(activation: str, variance: float, correlation: float) -> tuple[float, float, float]:
    """E[phi(x) phi(y)], E[phi'(x) phi'(y)] and E[phi'(x)^2 phi'(y)^2] of Gaussian x, y."""
    if activation in HOMOGENEOUS:
        return _kinked(SLOPES_BELOW[activation], variance, correlation)
    nodes, weights = _nodes()
    other = correlation * nodes[:, None] + np.sqrt(max(1 - correlation**2, 0.0)) * nodes
    value, slope = SMOOTH[activation](np.sqrt(variance) * nodes)
    value_too, slope_too = SMOOTH[activation](np.sqrt(variance) * other)
    products = (value[:, None] * value_too, slope[:, None] * slope_too, (slope[:, None] * slope_too) ** 2)
    first, second, third = (float(weights @ product @ weights) for product in products)
    return first, second, third


def _kinked(below: float, variance: float, correlation: float) -> tuple[float, float, float]:
    """The same for slope 1 above 0 and slope `below` below it (Cho and Saul 2009, for ReLU)."""
    angle = float(np.arccos(correlation))
    same = (np.pi - angle) / (2 * np.pi)
    rectified = (np.sin(angle) + correlation * (np.pi - angle)) / (2 * np.pi)
    value = variance * (below * correlation + (1 - below) ** 2 * rectified)
    slope = same * (1 + below**2) + (1 - 2 * same) * below
    return float(value), float(slope), float(same * (1 + below**4) + (1 - 2 * same) * below**2)
