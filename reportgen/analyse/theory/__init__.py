"""Theory: the decay factor that is predicted for an arm, where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reportgen.analyse.decay import Decay
from reportgen.analyse.theory.convolutional import predict_convolutional
from reportgen.analyse.theory.dense import predict_dense
from reportgen.analyse.theory.feedforward import predict_feedforward
from reportgen.analyse.theory.gated import predict_gru, predict_lstm
from reportgen.analyse.theory.highway import predict_highway
from reportgen.analyse.theory.known import inputs_of, recurrence_of
from reportgen.analyse.theory.prediction import Inputs, NoTheory, Prediction
from reportgen.analyse.theory.recurrent import Recurrence, predict_orthogonal, predict_recurrent
from reportgen.analyse.theory.residual import predict_residual
from reportgen.study.effective import effective

if TYPE_CHECKING:
    from reportgen.study.spec import Arm

__all__ = ["THEORIES", "Inputs", "NoTheory", "Prediction", "Recurrence", "inputs_of", "predict"]

Theory = Callable[[Mapping[str, Any], Inputs, Decay | None], Prediction | NoTheory]
"""From an architecture's parameters, and what a task feeds it, to the predicted decay."""


def _recurrent(parameters: Mapping[str, Any], inputs: Inputs, decay: Decay | None) -> Prediction | NoTheory:
    recurrence = recurrence_of(parameters, inputs)
    return recurrence if isinstance(recurrence, NoTheory) else predict_recurrent(recurrence, decay)


def _nothing(reason: str) -> Theory:
    return lambda parameters, inputs, decay: NoTheory(reason)


THEORIES: Mapping[str, Theory] = MappingProxyType(
    {
        "mlp": predict_feedforward,
        "residual-mlp": predict_residual,
        "highway": predict_highway,
        "dense": predict_dense,
        "cnn": predict_convolutional,
        "transformer": _nothing("the factor of a transformer depends on how the tokens of a sequence correlate"),
        "rnn": _recurrent,
        "orthogonal-rnn": predict_orthogonal,
        "lstm": predict_lstm,
        "gru": predict_gru,
        "echo-state": _nothing("no gradient flows through the states of an echo state network"),
    }
)
"""Architecture to its theory."""


def predict(arm: Arm, inputs: Inputs | None = None, decay: Decay | None = None) -> Prediction | NoTheory:
    """Predict the decay factor of an arm at initialisation.

    Parameters
    ----------
    arm : Arm
        The settings of its remedies are applied first.
    inputs : Inputs, optional
        What its task feeds it; looked up by the task's name if it is not given. The batch is that of the arm.
    decay : Decay, optional
        The analysis of the measurement, for its positions.

    Returns
    -------
    Prediction or NoTheory
        From the architecture's entry in `THEORIES`; the reason where there is no theory.
    """
    theory = THEORIES.get(arm.architecture.name)
    if theory is None:
        return NoTheory(f"there is no theory here for the architecture '{arm.architecture.name}'")
    known = inputs or inputs_of(arm.task)
    if known is None:
        return NoTheory(f"the mean square of the inputs of the task '{arm.task.name}' is not known")
    architecture, training = effective(arm.architecture, arm.remedies, arm.training)
    known = replace(known, batch=training.batch_size)
    return theory(architecture.parameters, known, decay)
