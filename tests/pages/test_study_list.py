from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen.pages.build import build_site
from reportgen.pages.study_list import KINDS, kind_of
from reportgen.study.spec import Component, Training


def with_architectures(study, *names):
    """Return the study with the architectures given to its arms in turn."""
    arms = [
        replace(arm, architecture=Component(names[place % len(names)], 1, {})) for place, arm in enumerate(study.arms)
    ]
    return replace(study, arms=tuple(arms))


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["mlp", "cnn"], "layers"),
        (["rnn", "lstm"], "sequences"),
        (["mlp", "transformer"], "both"),
        (["somebody-elses"], "layers"),
    ],
)
def test_a_study_is_grouped_by_what_its_networks_read(fakes, names, kind):
    assert kind_of(with_architectures(fakes.study(), *names)) == kind


def test_a_study_that_trains_nothing_is_told(fakes):
    study = fakes.study()
    untrained = replace(study, arms=tuple(replace(arm, training=Training(steps=0)) for arm in study.arms))
    assert kind_of(untrained) == "untrained"


def test_arms_that_are_not_run_do_not_count(fakes):
    study = fakes.study()
    arms = [replace(arm, architecture=Component("rnn", 1, {})) if arm.skipped else arm for arm in study.arms]
    assert kind_of(replace(study, arms=tuple(arms))) == "layers"


def test_each_study_has_its_answer_its_counts_and_its_first_figure(fakes, tmp_path):
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    page = (tmp_path / "site" / "studies" / "index.html").read_text(encoding="utf-8")
    assert page.count("<h2 ") == 1 and KINDS["layers"][0] in page and KINDS["sequences"][0] not in page
    assert page.index(">Activation, initialisation and depth") < page.index(">The scale of the recurrent weight")
    assert 'src="../deep-mlps/profile/deep-mlps-profile.svg"' in page and "factors.svg" not in page
    assert "leaves <strong>0.251</strong>" in page and "10 arms · 3 figures" in page


def test_a_site_without_studies_says_how_to_make_one(fakes, tmp_path):
    build_site([], tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    assert "There is no study yet." in (tmp_path / "site" / "studies" / "index.html").read_text(encoding="utf-8")
