from __future__ import annotations

import pytest
from markupsafe import Markup

from reportgen.errors import ReportgenError
from reportgen.pages.bibliography import Bibliography, Reference
from reportgen.pages.markdown import Place, ProseError, render, render_inline
from reportgen.pages.site import relative

REFERENCES = Bibliography(
    {
        key: Reference(key, label, "A", "2013", "T", "", "", "")
        for key, label in (("pascanu2013", "Pascanu et al. 2013"), ("he2015", "He <et> al. 2015"))
    }
)


def place(**changes):
    given = {
        "url": relative("study/"),
        "bibliography": REFERENCES,
        "figure_url": lambda figure: f"#figure-{figure}",
        "embed": lambda figure: Markup(f"<figure>{figure}</figure>"),
    }
    return Place(**{**given, **changes})


def test_raw_html_is_escaped():
    html = render("<script>alert(1)</script>\n\nan <b onclick=x>inline</b>", place())
    assert "<script" not in html and "<b" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
def test_dangerous_links_are_not_links(href):
    try:
        html = render(f"[x]({href})", place())
    except ProseError:
        return
    assert "<a" not in html


def test_citations_link_to_the_references():
    where = place()
    html = render_inline("as known [@pascanu2013; @he2015, p. 3]", where)
    assert html == (
        'as known <span class="citation">(<a href="../references/index.html#ref-pascanu2013">Pascanu et al. 2013</a>; '
        '<a href="../references/index.html#ref-he2015">He &lt;et&gt; al. 2015</a>, p. 3)</span>'
    )
    assert where.cited == ["pascanu2013", "he2015"]


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ("see [@pascanu2012]", r"no reference called 'pascanu2012'[\s\S]*did you mean 'pascanu2013'"),
        ("see [@]", "is not a citation"),
        ("![a](picture.png)", "cannot be shown here"),
        ("[a](elsewhere)", "leads nowhere"),
    ],
)
def test_faults_are_errors(source, match):
    with pytest.raises(ReportgenError, match=match):
        render(source, place())


def test_a_figure_on_a_line_of_its_own_stands_without_a_paragraph():
    assert render("one\n\n![](figure:a)\n\ntwo", place()) == "<p>one</p>\n<figure>a</figure><p>two</p>\n"


def test_figures_and_pages_are_linked():
    html = render_inline("[Figure 1](figure:a) and [methods](/methods/#decay)", place())
    assert 'href="#figure-a"' in html and 'href="../methods/index.html#decay"' in html


def test_headings_are_shifted_without_gaps_and_have_unique_ids():
    html = render("# A\n\n### B\n\n# A", place(prefix="results"))
    assert '<h3 id="results-a">' in html and '<h4 id="results-b">' in html and '<h3 id="results-a-2">' in html


def test_the_first_use_of_a_term_is_linked():
    where = place(terms={"error signal": "error-signal", "error": "error"})
    html = render("## Error signal\n\nThe Error signal, `error signal`, [error signal](/x/) and error signal.", where)
    assert html.count('class="term"') == 1
    assert '<a href="../glossary/index.html#error-signal" class="term">Error signal</a>,' in html
    assert "term" not in render("Another error signal.", where)


def test_mathematics_and_money():
    html = render("$x_1$ and\n\n$$y = 2$$\n\nbut 5$ and 6$", place())
    assert html.count("<math") == 2 and '<div class="formula">' in html and "5$ and 6$" in html


def test_tables_scroll_and_name_their_columns():
    html = render("| a | b |\n| --- | ---: |\n| 1 | 2 |", place())
    assert 'scope="col"' in html and 'class="number"' in html and "style=" not in html and "table-scroll" in html


def test_footnotes_of_two_sections_do_not_clash():
    texts = [render("a[^1]\n\n[^1]: note", place(prefix=prefix)) for prefix in ("results", "limits")]
    ids = [set(__import__("re").findall(r'id="([^"]+)"', text)) for text in texts]
    assert ids[0] and not ids[0] & ids[1]
