"""Every page of a built site: valid HTML, working links, accessible structure, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest

from reportgen.pages.site import CONTENT_POLICY

XHTML = "{http://www.w3.org/1999/xhtml}"
NAMES = {"canonical", "cite-as", "type", "author", "license"}
"""Relations of links that name a thing, so that no browser follows them."""
OWN_SCRIPT = re.compile(r"(\.\./)*assets/site\.js\Z")


def parsed(path):
    """Parse a page; any fault of its syntax raises."""
    html5lib = pytest.importorskip("html5lib")
    return html5lib.HTMLParser(strict=True).parse(path.read_bytes())


def pages(site):
    found = {path: parsed(path) for path in sorted(site.rglob("*.html"))}
    assert found
    return found


@pytest.fixture(scope="module")
def trees(site):
    return pages(site)


@pytest.fixture(scope="module")
def hostile_trees(hostile):
    return pages(hostile)


def elements(tree, *names):
    return [element for element in tree.iter() if element.tag in {XHTML + name for name in names}]


def text(element):
    return " ".join("".join(element.itertext()).split())


def test_ids_are_unique_on_a_page(trees):
    for path, tree in trees.items():
        ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids)), (path, {i for i in ids if ids.count(i) > 1})


def test_references_between_elements_lead_somewhere(trees):
    for path, tree in trees.items():
        ids = {element.attrib.get("id") for element in tree.iter()}
        for element in tree.iter():
            for name in ("aria-labelledby", "aria-describedby"):
                assert set(element.attrib.get(name, "").split()) <= ids, (path, element.attrib)


def test_all_links_and_files_exist(site, trees):
    ids = {path: {e.attrib["id"] for e in tree.iter() if "id" in e.attrib} for path, tree in trees.items()}
    count = 0
    for path, tree in trees.items():
        for element in tree.iter():
            for name in ("href", "src", "srcset"):
                target = element.attrib.get(name)
                if target is None or target.startswith(("https://", "data:")):
                    continue
                parts = urlsplit(target)
                assert not parts.scheme and not parts.netloc, (path, target)
                file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                assert file.is_relative_to(site.resolve()) and file.is_file(), (path, target)
                if parts.fragment:
                    assert parts.fragment in ids[file], (path, target)
                count += 1
    assert count > 200


def test_headings_are_in_order_and_one_is_first(trees):
    for path, tree in trees.items():
        levels = [int(e.tag[-1]) for e in tree.iter() if re.fullmatch(re.escape(XHTML) + "h[1-6]", str(e.tag))]
        assert levels[0] == 1 and levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_pages_say_what_they_are(trees):
    titles = []
    for path, tree in trees.items():
        assert tree.attrib["lang"] == "en-GB"
        titles.append(text(elements(tree, "title")[0]))
        names = {e.attrib.get("name"): e.attrib.get("content") for e in elements(tree, "meta")}
        assert names["viewport"] == "width=device-width, initial-scale=1" and len(names["description"]) > 20, path
    assert len(set(titles)) >= len(titles) - 3  # the fakes' figures repeat their titles in both studies


def test_images_have_words_and_sizes(trees):
    for path, tree in trees.items():
        for image in elements(tree, "img"):
            assert image.attrib["alt"] and int(image.attrib["width"]) > 0 and int(image.attrib["height"]) > 0, path


def test_tables_name_their_rows_and_columns(trees):
    for path, tree in trees.items():
        for table in elements(tree, "table"):
            heads = elements(table, "th")
            assert heads and all(head.attrib.get("scope") in {"row", "col", "colgroup"} for head in heads), path


def test_links_and_buttons_have_names(trees):
    for path, tree in trees.items():
        for link in elements(tree, "a", "button", "summary"):
            assert text(link) or link.attrib.get("aria-label"), (path, link.attrib)


def test_scrolling_regions_can_be_reached_by_keyboard(trees):
    for tree in trees.values():
        for region in [e for e in elements(tree, "div") if "table-scroll" in e.attrib.get("class", "")]:
            assert region.attrib["tabindex"] == "0" and region.attrib["role"] == "region"
            assert region.attrib.get("aria-label") or region.attrib.get("aria-labelledby")


@pytest.mark.parametrize("which", ["trees", "hostile_trees"])
def test_pages_obey_the_content_policy(which, request):
    for path, tree in request.getfixturevalue(which).items():
        policy = [e.attrib["content"] for e in elements(tree, "meta") if "http-equiv" in e.attrib]
        assert policy == [CONTENT_POLICY], path
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert "style" not in element.attrib, (path, element.attrib)
            assert not [name for name in element.attrib if name.lower().startswith("on")], (path, element.attrib)
            assert not element.attrib.get("href", "").lower().startswith(("javascript:", "data:", "vbscript:")), path
        assert not elements(tree, "style", "iframe", "object", "embed", "base", "form")
        for script in elements(tree, "script"):
            if script.attrib.get("type") == "application/ld+json":
                assert json.loads(script.text)["@context"] == "https://schema.org"
            else:
                assert OWN_SCRIPT.match(script.attrib["src"]) and not text(script), path
        for element in elements(tree, "img", "source", "link"):
            target = element.attrib.get("src") or element.attrib.get("srcset") or element.attrib["href"]
            assert not urlsplit(target).netloc or element.attrib.get("rel") in NAMES, (path, target)


def test_hostile_text_is_shown_as_text(hostile, hostile_trees):
    for path, tree in hostile_trees.items():
        raw = path.read_text(encoding="utf-8")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", raw), path
        assert not [image for image in elements(tree, "img") if image.attrib.get("src") == "x"], path
    study = text(hostile_trees[hostile / "deep-mlps" / "index.html"])
    assert "<script>window.hacked=1</script>" in study and "49" not in re.findall(r"\b49\b", study)


def test_hostile_names_write_no_file_outside(hostile):
    names = {path.relative_to(hostile).as_posix() for path in hostile.rglob("*") if path.is_file()}
    listed = set(json.loads((hostile / ".manifest.json").read_text())["files"])
    assert names == listed | {".manifest.json"}
    assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in names)


def test_drawings_are_not_changed(site):
    drawing = site / "deep-mlps/profile/deep-mlps-profile.svg"
    assert ElementTree.parse(drawing).getroot().attrib["viewBox"] == "0 0 780 420"


def test_citations_are_metadata_of_the_study(trees, site):
    tags = [
        (e.attrib["name"], e.attrib["content"])
        for e in elements(trees[site / "deep-mlps/index.html"], "meta")
        if "name" in e.attrib
    ]
    assert ("citation_author", "Jürgen Müller") in tags
    assert ("citation_abstract_html_url", "https://example.org/g/deep-mlps/") in tags


def test_no_page_names_this_machine_or_a_time(site):
    here = str(Path(__file__).parents[2])
    for path in site.rglob("*.html"):
        raw = path.read_text(encoding="utf-8")
        assert here not in raw and str(site.parent) not in raw
        assert not re.search(r"\b20[2-9]\d-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b", raw), path
