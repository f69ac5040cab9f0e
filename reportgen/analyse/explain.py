"""Explanation: why a measured decay factor differs from the predicted one, by rule."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from reportgen.analyse.theory.prediction import NoTheory, Prediction

THEORY_COLUMNS = (
    "arm",
    "factor",
    "geometric_mean",
    "scatter",
    "shift",
    "measured_scatter",
    "measured",
    "low",
    "high",
    "deviation",
    "inside",
    "explanation",
    "source",
    "conditions",
    "reason",
)
"""Columns of the frame of theory beside measurement."""

ROUNDING = 1e-5
"""Relative difference that single precision may make, and that counts as none."""

SIZE_MATTERS = ("size of an input matters", "inputs vary in size", "their size varies")
"""What the conditions of a prediction say where its factor depends on the size of each input."""


LIKENESS = re.compile(r"likeness raises the factor(?:, here by up to about (\d+) %| a little)")
"""What the conditions say where batch normalisation is predicted as if all samples were equally unlike."""

LIFTED = "powers lift networks"
"""What the conditions say where the powers of one matrix put networks of finite width above their prediction."""

MOST_LIFTED = 0.07
"""The largest relative difference that this was seen to make (`predict_recurrent`)."""


@dataclass(frozen=True)
class Measured:
    """A measured decay factor.

    Attributes
    ----------
    factor, low, high : float
        Geometric mean over seeds and its 95 % interval; NaN where there is none.
    shape : str
        Which description of the profile fits better: "exponential", "power law", "neither clearly" or "".
    scatter : float
        Standard deviation over seeds of log10 of the factor; NaN where there are fewer than three.
    """

    factor: float = field(default=math.nan)
    low: float = field(default=math.nan)
    high: float = field(default=math.nan)
    shape: str = ""
    scatter: float = field(default=math.nan)


def inside(predicted: Prediction, measured: Measured) -> bool:
    """Tell whether the predicted factor lies within the measured interval, up to rounding; False without one."""
    return measured.low * (1 - ROUNDING) <= predicted.factor <= measured.high * (1 + ROUNDING)


def explain(predicted: Prediction, measured: Measured) -> str:
    """Say in one sentence why the predicted factor lies outside the measured interval.

    The first of these that holds:

    1. It lies within the interval, up to the rounding of single precision: nothing is to explain, "".
    2. There is no measured factor, or no interval.
    3. The measured factor lies below by no more than the shift that finite width makes one expect, up to the interval.
    4. The profile is a power law, so that a factor depends on the depth.
    5. It lies above by no more than the powers of one Gaussian recurrent matrix do at finite width.
    6. It lies above by no more than the likeness of the samples in a batch may raise it, up to the interval.
    7. The factor depends on the size of each input, as the prediction's conditions say.
    8. The predicted factor itself varies between the fitted positions by at least the deviation, as it does for some
       layers or steps after the start.
    9. It is not explained.

    Parameters
    ----------
    predicted : Prediction
    measured : Measured

    Returns
    -------
    str
    """
    if math.isnan(measured.factor):
        return "There is no measured factor to compare with."
    if math.isnan(measured.low):
        return "There are too few seeds for an interval."
    if inside(predicted, measured):
        return ""
    deviation = math.log10(measured.factor / predicted.factor)
    far = f"{100 * abs(measured.factor / predicted.factor - 1):.2g} % {'below' if deviation < 0 else 'above'}"
    shifted = 10**predicted.shift
    if predicted.shift < 0 and deviation < 0 and measured.high >= predicted.factor * shifted * (1 - ROUNDING):
        share = 100 * (1 - shifted)
        return f"It lies {far}, and networks of this width are expected to lie {share:.2g} % below their mean square."
    unit, end = ("layer", "depth") if predicted.kind == "layer" else ("time step", "number of time steps")
    if measured.shape == "power law":
        return f"It lies {far}; the profile follows a power law, so that a factor per {unit} depends on the {end}."
    if LIFTED in predicted.conditions and 0 < 10**deviation - 1 <= MOST_LIFTED:
        return f"It lies {far}; the powers of one matrix lift networks of finite width by a few per cent."
    alike = LIKENESS.search(predicted.conditions)
    if alike and deviation > 0 and measured.low / predicted.factor - 1 <= float(alike[1] or 1) / 100:
        most = f" by up to {alike[1]} %" if alike[1] else " a little"
        return f"It lies {far}; samples of a batch that are still alike raise the factor{most}."
    if any(said in predicted.conditions for said in SIZE_MATTERS):
        return f"It lies {far}; the factor depends on the size of each input, and the theory takes one of mean size."
    if _variation(predicted) >= abs(deviation):
        return f"It lies {far}; the predicted factor still changes from {unit} to {unit} by more than that."
    return f"It lies {far}, which is not explained."


def _variation(predicted: Prediction) -> float:
    """Largest less smallest log10 of the predicted factors between the fitted positions."""
    steps = np.diff(predicted.profile[predicted.fitted - 1 :])
    return float(steps.max() - steps.min()) if len(steps) else 0.0


def theory_frame(predictions: Mapping[str, Prediction | NoTheory], estimates: Mapping[str, Measured]) -> pd.DataFrame:
    """Set predictions beside measurements.

    Parameters
    ----------
    predictions : mapping
        Arm id to what theory says, in the study's order.
    estimates : mapping
        Arm id to its measured factor.

    Returns
    -------
    pandas.DataFrame
        `THEORY_COLUMNS`; deviation in per cent, measured over predicted less one.
    """
    rows = [_row(arm, found, estimates.get(arm, Measured())) for arm, found in predictions.items()]
    return pd.DataFrame(rows, columns=list(THEORY_COLUMNS)).astype({"inside": bool})


def _row(arm: str, found: Prediction | NoTheory, measured: Measured) -> dict[str, Any]:
    row: dict[str, Any] = {
        "arm": arm,
        "measured": measured.factor,
        "low": measured.low,
        "high": measured.high,
        "measured_scatter": measured.scatter,
    }
    if isinstance(found, NoTheory):
        unknown = dict.fromkeys(("factor", "geometric_mean", "scatter", "shift", "deviation"), math.nan)
        said = {"source": "", "conditions": "", "reason": found.reason}
        return row | unknown | said | {"inside": False, "explanation": "There is no prediction to compare with."}
    return row | {
        "factor": found.factor,
        "geometric_mean": found.geometric_mean,
        "scatter": math.nan if found.scatter is None else found.scatter,
        "shift": found.shift,
        "deviation": 100 * (measured.factor / found.factor - 1),
        "inside": inside(found, measured),
        "explanation": explain(found, measured),
        "source": ", ".join(found.source),
        "conditions": found.conditions,
        "reason": "",
    }
