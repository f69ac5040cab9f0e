"""Profiles of tiny frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reportgen.analyse.profiles import Profiles


def rows(**quantities):
    n = len(next(iter(quantities.values())))
    head = {"arm": "a", "stage": "start", "kind": "layer", "name": "hidden", "index": 1, "distance": 2}
    return pd.DataFrame({"run": range(n), **quantities}).assign(**head)


def test_norms_are_averaged_as_logarithms():
    found = Profiles()(rows(error_signal_rms=[1e-2, 1e-4, 1e-6])).iloc[0]
    assert found["estimate"] == pytest.approx(-4.0)
    assert found["high"] - found["estimate"] == pytest.approx(4.302653 * 2 / np.sqrt(3), abs=1e-5)
    assert (found["n"], found["n_censored"]) == (3, 0)


def test_zeros_and_infinities_are_censored_and_gaps_are_not():
    found = Profiles()(rows(error_signal_rms=[1e-2, 0.0, np.inf, np.nan])).iloc[0]
    assert found["estimate"] == pytest.approx(-2.0)
    assert (found["n"], found["n_censored"]) == (1, 2)


def test_all_censored_keeps_its_row_without_an_estimate():
    found = Profiles()(rows(error_signal_rms=[0.0, 0.0])).iloc[0]
    assert np.isnan(found["estimate"])
    assert (found["n"], found["n_censored"]) == (0, 2)


def test_fractions_are_averaged_as_they_are_and_stay_within_their_range():
    found = Profiles()(rows(saturated_fraction=[0.0, 0.0, 1.0])).iloc[0]
    assert found["estimate"] == pytest.approx(1 / 3)
    assert (found["low"], found["high"]) == (0.0, 1.0)
    assert found["n_censored"] == 0


def test_the_spread_of_what_has_exploded_is_not_lost():
    small = Profiles()(rows(activation_mean=[1.0, 2.0, 4.0])).iloc[0]
    large = Profiles()(rows(activation_mean=[1e200, 2e200, 4e200])).iloc[0]
    assert [large[end] / 1e200 for end in ("estimate", "low", "high")] == pytest.approx(
        [small[end] for end in ("estimate", "low", "high")]
    )


def test_what_was_not_measured_has_no_row():
    found = Profiles()(rows(error_signal_rms=[1.0, 1.0], dead_fraction=[np.nan, np.nan]))
    assert found["quantity"].tolist() == ["error_signal_rms"]


def test_the_whole_network_has_no_profile():
    assert Profiles()(rows(error_signal_rms=[1.0]).assign(kind="network")).empty
