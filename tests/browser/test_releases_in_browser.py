"""Published releases in a real browser: pushed to a git repository, checked out, served, and opened from disk too."""

from __future__ import annotations

import json
import subprocess
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reportgen.pages.address import Address
from reportgen.pages.build import build_site
from reportgen.publish import open_destination, publish

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
BASE = "https://example.org/g"


class Quiet(SimpleHTTPRequestHandler):
    """A server that keeps its log to itself."""

    def log_message(self, *words):
        """Say nothing."""


@pytest.fixture(scope="module")
def checkout(fakes, tmp_path_factory):
    """Two releases of the site of the fakes, the second with other numbers and without one study."""
    folder = tmp_path_factory.mktemp("releases")
    remote, work = folder / "remote.git", folder / "work"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    first = [replace(entry, study=replace(entry.study, claims=())) for entry in fakes.entries(folder)]
    second = [_changed(first[0])]
    for version, entries in (("1.0", first), ("2.0", second)):
        build_site(entries, folder / "site", bibliography=fakes.bibliography(folder), address=Address.of(BASE, version))
        publish(folder / "site", open_destination(f"git:{remote}#gh-pages"), release=version, date="2026-11-21")
    subprocess.run(["git", "clone", "--quiet", "--branch", "gh-pages", str(remote), str(work)], check=True)
    return work


def _changed(entry):
    frame = entry.analysis.estimates.copy()
    rows = frame["name"] == "decay-factor"
    frame.loc[rows, ["estimate", "low", "high"]] *= 1.2
    figure = replace(entry.figures[0], data=entry.figures[0].data.assign(rms=0.5))
    return replace(entry, analysis=replace(entry.analysis, estimates=frame), figures=(figure, *entry.figures[1:]))


@pytest.fixture(scope="module")
def address(checkout):
    """The address of a server of the checkout."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(checkout)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(browser):
    """Open an address in a fresh context; complaints of the browser, and requests that fail, are collected."""
    contexts = []

    def open_page(url, viewport=DESK, **options):
        contexts.append(browser.new_context(viewport=viewport, **options))
        page = contexts[-1].new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("response", lambda got: page.complaints.append(got.url) if got.status >= 400 else None)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(params=["served", "from disk"])
def place(request, checkout, address):
    """Where the pages are: behind a server, or in a folder that is opened by double-click."""
    return address if request.param == "served" else f"{checkout.as_uri()}/"


def test_an_old_release_says_that_it_is_superseded_and_leads_to_the_same_page_of_the_newest(opened, place):
    page = opened(f"{place}releases/1.0/deep-mlps/profile/index.html")
    note = page.get_by_role("complementary", name="Release")
    assert "Release 1.0 has been superseded. The newest is this page in release 2.0." in note.inner_text()
    note.get_by_role("link", name="this page in release 2.0").click()
    assert page.url.endswith("/releases/2.0/deep-mlps/profile/index.html")
    assert "superseded" not in page.get_by_role("complementary", name="Release").inner_text()
    assert page.complaints == []


def test_a_page_that_the_newest_lacks_leads_to_its_home_page(opened, place):
    page = opened(f"{place}releases/1.0/recurrent-scale/index.html")
    note = page.get_by_role("complementary", name="Release")
    assert "release 2.0, which no longer has this page." in note.inner_text()
    note.get_by_role("link", name="release 2.0").click()
    assert page.url.endswith("/releases/2.0/index.html") and page.complaints == []


def test_without_scripts_an_old_release_leads_to_the_list_of_all(opened, place):
    page = opened(f"{place}releases/1.0/deep-mlps/index.html", java_script_enabled=False)
    note = page.get_by_role("complementary", name="Release")
    assert "a newer one may have replaced it" in note.inner_text()
    note.get_by_role("link", name="All releases").click()
    assert page.url.endswith("/releases/index.html")
    assert page.locator(".releases h3").all_inner_texts() == ["Release 2.0 newest", "Release 1.0"]


def test_a_reader_gets_from_the_home_page_to_what_changed(opened, place):
    page = opened(f"{place}index.html")
    page.locator(".site-footer").get_by_role("link", name="Releases").click()
    page.get_by_role("link", name="What changed since release 1.0").click()
    assert page.locator("h1").inner_text() == "What changed in release 2.0"
    rows = page.locator("table.changes tbody tr")
    assert rows.count() == 10 and "apart" in rows.first.inner_text()
    page.get_by_role("button", name="Estimate").click()
    page.get_by_role("link", name="release 1.0").first.click()
    assert page.url.endswith("/releases/1.0/index.html") and page.complaints == []


def test_the_current_site_says_nothing_of_releases_but_in_its_footer(opened, address):
    page = opened(f"{address}deep-mlps/index.html")
    assert page.get_by_role("complementary", name="Release").count() == 0
    assert page.evaluate("[...document.scripts].filter(s => s.src.includes('releases')).length") == 0


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_the_pages_fit_and_load_everything(opened, address, checkout, viewport):
    page = opened(address, viewport)
    for path in ("releases/", "changes/", "releases/2.0/changes/", "releases/1.0/", "releases/1.0/deep-mlps/profile/"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_have_contrast(opened, address, scheme, faint):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for all text, against the colour behind it."""
    for path in ("releases/", "releases/2.0/changes/", "releases/1.0/deep-mlps/", "releases/2.0/deep-mlps/"):
        page = opened(address + path, color_scheme=scheme)
        assert faint(page) == [], (path, scheme)


@pytest.mark.parametrize(
    "path", ["releases", "changes", "releases/2.0/changes", "releases/1.0", "releases/1.0/deep-mlps"]
)
def test_pages_of_releases_are_valid(checkout, path):
    html5lib = pytest.importorskip("html5lib")
    html5lib.HTMLParser(strict=True).parse((checkout / path / "index.html").read_bytes())


def test_the_script_of_releases_is_data_and_no_more(checkout):
    text = (checkout / "releases" / "releases.js").read_text()
    line = next(line for line in text.splitlines() if "var known" in line)
    known = json.loads(line.split("=", 1)[1].strip().rstrip(";"))
    assert known["newest"] == "2.0" and "deep-mlps/profile/" in known["pages"] and "" in known["pages"]
