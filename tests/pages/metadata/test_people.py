from __future__ import annotations

from reportgen.pages.metadata.nodes import tidy
from reportgen.pages.metadata.people import agent, all_authors, credit, named
from reportgen.study.spec import Author


def test_a_person_has_parts_of_a_name_and_a_place():
    assert tidy(agent(Author("Beethoven, Ludwig", "0000-0002-1825-0097", "Bonn"))) == {
        "@type": "Person", "@id": "https://orcid.org/0000-0002-1825-0097",
        "identifier": "https://orcid.org/0000-0002-1825-0097", "name": "Ludwig Beethoven", "givenName": "Ludwig",
        "familyName": "Beethoven", "affiliation": {"@type": "Organization", "name": "Bonn"},
    }  # fmt: skip


def test_a_group_is_an_organisation_and_one_word_a_person():
    assert agent(Author("The reportgen authors")) == {"@type": "Organization", "name": "The reportgen authors"}
    assert tidy(agent(Author("Plato"))) == {"@type": "Person", "name": "Plato"}


def test_an_author_of_several_studies_is_counted_once(fakes):
    one = fakes.study(authors=(Author("Ada Lovelace", "0000-0002-1825-0097"), Author("J. Müller")))
    two = fakes.study(authors=(Author("A. Lovelace", "0000-0002-1825-0097"), Author("Müller, J."), Author(" \x00")))
    assert [author.name for author in all_authors([one, two])] == ["Ada Lovelace", "J. Müller"]


def test_names_without_anything_to_show_are_left_out():
    authors = (Author("\x00 "), Author("Ada Lovelace"))
    assert named(authors) == [authors[1]] and credit(authors) == "Ada Lovelace" and credit(()) == ""
