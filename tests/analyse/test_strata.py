"""Which arms are compared, and what is decided apart."""

from __future__ import annotations

import pytest

from reportgen.analyse.strata import AGAINST, strata_of


@pytest.fixture
def study(toy, deciding):
    return deciding.crossed(toy, remedy=["off", "on", "strong"], unit=["tanh", "relu"], depth=["5", "20"])


def pairs(strata):
    return [([arm.id for arm in one.arms], [other.id for other in one.others]) for one in strata]


def test_every_combination_of_what_varies_is_a_stratum(study, deciding):
    strata = strata_of(study, deciding.request())
    assert [dict(one.levels) for one in strata] == [
        {"unit": unit, "depth": depth} for unit in ("tanh", "relu") for depth in ("5", "20")
    ]
    assert pairs(strata)[1] == (["on/tanh/20"], ["off/tanh/20"])


def test_where_restricts_both_sides(study, deciding):
    strata = strata_of(study, deciding.request(where={"unit": ("relu",)}))
    assert [dict(one.levels) for one in strata] == [{"depth": "5"}, {"depth": "20"}]
    assert pairs(strata)[0] == (["on/relu/5"], ["off/relu/5"])


def test_several_levels_on_a_side_are_kept_apart(study, deciding):
    strata = strata_of(study, deciding.request(compare={"remedy": ("on", "strong")}, where={"unit": ("relu",)}))
    assert [one.levels["remedy"] for one in strata] == ["on", "on", "strong", "strong"]
    sides = {"compare": {"unit": ("relu",)}, "against": {"unit": ("tanh",), "remedy": ("off", "strong")}}
    strata = strata_of(study, deciding.request(**sides, where={"depth": ("5",)}))
    assert {one.levels[f"{AGAINST}remedy"] for one in strata} == {"off", "strong"}


def test_what_does_not_stratify_is_pooled(study, deciding):
    _, deep = strata_of(study, deciding.request(strata=("depth",)))
    assert deep.levels == {"depth": "20"}
    assert pairs([deep]) == [(["on/tanh/20", "on/relu/20"], ["off/tanh/20", "off/relu/20"])]
    (whole,) = strata_of(study, deciding.request(strata=()))
    assert len(whole.arms) == len(whole.others) == 4


def test_a_number_needs_no_partner(study, deciding):
    strata = strata_of(study, deciding.request(against=0.5, where={"unit": ("relu",)}))
    assert pairs(strata) == [(["on/relu/5"], []), (["on/relu/20"], [])]


def test_an_arm_without_a_partner_is_left_out_with_a_reason(study, deciding):
    lacking = deciding.skipped(study, "off/relu/20", "it takes too long")
    strata = strata_of(lacking, deciding.request(where={"unit": ("relu",)}))
    assert [one.reason for one in strata] == ["", "off · relu · 20 is not run: it takes too long"]


def test_an_arm_that_is_not_run_is_not_there(study, deciding):
    lacking = deciding.skipped(study, "on/relu/20", "it takes too long")
    assert len(strata_of(lacking, deciding.request(where={"unit": ("relu",)}))) == 1
