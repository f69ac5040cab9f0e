from __future__ import annotations

import pytest

from reportgen.pages import citations
from reportgen.pages.address import Address
from reportgen.pages.citations import Citable

SITE = Address("https://example.org/")


def test_a_doi_is_the_address_of_a_study_but_not_of_its_figures(fakes):
    study = fakes.study(doi="10.5281/zenodo.1")
    assert Citable("s/", "T", study, SITE).url == "https://doi.org/10.5281/zenodo.1"
    assert Citable("s/f/", "T", study, SITE, "f" * 64).url == "https://example.org/s/f/"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (Address(), ""),
        (SITE, "https://example.org/s/f/"),
        (Address("https://example.org/", "1.2.0"), "https://example.org/releases/1.2.0/s/f/"),
    ],
)
def test_a_release_is_cited_where_it_stays(fakes, address, url):
    assert Citable("s/f/", "T", fakes.study(), address, "f" * 64).url == url


@pytest.mark.parametrize(("path", "key"), [("s/f/", "s:f"), ("s/", "s"), ("a{b},c d/", "a-b--c-d")])
def test_a_key_can_stand_in_a_bibliography(fakes, path, key):
    assert Citable(path, "T", fakes.study()).key == key


def test_text_names_people_title_version_and_data(fakes):
    text = citations.text(Citable("s/f/", "A figure", fakes.study(), SITE, "ab" * 32))
    assert text.startswith("Ada Lovelace and Jürgen Müller. A figure. Figure in “Activation, ")
    assert "Version 1.0" in text and "Data abababababababab." in text and text.endswith("https://example.org/s/f/")


def test_bibtex_is_that_of_the_work(fakes):
    assert citations.bibtex(Citable("s/f/", "A figure", fakes.study())).startswith("@misc{s:f,\n  author = {Lovelace, ")
