"""What a theory says about an arm: a predicted factor with its profile, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.analyse.decay import Decay, theil_sen


@dataclass(frozen=True)
class Inputs:
    r"""What a task feeds a network, as far as theory needs it.

    Attributes
    ----------
    features : int
        Values of a sample, or of a time step.
    mean_square : float
        Mean square of an input value over samples and features, and over time steps; 1 where they are standardised.
    length : int or None
        Time steps; None for vectors.
    first : float or None
        Mean square at the first time step where it differs, as in a task that shows a symbol and then noise.
    image : (int, int) or None
        Height and width in pixels where samples are images; `features` are then the channels.
    variance : float or None
        Mean over features of the variance over samples, where a feature's mean is not 0; batch normalisation sees it.
    directions : float or None
        Effective number of directions in which samples differ, $(\operatorname{tr} C)^2 / \operatorname{tr} C^2$
        with the covariance matrix $C$ of the features; `features` if it is not given.
    batch : int
        Samples of a training batch.
    """

    features: int
    mean_square: float = 1.0
    length: int | None = None
    first: float | None = None
    image: tuple[int, int] | None = None
    variance: float | None = None
    directions: float | None = None
    batch: int = 64


@dataclass(frozen=True)
class NoTheory:
    """Why nothing is predicted for an arm."""

    reason: str


@dataclass(frozen=True)
class Prediction:
    """A predicted decay.

    Attributes
    ----------
    factor : float
        What the measurement would read if the theory held exactly: the slope of the predicted profile, fitted with
        the same estimator over the same positions. Per layer or step.
    geometric_mean : float
        The geometric mean of the factors between the fitted positions; equal to `factor` where all are equal.
    profile : tuple of float
        Predicted log10 of the error signal at index 1, 2, ..., less that at the last index.
    kind : str
        "layer" or "time": what the positions are.
    fitted : int
        First fitted index, counted from 1.
    source : tuple of str
        Keys of ``studies/references.bib``.
    conditions : str
        Under which conditions the prediction holds, one or two plain sentences.
    scatter : float or None
        Predicted standard deviation over seeds of log10 of the fitted factor; None where it is not known.
    shift : float
        Expected log10 of the geometric mean over seeds of the fitted factor, less log10 of `factor`: networks of
        finite width lie below their mean square.
    """

    factor: float
    geometric_mean: float
    profile: tuple[float, ...]
    kind: str
    fitted: int
    source: tuple[str, ...]
    conditions: str
    scatter: float | None = None
    shift: float = 0.0


def prediction(
    steps: Sequence[float], kind: str, source: tuple[str, ...], conditions: str, decay: Decay | None = None
) -> Prediction | NoTheory:
    """Make a prediction from the factors between neighbouring positions.

    Parameters
    ----------
    steps : sequence of float
        Factor on the root mean square from index i + 1 to index i, for i = 1, 2, ...
    kind : str
        "layer" or "time".
    source, conditions : tuple of str, str
        As in `Prediction`.
    decay : Decay, optional
        The analysis whose positions are fitted.

    Returns
    -------
    Prediction or NoTheory
        Nothing is predicted where the measurement has too few positions.
    """
    decay = decay or Decay()
    length = len(steps) + 1
    first = decay.first_fitted(kind, length)
    if length - first + 1 < decay.minimum_positions:
        return NoTheory(f"with {length} positions there is no factor to predict")
    logs = np.log10(np.asarray(steps, float))
    profile = np.append(np.cumsum(logs[::-1])[::-1], 0.0)
    part = profile[first - 1 :]
    distance = np.arange(len(part) - 1, -1, -1, dtype=float)
    slope = float(theil_sen(distance, part[None, :])[0])
    mean = float(10 ** (part[0] / distance[0]))
    return Prediction(10**slope, mean, tuple(profile.tolist()), kind, first, source, conditions)
