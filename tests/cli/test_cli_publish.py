"""publish, and the record that verify leaves for it."""

from __future__ import annotations

import json

import pytest

from reportgen.store import Store
from reportgen.store.verification import NAME, recall, remember

BASE = ("--base-url", "https://example.org/g")


@pytest.fixture
def built(cli, tiny):
    """A working directory with a built site."""
    assert cli("build", "--no-run").code == 0
    return tiny


def test_publish_sends_the_site_and_says_what_was_done(cli, built):
    done = cli("publish", "public", "--json")
    assert done.code == 0, done.err
    assert (built / "public" / "tiny" / "profile" / "index.html").is_file()
    found = done.document
    assert "index.html" in found["new"] and found["removed"] == [] and found["bytes"] > 0 and found["links"] > 100
    assert "Sent" in done.err and "readers see the site as it was, or as it is now" in done.err
    again = cli("publish", "public", "--json")
    assert again.document["new"] == again.document["changed"] == [] and "is up to date" in again.err


def test_a_dry_run_lists_files_with_sizes_and_a_total_and_writes_nothing(cli, built):
    done = cli("publish", "public", "--dry-run")
    assert done.code == 0 and not (built / "public").exists()
    size = (built / "site" / "tiny" / "estimates.csv").stat().st_size
    line = next(line for line in done.out.splitlines() if line.endswith(" tiny/estimates.csv"))
    assert line.split()[0] == "new" and (str(size) in line or f"{size / 1000:.1f} kB" in line)
    assert "Would send" in done.err and done.err.count("new,") == 1


def test_a_release_is_built_and_published_and_then_followed(cli, built):
    assert cli("publish", "public", "--release", "1.0").code == 2
    assert cli("build", "--no-run", "--release", "1.0", *BASE).code == 0
    refused = cli("publish", "public")
    assert refused.code == 2 and "add --release 1.0" in refused.err
    assert cli("publish", "public", "--release", "1.0", "--date", "2026-11-21").code == 0
    page = built / "public" / "releases" / "1.0" / "tiny" / "index.html"
    kept = page.read_bytes()
    study = built / "studies" / "tiny.yaml"
    study.write_text(study.read_text().replace("A tiny study", "A renamed study"))
    assert cli("build", "--no-run", "--release", "1.0", *BASE).code == 0
    refused = cli("publish", "public", "--release", "1.0")
    assert refused.code == 1 and "has been published already" in refused.err and "as a new version" in refused.err
    assert cli("build", "--no-run", "--release", "1.1", *BASE).code == 0
    done = cli("publish", "public", "--release", "1.1", "--json")
    assert done.code == 0 and done.document["since"] == "1.0" and done.document["changes"]["estimates"] == 0
    assert "Since release 1.0: " in done.err
    assert page.read_bytes() == kept and "A renamed study" in (built / "public/index.html").read_text()


def test_a_date_without_a_release_is_wrong_usage(cli, built):
    assert cli("publish", "public", "--date", "2026-11-21").code == 2


def test_nothing_to_publish_is_told(cli, here):
    done = cli("publish", "public")
    assert done.code == 2 and "there is no site in 'site'" in done.err and "reportgen build" in done.err


def test_what_verify_found_decides_whether_a_site_is_published(cli, built):
    assert cli("verify", "tiny", "--cells", "1").code == 0
    assert "none of which gave other numbers" in cli("publish", "public", "--dry-run").err
    store = Store("results")
    cell = next(iter(recall(store)))
    _harm(store, cell)
    assert recall(store) == {}, "what was verified is no longer there"
    assert cli("verify", "tiny", "--cells", "1").code == 1
    refused = cli("publish", "public")
    assert refused.code == 1 and "gave other numbers when verified" in refused.err
    assert not (built / "public").exists()
    allowed = cli("publish", "public", "--allow-failed-verification", "--json")
    assert allowed.code == 0 and allowed.document["verified"] == {"differs": 1}
    store.drop(json.loads((built / "results" / NAME).read_text())["cells"][cell]["run_ids"])
    assert cli("publish", "public").code == 0, "the cell that differs is no longer in the store"


def _harm(store, cell_id):
    run_ids = json.loads(store.folder.root.joinpath(NAME).read_text())["cells"][cell_id]["run_ids"]
    runs, curves = store.runs(run_ids), store.curves(run_ids)
    environments = store.environments().set_index("environment_id", drop=False)
    environment = environments.loc[runs["environment_id"].iloc[0]].to_dict()
    store.write_cell(
        cell_id, runs, store.measurements(run_ids), curves.assign(value=curves["value"] * 1.01), environment
    )


def test_the_record_of_a_verification_is_replaced_cell_by_cell(tiny):
    import pandas as pd

    store = Store("results")
    ids = sorted(store.run_ids())
    columns = ["run_id", "cell_id", "verdict"]
    remember(store, pd.DataFrame([(ids[0], "a", "identical"), (ids[1], "b", "failed")], columns=columns))
    remember(store, pd.DataFrame([(ids[1], "b", "within tolerance"), ("?", "c", "absent")], columns=columns))
    assert recall(store) == {"a": "identical", "b": "within tolerance"}
    (tiny / "results" / NAME).write_text("[]")
    with pytest.raises(Exception, match="cannot be read"):
        recall(store)
