"""Snippets, taken by the programs that they are for."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import html5lib
import pytest
from markdown_it import MarkdownIt

from reportgen.pages.cite import escape, snippets
from reportgen.pages.cite.all import SNIPPETS
from reportgen.pages.cite.cited import collect

CAPTION = "Sigmoid falls by 0.25 per layer & 50 % of ReLU_x stays − see σ² ≤ 1."
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_hash_of_the_data_is_found_again(fakes, works, name, tmp_path):
    ending = {"latex": "tex", "markdown": "md", "html": "md", "typst": "typ"}[name]
    paper = tmp_path / f"paper.{ending}"
    paper.write_text("A line.\n\n" + SNIPPETS[name](works.shown(fakes)), encoding="utf-8")
    marked = collect(paper, ()).cited
    assert [(one.kind, one.id, one.told, one.place.line) for one in marked] == [
        ("figure", "deep-mlps/profile", (works.HASH,), 3)
    ]


def document(body):
    return "\n".join((r"\documentclass{article}\usepackage{graphicx}\begin{document}", body, r"\end{document}"))


def with_a_rule(snippet):
    """Put a rule in the place of the drawing, which is not there."""
    return re.sub(r"\\includegraphics\S*", lambda _: r"\rule{1cm}{1cm}", snippet)


def test_latex_typesets_the_caption(latex, fakes, works, tmp_path):
    done = latex(document(with_a_rule(snippets.latex(works.shown(fakes, CAPTION)))), tmp_path)
    assert done.errors == []
    assert "Figure 1: Sigmoid falls by 0.25 per layer & 50 % of ReLU_x stays − see σ2 ≤ 1. [?]" in done.text.replace(
        "U x", "U_x"
    )


def test_latex_of_a_hostile_caption_runs_nothing(latex, fakes, works, tmp_path):
    hostile = works.HOSTILE.replace("‐", "-")  # a hyphen that pdfLaTeX does not know
    snippet = snippets.latex(works.shown(fakes, hostile, hostile))
    done = latex(document(with_a_rule(snippet)), tmp_path)
    assert done.errors == []
    assert "\\input{x} \\write18{rm} } { $x$ #1 @misc{y, z={w}}" in done.text.replace("$ x", "$x")
    assert "10−5 σ" in done.text and not re.search(r"\\(input|write)(?![a-z])", snippet)


def typeset(folder, body):
    import typst

    (folder / "deep-mlps-profile.svg").write_text(SVG)
    paper = folder / "paper.typ"
    paper.write_text(body, encoding="utf-8")
    (found,) = json.loads(typst.query(str(paper), "figure"))
    return found


def words(content):
    """Return the text of a piece of Typst's content."""
    if content["func"] == "sequence":
        return "".join(map(words, content["children"]))
    if content["func"] in ("smartquote", "symbol"):
        return {"smartquote": '"' if content.get("double", True) else "'"}.get(content["func"], content.get("text"))
    return " " if content["func"] == "space" else content["text"]


@pytest.mark.parametrize("hostile", [False, True])
def test_typst_typesets_the_caption(fakes, works, tmp_path, hostile):
    caption = works.HOSTILE if hostile else CAPTION
    body = snippets.typst(works.shown(fakes, caption, caption)).replace(" @deep-mlps:profile]", "]")
    found = typeset(tmp_path, body)
    assert found["label"] == "<fig:deep-mlps-profile>" and found["body"]["source"] == "deep-mlps-profile.svg"
    assert words(found["caption"]["body"]) == escape.one_line(caption)
    assert found["body"]["alt"] == escape.one_line(caption)


def test_html_shows_one_figure(fakes, works):
    shown = works.shown(fakes, works.HOSTILE, works.HOSTILE)
    tree = html5lib.parseFragment(snippets.html(shown), namespaceHTMLElements=False)
    tags = [element.tag for element in tree.iter() if isinstance(element.tag, str)]
    assert tags == ["DOCUMENT_FRAGMENT", "figure", "a", "img", "figcaption"]
    (image,), (link,) = tree.iter("img"), tree.iter("a")
    assert image.attrib["src"] == "https://example.org/g/deep-mlps/profile/deep-mlps-profile.svg"
    assert set(image.attrib) == {"src", "alt"} and link.attrib == {"href": "https://example.org/g/deep-mlps/profile/"}
    assert "".join(tree.find("figure/figcaption").itertext()) == escape.one_line(works.HOSTILE)


@pytest.mark.parametrize("hostile", [False, True])
def test_markdown_shows_one_image_that_is_a_link(fakes, works, hostile):
    words = works.HOSTILE if hostile else CAPTION
    written = snippets.markdown(works.shown(fakes, words, words))
    tree = html5lib.parseFragment(MarkdownIt("commonmark").render(written), namespaceHTMLElements=False)
    tags = [element.tag for element in tree.iter() if isinstance(element.tag, str)]
    assert tags == ["DOCUMENT_FRAGMENT", "p", "a", "img", "p", "em"]
    assert "".join(tree.findall("p")[1].itertext()) == f"{escape.one_line(words)} [@deep-mlps:profile]"


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_site_without_an_address_has_file_names_alone(fakes, works, name):
    shown = works.shown(fakes)
    shown = replace(shown, folder="", record=replace(shown.record, url=""))
    assert "http" not in SNIPPETS[name](shown) and "deep-mlps-profile." in SNIPPETS[name](shown)
