from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from reportgen.pages.metadata.signposting import figure_links, study_links

PAGE = "https://example.org/g/deep-mlps/profile/index.html"


def links(text):
    found = []

    class Read(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag == "link":
                found.append(dict(attrs))

    Read().feed(text)
    return found


def by_rel(site, path):
    found = {}
    for link in links((site / path).read_text(encoding="utf-8")):
        found.setdefault(link["rel"], []).append(link)
    return found


def test_a_figure_is_a_landing_page_by_the_profile(site):
    """The FAIR Signposting Profile: one ``cite-as``, types, and one or more ``describedby`` and ``item`` with types."""
    found = by_rel(site, "deep-mlps/profile/index.html")
    assert [link["href"] for link in found["cite-as"]] == ["https://example.org/g/deep-mlps/profile/"]
    assert [link["href"] for link in found["type"]] == [
        "https://schema.org/AboutPage",
        "https://schema.org/ImageObject",
    ]
    assert [link["href"] for link in found["author"]] == ["https://orcid.org/0000-0002-1825-0097"]
    assert [link["href"] for link in found["license"]] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert len(found["item"]) >= 5 and len(found["describedby"]) == 4
    for link in found["item"] + found["describedby"]:
        target = urlsplit(urljoin(PAGE, link["href"]))
        assert (site / target.path.removeprefix("/g/")).is_file(), link
        assert re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", link["type"])
    (collection,) = found["collection"]
    assert urljoin(PAGE, collection["href"]) == "https://example.org/g/deep-mlps/index.html"


def test_a_study_names_its_figures_and_estimates(site):
    items = [link["href"] for link in by_rel(site, "deep-mlps/index.html")["item"]]
    assert items == ["../deep-mlps/estimates.csv"] + [
        f"../deep-mlps/{name}/index.html" for name in ("profile", "factors", "success")
    ]


def test_the_permanent_address_or_the_doi_is_what_is_to_be_cited(views):
    from reportgen.pages.address import Address

    address = Address.of("https://example.org/g", "1.2.0")
    view = views(address, doi="10.5281/zenodo.1")[0]
    (study,) = [link.href for link in study_links(view, address) if link.rel == "cite-as"]
    (figure,) = [link.href for link in figure_links(view.figures[0], view, address) if link.rel == "cite-as"]
    assert study == "https://doi.org/10.5281/zenodo.1"
    assert figure == "https://example.org/g/releases/1.2.0/deep-mlps/profile/"


@pytest.mark.parametrize("path", ["index.html", "deep-mlps/index.html", "deep-mlps/profile/index.html"])
def test_without_an_address_nothing_is_to_be_cited_by_one(hostile, path):
    found = by_rel(hostile, path)
    assert "cite-as" not in found and "canonical" not in found
    assert "license" not in found and "author" not in found, "what is hostile there has no address"
    assert found["describedby"] and found["item"]
