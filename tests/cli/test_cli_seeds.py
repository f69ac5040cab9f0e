"""Everything again with other seeds: --seed-offset."""

import pytest

from reportgen.store import Store


def test_a_shift_trains_other_runs_beside_the_first(cli, tiny):
    before = Store("results").run_ids()
    assert cli("run", "tiny", "--seed-offset", "20", "--jobs", "1", "--json").document["trained"]["completed"] == 16
    runs = Store("results").runs()
    assert before < set(runs["run_id"]) and len(runs) == 32
    assert sorted(runs["seed"].unique()) == [0, 1, 2, 20, 21, 22, 1000, 1020]


def test_a_shift_of_nothing_is_no_shift(cli, tiny):
    assert cli("run", "tiny", "--seed-offset", "0", "--json").document["trained"] is None


def test_what_loads_a_study_takes_the_shift(cli, tiny):
    shift = ("--seed-offset", "20")
    assert cli("status", *shift, "--json").document["studies"][0]["missing"] == 16
    assert cli("plan", "tiny", *shift, "--json").document["missing"] == 16
    assert cli("show", "tiny", *shift, "--json").document["estimates"] == []
    assert cli("verify", "tiny", *shift).code == 2
    assert cli("cite", "tiny/profile", *shift).code == 0


def test_a_site_of_other_seeds_is_another_site_and_names_the_shift(cli, tiny):
    assert cli("build", "--no-run", "--json").document["missing"] == 0
    assert cli("build", "--no-run", "--seed-offset", "20", "--json").document["missing"] == 16
    page = (tiny / "site" / "tiny" / "index.html").read_text(encoding="utf-8")
    assert "reportgen build studies/tiny.yaml --seed-offset 20" in page
    assert "Seeds shifted by" in page


@pytest.mark.parametrize("command", [["run", "tiny"], ["build"], ["status"]])
@pytest.mark.parametrize(
    ("shift", "message", "hint"),
    [("1000", "would judge the seed 1000", "at most 997"), ("-1", "cannot be shifted by -1", "0 to")],
)
def test_a_shift_that_mixes_tuning_and_judging_is_refused(cli, tiny, command, shift, message, hint):
    done = cli(*command, "--seed-offset", shift)
    assert done.code == 2
    assert message in done.err and hint in done.err


def test_verdicts_are_printed_and_kept_for_the_limits_page(cli, tiny):
    document = cli("verdicts", "--json").document
    assert (document["profile"], document["seed_offset"], list(document["studies"])) == ("default", 0, ["tiny"])
    assert document["studies"] == cli("verdicts", "--seed-offset", "20", "--json").document["studies"]
    assert {one["verdict"] for one in document["verdicts"].values()} <= {"not tested", "undecided"}
    assert "relu-helps" in cli("verdicts").out
