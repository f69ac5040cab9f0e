from __future__ import annotations

import csv
import io
import json

import pytest

from reportgen.pages.site_json import read_site_json


@pytest.fixture(scope="module")
def record(site):
    return read_site_json((site / "site.json").read_bytes(), "site.json")


def test_it_has_the_numbers_of_the_table(site, record):
    rows = list(csv.DictReader(io.StringIO((site / "deep-mlps" / "estimates.csv").read_text())))
    listed = {(row["name"], row["arm"]): row for row in record["estimates"]["deep-mlps"]}
    assert len(listed) == len(rows) > 20
    for row in rows:
        found = listed[row["name"], row["arm"]]
        for name in ("estimate", "low", "high"):
            assert found[name] == (float(row[name]) if row[name] else None)
        assert (found["unit"], found["n"], found["n_censored"]) == (row["unit"], int(row["n"]), int(row["n_censored"]))


def test_it_has_studies_figures_and_verdicts(record, fakes):
    assert record["format"] == 1 and record["release"] == "" and record["base_url"] == "https://example.org/g/"
    assert set(record["studies"]) == {"deep-mlps", "recurrent-scale"}
    assert record["figures"]["deep-mlps/profile"]["data_hash"] == fakes.figure("profile").data_hash
    assert record["verdicts"]["relu-helps"]["verdict"] in {"supported", "refuted", "depends", "undecided"}


def test_it_is_sorted_and_plain(site, record):
    text = (site / "site.json").read_text(encoding="utf-8")
    again = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    assert text == f"{again}\n"
    keys = [(row["name"], row["arm"]) for row in record["estimates"]["deep-mlps"]]
    assert keys == sorted(keys)
