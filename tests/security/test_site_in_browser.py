"""The site of the hostile study in a real browser: no script runs, no request leaves, texts are read as texts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

INTRUDERS = """() => ({
  hacked: window.hacked !== undefined,
  title: document.title,
  scripts: [...document.scripts].filter(s => !(s.src && /assets\\/site\\.js$/.test(s.src)) &&
    !/releases\\.js$/.test(s.src) && s.type !== "application/ld+json").length,
  styles: document.querySelectorAll("style, [style]").length,
  handlers: [...document.querySelectorAll("*")].filter(
    e => [...e.attributes].some(a => a.name.toLowerCase().startsWith("on"))).length,
  active: document.querySelectorAll("iframe, object, embed, form, base, meta[http-equiv=refresh]").length,
  links: [...document.querySelectorAll("a[href], area[href]")].filter(
    a => !/^(https?|mailto|file):$/.test(a.protocol)).map(a => a.getAttribute("href")),
  images: [...document.images].filter(i => !/^(file|data):/.test(i.currentSrc || i.src)).length,
  hidden: getComputedStyle(document.body).display === "none",
  policy: document.querySelectorAll("meta[http-equiv=Content-Security-Policy]").length,
})"""
HARMLESS = {
    **{"hacked": False, "scripts": 0, "styles": 0, "handlers": 0, "active": 0, "links": [], "images": 0},
    **{"hidden": False, "policy": 1},
}


@pytest.fixture
def watched(browser):
    """A page whose requests and complaints are kept; requests to other machines are stopped."""
    context = browser.new_context()
    page = context.new_page()
    page.complaints, page.requests = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
    page.on("request", lambda request: page.requests.append(request.url))
    context.route(re.compile("^(https?|wss?):"), lambda route: route.abort())
    yield page
    context.close()


def test_no_page_runs_a_script_or_asks_another_machine(watched, attacked_site):
    pages = sorted(attacked_site.rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        watched.goto(path.as_uri())
        found = watched.evaluate(INTRUDERS)
        title = found.pop("title")
        assert found == HARMLESS, path
        assert title and "1337" not in title, path
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []


def test_pages_are_harmless_without_the_content_policy_too(browser, attacked_site):
    """The policy is the second wall; the first must hold alone."""
    context = browser.new_context(bypass_csp=True)
    asked = []
    context.route(re.compile("^(https?|wss?):"), lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    for path in [*sorted((attacked_site / "attack").rglob("*.html")), attacked_site / "index.html"]:
        page.goto(path.as_uri())
        assert page.evaluate("window.hacked === undefined"), path
    context.close()
    assert asked == []


def test_hostile_words_are_there_to_be_read(watched, attacked_site):
    watched.goto((attacked_site / "attack" / "index.html").as_uri())
    heading = watched.inner_text("h1")
    assert "</title></script><script>window.hacked=1</script>" in heading and "{{ 7*191 }}" in heading
    assert watched.title().startswith("Attack </title></script><script>")
    assert "<script>window.hacked=1</script>" in watched.locator("main math mtext").first.text_content()
    assert "\u202e" not in watched.content() and "\x1b" not in watched.content()


def test_linked_data_is_data(watched, attacked_site):
    for path in sorted((attacked_site / "attack").rglob("index.html")):
        watched.goto(path.as_uri())
        blocks = watched.evaluate(
            "[...document.querySelectorAll('script[type=\"application/ld+json\"]')].map(s => s.text)"
        )
        assert blocks, path
        for block in blocks:
            assert "</" not in block and "<!--" not in block
            json.loads(block)


def test_drawings_opened_by_themselves_do_nothing(watched, attacked_site):
    drawings = sorted(attacked_site.rglob("*.svg"))
    assert len(drawings) >= 4
    for path in drawings:
        watched.goto(path.as_uri())
        assert watched.evaluate("window.hacked === undefined"), path
        assert watched.evaluate("document.documentElement.localName") == "svg", path
        assert watched.evaluate("document.querySelectorAll('parsererror, script, foreignObject, image, a').length") == 0
    assert watched.complaints == []
    assert [url for url in watched.requests if not url.startswith("file:")] == []


def test_drawings_are_harmless_inside_a_page(watched, attacked_site, tmp_path):
    """Whoever pastes a drawing into a page of their own gets no script with it."""
    for path in sorted((attacked_site / "attack").rglob("*.svg")):
        page = tmp_path / f"{path.stem}.html"
        page.write_text(f"<!DOCTYPE html><title>x</title><body>{path.read_text(encoding='utf-8')}", encoding="utf-8")
        watched.goto(page.as_uri())
        assert watched.evaluate("window.hacked === undefined"), path
        assert watched.evaluate("document.querySelectorAll('body svg').length") == 1, path
        assert watched.evaluate("document.querySelectorAll('script, foreignObject, img').length") == 0, path
    assert [url for url in watched.requests if not url.startswith("file:")] == []


def test_what_is_copied_is_what_is_shown(watched, attacked_site):
    """A copy button takes the text as it is, so that what was looked over is what is pasted."""
    watched.goto((attacked_site / "attack" / "profile" / "index.html").as_uri())
    for text in watched.locator(".code code").all_inner_texts():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_the_citation_snippet_is_harmless_where_it_is_pasted(watched, attacked_site, tmp_path):
    watched.goto((attacked_site / "attack" / "profile" / "index.html").as_uri())
    blocks = watched.locator(".code code").all_text_contents()
    snippets = [text for text in blocks if "<figure>" in text]
    assert snippets
    for number, snippet in enumerate(snippets):
        page = Path(tmp_path / f"{number}.html")
        page.write_text(f"<!DOCTYPE html><meta charset=utf-8><title>x</title><body>{snippet}", encoding="utf-8")
        watched.goto(page.as_uri())
        assert watched.evaluate("window.hacked === undefined")
        assert watched.evaluate("document.querySelectorAll('script, style, iframe, svg').length") == 0
