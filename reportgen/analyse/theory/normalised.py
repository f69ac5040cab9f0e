"""Mean-field theory of networks with normalisers at initialisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import poisson

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.mean_field import WORTH_SAYING, wide
from reportgen.analyse.theory.moments import evaluate, gaussian_mean
from reportgen.analyse.theory.network import Network
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction, prediction

EPSILON = 1e-5
"""Added to the variance by every normaliser of the catalogue."""

FEWEST = 6
"""Fewest values that are normalised together: the inverse of a variance over fewer has no variance of its own."""

MOST_ALIKE = 0.05
"""The largest estimated shift of the factor by samples that are alike (`alike_shift`) with which it is predicted."""

_REACH = 12.0
_NODES = 100
_MANY = 1e6


@lru_cache(maxsize=256)
def _sphere(dimension: int) -> tuple[Floats, Floats]:
    """Nodes and weights for one coordinate of a point drawn uniformly from the unit sphere; split at 0."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = min(1.0, _REACH / np.sqrt(dimension)) / 2
    t = np.concatenate([half * (nodes - 1), half * (nodes + 1)])
    w = np.concatenate([weights, weights]) * np.exp((dimension - 3) / 2 * np.log1p(-(t**2)))
    return t, w / w.sum()


@dataclass(frozen=True)
class Normalised:
    r"""Moments behind a normaliser, for weights of variance 1 per fan-in.

    Attributes
    ----------
    second : float
        $E[\phi(a)^2]/p$, the mean square of what the next layer reads.
    seen : float
        The part of it that the next normaliser measures as variance: all of it over the units of a sample; over a
        batch what differs between samples, $E[\phi(a)^2]/p - E[\phi(a_1)\,\phi(a_2)]$.
    slope : float
        $S$: the mean square of the error signal is multiplied by $\sigma_w^2 S / q$ where the normaliser measured the
        variance $q$.
    """

    second: float
    seen: float
    slope: float


def per_sample(activation: str, count: int, keep: float = 1.0) -> Normalised:
    r"""Return the moments behind layer normalisation, and behind group normalisation of `count` units a group.

    The $m$ values that are normalised together are independent and normal with variance $q$. Behind the normaliser
    they are uniform on the sphere of radius $\sqrt m$ in the $m - 1$ dimensions that the mean leaves: one of them is
    $a = \sqrt{m-1}\,t$ with density $\propto (1-t^2)^{(m-4)/2}$, and independent of the variance that was divided by,
    $r = q\,\chi^2_{m-1}/m$, for which $E[1/r] = m/((m-3)\,q)$. Backwards the normaliser is
    $(I - \mathbf{1}\mathbf{1}^T/m - a a^T/m)/\sqrt r$, so that with dropout of keep probability $p$

    $$S = \frac1p\,\frac{m}{m-3}\, E\!\left[\phi'(a)^2 \left(1 - \frac{1 + a^2}{m}\right)\right]$$

    which tends to $E[\phi'(z)^2]/p$ for wide layers.

    Parameters
    ----------
    activation : str
        $\phi$.
    count : int
        $m$, at least `FEWEST`.
    keep : float
        $p$.

    References
    ----------
    Derived here; the normalisers: Ba et al. (2016), doi:10.48550/arXiv.1607.06450; Wu and He (2018),
    doi:10.48550/arXiv.1803.08494.
    """
    t, w = _sphere(count - 1)
    a = np.sqrt(count - 1.0) * t
    value, slope = evaluate(activation, a)
    second = float(w @ value**2) / keep
    shrunk = float(w @ (slope**2 * (1 - (1 + a**2) / count))) / keep
    return Normalised(second, second, shrunk * count / (count - 3))


def per_batch(activation: str, batch: int, keep: float = 1.0) -> Normalised:
    r"""Return the moments behind batch normalisation, at the fixed point where all samples are equally unlike.

    A unit's values over the batch of $B$ samples are uniform on a sphere as in `per_sample`, now with $m = B$, and
    two of them, $a_1$ and $a_2$, have correlation $-1/(B-1)$. The next normaliser measures the variance
    $\sigma_w^2 (E[\phi^2]/p - E[\phi(a_1)\phi(a_2)])$, as what samples share is taken out with the mean, and with the
    diagonal matrix $D$ of slopes $d_b = \phi'(a_b)$ times masks, $G = I - \mathbf 1\mathbf 1^T/B$ and
    $P = G - a a^T / B$,

    $$S = \frac{B}{B-3}\,\frac{E[\operatorname{tr}(P D G D)]}{B-1},\qquad \operatorname{tr}(PDGD) =
    \sum_b P_{bb} d_b^2 - \frac1B\Big[\sum_b d_b^2 - \frac1B\Big(\sum_b d_b\Big)^2
    - \frac1B\Big(\sum_b a_b d_b\Big)^2\Big].$$

    For large batches the factor on the mean square is $E[\phi'^2]/(E[\phi^2] - E[\phi]^2)$, which is
    $\pi/(\pi-1) \approx 1.47$ for ReLU: batch normalisation explodes at initialisation.

    Parameters
    ----------
    activation : str
        $\phi$.
    batch : int
        $B$, at least `FEWEST`.
    keep : float
        $p$.

    References
    ----------
    Yang et al. (2019), A mean field theory of batch normalization, ICLR, doi:10.48550/arXiv.1902.08129; the form for
    finite batches is derived here.
    """
    n = float(batch)
    (t, w), (u, v) = _sphere(batch - 1), _sphere(batch - 2)
    a = np.sqrt(n - 1) * t
    rest = np.sqrt((1 - t[:, None] ** 2) * (n - 1)) * u
    other = -a[:, None] / (n - 1) + np.sqrt(1 - 1 / (n - 1) ** 2) * rest
    (value, slope), (second_value, second_slope) = evaluate(activation, a), evaluate(activation, other)
    pair = [
        float((w * one) @ (two @ v))
        for one, two in ((value, second_value), (slope, second_slope), (a * slope, other * second_slope))
    ]
    square = float(w @ value**2) / keep
    slopes, weighted = float(w @ slope**2) / keep, float(w @ (a * slope) ** 2) / keep
    both = n * (slopes + weighted) + n * (n - 1) * (pair[1] + pair[2])
    trace = (n - 1) * slopes - weighted - slopes + both / n**2
    return Normalised(square, square - pair[0], n / (n - 3) * trace / (n - 1))


def sphere_moments(activation: str, count: int) -> tuple[float, float, float]:
    r"""Return $E[\phi(a)^2]$, $E[\phi'(a)^2]$ and $E[\phi(a_1)\phi(a_2)]$ of `count` values normalised together.

    Parameters
    ----------
    activation : str
        $\phi$.
    count : int
        Values that are normalised together (`per_sample`, `per_batch`).
    """
    t, w = _sphere(count - 1)
    value, slope = evaluate(activation, np.sqrt(count - 1.0) * t)
    batch = per_batch(activation, count)
    return float(w @ value**2), float(w @ slope**2), batch.second - batch.seen


def inverse_mean(count: int, added: float) -> float:
    r"""Return $E[1/r]$ for the variance $r$ of normalised values plus independent normal ones.

    For $m$ values of mean 0 and variance 1 exactly, plus values of variance $v$, $m r / v$ has the noncentral
    $\chi^2$ distribution with $m - 1$ degrees of freedom and noncentrality $m/v$, so that

    $$E[1/r] = \frac{m}{v}\, E\!\left[\frac{1}{m - 3 + 2 j}\right], \qquad j \sim \text{Poisson}(m / 2v)$$

    Parameters
    ----------
    count : int
        $m$, at least `FEWEST`.
    added : float
        $v$.

    Returns
    -------
    float
        $1/(1 + v)$ for many values.
    """
    mean = count / (2 * added) if added > 0 else math.inf
    if mean > _MANY:
        return 1 / (1 + added)
    j = np.arange(mean + 12 * math.sqrt(mean) + 40)
    return float(2 * mean * (poisson.pmf(j, mean) @ (1 / (count - 3 + 2 * j))))


def normalised(network: Network, batch: int) -> Normalised | NoTheory:
    """Return the moments behind the normaliser of a network.

    Parameters
    ----------
    network : Network
        With a normaliser.
    batch : int
        Samples of a training batch.
    """
    if network.normalisation == "batch":
        if batch < FEWEST:
            return NoTheory(
                f"over {batch} samples the inverse of a variance scatters too much for a mean to describe it"
            )
        return per_batch(network.activation, batch, network.keep)
    count = network.width // (network.groups if network.normalisation == "group" else 1)
    if count < FEWEST:
        return NoTheory(f"over {count} units the inverse of a variance scatters too much for a mean to describe it")
    return per_sample(network.activation, count, network.keep)


def alike_shift(contraction: Floats, news: Floats, share: Floats, inputs: Inputs, width: int) -> float:
    r"""Estimate by how much samples that are not equally unlike raise the factor of batch normalisation.

    The covariance matrix $K$ of a batch (centred) has $e = \operatorname{tr} K^2/(\operatorname{tr} K)^2 - 1/(B-1)$,
    which is 0 at the fixed point. It starts at $1/d$ for inputs that differ in $d$ directions, a layer multiplies it
    by $\kappa_l^2$, where correlations between samples shrink by $\kappa_l$, and $n$ random units add $\nu_l/n$. The
    factor on the mean square is raised by a share $s_l$ of about $e_l$.

    Parameters
    ----------
    contraction, news, share : ndarray, shape (depth - 1,)
        $\kappa_l$, $\nu_l$ and $s_l$.
    inputs : Inputs
    width : int
        $n$.

    Returns
    -------
    float
        The estimated relative shift of the mean factor over the fitted layers. It is an estimate of the error of the
        prediction, to leading order, and is not added to it.
    """
    excess = 1 / (inputs.directions or inputs.features) + 1 / width
    shifts = []
    for kappa, new, part in zip(contraction, news, share, strict=True):
        shifts.append(part * excess / 2)
        excess = kappa**2 * excess + new / width
    return float(np.mean(shifts[1:])) if len(shifts) > 1 else 0.0


def linear_share(activation: str) -> float:
    r"""Return $E[\phi'(z)]^2$: the part of $E[\phi^2]$ that is linear in $z$ and passes correlations on."""
    return float(gaussian_mean(lambda x: evaluate(activation, x)[1], 1.0)[0]) ** 2


def batch_statement(batch: int, width: int, shift: float) -> str | NoTheory:
    """Return the conditions of a prediction with batch normalisation, or the reason why there is none."""
    if shift > MOST_ALIKE:
        return NoTheory(
            "batch normalisation has a factor of its own only where the network soon forgets how its inputs are alike; "
            f"with this activation function, width and task the factor might be off by {100 * shift:.0f} %"
        )
    text = (
        f"{wide(width)} Batches of {batch}, in which the layers have made all samples equally unlike; what is left of "
        "the inputs' own likeness raises the factor"
    )
    return f"{text}, here by up to about {100 * shift:.0f} %." if shift > WORTH_SAYING else f"{text} a little."


def predict_normalised(network: Network, inputs: Inputs, decay: Decay | None = None) -> Prediction | NoTheory:
    r"""Predict the decay factor of a deep network with a normaliser between affine map and activation function.

    The activation function sees variance 1 whatever came in, so the factor is the same in all layers from the second
    on, and independent of the size of the inputs and (but for $\epsilon$) of a gain. The error signal is that before
    the normaliser, so each layer divides it by the root of the variance that the normaliser measures:

    $$\chi = \frac{\sigma_w^2 S}{q + \epsilon}, \qquad q = \sigma_w^2 V + \sigma_b^2$$

    with $V$ the second moment that the normaliser sees and $S$ the slope (`per_sample`, `per_batch`; a bias is taken
    out with the mean of a batch). For layer normalisation $\chi = E[\phi'^2]/E[\phi^2]$ at variance 1, which is 1 for
    ReLU.

    Parameters
    ----------
    network : Network
        With normalisation "layer", "group" or "batch".
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    References
    ----------
    Yang et al. (2019), doi:10.48550/arXiv.1902.08129; Ba et al. (2016), doi:10.48550/arXiv.1607.06450; Wu and He
    (2018), doi:10.48550/arXiv.1803.08494.
    """
    behind = normalised(network, inputs.batch)
    if isinstance(behind, NoTheory):
        return behind
    (weights, biases), steps = network.hidden, max(network.depth - 1, 0)
    if network.normalisation != "batch":
        variance = weights * behind.seen + biases + EPSILON
        factors = [float(np.sqrt(weights * behind.slope / variance))] * steps
        source = ("ba2016" if network.normalisation == "layer" else "wu2018", "schoenholz2017")
        return prediction(factors, "layer", source, wide(network.width), decay)
    contraction, ones = np.full(steps, linear_share(network.activation) / behind.seen), np.ones(steps)
    text = batch_statement(inputs.batch, network.width, alike_shift(contraction, ones, ones, inputs, network.width))
    if isinstance(text, NoTheory):
        return text
    factors = [float(np.sqrt(weights * behind.slope / (weights * behind.seen + EPSILON)))] * steps
    return prediction(factors, "layer", ("yang2019",), text, decay)
