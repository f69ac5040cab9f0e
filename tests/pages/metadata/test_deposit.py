from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from reportgen.pages.address import Address
from reportgen.pages.metadata.deposit import citation_cff, zenodo_json
from reportgen.study.spec import Author

ADDRESS = Address.of("https://example.org/g", "1.2.0")
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def schema():
    return json.loads((Path(__file__).parent / "cff_1_2_0.schema.json").read_text(encoding="utf-8"))


def loaded(text):
    """Read YAML as strictly as its standard is: all scalars of the file are quoted, so dates stay text."""
    return YAML(typ="safe", pure=True).load(text)


def check(schema, document):
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)


def test_the_sites_citation_file_is_valid(schema, site, hostile):
    for folder in (site, hostile):
        check(schema, loaded((folder / "CITATION.cff").read_bytes()))


def test_the_projects_own_citation_file_is_valid(schema):
    check(schema, loaded((ROOT / "CITATION.cff").read_bytes()))


def test_the_citation_file_says_who_made_what_when(schema, views):
    document = loaded(citation_cff(views(ADDRESS, date="2026-11-21", doi="10.5281/zenodo.1"), ADDRESS))
    check(schema, document)
    assert document["authors"][0] == {
        "family-names": "Lovelace", "given-names": "Ada", "orcid": "https://orcid.org/0000-0002-1825-0097",
        "affiliation": "Analytical Engines",
    }  # fmt: skip
    assert document["date-released"] == "2026-11-21" and document["version"] == "1.2.0"
    assert document["url"] == "https://example.org/g/releases/1.2.0/" and document["license"] == "CC-BY-4.0"
    first, second = document["references"]
    assert first["doi"] == "10.5281/zenodo.1" and first["url"].endswith("/releases/1.2.0/deep-mlps/")
    assert "date-released" not in second and second["title"] == "The scale of the recurrent weight"


def test_groups_particles_and_licences_without_a_name_are_valid(schema, views):
    authors = (Author("The reportgen authors"), Author("Ludwig van Beethoven"), Author("Plato"))
    document = loaded(citation_cff(views(ADDRESS, authors=authors, licence="Ask me"), ADDRESS))
    check(schema, document)
    group, person, one = document["authors"][:3]
    assert group == {"name": "The reportgen authors"} and one == {"family-names": "Plato"}
    assert (person["name-particle"], person["family-names"]) == ("van", "Beethoven")
    assert "license" not in document, "one study names a licence that is not known"


def test_a_site_without_studies_or_address_has_a_valid_one(schema):
    document = loaded(citation_cff((), Address()))
    check(schema, document)
    assert document["authors"] == [{"name": "Anonymous"}] and "url" not in document and "version" not in document


@pytest.mark.parametrize(
    "text",
    ["yes", "1.0", "2026-11-21", "a: b", "- x", "!!python/object:os.system x", "&a *a", "x # y", "'\"\\ü\u2028", "{}"],
)
def test_texts_stay_texts_in_yaml(views, schema, text):
    document = loaded(citation_cff(views(ADDRESS, title=text, keywords=(text,)), ADDRESS))
    check(schema, document)
    plain = " ".join(text.split())
    assert document["references"][0]["title"] == plain and document["keywords"][0] == plain


def test_zenodo_reads_people_licence_and_addresses(views):
    found = json.loads(zenodo_json(views(ADDRESS, doi="10.5281/zenodo.1", date="2026-11-21"), ADDRESS))
    assert found["upload_type"] == "dataset" and found["access_right"] == "open" and found["language"] == "eng"
    assert found["creators"] == [
        {"name": "Lovelace, Ada", "affiliation": "Analytical Engines", "orcid": "0000-0002-1825-0097"},
        {"name": "Müller, Jürgen"},
    ]
    assert found["license"] == "cc-by-4.0" and found["publication_date"] == "2026-11-21"
    assert {"identifier": "10.5281/zenodo.1", "relation": "hasPart"} in found["related_identifiers"]


def test_zenodo_gets_no_markup_of_others(hostile):
    found = json.loads((hostile / ".zenodo.json").read_text(encoding="utf-8"))
    assert found["description"].startswith("<p>") and "script" not in found["description"]
    assert "orcid" not in found["creators"][0] and "license" not in found
