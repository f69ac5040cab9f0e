"""How often another learning rate would have done better."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from reportgen.pages.address import Address
from reportgen.pages.build import build_site
from reportgen.pages.choices import gather_choices


@pytest.fixture
def entry(fakes, tmp_path):
    """A study whose trained arms did better by 0.2, by 0.05 and not at all at a rate that was not chosen."""
    made = fakes.entry(tmp_path)
    one = next(arm for arm in made.study.arms if arm.target)
    arms = tuple(replace(one, id=name) for name in ("much", "little", "best"))
    other = replace(one, id="error", target=replace(one.target, metric="mean-squared-error"))
    rows = [
        (arm, rate, metric, rate == 0.1)
        for arm, better in (("much", 0.9), ("little", 0.75), ("best", 0.6), ("error", 5.0))
        for rate, metric in ((0.1, 0.7), (1.0, better))
    ]
    rates = pd.DataFrame(rows, columns=["arm", "learning_rate", "metric", "is_chosen"])
    return replace(made, study=replace(made.study, arms=(*arms, other)), analysis=replace(made.analysis, rates=rates))


def test_arms_that_would_have_done_much_better_are_counted(entry):
    view = SimpleNamespace(entry=entry)
    bare = SimpleNamespace(entry=replace(entry, analysis=replace(entry.analysis, rates=entry.analysis.rates.head(0))))
    found = gather_choices([view, bare])
    assert (found.arms, found.total, found.missed) == (3, 1, ((view, 1),))
    assert gather_choices([bare]) is None


def test_the_limits_page_says_so(fakes, tmp_path):
    made = fakes.entry(tmp_path)
    trained = next(arm.id for arm in made.study.arms if arm.target)
    rows = [(trained, 0.1, 0.5, True), (trained, 1.0, 0.9, False)]
    rates = pd.DataFrame(rows, columns=["arm", "learning_rate", "metric", "is_chosen"])
    changed = replace(made, analysis=replace(made.analysis, rates=rates))
    build_site([changed], tmp_path / "out", bibliography=fakes.bibliography(tmp_path), address=Address())
    limits = (tmp_path / "out" / "limits" / "index.html").read_text(encoding="utf-8")
    assert "In 1 of 1 arms another rate of the list did better on the judged seeds by more than 10 points" in limits
    assert f">{made.study.title}</a> (1)." in limits
