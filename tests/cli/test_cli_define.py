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


@pytest.mark.parametrize(
    ("what", "name", "expected"),
    [
        ("architectures", "rnn", {"reads": "sequence", "source": "elman1990", "plugin": ""}),
        ("tasks", "latch", {"gives": "sequence", "source": "bengio1994"}),
    ],
)
def test_list_says_where_an_entry_comes_from_and_what_it_reads(cli, what, name, expected):
    (row,) = [row for row in cli("list", what, "--json").document if row["name"] == name]
    assert {key: row[key] for key in expected} == expected


def test_list_says_to_what_a_remedy_applies(cli):
    rows = {row["name"]: row["applies_to"].split(", ") for row in cli("list", "remedies", "--json").document}
    assert "mlp" in rows["skip-connections"] and "rnn" not in rows["skip-connections"]
    assert {"mlp", "rnn"} <= set(rows["activation"])


def test_columns_in_which_nothing_is_are_left_out_for_people(cli):
    assert "plugin" not in cli("list", "tasks").out.splitlines()[0]
    assert "source" in cli("list", "tasks").out.splitlines()[0]
    assert "source" not in cli("list", "figure-kinds").out.splitlines()[0]


def test_list_of_a_study_at_fault_says_so(cli, untrained):
    path = untrained / "studies" / "tiny.yaml"
    path.write_text(path.read_text().replace("name: mlp", "name: mlq"))
    assert cli("list", "tasks", "tiny").code == 2
    assert cli("list", "tasks").code == 0


def test_schema_without_plugins_is_the_shipped_one(cli, here):
    from reportgen.study.jsonschema import text

    assert cli("schema").out == text()
    assert cli("schema", "-o", "own.json").code == 0
    assert (here / "own.json").read_text() == text()


def test_schema_that_cannot_be_written_says_so(cli):
    done = cli("schema", "-o", "missing/own.json")
    assert done.code == 2 and "'missing/own.json' cannot be written" in done.err


def test_studies_of_the_distribution_are_found_where_there_are_none(cli):
    assert "deep-mlps" in [row["study"] for row in cli("list", "studies", "--json").document]


def test_the_register_of_claims_is_no_study(cli, tiny):
    (tiny / "studies" / "claims.yaml").write_text("claims: []\n")
    assert [row["study"] for row in cli("list", "studies", "--json").document] == ["tiny"]
    assert "claims" not in cli("plan", "studies/none.yaml").err
