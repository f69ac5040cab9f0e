from __future__ import annotations

import io

import pytest

from reportgen.pages.address import Address
from reportgen.pages.metadata.head import Heads, plain_head
from reportgen.pages.metadata.tags import highwire, png_size
from reportgen.pages.site import Page
from reportgen.study.spec import Author

ADDRESS = Address.of("https://example.org/g", "1.2.0")


def page(view):
    return Page(view.path, "x.html", "A title", "What it says.", subject=view)


def properties(head):
    found = {}
    for name, content in head.properties:
        found.setdefault(name, []).append(content)
    return found


def test_highwire_repeats_authors_and_keywords(views):
    tags = highwire(views(ADDRESS)[0], ADDRESS)
    assert [content for name, content in tags if name == "citation_author"] == ["Ada Lovelace", "Jürgen Müller"]
    assert [content for name, content in tags if name == "citation_keywords"] == [
        "vanishing gradient",
        "initialisation",
    ]
    assert ("citation_abstract_html_url", "https://example.org/g/deep-mlps/") in tags


def test_highwire_has_a_date_only_where_the_study_has_one(views):
    assert ("citation_publication_date", "2026/11/21") in highwire(views(date="2026-11-21")[0], Address())
    assert "citation_publication_date" not in dict(highwire(views()[0], Address()))


def test_highwire_promises_no_pdf_and_no_address_that_is_not_there(views):
    names = {name for name, _ in highwire(views()[0], Address())}
    assert not names & {"citation_pdf_url", "citation_abstract_html_url", "citation_doi"}


def test_the_first_author_of_a_dirty_list_is_a_name(views):
    view = views(authors=(Author("  "), Author("Müller,\nJürgen")))[0]
    assert dict(highwire(view, Address()))["citation_author"] == "Jürgen Müller"


def test_open_graph_has_the_four_that_are_required(views):
    both = views(ADDRESS)
    heads = Heads(both, {}, ADDRESS)
    for subject in (both[0], both[0].figures[1]):
        found = properties(heads.head(page(subject)))
        assert found["og:title"] == ["A title"] and found["og:type"] == ["article"]
        assert found["og:url"] == [f"https://example.org/g/{subject.path}"]
        assert found["og:image"][0].startswith("https://example.org/g/deep-mlps/")
    assert found["og:image"] == ["https://example.org/g/deep-mlps/factors/deep-mlps-factors.png"]
    assert found["og:image:alt"] == [both[0].figures[1].figure.alt]


def test_without_an_address_open_graph_has_nothing_that_needs_one(views):
    both = views()
    found = properties(Heads(both, {}, Address()).head(page(both[0])))
    assert set(found) == {
        "og:title", "og:description", "og:type", "og:site_name", "og:locale", "article:tag",
    }  # fmt: skip


def test_a_page_of_no_study_is_a_page_of_a_website(views):
    head = Heads(views(ADDRESS), {}, ADDRESS).head(Page("limits/", "x.html", "Limits", "What is not shown."))
    assert properties(head)["og:type"] == ["website"] and "article:tag" not in properties(head)
    assert ("twitter:card", "summary_large_image") in head.names


def test_a_plain_page_needs_no_study():
    head = plain_head(Page("releases/", "x.html", "Releases", "All of them."), ADDRESS)
    assert ("twitter:card", "summary") in head.names and "og:image" not in properties(head)
    assert [node["@type"] for node in head.linked_data["@graph"]] == ["WebPage", "BreadcrumbList"]


def test_the_size_of_a_png_is_read_from_its_header(tmp_path):
    image = pytest.importorskip("PIL.Image")
    made = io.BytesIO()
    image.new("RGB", (37, 11)).save(made, "PNG")
    (tmp_path / "x.png").write_bytes(made.getvalue())
    assert png_size(made.getvalue()) == png_size(tmp_path / "x.png") == (37, 11)
    assert png_size(b"\x89PNG\r\n\x1a\n fake") is None and png_size(b"GIF89a" + bytes(40)) is None


def test_the_previews_size_is_that_of_the_file(site):
    from html.parser import HTMLParser

    found = {}

    class Read(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag == "meta" and dict(attrs).get("property"):
                found[dict(attrs)["property"]] = dict(attrs)["content"]

    Read().feed((site / "deep-mlps/profile/index.html").read_text(encoding="utf-8"))
    image = pytest.importorskip("PIL.Image")
    with image.open(site / found["og:image"].removeprefix("https://example.org/g/")) as opened:
        width, height = opened.size
    assert (found["og:image:width"], found["og:image:height"]) == (str(width), str(height))
