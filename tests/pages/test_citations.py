from __future__ import annotations

import json

import pytest

from reportgen.pages import citations
from reportgen.pages.citations import Citable
from reportgen.study.spec import Author

HOSTILE = 'A "quoted" & 50 % <script>alert(1)</script> \\input{x} } {'


def parsed(text):
    from pybtex.database import parse_string

    (entry,) = parse_string(text, "bibtex").entries.items()
    return entry


def test_bibtex_is_read_back(fakes):
    key, entry = parsed(citations.bibtex(Citable("deep-mlps/", "A title", fakes.study(), "https://example.org/")))
    assert key == "deep-mlps"
    assert [str(person) for person in entry.persons["author"]] == ["Lovelace, Ada", "Müller, Jürgen"]
    assert entry.fields["url"] == "https://example.org/deep-mlps/"


def test_a_group_stays_one_author(fakes):
    study = fakes.study(authors=(Author("The reportgen authors"), Author("Black and White")))
    _, entry = parsed(citations.bibtex(Citable("s/", "T", study)))
    assert [person.last_names for person in entry.persons["author"]] == [
        ["{The reportgen authors}"],
        ["{Black and White}"],
    ]


def test_hostile_titles_stay_inside_their_field(fakes):
    _, entry = parsed(citations.bibtex(Citable("s/f/", HOSTILE, fakes.study(title=HOSTILE), "", "f" * 64)))
    assert set(entry.fields) == {"title", "howpublished", "note"}
    assert (
        "\\input" not in entry.fields["title"]
        and r"\textbackslash{}input\textbraceleft{}x\textbraceright{}" in entry.fields["title"]
    )


def test_a_doi_is_the_address_of_a_study(fakes):
    assert Citable("s/", "T", fakes.study(doi="10.5281/zenodo.1")).url == "https://doi.org/10.5281/zenodo.1"


def test_text_names_people_title_version_and_data(fakes):
    text = citations.text(Citable("s/f/", "A figure", fakes.study(), "https://example.org/", "ab" * 32))
    assert text.startswith("Ada Lovelace and Jürgen Müller. A figure. Figure in “Activation, ")
    assert "Version 1.0" in text and "Data abababababababab." in text and text.endswith("https://example.org/s/f/")


@pytest.mark.parametrize(("kind", "absent"), [("LaTeX", "\\input{"), ("HTML", "<script"), ("Markdown", "<script>")])
def test_snippets_escape(fakes, kind, absent):
    found = citations.snippets(Citable("s/f/", "T", fakes.study()), HOSTILE, HOSTILE, "s-f")[kind]
    assert absent not in found and "s-f." in found


def test_json_ld_is_json_without_undefined_fields(fakes):
    found = citations.json_ld(Citable("s/", HOSTILE, fakes.study()), "d", {})
    assert json.loads(json.dumps(found))["name"] == HOSTILE
    assert found["@type"] == "ScholarlyArticle" and found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097" and "@id" not in found["author"][1]


def test_highwire_repeats_authors(fakes):
    tags = citations.highwire(Citable("s/", "T", fakes.study(), "https://example.org/"))
    assert [value for name, value in tags if name == "citation_author"] == ["Ada Lovelace", "Jürgen Müller"]
    assert ("citation_abstract_html_url", "https://example.org/s/") in tags
