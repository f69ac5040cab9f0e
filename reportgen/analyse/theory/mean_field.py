"""From the factors of a mean-field recursion to a prediction, with what its size depends on."""

from __future__ import annotations

import numpy as np

from reportgen.analyse.decay import Decay
from reportgen.analyse.intervals import Floats
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction, prediction

LARGEST = 1e300
"""Variances are kept below this."""

SENSITIVITY_RANGE = 2.0
"""Inputs of this many times, and of this fraction of, the mean square must give nearly the same factor."""

MOST_SENSITIVE = 0.1
"""The largest relative difference between these that counts as nearly the same."""

WORTH_SAYING = 0.01
"""Above this relative difference the conditions of a prediction say how much the size of an input matters."""


def sizes(inputs: Inputs) -> Floats:
    """Return the mean square of the inputs, half of it and twice it, (3,)."""
    return inputs.mean_square * np.array([1.0, 1 / SENSITIVITY_RANGE, SENSITIVITY_RANGE])


def wide(width: int, what: str = "layers", units: str = "units") -> str:
    """Return the sentence on the conditions of mean-field theory."""
    return (
        f"Mean field: wide {what} (here {width} {units}) with independent weights, at initialisation; "
        "the mean square over networks, which lies a little above the typical network."
    )


def mean_field(
    factors: Floats, source: tuple[str, ...], conditions: str, decay: Decay | None = None
) -> Prediction | NoTheory:
    """Make a prediction from the factors for inputs of three sizes.

    Nothing is predicted where the mean factor differs by more than 10 % between inputs of half and of twice the mean
    square: a mean over inputs then describes neither. Above 1 % the conditions say so.

    Parameters
    ----------
    factors : ndarray, shape (3, depth - 1)
        Factor on the root mean square from layer l + 1 to l, for inputs of the `sizes`.
    source, conditions : tuple of str, str
        As in `Prediction`.
    decay : Decay, optional
        The analysis of the measurement, for its positions.
    """
    if not (np.isfinite(factors).all() and (factors > 0).all()):
        return NoTheory("the predicted factor is outside the range of the numbers")
    ends = 10 ** np.log10(factors[:, 1:]).mean(axis=1) if factors.shape[1] > 1 else np.ones(len(factors))
    low, high = float(min(ends)), float(max(ends))
    if high / low - 1 > MOST_SENSITIVE:
        return NoTheory(
            f"the factor depends on the size of each single input (from {low:.2g} to {high:.2g} for inputs "
            "of half to twice the mean square), so that the mean field gives no one value"
        )
    if high / low - 1 > WORTH_SAYING:
        conditions += (
            f" The size of an input matters: from {low:.3g} to {high:.3g} for inputs of half to twice the mean square."
        )
    return prediction(factors[0].tolist(), "layer", source, conditions, decay)
