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
    "cause",
    "allowed",
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


def cause(predicted: Prediction, measured: Measured) -> tuple[str, str]:
    """Find why the predicted factor lies outside the measured interval.

    The first of these that holds:

    1. "": it lies within the interval, up to the rounding of single precision, or there is no interval.
    2. "finite width": the measured factor lies below by no more than the shift that finite width makes one expect, up
       to the interval.
    3. "power law": the profile is one, so that a factor depends on the depth.
    4. "one matrix": it lies above by no more than the powers of one Gaussian recurrent matrix do at finite width.
    5. "alike samples": it lies above by no more than the likeness of the samples in a batch may raise it, up to the
       interval.
    6. "size of inputs": the factor depends on the size of each input, as the prediction's conditions say.
    7. "still changing": the predicted factor itself varies between the fitted positions by at least the deviation, as
       it does for some layers or steps after the start.
    8. "not explained".

    Parameters
    ----------
    predicted : Prediction
    measured : Measured

    Returns
    -------
    (str, str)
        One of ``causes.CAUSES`` or "", and how large a deviation it allows, in words, where that is known, else "".
    """
    if math.isnan(measured.factor) or math.isnan(measured.low) or inside(predicted, measured):
        return "", ""
    deviation = math.log10(measured.factor / predicted.factor)
    shifted = 10**predicted.shift
    if predicted.shift < 0 and deviation < 0 and measured.high >= predicted.factor * shifted * (1 - ROUNDING):
        return "finite width", f"{100 * (1 - shifted):.2g} % below"
    if measured.shape == "power law":
        return "power law", ""
    if LIFTED in predicted.conditions and 0 < 10**deviation - 1 <= MOST_LIFTED:
        return "one matrix", ""
    alike = LIKENESS.search(predicted.conditions)
    if alike and deviation > 0 and measured.low / predicted.factor - 1 <= float(alike[1] or 1) / 100:
        return "alike samples", f"up to {alike[1]} %" if alike[1] else ""
    if any(said in predicted.conditions for said in SIZE_MATTERS):
        return "size of inputs", ""
    return ("still changing" if _variation(predicted) >= abs(deviation) else "not explained"), ""


def explain(predicted: Prediction, measured: Measured) -> str:
    """Say in one sentence why the predicted factor lies outside the measured interval, by the rules of `cause`.

    Parameters
    ----------
    predicted : Prediction
    measured : Measured

    Returns
    -------
    str
        "" where there is nothing to explain.
    """
    if math.isnan(measured.factor):
        return "There is no measured factor to compare with."
    if math.isnan(measured.low):
        return "There are too few seeds for an interval."
    why, allowed = cause(predicted, measured)
    if not why:
        return ""
    share = measured.factor / predicted.factor - 1
    unit, end = ("layer", "depth") if predicted.kind == "layer" else ("time step", "number of time steps")
    said = {
        "finite width": f", and networks of this width are expected to lie {allowed} their mean square",
        "power law": f"; the profile follows a power law, so that a factor per {unit} depends on the {end}",
        "one matrix": "; the powers of one matrix lift networks of finite width by a few per cent",
        "alike samples": "; samples of a batch that are still alike raise the factor "
        + (f"by {allowed}" if allowed else "a little"),
        "size of inputs": "; the factor depends on the size of each input, and the theory takes one of mean size",
        "still changing": f"; the predicted factor still changes from {unit} to {unit} by more than that",
        "not explained": ", which is not explained",
    }
    return f"It lies {100 * abs(share):.2g} % {'below' if share < 0 else 'above'}{said[why]}."


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
        blank = {"inside": False, "explanation": "There is no prediction to compare with.", "cause": "", "allowed": ""}
        return row | unknown | said | blank
    why, allowed = cause(found, measured)
    return row | {
        "factor": found.factor,
        "geometric_mean": found.geometric_mean,
        "scatter": math.nan if found.scatter is None else found.scatter,
        "shift": found.shift,
        "deviation": 100 * (measured.factor / found.factor - 1),
        "inside": inside(found, measured),
        "explanation": explain(found, measured),
        "cause": why,
        "allowed": allowed,
        "source": ", ".join(found.source),
        "conditions": found.conditions,
        "reason": "",
    }
