"""Mean-field theory of residual networks at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.mean_field import LARGEST, mean_field, sizes, wide
from reportgen.analyse.theory.moments import moments
from reportgen.analyse.theory.network import Network, network_of
from reportgen.analyse.theory.normalised import (
    EPSILON,
    Normalised,
    alike_shift,
    batch_statement,
    inverse_mean,
    linear_share,
    normalised,
    sphere_moments,
)
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction, prediction

_SOURCES = {"none": "hayou2021", "batch": "de2020", "layer": "ba2016", "group": "wu2018"}


@dataclass(frozen=True)
class Branch:
    r"""Branches of a residual network: $s\,f(x)$ with one or two layers.

    Attributes
    ----------
    network : Network
    layers : int
        Weight matrices in a branch.
    square : float
        $s^2$.
    behind : Normalised or None
        Moments behind the normaliser in the branch, if there is one.
    """

    network: Network
    layers: int
    square: float
    behind: Normalised | None = None

    def __call__(self, variance: Floats) -> tuple[Floats, Floats]:
        r"""Return the variance that a branch adds, and its share of the mean square of the error signal.

        A layer of the branch takes the variance $q$ to $\frac{\sigma_w^2}{p} E[\phi(\sqrt q z)^2] + \sigma_b^2$ and
        the mean square of the error signal by $\frac{\sigma_w^2}{p} E[\phi'(\sqrt q z)^2]$ back; with a normaliser to
        $\sigma_w^2 V + \sigma_b^2$, and by $\sigma_w^2 S/(q + \epsilon)$ (`Normalised`). Both are multiplied by $s^2$.

        Parameters
        ----------
        variance : ndarray
            Of the block's input, as its normaliser measures it.
        """
        weights, biases = self.network.hidden
        q, back = variance, np.full_like(variance, self.square)
        for _ in range(self.layers):
            if self.behind is None:
                value, slope = moments(self.network.activation, q)
                back = back * weights / self.network.keep * slope
                q = np.minimum(weights / self.network.keep * value + biases, LARGEST)
            else:
                back = back * weights * self.behind.slope / (q + EPSILON)
                shared = self.network.normalisation == "batch"
                q = np.full_like(q, weights * self.behind.seen + (0.0 if shared else biases))
        return self.square * q, back


def block_trajectory(branch: Branch, first: Floats) -> tuple[Floats, Floats]:
    r"""Return the variances at the block inputs and the factors on the mean square of the error signal.

    $$q_{l+1} = q_l + s^2 v(q_l), \qquad \chi_l = 1 + s^2 \beta(q_l)$$

    with $v$ and $\beta$ of a `Branch`: the sum adds independent variances, and backwards the signal through the skip
    connection and that through the branch are uncorrelated.

    Parameters
    ----------
    branch : Branch
    first : ndarray, shape (inputs,)
        $q_1$.

    Returns
    -------
    variances, factors : ndarray, shapes (inputs, depth) and (inputs, depth - 1)

    References
    ----------
    Yang and Schoenholz (2017), Mean field residual networks: on the edge of chaos, NeurIPS 30,
    doi:10.48550/arXiv.1712.08969.
    """
    depth = branch.network.depth
    variances, factors = np.empty((len(first), depth)), np.empty((len(first), max(depth - 1, 0)))
    q = np.asarray(first, float)
    for block in range(depth):
        variances[:, block] = q
        added, back = branch(q)
        q = np.minimum(q + added, LARGEST)
        if block < depth - 1:
            factors[:, block] = 1 + back
    return variances, factors


def predict_residual(
    parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None
) -> Prediction | NoTheory:
    r"""Predict the decay factor at the block inputs of a residual network at initialisation.

    Blocks are $x_{l+1} = x_l + s f(x_l)$ with $f(x) = W \phi(N(x)) + b$, or twice that. Along the trajectory of
    `block_trajectory` the error signal grows by $\sqrt{\chi_l} \geq 1$ a block: with $s = 1$ and no normaliser
    exponentially (for ReLU with He by $\sqrt 2$), with $s = 1/\sqrt L$ by a bounded factor over all blocks, and with
    $s = 0$ not at all, exactly. A normaliser in the branch divides its signal by the variance of the sum, which grows
    linearly, so that the signal grows as a power of the depth. Over a batch the normaliser measures only what differs
    between samples (De and Smith 2020).

    With the normaliser after the sum, $x_{l+1} = N(x_l + s f(x_l))$, every block reads variance 1, and in every block
    but the first $\chi = (1 + s^2 \beta)\, E[1/r]\, (1 - \lambda)$: the variance $r$ of the sum over $m$ values
    (`inverse_mean`), and what the normaliser takes out of the signal, along its mean and its sum,
    $\lambda = \big(2 s^2\beta/m + \frac{s^2 v}{1 + s^2 v} / (m-2)\big) / (1 + s^2 \beta)$. For wide layers
    $\chi = (1 + s^2 \beta) / (1 + s^2 v)$.

    Parameters
    ----------
    parameters : mapping
        depth (blocks), width, activation, initialisation, branch_layers, scale, normalisation, groups, placement and
        dropout of the architecture.
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory

    References
    ----------
    Yang and Schoenholz (2017), doi:10.48550/arXiv.1712.08969; Hayou et al. (2021), Stable ResNet, AISTATS, PMLR 130,
    1324-1332, doi:10.48550/arXiv.2010.12859; De and Smith (2020), Batch normalization biases residual blocks towards
    the identity function in deep networks, NeurIPS 33, doi:10.48550/arXiv.2002.10444.
    """
    network = network_of(parameters, inputs.features)
    if isinstance(network, NoTheory):
        return network
    scale, layers = str(parameters.get("scale", "one")), int(parameters.get("branch_layers", 1))
    if scale == "zero":
        return carried(network.depth, decay)
    square = 1 / network.depth if scale == "inverse-sqrt-depth" else 1.0
    if network.normalisation == "none":
        return _summed(Branch(network, layers, square), inputs, decay)
    if parameters.get("placement", "before") == "after":
        return _after(Branch(network, layers, square), inputs, decay)
    behind = normalised(network, inputs.batch)
    if isinstance(behind, NoTheory):
        return behind
    return _summed(Branch(network, layers, square, behind), inputs, decay)


def carried(depth: int, decay: Decay | None = None) -> Prediction | NoTheory:
    """Predict that skip connections past branches of scale 0 pass the error signal on unchanged.

    Parameters
    ----------
    depth : int
        Number of blocks.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    References
    ----------
    De and Smith (2020), doi:10.48550/arXiv.2002.10444; Bachlechner et al. (2021), ReZero is all you need, UAI, PMLR
    161, 1352-1361, doi:10.48550/arXiv.2003.04887.
    """
    text = "Exact: every branch is multiplied by 0 at initialisation, so the skip connections pass the signal on."
    found = prediction([1.0] * max(depth - 1, 0), "layer", ("de2020", "bachlechner2021"), text, decay)
    return found if isinstance(found, NoTheory) else replace(found, scatter=0.0)


def _summed(branch: Branch, inputs: Inputs, decay: Decay | None) -> Prediction | NoTheory:
    """Blocks without a normaliser, or with one in the branch."""
    network = branch.network
    first = network.entry[0] * sizes(inputs) + network.entry[1]
    if branch.behind is not None and network.normalisation == "batch":
        if inputs.variance is not None:
            first = first * inputs.variance / inputs.mean_square
        variances, factors = block_trajectory(branch, first)
        text = _alike(branch, branch.behind, variances[0], factors[0], inputs)
        if isinstance(text, NoTheory):
            return text
    else:
        factors, text = block_trajectory(branch, first)[1], wide(network.width, "blocks")
    return mean_field(np.sqrt(factors), ("yang2017", _SOURCES[network.normalisation]), text, decay)


def _alike(branch: Branch, behind: Normalised, q: Floats, chi: Floats, inputs: Inputs) -> str | NoTheory:
    """Conditions with batch normalisation in the branches: their share of the signal is what likeness raises."""
    network = branch.network
    added = branch(q[:-1])[0]
    passed = added * (linear_share(network.activation) / behind.seen) ** branch.layers
    contraction, news = (q[:-1] + passed) / q[1:], 1 - (q[:-1] / q[1:]) ** 2
    shift = alike_shift(contraction, news, 1 - 1 / chi, inputs, network.width)
    return batch_statement(inputs.batch, network.width, shift)


def _after(branch: Branch, inputs: Inputs, decay: Decay | None) -> Prediction | NoTheory:
    """Blocks with the normaliser after the sum."""
    network, batch = branch.network, branch.network.normalisation == "batch"
    if batch and branch.layers > 1:
        return NoTheory(
            "batch normalisation after the sum of a branch of two layers: how samples correlate between the two is "
            "not worked out here"
        )
    fewest = normalised(network, inputs.batch)
    if isinstance(fewest, NoTheory):
        return fewest
    weights, biases = network.hidden
    count = network.width // (network.groups if network.normalisation == "group" else 1)
    value, slope, shared = sphere_moments(network.activation, inputs.batch if batch else count)
    added = weights * (value / network.keep - shared if batch else value / network.keep) + (0.0 if batch else biases)
    back = branch.square * weights / network.keep * slope
    if branch.layers > 1:
        second, further = moments(network.activation, added)
        back *= weights / network.keep * float(further[0])
        added = weights / network.keep * float(second[0]) + biases
    together, added = inputs.batch if batch else count, branch.square * added
    total = 1 + added
    # What the skip passed on is at right angles already to the sum of the block above, the branch's part to nothing.
    lost = (back * 2 / together + added / total / (together - 2)) / (1 + back)
    chi = (1 + back) * inverse_mean(together, added) * (1 - lost)
    factors = [float(np.sqrt(chi))] * max(network.depth - 1, 0)
    text = wide(network.width, "blocks")
    if batch:
        ones = np.ones(len(factors))
        kappa = (1 + branch.square * weights * linear_share(network.activation)) / total
        shift = alike_shift(kappa * ones, (1 - total**-2) * ones, ones, inputs, network.width)
        stated = batch_statement(inputs.batch, network.width, shift)
        if isinstance(stated, NoTheory):
            return stated
        text = stated
    return prediction(factors, "layer", ("yang2017", _SOURCES[network.normalisation]), text, decay)
