"""Theory: the decay factor that is predicted for an arm, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportgen.analyse.decay import Decay
from reportgen.analyse.theory.feedforward import predict_feedforward
from reportgen.analyse.theory.known import inputs_of, recurrence_of
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction
from reportgen.analyse.theory.recurrent import Recurrence, predict_recurrent

if TYPE_CHECKING:
    from reportgen.study.spec import Arm

__all__ = ["Inputs", "NoTheory", "Prediction", "Recurrence", "inputs_of", "predict"]


def predict(arm: Arm, inputs: Inputs | None = None, decay: Decay | None = None) -> Prediction | NoTheory:
    """Predict the decay factor of an arm at initialisation.

    Parameters
    ----------
    arm : Arm
        Its architecture, with the settings of its remedies.
    inputs : Inputs, optional
        What its task feeds it; looked up by the task's name if it is not given.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory
        `predict_feedforward` for plain deep networks, `predict_recurrent` for plain recurrent ones; the reason where
        there is no theory.
    """
    name, parameters = arm.architecture.name, arm.architecture.parameters
    if name not in ("mlp", "rnn"):
        return NoTheory(f"there is no theory here for the architecture '{name}'")
    known = inputs or inputs_of(arm.task)
    if known is None:
        return NoTheory(f"the mean square of the inputs of the task '{arm.task.name}' is not known")
    if name == "mlp":
        return predict_feedforward(parameters, known, decay)
    recurrence = recurrence_of(parameters, known)
    return recurrence if isinstance(recurrence, NoTheory) else predict_recurrent(recurrence, decay)
