"""What the site shows of citing, in its pages and its files."""

from __future__ import annotations

import json
import re

import html5lib
import pytest

from reportgen.pages.cite import values
from reportgen.pages.cite.check import read_site


def blocks(path):
    """Return the labelled texts of a page, in order."""
    tree = html5lib.parse(path.read_bytes(), namespaceHTMLElements=False)
    made = [e for e in tree.iter("div") if e.attrib.get("class") == "code"]
    return [("".join(e.find("p").itertext()), "".join(e.find("pre").itertext())) for e in made]


@pytest.mark.parametrize("page", ["deep-mlps", "deep-mlps/profile"])
def test_a_page_has_every_format_and_the_files_have_the_same(site, page):
    found = dict(blocks(site / page / "index.html"))
    assert (site / page / "citation.bib").read_text() == found["BibTeX"] + "\n"
    assert json.loads((site / page / "citation.json").read_text()) == json.loads(found["CSL-JSON"])
    assert (site / page / "citation.ris").read_bytes().decode() == found["RIS"].replace("\n", "\r\n")
    assert {"Text", "APA", "Chicago"} <= set(found)
    assert ({"LaTeX", "Markdown", "HTML", "Typst"} <= set(found)) == (page != "deep-mlps")


def test_text_and_bibtex_come_first_and_the_rest_is_folded(site):
    tree = html5lib.parse((site / "deep-mlps/profile/index.html").read_bytes(), namespaceHTMLElements=False)
    section = next(e for e in tree.iter("section") if e.attrib.get("aria-labelledby") == "cite")
    open_labels = ["".join(e.find("p").itertext()) for e in section if e.attrib.get("class") == "code"]
    assert open_labels == ["Text", "BibTeX"]
    assert len([e for e in section if e.tag == "details" and "open" not in e.attrib]) == 2


def test_all_citations_are_in_one_file(site):
    from pybtex.database import parse_file

    entries = parse_file(str(site / "cite/all.bib"), "bibtex").entries
    keys = ["deep-mlps", "recurrent-scale", *(f"{s}:{f}" for s in ("deep-mlps", "recurrent-scale") for f in FIGURES)]
    assert set(entries) == {*keys, "reportgen"}
    assert [item["id"] for item in json.loads((site / "cite/all.json").read_text())] == list(entries)
    assert (site / "cite/all.ris").read_bytes().count(b"ER  - \r\n") == len(entries)


FIGURES = ("profile", "factors", "success")


@pytest.mark.parametrize("name", ["values.tex", "values.typ"])
def test_the_values_of_a_study_are_those_of_the_site(site, name):
    held = read_site(site)
    told = values.read_values((site / "deep-mlps" / name).read_text())
    assert {key: numbers for key, (numbers, _) in told.items()} == {
        key: value.raw for key, value in held.values.items() if key.startswith("deep-mlps/")
    }


def test_the_page_uses_a_value_that_there_is(site):
    found = blocks(site / "cite/index.html")
    latex = next(text for label, text in found if label == "LaTeX")
    typst = next(text for label, text in found if label == "Typst")
    value = re.search(r"\\rginterval\{(.*)\}", latex)[1]
    assert value in read_site(site).values and f'#rginterval("{value}")' in typst


def test_every_command_of_the_page_is_one(site, capsys):
    from reportgen.cli import main

    commands = [text for label, text in blocks(site / "cite/index.html") if label == "Command"]
    assert len(commands) == 2
    for command in commands:
        program, name, *options = command.split()
        assert program == "reportgen" and main([name, "--help"]) == 0
        shown = capsys.readouterr().out
        assert all(option in shown for option in options if option.startswith("--"))


def test_a_site_without_studies_says_how_to_cite_reportgen(tmp_path):
    from reportgen.pages.build import build_site

    build_site([], tmp_path / "site", bibliography=None)
    assert [label for label, _ in blocks(tmp_path / "site/cite/index.html")][-4:] == [
        "Text",
        "BibTeX",
        "APA",
        "Chicago",
    ]


def test_a_date_is_on_the_page_and_in_all_citations(fakes, tmp_path):
    from reportgen.pages.build import build_site

    build_site([fakes.entry(tmp_path, date="2026-11-02")], tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    page = tmp_path / "site/deep-mlps/index.html"
    assert '<time datetime="2026-11-02">2026-11-02</time>' in page.read_text()
    for label, text in blocks(page):
        assert label not in {"Text", "BibTeX", "APA", "Chicago", "RIS", "CSL-JSON"} or "2026" in text, label


def test_the_citation_file_of_the_repository_says_the_same():
    from pathlib import Path

    from ruamel.yaml import YAML

    from reportgen.pages.cite.record import GROUP, SOFTWARE_TITLE

    stated = YAML(typ="safe").load((Path(__file__).parents[3] / "CITATION.cff").read_text(encoding="utf-8"))
    assert stated["title"] == SOFTWARE_TITLE
    assert stated["authors"][0]["name"].casefold() == GROUP.casefold()
