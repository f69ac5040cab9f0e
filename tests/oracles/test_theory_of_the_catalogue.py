"""Theory against the catalogue's networks, measured through the trainer as studies measure them.

Tolerances: 1 % for plain and residual networks, 2 % for batch normalisation and for recurrent networks, at widths from
128 and 10 seeds; 1e-6 where the theory is exact.
"""

import numpy as np
import pytest

from reportgen.analyse.decay import Decay
from reportgen.analyse.theory import Prediction, predict
from reportgen.registry import architectures, tasks
from reportgen.run.trainer import train_cell
from reportgen.study import spec

WIDE = {"width": 128}
DEEP = {"depth": 20, **WIDE}
RELU = {"activation": "relu", "initialisation": "he-normal"}
TANH = {"activation": "tanh", "initialisation": "glorot-normal"}
SIGMOID = {"activation": "sigmoid", "initialisation": "glorot-normal"}
LINEAR = {"activation": "linear", "initialisation": "orthogonal"}
LATCH = ("latch", {"length": 50})
DIGITS = ("digits", {})

CASES = {
    "plain relu": ("mlp", {**DEEP, **RELU}, DIGITS, 0.01),
    "plain tanh": ("mlp", {**DEEP, **TANH}, DIGITS, 0.01),
    "plain sigmoid": ("mlp", {**DEEP, **SIGMOID}, DIGITS, 0.01),
    "plain linear orthogonal": ("mlp", {**DEEP, **LINEAR}, DIGITS, 1e-6),
    "dropout": ("mlp", {**DEEP, **RELU, "dropout": 0.2}, DIGITS, 0.01),
    "weight norm": ("mlp", {**DEEP, **RELU, "weight_normalisation": True}, DIGITS, 0.01),
    "layer norm relu": ("mlp", {**DEEP, **RELU, "normalisation": "layer"}, DIGITS, 0.01),
    "layer norm tanh": ("mlp", {**DEEP, **TANH, "normalisation": "layer"}, DIGITS, 0.01),
    "batch norm relu": ("mlp", {**DEEP, **RELU, "normalisation": "batch"}, DIGITS, 0.02),
    "batch norm tanh": ("mlp", {**DEEP, **TANH, "normalisation": "batch"}, DIGITS, 0.02),
    "residual": ("residual-mlp", {**DEEP, **RELU}, DIGITS, 0.01),
    "residual tanh": ("residual-mlp", {**DEEP, **TANH}, DIGITS, 0.01),
    "residual, two layers": ("residual-mlp", {**DEEP, **RELU, "width": 256, "branch_layers": 2}, DIGITS, 0.01),
    "residual, scaled": ("residual-mlp", {**DEEP, **RELU, "scale": "inverse-sqrt-depth"}, DIGITS, 0.01),
    "residual, zero": ("residual-mlp", {**DEEP, **RELU, "scale": "zero"}, DIGITS, 1e-6),
    "residual, layer norm before": ("residual-mlp", {**DEEP, **RELU, "normalisation": "layer"}, DIGITS, 0.01),
    "residual, layer norm after": (
        "residual-mlp",
        {**DEEP, **RELU, "normalisation": "layer", "placement": "after"},
        DIGITS,
        0.01,
    ),
    "mlp with skips": ("mlp", {**DEEP, **RELU, "skip": True}, DIGITS, 0.01),
    "highway tanh": ("highway", {**DEEP, **TANH}, DIGITS, 0.01),
    # Finite width: 3 % at 128 units, 1 % at 512; the prediction's conditions say so.
    "highway relu": ("highway", {**DEEP, **RELU}, DIGITS, 0.04),
    "densely connected": ("dense", {"depth": 20, "width": 64, **RELU}, DIGITS, 0.01),
    "convolutional": ("cnn", {"depth": 12, "width": 32, **TANH}, ("digit-images", {}), 0.02),
    "convolutional with skips": ("cnn", {"depth": 12, "width": 32, **TANH, "skip": True}, ("digit-images", {}), 0.02),
    "rnn linear": ("rnn", {**WIDE, "activation": "linear", "gain": 0.95}, LATCH, 1e-6),
    "rnn tanh": ("rnn", {**WIDE, "activation": "tanh", "gain": 1.0}, LATCH, 0.02),
    "rnn relu": ("rnn", {**WIDE, "activation": "relu", "gain": 1.2}, LATCH, 0.02),
    "orthogonal rnn": ("orthogonal-rnn", {**WIDE, "activation": "linear"}, LATCH, 1e-6),
    "lstm": ("lstm", WIDE, LATCH, 0.02),
    "lstm, forget bias": ("lstm", {**WIDE, "forget_bias": 2.0}, LATCH, 0.02),
    "gru": ("gru", WIDE, LATCH, 0.02),
}


def arm(name, parameters, task):
    return spec.Arm(
        id="a",
        label="a",
        levels={},
        values={},
        skipped="",
        is_baseline=False,
        task=spec.Component(task[0], tasks[task[0]].version, tasks[task[0]].complete(task[1])),
        architecture=spec.Component(name, architectures[name].version, architectures[name].complete(parameters)),
        remedies=(),
        training=spec.Training("sgd", 0, 64),
        measure=spec.Measure(("error_signal_rms",)),
        target=None,
        tuning_seeds=(),
        seeds=tuple(range(10)),
        learning_rates=(),
    )


@pytest.mark.parametrize("case", CASES)
def test_the_measured_factor_is_the_predicted_one(case):
    name, parameters, task, tolerance = CASES[case]
    own = arm(name, parameters, task)
    predicted = predict(own, decay=Decay())
    assert isinstance(predicted, Prediction), predicted
    fits = Decay()(train_cell(spec.Cell(own.runs)).measurements)
    fits = fits[fits["kind"] == fits["kind"].max()]
    assert len(fits) == 10
    measured = float(np.exp(np.log(fits["factor"].astype(float)).mean()))
    assert measured == pytest.approx(predicted.factor, rel=tolerance)
