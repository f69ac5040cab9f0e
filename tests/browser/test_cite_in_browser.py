"""Citing in a real browser: what is folded, copied and downloaded, with words that can be read."""

from __future__ import annotations

import pytest


@pytest.fixture
def opened(browser):
    """Open a page in a fresh context that may use the clipboard."""
    contexts = []

    def open_page(path, **options):
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_a_snippet_is_unfolded_and_copied(opened, site):
    page = opened(site / "deep-mlps" / "profile" / "index.html")
    button = page.get_by_role("button", name="Copy: Typst")
    assert not button.is_visible() and page.get_by_role("button", name="Copy: BibTeX").is_visible()
    page.get_by_text("Show the figure in LaTeX, Markdown, HTML or Typst").click()
    button.click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("// reportgen: deep-mlps/profile sha256:")
    assert page.complaints == []


def test_the_folded_formats_can_be_read_without_scripts(opened, site):
    page = opened(site / "deep-mlps" / "index.html", java_script_enabled=False)
    page.get_by_text("APA, Chicago, RIS and CSL-JSON").click()
    assert page.get_by_text("Lovelace, A., & Müller, J. (n.d.).").is_visible()


def test_a_reader_gets_from_a_figure_to_the_check_of_papers(opened, site):
    page = opened(site / "deep-mlps" / "profile" / "index.html")
    page.get_by_text("Show the figure in LaTeX, Markdown, HTML or Typst").click()
    page.get_by_role("link", name="a check of your paper").click()
    assert page.url.endswith("cite/index.html#check")
    assert page.locator(".site-header [aria-current]").inner_text() == "Cite"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_where_everything_is_unfolded_on_a_phone(opened, site, scheme):
    for path in ("cite", "deep-mlps/profile", "deep-mlps"):
        page = opened(site / path / "index.html", viewport={"width": 360, "height": 780}, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
