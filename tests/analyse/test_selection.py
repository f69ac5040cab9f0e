"""The choice of a learning rate, as worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reportgen.analyse.selection import Selection, regret

RATES = (0.01, 0.1, 1.0)


def choose(rows, rates=RATES, upwards=True, chance=None, diverged=()):
    """Rows of (learning rate, tuning, reached, area); at the rates in `diverged` all runs diverged."""
    frame = pd.DataFrame(rows, columns=["learning_rate", "tuning", "reached", "area"])
    chance = (0.0 if upwards else 10.0) if chance is None else chance
    gone = frame["learning_rate"].isin(diverged)
    frame = frame.assign(arm="a", higher_is_better=upwards, chance=chance, diverged=gone)
    return Selection()(frame, {"a": rates}).iloc[0]


def test_the_rate_with_most_success_wins_over_the_larger_area():
    picked = choose(
        [
            (0.01, True, True, 0.5),
            (0.01, True, False, 0.9),
            (0.1, True, True, 0.5),
            (0.1, True, True, 0.4),
            (1.0, True, False, 0.9),
            (1.0, True, False, 0.9),
        ]
    )
    assert (picked["learning_rate"], picked["at_edge"], picked["n_tuning"]) == (0.1, False, 2)


@pytest.mark.parametrize(("upwards", "best"), [(True, 1.0), (False, 0.01)])
def test_equal_success_goes_to_the_better_area(upwards, best):
    picked = choose([(0.01, True, True, 0.5), (0.1, True, True, 0.6), (1.0, True, True, 0.7)], upwards=upwards)
    assert picked["learning_rate"] == best
    assert picked["at_edge"]


def test_equal_rates_go_to_the_lower_middle():
    assert choose([(rate, True, False, 0.1) for rate in RATES])["learning_rate"] == 0.1
    assert choose([(rate, True, False, 0.1) for rate in (0.1, 1.0)])["learning_rate"] == 0.1


def test_judged_seeds_do_not_choose():
    picked = choose([(0.1, True, True, 0.5), (1.0, True, False, 0.1), (1.0, False, True, 0.9)])
    assert picked["learning_rate"] == 0.1


def test_without_tuning_seeds_the_judged_seeds_choose_and_it_is_said():
    picked = choose([(0.01, False, False, 0.1), (0.1, False, True, 0.5), (1.0, False, False, 0.1)])
    assert (picked["learning_rate"], picked["n_tuning"]) == (0.1, 0)


def test_a_single_rate_is_taken_and_not_at_the_edge():
    picked = choose([(0.1, True, False, 0.1)], rates=(0.1,))
    assert (picked["learning_rate"], picked["at_edge"]) == (0.1, False)


def test_nothing_run_yet_gives_no_rate():
    picked = Selection()(pd.DataFrame(columns=["arm"]), {"a": RATES})
    assert picked["arm"].tolist() == ["a"]
    assert np.isnan(picked["learning_rate"].item())


def test_an_arm_without_a_learning_rate_is_judged_as_it_is():
    picked = choose([(np.nan, True, True, 0.5), (np.nan, True, False, 0.1)], rates=())
    assert np.isnan(picked["learning_rate"])
    assert (picked["at_edge"], picked["n_tuning"]) == (False, 2)


@pytest.mark.parametrize(
    ("areas", "best"), [((3.0, 1.0, 2.0), 0.1), ((1.0, 1.0, 1.0), 0.1), ((0.5, np.nan, 2.0), 0.01)]
)
def test_of_errors_the_smaller_area_is_better(areas, best):
    rows = [(rate, True, False, area) for rate, area in zip(RATES, areas, strict=True)]
    assert choose(rows, upwards=False)["learning_rate"] == best


def test_a_rate_without_area_loses():
    picked = choose([(0.01, True, False, np.nan), (0.1, True, False, 0.2)], rates=(0.01, 0.1))
    assert picked["learning_rate"] == 0.1


def test_an_arm_that_learns_nothing_gets_the_lower_middle_and_not_what_noise_prefers():
    areas = (0.100, 0.101, 0.117)
    rows = [(rate, True, False, area) for rate, area in zip(RATES, areas, strict=True)]
    picked = choose(rows, chance=0.1)
    assert (picked["learning_rate"], picked["at_edge"]) == (0.1, False)
    assert choose(rows, chance=0.09)["learning_rate"] == 1.0  # (0.117 - 0.09) / 0.91 is more than 2 %


def test_of_errors_too_a_little_below_chance_is_nothing():
    rows = [(rate, True, False, area) for rate, area in zip(RATES, (0.99, 1.0, 1.0), strict=True)]
    assert choose(rows, upwards=False, chance=1.0)["learning_rate"] == 0.1
    assert choose(rows, upwards=False, chance=1.02)["learning_rate"] == 0.01


def test_where_all_runs_diverge_at_all_rates_the_list_goes_on_below():
    rows = [(rate, True, False, 0.1) for rate in RATES]
    picked = choose(rows, chance=0.1, diverged=RATES)
    assert (picked["learning_rate"], picked["at_edge"]) == (0.01, True)


def test_rates_at_which_all_runs_diverge_are_not_in_the_middle_of_those_that_learn_nothing():
    rows = [(rate, True, False, 0.1) for rate in RATES]
    assert choose(rows, chance=0.1, diverged=(0.1, 1.0))["learning_rate"] == 0.01


def test_one_run_that_learns_is_enough_to_compare_by_area():
    rows = [(0.01, True, False, 0.1), (0.1, True, False, 0.1), (1.0, True, True, 0.11)]
    assert choose(rows, chance=0.1)["learning_rate"] == 1.0


def test_regret_is_what_the_best_rate_would_have_added():
    rows = [
        ("a", 0.1, 0.7, True),
        ("a", 1.0, 0.9, False),
        ("best", 0.1, 0.8, True),
        ("best", 1.0, np.nan, False),
        ("one rate", 0.1, 0.3, True),
        ("not chosen", 0.1, 0.3, False),
        ("not chosen", 1.0, 0.3, False),
    ]
    found = regret(pd.DataFrame(rows, columns=["arm", "learning_rate", "metric", "is_chosen"]))
    assert found.to_dict() == pytest.approx({"a": 0.2, "best": 0.0})
