"""Claims and the remedy matrix in a real browser: filters with and without scripts, contrast, a phone."""

from __future__ import annotations

import pytest

from reportgen.pages.build import build_site

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def site(fakes, remedy_fakes, tmp_path_factory):
    """A site with claims of every verdict and with remedies."""
    folder = tmp_path_factory.mktemp("claims")
    entries = [*fakes.entries(folder), remedy_fakes.entry(fakes.study())]
    build_site(entries, folder / "site", bibliography=fakes.bibliography(folder))
    return folder / "site"


@pytest.fixture
def opened(browser):
    """Open a page in a fresh context."""
    contexts = []

    def open_page(path, viewport=DESK, **options):
        contexts.append(browser.new_context(viewport=viewport, **options))
        page = contexts[-1].new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def shown(page):
    return page.locator(".claim:visible")


def test_claims_are_filtered_by_verdict_group_and_source_with_a_count(opened, site):
    page = opened(site / "claims" / "index.html")
    every = shown(page).count()
    status = page.get_by_role("status")
    assert status.inner_text() == f"{every} of {every} claims"
    page.get_by_label("Verdict").select_option("refuted")
    assert [item.get_attribute("data-verdict") for item in shown(page).all()] == ["refuted"]
    assert status.inner_text() == f"1 of {every} claims"
    assert page.locator(".claim-group:visible").count() == 1
    page.get_by_role("combobox", name="Group").select_option("Signs")
    assert shown(page).count() == 0 and status.inner_text() == "No claim is like that."
    page.get_by_label("Verdict").select_option("")
    assert {item.get_attribute("data-group") for item in shown(page).all()} == {"Signs"}
    page.get_by_role("combobox", name="Group").select_option("")
    source = page.get_by_label("Source").locator("option").nth(1).inner_text()
    page.get_by_label("Source").select_option(source)
    assert 0 < shown(page).count() < every
    assert all(source in item.get_attribute("data-source").split("|") for item in shown(page).all())


def test_a_link_to_a_claim_that_is_filtered_away_brings_it_back(opened, site):
    page = opened(site / "claims" / "index.html")
    page.get_by_label("Verdict").select_option("refuted")
    page.get_by_text("By verdict", exact=True).click()
    page.locator(".filters a[href='#relu-helps']").first.click()
    assert page.locator("#relu-helps").is_visible() and page.get_by_label("Verdict").input_value() == ""


def test_without_scripts_claims_are_found_by_verdict_and_by_source(opened, site):
    page = opened(site / "claims" / "index.html", java_script_enabled=False)
    assert page.locator("select").count() == 0 and shown(page).count() > 50
    page.get_by_text("By verdict", exact=True).click()
    page.locator(".filters a[href='#relu-helps']").first.click()
    assert page.url.endswith("#relu-helps")
    page.get_by_text("By source", exact=True).click()
    assert page.locator(".filters details").nth(1).locator("a").first.is_visible()


def test_a_reader_gets_from_the_home_page_to_the_figure_that_shows_a_claim(opened, site):
    page = opened(site / "index.html")
    page.locator(".against a").filter(has_text="saturate").click()
    assert page.locator("h1").inner_text() and page.locator(".claim-answer .verdict").inner_text() == "depends"
    page.locator(".figure .frame a").first.click()
    assert "/deep-mlps/profile/index.html" in page.url


def test_the_reason_of_a_cell_is_reached_from_it(opened, site):
    page = opened(site / "what-helps" / "index.html")
    page.locator("table.glance a.effect.none").first.click()
    link = page.locator("tr:target .note-number")
    assert link.get_attribute("aria-label") == f"Why: reason {link.inner_text()}"
    link.click()
    assert page.locator("li:target").inner_text().startswith("The best learning rate of an arm")


def test_two_remedies_are_sorted_by_their_numbers(opened, site):
    page = opened(site / "what-helps" / "index.html")
    page.locator("table.combinations").get_by_role("button", name="Success: both").click()
    assert page.locator("table.combinations th[aria-sort=ascending]").count() == 1


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_the_pages_fit_and_break_no_policy(opened, site, viewport):
    page = opened(site / "index.html", viewport)
    for path in ("", "claims", "claims/relu-helps", "claims/sigmoid-tanh-vanish", "what-helps", "deep-mlps"):
        page.goto((site / path / "index.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_have_contrast(opened, site, scheme, faint):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for all text, against the colour behind it."""
    for path in ("", "claims", "claims/sigmoid-tanh-vanish", "claims/depth-shrinks-gradient", "what-helps"):
        page = opened(site / path / "index.html", color_scheme=scheme)
        assert faint(page) == [], (path, scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_have_contrast(opened, site, scheme):
    """WCAG 2.2, 1.4.11: at least 3 to 1 for drawings; marks have the colour of the word beside them."""
    page = opened(site / "index.html", color_scheme=scheme)
    same = """() => [...document.querySelectorAll('.verdict-mark circle, .verdict-mark .solid')].every(e => {
      const style = getComputedStyle(e), word = getComputedStyle(e.closest('.verdict, .effect')).color;
      return (style.fill === 'none' ? style.stroke : style.fill) === word; })"""
    assert page.evaluate(same)
