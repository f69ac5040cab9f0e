from __future__ import annotations

from dataclasses import replace

from reportgen.pages import facts
from reportgen.study.spec import Component


def texts(entry):
    return {term: [value.text for value in values] for term, values in facts.design(entry)}


def test_headlines_are_made_from_the_estimates(fakes, tmp_path):
    found = {item["label"]: item for item in facts.headlines(fakes.entry(tmp_path))}
    assert found["runs completed"]["value"] == "368" and found["runs completed"]["note"] == "10 arms, 2 diverged"
    assert found["smallest decay factor"]["value"] == "0.251"
    assert found["smallest decay factor"]["note"] == "sigmoid · Glorot · untrained, 30 layers"
    assert found["largest decay factor"]["value"] == "1.19"
    assert found["trained arms learn"]["value"] == "4 of 5"


def test_counts_that_are_given_are_used(fakes, tmp_path):
    entry = replace(fakes.entry(tmp_path), runs={"completed": 12345, "failed": 2})
    assert facts.headlines(entry)[0] == {"value": "12\u202f345", "label": "runs completed", "note": "10 arms, 2 failed"}


def test_the_design_names_what_all_arms_share(fakes, tmp_path):
    design = texts(fakes.entry(tmp_path))
    assert design["Architecture"] == ["mlp (width 64)"]
    assert design["Learning rates"] == ["0.003, 0.01, 0.03, 0.1, 0.3, 1"]
    assert (design["Tuning seeds"], design["Judged seeds"], design["Seeds at initialisation"]) == (["3"], ["8"], ["8"])
    assert design["Target"] == ["accuracy 0.9 on test data"]


def test_rates_by_which_lists_were_extended_are_told_apart_from_the_list(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    assert "Rates added" not in texts(entry)
    arms = [replace(arm, further_rates=(0.001, 3.0) if arm.learning_rates else ()) for arm in entry.study.arms]
    tuned = [place for place, arm in enumerate(arms) if arm.learning_rates and not arm.skipped]
    for place, added in zip(tuned, ((0.001,), (0.001, 3.0)), strict=False):
        arms[place] = replace(arms[place], learning_rates=tuple(sorted((*arms[place].learning_rates, *added))))
    design = texts(replace(entry, study=replace(entry.study, arms=tuple(arms))))
    assert design["Learning rates"] == ["0.003, 0.01, 0.03, 0.1, 0.3, 1"]
    assert design["Rates added"] == [f"0.001, 3; in 2 of {len(tuned)} arms, as their best was at the edge"]


def test_a_task_that_differs_is_described_once(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    arms = [
        replace(arm, task=Component("latch", 1, {"length": 50 + i, "classes": 10, "noise": None}))
        for i, arm in enumerate(entry.study.arms)
    ]
    entry = replace(entry, study=replace(entry.study, arms=tuple(arms)))
    assert texts(entry)["Task"] == ["latch (classes 10)"]


def test_the_command_names_the_profile_and_no_path_of_this_machine(fakes, tmp_path):
    entry = fakes.entry(tmp_path, path="/home/somebody/work/deep mlps.yaml", profile="quick; rm -rf /")
    assert facts.command(entry) == "reportgen build 'studies/deep mlps.yaml' --profile 'quick; rm -rf /'"
    assert facts.verification(entry, "profile") == "reportgen verify deep-mlps/profile --profile 'quick; rm -rf /'"


def test_the_command_names_the_shift_of_the_seeds(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    shifted = replace(entry, study=replace(entry.study, seed_offset=20))
    assert facts.command(shifted) == f"{facts.command(entry)} --seed-offset 20"
    assert facts.verification(shifted, "profile").endswith("/profile --seed-offset 20")
    assert texts(shifted)["Seeds shifted by"] == ["20"] and "Seeds shifted by" not in texts(entry)


def test_the_environment_is_told_without_its_hash(fakes, tmp_path):
    found = {name: values for name, _, values in facts.environment_facts(fakes.entry(tmp_path))}
    assert "environment_id" not in found and found["threads"] == ["1"] and found["dirty"] == ["no"]


def test_components_of_the_design_lead_to_the_catalogue(fakes, tmp_path):
    entry = fakes.entry(tmp_path)
    arms = tuple(replace(arm, remedies=(Component("clip-norm"), Component("unheard-of"))) for arm in entry.study.arms)
    design = dict(facts.design(replace(entry, study=replace(entry.study, arms=arms))))
    assert [value.path for value in design["Architecture"]] == ["architectures/#mlp"]
    assert [(value.text, value.path) for value in design["Remedies"]] == [
        ("clip-norm", "remedies/#clip-norm"),
        ("unheard-of", ""),
    ]
