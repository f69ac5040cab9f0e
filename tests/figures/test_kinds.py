"""What each kind of figure states: the numbers of its words, its data, its gaps."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from reportgen import registry
from reportgen.errors import UnknownName
from reportgen.figures import Figure, prepare

KINDS = ("decay-course", "decay-factor", "gradient-profile", "learning-curves", "metric-by-factor", "success-by-rate",
         "theory-against-measurement", "time-to-target")  # fmt: skip
NEEDED: dict[str, dict[str, Any]] = {"metric-by-factor": {"against": "initialisation"}}


def one(fakes: SimpleNamespace, kind: str, study: Any = None, analysis: Any = None, **options: Any) -> Figure:
    study = study or fakes.study()
    request = fakes.request(kind, **{**NEEDED.get(kind, {}), **options})
    (figure,) = prepare(replace(study, report=(request,)), analysis or fakes.analysis(study))
    return figure


def test_the_kinds_are_registered() -> None:
    assert [name for name in registry.figures.names() if name in KINDS] == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_checked_and_complete(kind: str) -> None:
    given = NEEDED.get(kind, {})
    complete = registry.figures[kind].complete(given)
    assert {"colour", "panels"} <= set(complete)
    with pytest.raises(ValueError, match="extra"):
        registry.figures[kind].complete({**given, "color": "activation"})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_complete_and_made_of_json(fakes: SimpleNamespace, kind: str) -> None:
    figure = one(fakes, kind)
    assert list(figure.columns) == list(figure.data.columns)
    assert all(meaning for meaning in figure.columns.values())
    assert json.loads(json.dumps(dict(figure.parameters))) == figure.parameters
    assert figure.run_ids == tuple(sorted(figure.run_ids)) and len(figure.run_ids) == 8
    assert (figure.kind, figure.study, figure.id) == (kind, "demo", kind)
    assert (figure.alt and figure.description.startswith(figure.alt[:10])) or kind == "gradient-profile"


@pytest.mark.parametrize("kind", KINDS)
def test_methods_exist(fakes: SimpleNamespace, kind: str) -> None:
    import importlib

    for name in one(fakes, kind).method:
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute).__doc__


def test_gradient_profile_states_the_ends(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "gradient-profile")
    # arm 0 has factor 0.5 over 10 layers from 0.1, arm 3 0.8
    assert figure.alt == (
        "Error signal towards the input: for sigmoid · Glorot it falls from 0.1 to 9.8 × 10⁻⁵ "
        "(95 % interval 7.8 × 10⁻⁵ to 1.2 × 10⁻⁴) over 10 layers; for ReLU · He it falls from 0.1 to 0.011 "
        "(95 % interval 0.0085 to 0.014) over 10 layers."
    )
    assert "sigmoid · He: falls from 0.1 to 6 × 10⁻⁴" in figure.description
    assert figure.parameters["xlabel"] == "Distance from the loss (layers)"
    assert "theory 1 × 10⁻⁴" in figure.description


def test_gradient_profile_counts_censored_positions(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    lost = (analysis.profiles["arm"] == study.arms[0].id) & (analysis.profiles["distance"] > 7)
    analysis.profiles.loc[lost, ["estimate", "low", "high"]] = math.nan
    analysis.profiles.loc[lost, ["n", "n_censored"]] = [0, 4]
    figure = one(fakes, "gradient-profile", study, analysis)
    assert "3 positions out of the range of the numbers" in figure.description
    assert int((figure.data["n_censored"] > 0).sum()) == 3
    assert "for sigmoid · Glorot it falls from 0.1 to 7.8 × 10⁻⁴" in figure.alt  # it has gone farther than any other
    assert "over 7 layers, and is out of the range of the numbers beyond" in figure.alt
    analysis.profiles.loc[analysis.profiles["arm"] == study.arms[0].id, "estimate"] = math.nan
    analysis.profiles.loc[analysis.profiles["arm"] == study.arms[0].id, "n_censored"] = 4
    figure = one(fakes, "gradient-profile", study, analysis)
    assert figure.alt.endswith("Out of the range of the numbers at every position: sigmoid · Glorot.")


def test_gradient_profile_keeps_fractions_linear(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.profiles["quantity"] = "dead_fraction"
    analysis.profiles[["estimate", "low", "high"]] = [0.25, 0.2, 0.3]
    figure = one(fakes, "gradient-profile", study, analysis, quantity="dead_fraction")
    assert not figure.parameters["logarithmic"]
    assert "stays at 0.25 (95 % interval 0.2 to 0.3)" in figure.alt


def test_decay_factor_states_lowest_and_highest(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "decay-factor")
    assert figure.alt == (
        "The decay factor per layer at initialisation is lowest for sigmoid · Glorot, "
        "0.5 (95 % interval 0.49 to 0.51), theory 0.505, and highest for ReLU · He, "
        "0.8 (95 % interval 0.784 to 0.816), theory 0.808."
    )
    assert "ReLU · Glorot: 0.7 (95 % interval 0.686 to 0.714), theory 0.707." in figure.description
    assert figure.data["mark"].value_counts().to_dict() == {"mean": 4, "seed": 16}


def test_decay_factor_without_enough_seeds_says_so(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.estimates[["low", "high"]] = math.nan
    assert "(no interval: fewer than three seeds)" in one(fakes, "decay-factor", study, analysis).alt


def test_decay_factor_against_a_number(fakes: SimpleNamespace) -> None:
    study = fakes.study({"unit": ("tanh", "ReLU"), "gain": ("1.5", "0.5")})
    figure = one(fakes, "decay-factor", study, against="gain", colour="unit")
    assert figure.data["x"].tolist() == [1.5, 0.5, 1.5, 0.5]
    assert figure.parameters["numeric"] and not figure.parameters["x_log"]
    assert set(figure.data["mark"]) == {"mean"}


def test_learning_curves_state_the_end(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "learning-curves")
    assert figure.alt == (
        "At the end of training, the accuracy on test data is lowest for sigmoid · Glorot, "
        "0.1 (95 % interval 0.07 to 0.13) after 100 steps, and highest for ReLU · He, "
        "0.34 (95 % interval 0.31 to 0.37) after 100 steps."
    )
    assert figure.parameters["targets"] == [0.9]
    assert figure.parameters["untrained"] == [pytest.approx(0.1)]
    assert (figure.data["mark"] == "seed").sum() == 4 * 4 * 21


def test_learning_curves_leave_out_seeds_where_there_are_many(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    figure = one(fakes, "learning-curves", study, fakes.analysis(study, seeds=11))
    assert set(figure.data["mark"]) == {"mean"}


def test_time_to_target_counts_runs(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "time-to-target")
    # 0 + 1 + 2 + 3 of 4 runs each
    assert figure.alt.startswith("6 of 16 runs reach accuracy 0.9.")
    assert "lowest for ReLU · He, 70 steps (95 % interval 65 to 70), 3 of 4 runs" in figure.alt
    assert figure.data["mark"].value_counts().to_dict() == {"censored": 8, "reached": 6, "mean": 4, "diverged": 2}


def test_time_to_target_of_runs_that_all_diverged(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.times["censored"] = analysis.times["diverged"] = True
    analysis.estimates = analysis.estimates[analysis.estimates["name"] != "time-to-target"]
    figure = one(fakes, "time-to-target", study, analysis)
    assert figure.alt == "0 of 16 runs reach accuracy 0.9."
    assert (figure.data["mark"] == "diverged").sum() == 16


def test_survival_curves_take_the_analysis_as_it_is(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "time-to-target", survival=True)
    last = figure.data.groupby("arm", sort=False)["not_reached"].last()
    assert last.tolist() == [1.0, 0.75, 0.5, 0.25]


def test_success_by_rate_states_the_chosen_rates_and_the_edge(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "success-by-rate")
    assert figure.alt == (
        "The share of runs that reach the target at each arm's chosen learning rate runs from "
        "0 (95 % interval 0 to 0.1) for sigmoid · Glorot at 0.1 to "
        "0.75 (95 % interval 0.65 to 0.85) for ReLU · He at 1. "
        "The best rate is at the edge of the list for sigmoid · He and ReLU · He."
    )
    shown = one(fakes, "success-by-rate", show="metric")
    assert "final accuracy at each arm's chosen learning rate runs from 0.1 (95 % interval 0.05 to 0.15)" in shown.alt


def test_success_by_rate_takes_lists_that_differ_and_names_what_extended_them(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    lists = [(0.1, 1.0), (0.01, 0.1, 1.0), (0.1, 1.0, 3.0, 10.0), (0.001, 0.01, 0.1, 1.0)]
    arms = [replace(arm, learning_rates=rates) for arm, rates in zip(study.arms, lists, strict=True)]
    assert not any(
        "extended" in name for name in one(fakes, "success-by-rate", replace(study, arms=tuple(arms))).method
    )
    arms[2] = replace(arms[2], further_rates=(3.0, 10.0))
    figure = one(fakes, "success-by-rate", replace(study, arms=tuple(arms)))
    assert "reportgen.analyse.extension.extended" in figure.method
    drawn = figure.data.groupby("arm", sort=False)["learning_rate"].agg(tuple)
    assert [drawn[arm.id] for arm in arms] == lists


def test_metric_by_factor_states_any_estimate(fakes: SimpleNamespace) -> None:
    figure = one(fakes, "metric-by-factor", estimate="final-metric")
    assert "lowest for sigmoid · Glorot, 0.1 accuracy (95 % interval 0.05 to 0.15)" in figure.alt
    assert "highest for ReLU · He, 0.34 accuracy" in figure.alt
    with pytest.raises(UnknownName, match="no estimate called 'succes'"):
        one(fakes, "metric-by-factor", estimate="succes")


def test_decay_course_states_start_and_end(fakes: SimpleNamespace) -> None:
    alt = one(fakes, "decay-course").alt
    assert "lowest for sigmoid · Glorot, 0.6 (95 % interval 0.48 to 0.62) after 100 steps, from 0.5" in alt


@pytest.mark.parametrize("kind", KINDS)
def test_a_skipped_arm_is_told_with_its_reason(fakes: SimpleNamespace, kind: str) -> None:
    study = fakes.study()
    study = replace(study, arms=(replace(study.arms[0], skipped="it makes no sense"), *study.arms[1:]))
    figure = one(fakes, kind, study)
    told = "No data for sigmoid · Glorot: skipped, it makes no sense."
    assert figure.parameters["notes"] == [told] and told in figure.description
    assert study.arms[0].id not in set(figure.data["arm"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_without_data_says_why(fakes: SimpleNamespace, kind: str) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    for name in (
        "theory",
        "estimates",
        "profiles",
        "decay",
        "course",
        "curves",
        "seed_curves",
        "survival",
        "times",
        "rates",
    ):
        setattr(analysis, name, getattr(analysis, name).iloc[:0])
    analysis.statuses["completed"] = 0
    analysis.run_ids = {}
    figure = one(fakes, kind, study, analysis)
    assert figure.data.empty and figure.run_ids == ()
    assert figure.alt.startswith("This figure has no data yet.") and figure.alt.endswith(": not run yet.")


def test_values_that_are_all_unknown_are_no_data(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.estimates["estimate"] = np.nan
    assert one(fakes, "decay-factor", study, analysis).data.empty
    assert one(fakes, "metric-by-factor", study, analysis).data.empty


def test_preparing_imports_no_drawing_library() -> None:
    code = (
        "import sys; from reportgen import registry; from reportgen.figures import prepare, save;"
        "registry.figures.names(); print([m for m in ('matplotlib', 'seaborn', 'scipy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_equal_shares_stand_side_by_side(fakes: SimpleNamespace) -> None:
    import matplotlib

    from reportgen.figures.draw import laid_out
    from reportgen.figures.theme import LIGHT

    figure = one(fakes, "success-by-rate")
    with matplotlib.rc_context(LIGHT.rc()):
        (ax,) = laid_out(figure, LIGHT).axes
    starts = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 3]
    assert len(set(starts)) == 4 and np.mean(starts) == pytest.approx(-2)
    nearest = min(np.diff(np.log10(sorted(set(figure.data["learning_rate"])))))
    assert max(starts) - min(starts) <= nearest / 5, "no mark may seem to stand at another rate"


def test_an_estimate_of_training_leaves_out_untrained_arms(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    untrained = replace(study.arms[0], training=replace(study.arms[0].training, steps=0))
    study = replace(study, arms=(untrained, *study.arms[1:]))
    assert untrained.id not in set(one(fakes, "metric-by-factor", study).data["arm"])
    assert one(fakes, "metric-by-factor", study).parameters["notes"] == []
    assert untrained.id in set(one(fakes, "metric-by-factor", study, estimate="decay-factor").data["arm"])


def test_theory_states_how_many_lie_inside_and_the_largest_miss(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.theory.loc[1, ["factor", "deviation", "inside"]] = [0.5, 20.0, False]
    figure = one(fakes, "theory-against-measurement", study, analysis)
    assert figure.alt == (
        "The predicted decay factor lies within the 95 % interval of the measured one for 3 of 4 arms. "
        "The largest deviation is 20 %, for sigmoid · He: predicted 0.5, measured 0.6 (95 % interval 0.588 to 0.612)."
    )
    assert "ReLU · He: predicted 0.808, measured 0.8 (95 % interval 0.784 to 0.816), deviation −0.99 %." in (
        figure.description
    )


def test_theory_names_arms_without_a_prediction_or_a_measurement(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.theory["inside"] = analysis.theory["inside"].astype(object)
    analysis.theory.loc[0, ["factor", "measured", "low", "high", "deviation"]] = math.nan
    analysis.theory.loc[0, ["reason", "inside"]] = ["the layers have no weights", None]
    analysis.theory.loc[1, ["measured", "low", "high", "deviation"]] = math.nan
    analysis.absent.loc[0] = [study.arms[1].id, "decay-factor", "two layers are too few"]
    figure = one(fakes, "theory-against-measurement", study, analysis)
    assert figure.parameters["notes"] == [
        "No data for sigmoid · Glorot: no theory, the layers have no weights.",
        "No data for sigmoid · He: two layers are too few.",
    ]
    assert figure.alt.startswith(
        "The predicted decay factor lies within the 95 % interval of the measured one for 2 of"
    )


def test_theory_without_intervals_judges_nothing(fakes: SimpleNamespace) -> None:
    study = fakes.study()
    analysis = fakes.analysis(study)
    analysis.theory[["low", "high"]] = math.nan
    figure = one(fakes, "theory-against-measurement", study, analysis)
    assert figure.data["inside"].tolist() == [None] * 4
    assert figure.alt.startswith("No measured decay factor has an interval. The largest deviation is −0.99 %")


def test_theory_has_a_colour_for_one_factor_and_one_scale_for_both_axes(fakes: SimpleNamespace) -> None:
    import matplotlib

    from reportgen.figures.draw import laid_out
    from reportgen.figures.theme import LIGHT

    study = fakes.study({"unit": ("tanh", "ReLU"), "init": ("Glorot", "He"), "depth": ("5", "10")})
    figure = one(fakes, "theory-against-measurement", study, colour="init")
    assert figure.data["series"].unique().tolist() == ["Glorot", "He"]
    with matplotlib.rc_context(LIGHT.rc()):
        (ax,) = laid_out(figure, LIGHT).axes
    assert ax.get_xlim() == ax.get_ylim()
    assert 10 ** ax.get_xlim()[0] < 0.49 and 10 ** ax.get_xlim()[1] > 1.2


def test_theory_names_few_arms_in_the_drawing_and_all_in_words(fakes: SimpleNamespace) -> None:
    study = fakes.study({"unit": ("tanh", "ReLU", "GELU"), "init": ("Glorot", "He")})
    analysis = fakes.analysis(study)
    analysis.theory.loc[1:, ["factor", "inside"]] = [math.nan, False]
    analysis.theory.loc[1:, "reason"] = [f"it depends on the input (from 0.{i} to 1), as said" for i in range(1, 6)]
    figure = one(fakes, "theory-against-measurement", study, analysis)
    short = "tanh · He, ReLU · Glorot, ReLU · He and 2 more arms"
    assert figure.parameters["notes"] == [f"No data for {short}: no theory, it depends on the input, as said."]
    assert "No data for GELU · He: no theory, it depends on the input (from 0.5 to 1), as said." in figure.description
