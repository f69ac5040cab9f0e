from __future__ import annotations

import pytest

from reportgen.pages.metadata.identifiers import bare_doi, doi_url, licence, orcid_url


@pytest.mark.parametrize("orcid", ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"])
def test_an_orcid_with_a_right_check_digit_has_an_address(orcid):
    assert orcid_url(orcid) == f"https://orcid.org/{orcid}"


@pytest.mark.parametrize("text", ["", "0000-0002-1825-0098", "0000000218250097", '"><script>', "0000-0002-1825-0097\n"])
def test_what_is_no_orcid_has_none(text):
    assert orcid_url(text) == ""


@pytest.mark.parametrize(
    ("given", "bare"),
    [
        ("10.5281/zenodo.1", "10.5281/zenodo.1"),
        ("https://doi.org/10.1000/182", "10.1000/182"),
        ("doi:10.1000/182", "10.1000/182"),
        ("10.1/x y", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_doi_is_taken_from_what_is_written_before_it(given, bare):
    assert bare_doi(given) == bare and doi_url(given) == (f"https://doi.org/{bare}" if bare else "")


def test_signs_in_a_doi_are_escaped_in_its_address():
    assert doi_url('10.1000/a<b>"c"') == "https://doi.org/10.1000/a%3Cb%3E%22c%22"


def test_licences_have_names_and_addresses():
    assert licence("CC-BY-4.0").url == "https://creativecommons.org/licenses/by/4.0/"
    assert licence("CC-BY-NC-SA-4.0").name == "Creative Commons Attribution-NonCommercial-ShareAlike 4.0"
    assert licence("CC0-1.0").url == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert licence("MIT").url == "https://spdx.org/licenses/MIT"
    unknown = licence("Ask me")
    assert (unknown.name, unknown.spdx, unknown.url) == ("Ask me", "", "")
