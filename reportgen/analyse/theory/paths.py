"""Gaussian paths: what many sampled units of a wide recurrent network receive, step by step."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from reportgen.analyse.intervals import Floats

_FLOOR = 1e-12
"""Smallest share of a step's variance that counts as new, so that exact repetitions can be solved for."""


class Paths:
    r"""Paths of a Gaussian process, drawn one step at a time.

    The covariance of step $t$ with the steps before it need not be known before these are drawn. With it, row $t$ of
    the Cholesky factor $L$ of the covariance matrix is found by forward substitution, and the path is
    $x_t = \sum_{s \le t} L_{ts}\, \xi_s$ with independent standard normal $\xi_s$. Half of the units have the
    negative of the others' $\xi$, so that odd moments vanish exactly.

    Parameters
    ----------
    generator : numpy.random.Generator
    steps : int
        Most steps that are drawn.
    channels : int
        Independent paths of each unit, of one covariance.
    units : int
        Sampled units, even.
    """

    def __init__(self, generator: np.random.Generator, steps: int, channels: int, units: int) -> None:
        half = generator.standard_normal((steps * channels, units // 2))
        if 2 * len(half) <= units // 2:
            # Orthogonal rows leave less to chance; by Cholesky, which is ten times as fast as QR and as exact here.
            root = np.linalg.cholesky(half @ half.T / (units // 2))
            half = solve_triangular(root, half, lower=True, check_finite=False)
        half = half.reshape(steps, channels, units // 2)
        self._shape = (channels, units)
        self._noise = np.concatenate([half, -half], axis=-1).reshape(steps, -1)
        self._factor = np.zeros((steps, steps))
        self._drawn = 0

    def step(self, covariances: Floats, variance: float) -> Floats:
        """Draw the next step.

        Parameters
        ----------
        covariances : ndarray, shape (steps drawn so far,)
            With the steps before, in their order.
        variance : float
            Of this step.

        Returns
        -------
        ndarray, shape (channels, units)
        """
        t = self._drawn
        row = self._factor[t]
        if t:
            row[:t] = solve_triangular(self._factor[:t, :t], covariances, lower=True, check_finite=False)
        row[t] = np.sqrt(max(variance - float(row[:t] @ row[:t]), _FLOOR * variance, 1e-300))
        self._drawn += 1
        drawn: Floats = row[: t + 1] @ self._noise[: t + 1]
        return drawn.reshape(self._shape)
