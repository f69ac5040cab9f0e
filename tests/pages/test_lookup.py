from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reportgen.errors import ReportgenError
from reportgen.pages.lookup import SETTINGS, Lookup, chosen_arms, listed_rates
from reportgen.study import load

SIGMOID = "sigmoid/glorot/untrained-30-layers"
TRAINED = "tanh/he/trained-20-layers"


@pytest.fixture
def lookup(fakes, tmp_path):
    return Lookup(fakes.entry(tmp_path), {"profile": 1})


def test_estimate_reads_with_its_interval(lookup):
    assert lookup.estimate("decay-factor", SIGMOID) == "0.251 (95\u00a0% interval 0.249 to 0.254)"


def test_values_compare_as_numbers_and_read_with_their_digits(lookup):
    assert lookup.high("decay-factor", SIGMOID) < 1 < lookup.low("decay-factor", "tanh/he/untrained-30-layers")
    assert str(lookup.low("decay-factor", SIGMOID)) == "0.249"
    assert str(lookup.value("decay-factor", SIGMOID, digits=2)) == "0.25"
    assert lookup.value("decay-factor", SIGMOID) == 0.2512


def test_best_knows_what_better_means(lookup):
    assert lookup.best("success").id == TRAINED
    assert lookup.best("decay-factor").id == "relu/he/untrained-30-layers"
    assert lookup.best("time-to-target", ["sigmoid/glorot/trained-20-layers", TRAINED]).id == TRAINED


def test_clearly_better_are_arms_whose_intervals_lie_apart(lookup):
    worse = "relu/glorot/trained-20-layers"
    better = [arm.id for arm in lookup.arms() if lookup.has("success", arm) and arm.id != worse]
    better = [arm for arm in better if lookup.low("success", arm) > lookup.high("success", worse)]
    assert [arm.id for arm in lookup.clearly_better("success", worse)] == better
    assert lookup.clearly_better("success", TRAINED) == []
    factors = [arm.id for arm in lookup.clearly_better("decay-factor", SIGMOID)]
    assert "relu/he/untrained-30-layers" in factors and SIGMOID not in factors


def test_nothing_is_clearly_better_than_an_arm_at_the_edge_of_its_rates_but_before_training(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    edge = "sigmoid/glorot/trained-20-layers"
    settled = entry.analysis.chosen.assign(at_edge=False)
    free = Lookup(replace(entry, analysis=replace(entry.analysis, chosen=settled)), {"profile": 1})
    held = Lookup(entry, {"profile": 1})
    assert [arm.id for arm in free.clearly_better("success", edge)] and held.clearly_better("success", edge) == []
    factors = [one.clearly_better("decay-factor", edge) for one in (free, held)]
    assert factors[0] and factors[0] == factors[1]


def test_arms_are_found_by_their_levels(lookup):
    found = lookup.arms({"activation": ["sigmoid", "ReLU"], "setting": "untrained, 30 layers"})
    assert [arm.id.rpartition("/")[0] for arm in found] == ["sigmoid/glorot", "relu/glorot", "relu/he"]


def test_further_functions(lookup):
    assert lookup.percent("success", "relu/glorot/trained-20-layers") == "62\u00a0%"
    assert str(lookup.chosen_rate(TRAINED)) == "0.1"
    assert lookup.n("decay-factor", SIGMOID) == 8
    assert lookup.figure("profile") == "[Figure\u00a01](figure:profile)"


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (
            lambda p: p.value("decay-facto", SIGMOID),
            r"no estimate called 'decay-facto'[\s\S]*did you mean 'decay-factor'",
        ),
        (
            lambda p: p.value("decay-factor", SIGMOID[1:]),
            r"no arm 'igmoid[\s\S]*did you mean 'sigmoid/glorot/untrained",
        ),
        (lambda p: p.value("success", SIGMOID), r"has no estimate 'success'[\s\S]*not trained[\s\S]*has\(name, arm\)"),
        (lambda p: p.value("success", "sigmoid/he/trained-20-layers"), "the arm is skipped: He initialisation"),
        (lambda p: p.chosen_rate(SIGMOID), "no learning rate was chosen"),
        (lambda p: p.figure("profil"), "did you mean 'profile'"),
        (lambda p: p.arms({"activatio": "tanh"}), "did you mean 'activation'"),
        (lambda p: p.best("success", [SIGMOID]), "none of 1 arms has an estimate"),
        (lambda p: p.has("decay-factor", "nonsense"), "no arm 'nonsense'"),
        (lambda p: p.setting("training.step"), "did you mean 'training.steps'"),
        (lambda p: p.setting("seeds.tuning", [TRAINED, SIGMOID]), r"the arms differ in 'seeds.tuning': 0, 3"),
        (lambda p: p.setting("training.steps", []), "the arms are none"),
        (lambda p: p.rates(SIGMOID), "has no learning rates"),
        (lambda p: p.levels("activatio"), "did you mean 'activation'"),
    ],
)
def test_errors_name_the_nearest(lookup, call, match):
    with pytest.raises(ReportgenError, match=match):
        call(lookup)


def test_settings_are_those_of_the_profile_at_hand(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    lookup = Lookup(entry, {})
    (trained,) = [arm for arm in entry.study.arms if arm.id == TRAINED]
    assert lookup.setting("training.steps", TRAINED) == trained.training.steps > 0
    assert lookup.setting("training.steps", [SIGMOID]) == 0
    assert lookup.setting("seeds.judged", TRAINED) == len(trained.seeds)
    assert lookup.setting("seeds.tuning") == 3  # of the arms whose rate is chosen
    grown = replace(trained, learning_rates=(*trained.learning_rates, 3.0), further_rates=(0.001, 3.0))
    arms = tuple(grown if arm.id == TRAINED else arm for arm in entry.study.arms)
    extended = Lookup(replace(entry, study=replace(entry.study, arms=arms)), {})
    assert extended.setting("training.learning_rate") == lookup.setting("training.learning_rate") == 6
    assert extended.rates() == lookup.rates(TRAINED) == "0.003 to 1"
    untrained = tuple(arm for arm in entry.study.arms if not arm.tuning_seeds and not arm.skipped)
    bare = Lookup(replace(entry, study=replace(entry.study, arms=untrained)), {})
    assert bare.setting("training.steps") == 0


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["2 layers", "5 layers", "10 layers"], "2, 5 and 10 layers"),
        (["2 layers", "one unit"], "2 layers and one unit"),
        (["He", "Glorot", "none"], "He, Glorot and none"),
        (["2 layers"], "2 layers"),
        (["ReLU"], "ReLU"),
    ],
)
def test_levels_are_listed_with_their_noun_once(fakes, tmp_path, labels, said):
    entry = fakes.entry(tmp_path)
    factor = entry.study.factors[0]
    one, *_ = [arm for arm in entry.study.arms if not arm.skipped]
    arms = tuple(replace(one, id=label, levels={**one.levels, factor.name: label}) for label in (*labels, labels[0]))
    lookup = Lookup(replace(entry, study=replace(entry.study, arms=arms)), {})
    assert lookup.levels(factor.name) == said
    assert lookup.levels(factor.name, "or") == said.replace(" and ", " or ")


@pytest.mark.parametrize("profile", ["default", "quick", "full"])
def test_the_settings_that_the_studies_name_are_shared_by_their_arms_in_every_profile(profile):
    named = 0
    for path in sorted((Path(__file__).parents[2] / "studies").glob("*.yaml")):
        if path.name == "claims.yaml":
            continue
        study = load(path, profile)
        prose = " ".join(study.prose.values())
        for name in set(re.findall(r"setting\('([a-z._]+)'\)", prose)):
            named += 1
            assert len({SETTINGS[name](arm) for arm in chosen_arms(study)}) == 1, (study.id, name)
        if "rates()" in prose:
            assert len({tuple(listed_rates(arm)) for arm in chosen_arms(study)}) == 1, study.id
    assert named > 40


@pytest.mark.parametrize(("count", "text"), [(0, "no seeds"), (1, "one seed"), (5, "five seeds"), (20, "20 seeds")])
def test_counts_are_written_in_words_up_to_twelve(lookup, count, text):
    assert lookup.counted(count, "seed") == text


def test_has_tells_absent_estimates_apart(lookup):
    assert lookup.has("success", TRAINED)
    assert not lookup.has("success", SIGMOID)


def test_other_profiles_may_leave_arms_out(fakes, tmp_path):
    quick = Lookup(fakes.entry(tmp_path, profile="quick"), {})
    assert not quick.has("success", "gone/away")
    with pytest.raises(ReportgenError, match="under the profile quick; guard"):
        quick.value("success", "gone/away")


def test_a_missing_interval_decides_no_direction(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    frame = entry.analysis.estimates.assign(low=math.nan, high=math.nan)
    lookup = Lookup(replace(entry, analysis=replace(entry.analysis, estimates=frame)), {})
    assert not lookup.low("decay-factor", SIGMOID) > 0
    assert not lookup.high("decay-factor", SIGMOID) < 1
    assert str(lookup.low("decay-factor", SIGMOID)) == "–"


def test_reasons_of_the_analysis_are_told(fakes, tmp_path):
    import pandas as pd

    entry = fakes.entry(tmp_path)
    absent = pd.DataFrame([{"arm": SIGMOID, "name": "success", "reason": "nothing is trained"}])
    frames = type("Frames", (), {**vars(entry.analysis), "absent": absent})()
    with pytest.raises(ReportgenError, match="nothing is trained"):
        Lookup(replace(entry, analysis=frames), {}).value("success", SIGMOID)
