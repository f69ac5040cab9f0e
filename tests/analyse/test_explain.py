"""Why a measured factor differs from the predicted one: a case for each rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reportgen.analyse.causes import CAUSES
from reportgen.analyse.explain import THEORY_COLUMNS, Measured, cause, explain, inside, theory_frame
from reportgen.analyse.theory import Inputs
from reportgen.analyse.theory.feedforward import predict_feedforward
from reportgen.analyse.theory.gated import predict_gru
from reportgen.analyse.theory.prediction import NoTheory, prediction
from reportgen.analyse.theory.recurrent import Recurrence, predict_recurrent

LEVEL = prediction([0.5] * 10, "layer", ("key",), "Mean field.")


def around(factor, half=0.01, shape="exponential"):
    return Measured(factor, factor * (1 - half), factor * (1 + half), shape)


def test_within_the_interval_nothing_is_to_explain():
    assert inside(LEVEL, around(0.501))
    assert explain(LEVEL, around(0.501)) == ""


def test_rounding_is_no_deviation():
    assert explain(LEVEL, around(0.5 * (1 + 2e-6), half=1e-9)) == ""
    assert explain(LEVEL, around(0.5 * (1 + 2e-4), half=1e-9)) != ""


def test_without_a_measurement_or_an_interval_it_says_so():
    assert explain(LEVEL, Measured()) == "There is no measured factor to compare with."
    assert explain(LEVEL, Measured(0.5)) == "There are too few seeds for an interval."
    assert not inside(LEVEL, Measured(0.5))


def test_finite_width_explains_up_to_its_shift_and_downwards_only():
    shifted = replace(LEVEL, shift=np.log10(0.97))
    expected = "It lies 2 % below, and networks of this width are expected to lie 3 % below their mean square."
    assert explain(shifted, around(0.49)) == expected
    assert "not explained" in explain(shifted, around(0.45))
    assert "not explained" in explain(shifted, around(0.52))


def test_a_power_law_has_no_one_factor():
    said = explain(LEVEL, around(0.45, shape="power law"))
    assert (
        said == "It lies 10 % below; the profile follows a power law, so that a factor per layer depends on the depth."
    )
    over_time = replace(LEVEL, kind="time")
    assert "per time step depends on the number of time steps" in explain(over_time, around(0.45, shape="power law"))


@pytest.mark.parametrize(
    "predicted",
    [
        predict_feedforward(
            {"depth": 6, "width": 32, "activation": "tanh", "initialisation": {"name": "glorot-normal"}}, Inputs(64)
        ),
        predict_recurrent(Recurrence("tanh", 32, "orthogonal", 1.0, 1.0, 0.01, 50)),
        predict_gru({"width": 32}, Inputs(1, length=20)),
    ],
)
def test_the_conditions_say_where_the_size_of_inputs_matters(predicted):
    assert "depends on the size of each input" in explain(predicted, around(predicted.factor * 1.04))


def test_the_powers_of_one_matrix_lift_narrow_recurrent_networks():
    predicted = predict_recurrent(Recurrence("linear", 32, "gaussian", 1.0, 1.0, 0.01, 50))
    assert "powers of one matrix" in explain(predicted, around(1.04))
    assert "not explained" in explain(predicted, around(1.2))
    assert "not explained" in explain(predicted, around(0.96))


def test_near_the_start_the_predicted_factor_still_changes():
    settling = prediction([0.8, 0.9, 0.94, 0.96, 0.97], "layer", ("key",), "")
    said = explain(settling, around(settling.factor * 1.03))
    assert said == "It lies 3 % above; the predicted factor still changes from layer to layer by more than that."
    assert "not explained" in explain(settling, around(settling.factor * 1.3))


def test_what_no_rule_explains_is_not_explained():
    assert explain(LEVEL, around(0.45)) == "It lies 10 % below, which is not explained."


def test_a_cause_is_one_of_those_that_are_described_with_what_it_allows():
    shifted = replace(LEVEL, shift=np.log10(0.97))
    alike = replace(LEVEL, conditions="What is left of their likeness raises the factor, here by up to about 3 %.")
    found = [
        cause(shifted, around(0.49)),
        cause(LEVEL, around(0.45, shape="power law")),
        cause(alike, around(0.51)),
        cause(LEVEL, around(0.45)),
    ]
    assert found == [
        ("finite width", "3 % below"),
        ("power law", ""),
        ("alike samples", "up to 3 %"),
        ("not explained", ""),
    ]
    assert {name for name, _ in found} <= set(CAUSES)
    assert cause(LEVEL, around(0.5)) == cause(LEVEL, Measured(0.3)) == cause(LEVEL, Measured()) == ("", "")


def test_the_frame_has_a_row_an_arm_and_a_sentence_wherever_it_is_not_inside():
    predictions = {"a": replace(LEVEL, scatter=0.01, shift=-0.001), "b": NoTheory("no theory"), "c": LEVEL}
    frame = theory_frame(predictions, {"a": around(0.5), "b": around(0.3)})
    assert list(frame.columns) == list(THEORY_COLUMNS)
    assert frame["inside"].tolist() == [True, False, False]
    assert ((frame["explanation"] == "") == frame["inside"]).all()
    assert frame["reason"].tolist() == ["", "no theory", ""]
    assert frame["cause"].tolist() == frame["allowed"].tolist() == ["", "", ""]
    assert frame.loc[0, ["scatter", "shift"]].tolist() == [0.01, -0.001]
    assert frame.loc[0, "deviation"] == pytest.approx(0.0, abs=1e-9)
    assert frame.loc[1, "measured"] == 0.3
    assert np.isnan(frame.loc[2, ["scatter", "measured", "deviation"]].astype(float)).all()


def test_a_frame_without_arms_has_its_columns():
    assert list(theory_frame({}, {}).columns) == list(THEORY_COLUMNS)


@pytest.mark.parametrize(
    ("bound", "told"), [(", here by up to about 3 %.", " by up to 3 %"), (" a little.", " a little")]
)
def test_samples_that_are_alike_explain_what_lies_above_and_no_more(bound, told):
    said = replace(LEVEL, conditions=f"Mean field. What is left of the inputs' own likeness raises the factor{bound}")
    above = around(0.508, half=0.01)
    assert explain(said, around(0.508, half=0.001)).endswith("which is not explained.") == (told == " a little")
    assert told in explain(said, replace(above, low=0.5049))
    assert "not explained" in explain(said, around(0.55))
    assert "not explained" in explain(said, around(0.48))
