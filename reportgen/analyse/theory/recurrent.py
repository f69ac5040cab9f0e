"""Theory of plain recurrent networks at initialisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reportgen.analyse.decay import Decay, theil_sen
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.moments import ACTIVATIONS, HOMOGENEOUS, moments
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction, prediction

MATRICES = ("orthogonal", "identity", "gaussian", "spectral-radius")
"""Recurrent matrices that the theory knows."""


SETTLED_BY_INPUTS = ("tanh",)
"""Activation functions whose slopes depend on the size of each input: with one input a step, mean field is 14 % off."""


@dataclass(frozen=True)
class Recurrence:
    r"""A plain recurrent network $h_t = \phi(a_t)$, $a_t = W h_{t-1} + U x_t + b$, as theory sees it.

    Attributes
    ----------
    activation : str
        $\phi$.
    width : int
        Units of the hidden state.
    matrix : str
        How $W$ is drawn: "orthogonal" ($\rho Q$), "identity" ($\rho I$), "gaussian" (elements of variance
        $g^2/n$) or "spectral-radius" (Gaussian, then scaled to the given spectral radius).
    scale : float
        $\rho$ or $g$.
    first, drive : float
        Variance of $U x_t + b$ over units and samples, at the first step and at the others.
    length : int
        Time steps.
    truncation : int or None
        Steps of a window of truncated backpropagation, counted from the last; None for all.
    keep : float
        Probability with which dropout keeps a unit of h for a whole sequence; it is then divided by it.
    features : int or None
        Values of a time step of the input, if they are known.
    """

    activation: str
    width: int
    matrix: str
    scale: float
    first: float
    drive: float
    length: int
    truncation: int | None = None
    keep: float = 1.0
    features: int | None = None

    @property
    def effective_scale(self) -> float:
        r"""The scale with dropout: $g/\sqrt p$, or $g/p$ where units do not mix (identity)."""
        return float(self.scale / (self.keep if self.matrix == "identity" else self.keep**0.5))

    @property
    def exact(self) -> bool:
        """Whether the theory holds for every network, not only for wide ones."""
        linear = self.activation == "linear"
        return linear and (self.matrix == "identity" or (self.matrix == "orthogonal" and self.keep == 1))


def state_variances(recurrence: Recurrence) -> Floats:
    r"""Return the variances of the pre-activations step by step, from the state 0.

    $$q_1 = \sigma_1^2, \qquad q_{t+1} = g^2\, E\!\left[\phi(\sqrt{q_t}\, z)^2\right] + \sigma_d^2$$

    with the variance of the drive, $\sigma_1^2$ at the first step and $\sigma_d^2$ after it.

    Parameters
    ----------
    recurrence : Recurrence

    Returns
    -------
    ndarray, shape (length,)
        $q_1, \dots, q_T$; infinite where they leave the range of the numbers.

    References
    ----------
    Poole et al. (2016), Exponential expressivity in deep neural networks through transient chaos, NeurIPS 29,
    doi:10.48550/arXiv.1606.05340.
    """
    variances = np.empty(recurrence.length)
    q = recurrence.first
    for step in range(recurrence.length):
        variances[step] = q
        q = min(
            recurrence.effective_scale**2 * float(moments(recurrence.activation, q)[0][0]) + recurrence.drive, 1e300
        )
    return variances


def step_factors(recurrence: Recurrence) -> Floats:
    r"""Return the factor on the root mean square of $\partial L/\partial h_t$ from each time step to the one before.

    $$\sqrt{\chi_t}, \qquad \chi_t = g^2\, E\!\left[\phi'(\sqrt{q_t}\, z)^2\right]$$

    The linear network has $\phi' = 1$: the factor is $\rho$ exactly for $W = \rho Q$ with $Q$ orthogonal, whatever
    the input, and $g$ in the mean square for a wide Gaussian matrix. ReLU halves the mean square, so the factor is
    $g/\sqrt 2$. For tanh it is $g$ times the root mean square slope at the variance of the state
    (`state_variances`).

    Parameters
    ----------
    recurrence : Recurrence

    Returns
    -------
    ndarray, shape (length - 1,)
        Factor from step $t + 1$ to $t$, for $t = 1, \dots, T - 1$.

    References
    ----------
    Pascanu et al. (2013), On the difficulty of training recurrent neural networks, ICML, PMLR 28(3), 1310-1318,
    doi:10.48550/arXiv.1211.5063; Pennington et al. (2017), NeurIPS 30, doi:10.48550/arXiv.1711.04735;
    Schoenholz et al. (2017), doi:10.48550/arXiv.1611.01232.
    """
    scale_free = recurrence.activation in HOMOGENEOUS
    q = np.ones(recurrence.length - 1) if scale_free else state_variances(recurrence)[1:]
    return np.asarray(recurrence.effective_scale * np.sqrt(moments(recurrence.activation, q)[1]))


def predict_recurrent(recurrence: Recurrence, decay: Decay | None = None) -> Prediction | NoTheory:
    r"""Predict the decay factor of a plain recurrent network at initialisation.

    The per-step factors are those of `step_factors`; the same line is fitted to the predicted profile as to the
    measurement. For a Gaussian matrix that was scaled to spectral radius $\rho$ the factor of a linear network
    tends to $\rho$ over many steps and is predicted as $\rho$; the first few steps from the loss follow the singular
    values, which are larger. $\sigma_{\max}(W) < 1/\gamma$, with $\gamma$ the largest slope of $\phi$, is sufficient
    for vanishing; the spectral radius is not the singular value (Pascanu et al. 2013).

    The one matrix of all steps correlates states over time, and sigmoid states have a mean besides. Neither matters
    in the limit of infinite width: the mean square of the state is all that its fresh Gaussian image $W h$ depends on,
    and the fields $W^\top \delta$ of different steps are uncorrelated, as they all stem from the readout after the
    last step. At finite width the powers of one Gaussian matrix grow faster than products of many: simulated networks
    (50 steps of the task latch; tanh, sigmoid, ReLU and linear) lie 0 to 0.7 % above at width 512, 0 to 3 % at 128 and
    2 to 6 % at 32. With orthogonal matrices and tanh or sigmoid of gain 1 they lie within 0.1 % at 128. The scatter of
    single networks is predicted only where the theory is exact (none); it is three times that of independent matrices.

    Nothing is predicted for a scaled identity with another function than the linear, whose units do not mix, nor for
    tanh with a single input a step: the size of such inputs varies so much that simulated networks lie 14 % above.

    Parameters
    ----------
    recurrence : Recurrence
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory

    References
    ----------
    Pascanu et al. (2013), doi:10.48550/arXiv.1211.5063; Pennington et al. (2017), doi:10.48550/arXiv.1711.04735;
    Schoenholz et al. (2017), doi:10.48550/arXiv.1611.01232; Sompolinsky et al. (1988), Chaos in random neural
    networks, Physical Review Letters 61(3), 259-262, doi:10.1103/PhysRevLett.61.259.
    """
    activation, matrix = recurrence.activation, recurrence.matrix
    if matrix not in MATRICES:
        return NoTheory(f"there is no theory here for the recurrent matrix '{matrix}'")
    if activation not in ACTIVATIONS:
        return NoTheory(f"the moments of the activation function '{activation}' are not known")
    if matrix == "identity" and activation != "linear":
        return NoTheory("with a scaled identity the units do not mix, so mean-field theory does not hold")
    if recurrence.features == 1 and activation in SETTLED_BY_INPUTS:
        return NoTheory("with one input a step its size varies too much for a mean over inputs")
    factors = step_factors(recurrence)
    if not (np.isfinite(factors).all() and (factors > 0).all()):
        return NoTheory("the predicted variances leave the range of the numbers")
    source, conditions = _statement(recurrence)
    found = prediction(factors.tolist(), "time", source, conditions, decay)
    if isinstance(found, NoTheory):
        return found
    return within_truncation(replace(found, scatter=0.0) if recurrence.exact else found, recurrence.truncation, decay)


def predict_orthogonal(
    parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None = None
) -> Prediction | NoTheory:
    """Predict the decay factor of a recurrent network whose matrix is orthogonal by construction.

    It starts as, and so is predicted as, a plain recurrent network with an orthogonal matrix of gain 1: exactly 1
    a step for the linear one.

    Parameters
    ----------
    parameters : mapping
        width, activation and, if the architecture has them, truncation and dropout.
    inputs : Inputs
        What the task feeds it.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory

    References
    ----------
    Lezcano-Casado and Martínez-Rubio (2019), Cheap orthogonal constraints in neural networks, ICML, PMLR 97,
    3794-3803, doi:10.48550/arXiv.1901.08428.
    """
    if inputs.length is None:
        return NoTheory("the task feeds no sequences")
    first = inputs.mean_square if inputs.first is None else inputs.first
    recurrence = Recurrence(
        activation=str(parameters["activation"]),
        width=int(parameters["width"]),
        matrix="orthogonal",
        scale=1.0,
        first=first,
        drive=inputs.mean_square,
        length=inputs.length,
        truncation=parameters.get("truncation"),
        keep=1.0 - float(parameters.get("dropout", 0.0)),
        features=inputs.features,
    )
    return predict_recurrent(recurrence, decay)


def within_truncation(found: Prediction, truncation: int | None, decay: Decay | None = None) -> Prediction | NoTheory:
    """Restrict a prediction over time steps to those that the gradient of truncated backpropagation reaches.

    Parameters
    ----------
    found : Prediction
    truncation : int or None
        Steps of a window, counted from the last; the gradient of a read-out after the last step stays within it.
        None for all.
    decay : Decay, optional
        The analysis of the measurement, for its fewest positions.

    Returns
    -------
    Prediction or NoTheory
        The profile is NaN where no gradient arrives.
    """
    length = len(found.profile)
    if truncation is None or truncation >= length:
        return found
    reached = length - truncation + 1
    first = max(found.fitted, reached)
    if length - first + 1 < (decay or Decay()).minimum_positions:
        return NoTheory(f"with a gradient in the last {truncation} steps there is no factor to predict")
    profile = np.array(found.profile)
    profile[: reached - 1] = np.nan
    part = profile[first - 1 :]
    slope = float(theil_sen(np.arange(len(part) - 1, -1, -1, dtype=float), part[None, :])[0])
    mean = float(10 ** (part[0] / (len(part) - 1)))
    return replace(found, factor=10**slope, geometric_mean=mean, profile=tuple(profile.tolist()), fitted=first)


def _statement(recurrence: Recurrence) -> tuple[tuple[str, ...], str]:
    """Sources and conditions of the prediction."""
    linear, matrix = recurrence.activation == "linear", recurrence.matrix
    if recurrence.exact:
        return ("pascanu2013", "pennington2017"), "Exact at every step and width."
    steps = f"{recurrence.length} steps at width {recurrence.width}"
    if matrix == "spectral-radius":
        text = f"Approximate ({steps}): exact for a linear network over many steps; near the loss the factor is larger."
    else:
        text = f"Mean square for a wide network ({steps}); one matrix serves every step, so single networks scatter."
        if matrix == "gaussian":
            text += " Its powers lift networks of finite width: by about 2 % at width 128 and 4 % at 32 over 50 steps."
    if not linear:
        text += (
            " The states are taken as Gaussian with the mean variance that recurrent weights and inputs give them; "
            "where inputs vary in size over samples and steps, the measured factor lies above."
        )
    return ("pascanu2013", "schoenholz2017") if linear else ("poole2016", "schoenholz2017", "sompolinsky1988"), text
