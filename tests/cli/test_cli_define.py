"""new, check, plan, list."""

import pytest

from reportgen import study


def test_new_writes_a_study_without_faults(cli, here):
    done = cli("new", "my-study")
    assert done.code == 0
    assert study.check(here / "studies" / "my-study.yaml") == ()


def test_new_refuses_to_overwrite(cli, untrained):
    before = (untrained / "studies" / "tiny.yaml").read_text()
    done = cli("new", "tiny")
    assert done.code == 2
    assert "studies/tiny.yaml exists already" in done.err
    assert (untrained / "studies" / "tiny.yaml").read_text() == before


@pytest.mark.parametrize("name", ["../evil", "Two Words", "-x-", "a/b", ""])
def test_new_refuses_a_name_that_is_no_address(cli, here, name):
    assert cli("new", "--", name).code == 2
    assert not (here / "studies").exists()


def test_check_shows_every_fault_with_its_line(cli, untrained):
    path = untrained / "studies" / "tiny.yaml"
    path.write_text(path.read_text().replace("name: mlp", "name: mlq").replace("batch_size", "batch_syze"))
    done = cli("check", "tiny")
    assert done.code == 2
    assert "studies/tiny.yaml:7:" in done.err and "did you mean 'mlp'?" in done.err
    assert "studies/tiny.yaml:8:" in done.err and "batch_size" in done.err
    assert "2 faults" in done.err
    assert "Traceback" not in done.err


def test_check_json_lists_sound_and_faulty_studies(cli, untrained):
    (untrained / "studies" / "broken.yaml").write_text("title: [")
    done = cli("check", "--json")
    assert done.code == 2
    by_study = {entry["study"]: entry["problems"] for entry in done.document}
    assert by_study["tiny"] == []
    assert by_study["broken"][0]["line"] >= 1


def test_plan_counts_what_is_to_do(cli, untrained):
    document = cli("plan", "tiny", "--json").document
    assert (document["runs"], document["held"], document["missing"], document["cells"]) == (16, 0, 16, 2)
    assert document["expected_core_seconds"] > 0


def test_plan_counts_what_the_store_holds(cli, tiny):
    done = cli("plan", "tiny")
    assert "2 arms, 0 of them skipped; 16 runs, 16 of them held" in done.out
    assert "To do" not in done.out


def test_plan_names_the_reason_of_a_skipped_arm(cli, untrained):
    path = untrained / "studies" / "tiny.yaml"
    path.write_text(path.read_text() + "exclude: [{when: {architecture.activation: tanh}, reason: too dull}]\n")
    assert "skipped: too dull" in cli("plan", "tiny").out


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("studies", {"study": "tiny", "arms": 2, "runs": 16, "title": "A tiny study"}),
        ("figures", {"figure": "tiny/profile", "kind": "gradient-profile", "title": "A profile"}),
        ("arms", {"study": "tiny", "arm": "relu", "runs": 8, "baseline": True, "skipped": ""}),
    ],
)
def test_list_what_studies_have(cli, untrained, what, expected):
    assert expected in cli("list", what, "--json").document


@pytest.mark.parametrize(
    ("what", "key", "name"),
    [
        ("architectures", "name", "mlp"),
        ("tasks", "name", "digits"),
        ("remedies", "name", "clip-norm"),
        ("figure-kinds", "name", "gradient-profile"),
        ("quantities", "quantity", "error_signal_rms"),
        ("estimates", "estimate", "decay-factor"),
    ],
)
def test_list_what_there_is(cli, what, key, name):
    assert name in [row[key] for row in cli("list", what, "--json").document]
    assert name in cli("list", what).out


def test_studies_of_the_distribution_are_found_where_there_are_none(cli):
    assert "deep-mlps" in [row["study"] for row in cli("list", "studies", "--json").document]
