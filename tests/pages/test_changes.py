from __future__ import annotations

import math

import pytest

from reportgen.pages.changes import Changes, changes_csv, compare


def site(estimates=(), verdicts=None, figures=None, studies=None):
    """Make a record of a site; an estimate is (study, arm, value, low, high)."""
    rows = {}
    for study, arm, value, low, high in estimates:
        ends = {"estimate": value, "low": low, "high": high}
        rows.setdefault(study, []).append(
            {"name": "decay-factor", "arm": arm, **ends, "unit": "per layer", "n": 5, "n_censored": 0}
        )
    named = {
        name: {"text": f"{name}.", "verdict": word, "condition": "Why."} for name, word in (verdicts or {}).items()
    }
    drawn = {name: {"title": name, "data_hash": digest} for name, digest in (figures or {}).items()}
    return {"studies": studies or {}, "figures": drawn, "estimates": rows, "verdicts": named}


def test_the_same_sites_have_no_changes():
    one = site([("s", "a", 0.5, 0.4, 0.6), ("s", "b", None, None, None)], {"c": "supported"}, {"s/f": "1"})
    assert compare(one, one).nothing and compare(one, one) == Changes()
    assert compare(one, one).sentence == "Nothing changed."


def test_changes_are_sorted_by_size_in_half_widths_and_those_without_an_interval_come_last():
    old = [("s", "a", 1.0, 0.9, 1.1), ("s", "b", 1.0, 0.0, 2.0), ("s", "c", 1.0, None, None), ("s", "d", 1.0, 0.5, 1.5)]
    new = [
        ("s", "a", 1.3, 1.1, 1.5),
        ("s", "b", 5.0, 3.0, 7.0),
        ("s", "c", 99.0, None, None),
        ("s", "d", None, None, None),
    ]
    found = compare(site(old), site(new)).estimates
    assert [change.arm for change in found] == ["d", "b", "a", "c"]
    sizes = [change.size for change in found]
    assert sizes[0] == math.inf and sizes[1:3] == pytest.approx([2.0, 1.5]) and math.isnan(sizes[3])
    assert [change.overlap for change in found] == [None, False, True, None]


def test_an_interval_that_alone_changed_is_a_change():
    found = compare(site([("s", "a", 1.0, 0.9, 1.1)]), site([("s", "a", 1.0, 0.8, 1.2)])).estimates
    assert len(found) == 1 and found[0].difference == 0 and found[0].size == 0


def test_what_only_one_site_has_is_counted():
    found = compare(site([("s", "a", 1, 0, 2), ("s", "b", 1, 0, 2)]), site([("s", "b", 1, 0, 2), ("t", "a", 1, 0, 2)]))
    assert found.estimates == () and found.estimates_added == {"t": 1} and found.estimates_removed == {"s": 1}


def test_verdicts_figures_and_studies():
    shown = {"title": "S", "version": "1", "profile": "default", "seed_offset": 0}
    old = site(verdicts={"a": "supported", "b": "refuted"}, figures={"s/f": "1", "s/g": "1"}, studies={"s": shown})
    new = site(
        verdicts={"a": "refuted", "c": "depends"},
        figures={"s/f": "2", "s/h": "1"},
        studies={"s": {**shown, "profile": "quick"}, "t": {**shown, "title": "T"}},
    )
    found = compare(old, new)
    assert [(v.claim, v.old, v.new) for v in found.verdicts] == [
        ("a", "supported", "refuted"),
        ("b", "refuted", ""),
        ("c", "", "depends"),
    ]
    assert found.figures_changed == (("s/f", "s/f"),)
    assert found.figures_added == (("s/h", "s/h"),) and found.figures_removed == (("s/g", "s/g"),)
    assert found.studies_added == (("t", "T"),)
    assert found.studies_changed == (("s", "S", "its profile was “default” and is “quick”"),)
    assert found.sentence == (
        "3 verdicts changed, 1 figure has other data, 1 figure is new, 1 figure is gone and 1 study is new."
    )


def test_the_table_cannot_start_a_formula():
    new = [("=cmd()", "@arm", 2.0, 1.0, 3.0)]
    old = [("=cmd()", "@arm", -1.5, -2.0, -1.0)]
    lines = changes_csv(compare(site(old), site(new))).decode().splitlines()
    assert lines[1] == "'=cmd(),decay-factor,'@arm,per layer,-1.5,-2,-1,2,1,3,3.5,3.5,no"
