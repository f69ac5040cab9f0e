"""Cited against held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reportgen.errors import UsageError
from reportgen.pages.address import Address
from reportgen.pages.build import build_site
from reportgen.pages.cite.check import Held, compare, read_site
from reportgen.pages.cite.cited import Cited, Place
from reportgen.pages.cite.values import Value

HASH = "0123456789abcdef" * 4
VALUE = Value("s/decay-factor/a", 0.251203942118, 0.249, 0.2534, "", 8)
HELD = Held({"s": "1.0"}, {"s/profile": HASH, "s/other": "f" * 64}, {VALUE.id: VALUE})


def cited(kind, name, *told, line=1):
    return Cited(kind, name, told, Place(Path("p.tex"), line))


@pytest.mark.parametrize(
    ("one", "status", "said"),
    [
        (cited("figure", "s/profile", HASH), "current", "data 0123456789abcdef"),
        (cited("figure", "s/profile", HASH[:16]), "current", "data 0123456789abcdef"),
        (cited("figure", "s/other", HASH), "changed", "data ffffffffffffffff"),
        (cited("figure", "s/profile"), "unpinned", "data 0123456789abcdef"),
        (cited("figure", "s/profil", HASH), "unknown", ""),
        (cited("study", "s", "1.0"), "current", "version 1.0"),
        (cited("study", "s", "0.9"), "changed", "version 1.0"),
        (cited("study", "t", "1.0"), "unknown", ""),
        (cited("value", VALUE.id, *VALUE.raw), "current", "0.251 [0.249, 0.253]"),
        (cited("value", VALUE.id, "0.26", "0.25", "0.27"), "changed", "0.251 [0.249, 0.253]"),
        (cited("value", VALUE.id, "0.251203942119", "0.249", "0.2534"), "changed", "0.251203942118, 0.249, 0.2534"),
        (cited("value", VALUE.id), "unknown", "0.251 [0.249, 0.253]"),
        (cited("value", "s/decay-factor/b", *VALUE.raw), "unknown", ""),
    ],
)
def test_each_citation_has_a_status(one, status, said):
    (finding,) = compare([one], HELD)
    assert (finding.status, finding.now) == (status, said)
    assert finding.is_fault == (status in ("changed", "unknown"))


def test_old_and_new_are_said():
    (finding,) = compare([cited("value", VALUE.id, "0.26", "0.25", "0.27")], HELD)
    assert (finding.cited, finding.now) == ("0.260 [0.250, 0.270]", "0.251 [0.249, 0.253]")


def test_the_nearest_name_is_said():
    (finding,) = compare([cited("figure", "s/profle")], HELD)
    assert finding.nearest == "s/profile"


def test_places_of_one_citation_are_put_together():
    (finding,) = compare(
        [
            cited("figure", "s/profile", HASH, line=1),
            cited("figure", "s/profile", HASH[:16], line=2),
            cited("figure", "s/profile", line=3),
        ],
        HELD,
    )
    assert [place.line for place in finding.places] == [1, 2] and finding.status == "current"


def test_an_old_and_a_new_citation_of_one_figure_are_two():
    found = compare([cited("figure", "s/profile", HASH), cited("figure", "s/profile", "a" * 16)], HELD)
    assert [finding.status for finding in found] == ["current", "changed"]


@pytest.mark.parametrize("release", ["", "1.2.0"])
def test_a_built_site_says_what_it_holds(fakes, tmp_path, release):
    entry = fakes.entry(tmp_path)
    build_site([entry], tmp_path / "site", bibliography=fakes.bibliography(tmp_path), address=Address("", release))
    held = read_site(tmp_path / "site")
    assert held == read_site(tmp_path / "site" / "site.json")
    assert held.studies == {"deep-mlps": "1.0"}
    assert held.figures["deep-mlps/profile"] == fakes.figure("profile").data_hash
    arm = "sigmoid/glorot/untrained-30-layers"
    row = next(row for row in entry.analysis.estimates.itertuples() if (row.name, row.arm) == ("decay-factor", arm))
    assert held.values[f"deep-mlps/decay-factor/{arm}"].raw[0] == f"{row.estimate:.12g}"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": 2}', json.dumps({"format": 1, "studies": {"s": []}, "figures": {}, "estimates": {}})],
)
def test_what_describes_no_site_is_refused(tmp_path, text):
    (tmp_path / "site.json").write_text(text)
    with pytest.raises(UsageError, match="does not describe a site"):
        read_site(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_site(tmp_path / "nowhere")
