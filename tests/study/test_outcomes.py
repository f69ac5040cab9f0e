"""The outcomes that claims can be decided by."""

from __future__ import annotations

from reportgen.study.outcomes import OUTCOMES, RATIO_SCALES, SHARE_SCALES


def test_only_factors_on_gradients_can_be_nearer_to_one() -> None:
    found = {name for name, outcome in OUTCOMES.items() if "nearer-one" in outcome.directions}
    factors = {"decay-factor", "decay-factor-end", "cell-decay-factor", "weight-gradient-factor"}
    assert found == factors | {"signal-ratio"}


def test_ratios_are_in_times_and_shares_say_of_what() -> None:
    for outcome in OUTCOMES.values():
        assert (outcome.unit == "times") == (outcome.scale in RATIO_SCALES)
        assert outcome.unit.startswith("share of ") == (outcome.scale in SHARE_SCALES)
