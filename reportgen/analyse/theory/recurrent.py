"""Theory of plain recurrent networks at initialisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.moments import ACTIVATIONS, HOMOGENEOUS, moments
from reportgen.analyse.theory.prediction import NoTheory, Prediction, prediction

MATRICES = ("orthogonal", "identity", "gaussian", "spectral-radius")
"""Recurrent matrices that the theory knows."""


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
    """

    activation: str
    width: int
    matrix: str
    scale: float
    first: float
    drive: float
    length: int


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
        q = min(recurrence.scale**2 * float(moments(recurrence.activation, q)[0][0]) + recurrence.drive, 1e300)
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
    return np.asarray(recurrence.scale * np.sqrt(moments(recurrence.activation, q)[1]))


def predict_recurrent(recurrence: Recurrence, decay: Decay | None = None) -> Prediction | NoTheory:
    r"""Predict the decay factor of a plain recurrent network at initialisation.

    The per-step factors are those of `step_factors`; the same line is fitted to the predicted profile as to the
    measurement. For a Gaussian matrix that was scaled to spectral radius $\rho$ the factor of a linear network
    tends to $\rho$ over many steps and is predicted as $\rho$; the first few steps from the loss follow the singular
    values, which are larger. $\sigma_{\max}(W) < 1/\gamma$, with $\gamma$ the largest slope of $\phi$, is sufficient
    for vanishing; the spectral radius is not the singular value (Pascanu et al. 2013).

    Nothing is predicted for a scaled identity with tanh or ReLU, whose units do not mix.

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
    factors = step_factors(recurrence)
    if not (np.isfinite(factors).all() and (factors > 0).all()):
        return NoTheory("the predicted variances leave the range of the numbers")
    source, conditions = _statement(recurrence)
    return prediction(factors.tolist(), "time", source, conditions, decay)


def _statement(recurrence: Recurrence) -> tuple[tuple[str, ...], str]:
    """Sources and conditions of the prediction."""
    linear, matrix = recurrence.activation == "linear", recurrence.matrix
    if linear and matrix in ("orthogonal", "identity"):
        return ("pascanu2013", "pennington2017"), "Exact at every step and width."
    steps = f"{recurrence.length} steps at width {recurrence.width}"
    if matrix == "spectral-radius":
        text = f"Approximate ({steps}): exact for a linear network over many steps; near the loss the factor is larger."
    else:
        text = f"Mean square for a wide network ({steps}); one matrix serves every step, so single networks scatter."
    if not linear:
        text += (
            " The states are taken as Gaussian with the mean variance that recurrent weights and inputs give them; "
            "where inputs vary in size over samples and steps, the measured factor lies above."
        )
    return ("pascanu2013", "schoenholz2017") if linear else ("poole2016", "schoenholz2017", "sompolinsky1988"), text
