from __future__ import annotations

import hashlib
import json
import re
from urllib.parse import unquote

import pytest

from reportgen.pages.address import Address
from reportgen.pages.metadata.crate import CRATE, crate

ADDRESS = Address.of("https://example.org/g", "1.2.0")
OUTSIDE = {CRATE, ".manifest.json"}


def read(site):
    document = json.loads((site / CRATE).read_text(encoding="utf-8"))
    return document, {entity["@id"]: entity for entity in document["@graph"]}


def references(value):
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        else:
            for part in value.values():
                yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def many(value):
    return value if isinstance(value, list) else [value]


def test_it_describes_itself_and_the_root_as_the_specification_says(site):
    document, known = read(site)
    assert document["@context"] == "https://w3id.org/ro/crate/1.2/context"
    assert len(known) == len(document["@graph"]), "an id is described twice"
    descriptor, root = known[CRATE], known["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert root["@type"] == "Dataset" and root["name"] and root["description"]
    assert known[root["license"]["@id"]]["name"] == "Creative Commons Attribution 4.0"


@pytest.mark.parametrize("which", ["site", "hostile"])
def test_it_holds_every_file_with_its_size_and_hash(which, request):
    site = request.getfixturevalue(which)
    _, known = read(site)
    described = {unquote(name): entity for name, entity in known.items() if entity["@type"] == "File"}
    there = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    assert set(described) == {name for name in there if name not in OUTSIDE and not name.startswith("releases/")}
    for name, entity in described.items():
        data = there[name].read_bytes()
        assert entity["contentSize"] == str(len(data)), name
        assert entity["sha256"] == hashlib.sha256(data).hexdigest(), name
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", entity["encodingFormat"]) and entity["name"], name


@pytest.mark.parametrize("which", ["site", "hostile"])
def test_every_file_and_folder_is_reached_from_the_root_once(which, request):
    _, known = read(request.getfixturevalue(which))
    reached, waiting = [], ["./"]
    while waiting:
        parts = [part["@id"] for part in many(known[waiting.pop()].get("hasPart", []))]
        reached += parts
        waiting += [part for part in parts if known[part]["@type"] == "Dataset"]
    inside = {name for name, entity in known.items() if entity["@type"] in ("File", "Dataset") and name[0] != "#"}
    assert sorted(reached) == sorted(inside - {"./"})
    assert {"deep-mlps/", "deep-mlps/profile/"} <= inside


@pytest.mark.parametrize("which", ["site", "hostile"])
def test_what_is_referred_to_is_described(which, request):
    document, known = read(request.getfixturevalue(which))
    found = {name for entity in document["@graph"] for name in references(list(entity.values()))}
    assert found - set(known) == {"https://w3id.org/ro/crate/1.2"}
    assert not [name for name in known if re.search(r"[\s<>\"{}|\\^`]", name)], "an id is no address"


@pytest.mark.parametrize("which", ["site", "hostile"])
def test_it_keeps_to_the_vocabulary(which, request, vocabulary):
    document, _ = read(request.getfixturevalue(which))
    aliases = {"File": "MediaObject"}
    allowed = {"conformsTo"}  # of Dublin Core, in the context of the crate
    entities = [{k: v for k, v in entity.items() if k not in allowed} for entity in document["@graph"]]
    assert [fault for entity in entities for fault in vocabulary.faults(entity, entity["@id"], aliases)] == []


def test_a_figure_was_made_by_a_program_from_runs_that_a_program_made(site):
    _, known = read(site)
    actions = [entity for entity in known.values() if entity["@type"] == "CreateAction"]
    (made,) = [one for one in actions if {"@id": "deep-mlps/profile/deep-mlps-profile.svg"} in many(one["result"])]
    assert known[made["instrument"]["@id"]]["name"] == "reportgen"
    (trained,) = [one for one in actions if one["result"] == made["object"]]
    program = known[trained["instrument"]["@id"]]
    assert "Commit fake." in program["description"] and "PyTorch 2.13.0+cpu" in program["softwareRequirements"]
    assert {action["@id"] for action in actions} == {one["@id"] for one in known["./"]["mentions"]}


def test_the_date_is_the_newest_of_the_studies(views):
    dated = views(ADDRESS, date="2026-11-21")
    graph = json.loads(crate({}, dated, ADDRESS))["@graph"]
    root = next(entity for entity in graph if entity["@id"] == "./")
    assert root["datePublished"] == "2026-11-21" and root["version"] == "1.2.0"
    assert root["url"] == "https://example.org/g/releases/1.2.0/"


def test_without_a_date_nothing_is_made_up(views):
    assert b"datePublished" not in crate({}, views(ADDRESS), ADDRESS)


def test_an_author_with_and_without_orcid_is_described_under_both_names(fakes, views):
    from reportgen.study.spec import Author

    mixed = views(ADDRESS, authors=(Author("ada lovelace"), Author("Ada Lovelace", "0000-0002-1825-0097")))
    graph = json.loads(crate({}, mixed, ADDRESS))["@graph"]
    known = {entity["@id"] for entity in graph}
    assert {name for entity in graph for name in references(list(entity.values()))} - known == {
        "https://w3id.org/ro/crate/1.2"
    }


def test_an_independent_reader_reads_it_back(site):
    rocrate = pytest.importorskip("rocrate.rocrate")
    found = rocrate.ROCrate(site)
    assert found.version == "1.2" and found.name == "Vanishing gradients, measured"
    figure = found.get("deep-mlps/profile/")
    assert {part.id for part in figure["hasPart"]} >= {"deep-mlps/profile/deep-mlps-profile.csv"}
    assert [person["name"] for person in figure["author"]] == ["Ada Lovelace", "Jürgen Müller"]
    assert len(found.get_by_type("CreateAction")) == 10, "two studies: training, estimates and three figures each"
