"""The site from disk in a real browser: policy, layout, light and dark, keyboard, with and without scripts."""

from __future__ import annotations

import pytest

PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}


def failed(page, request):
    """Keep requests that failed by themselves; leaving a page aborts what is still under way."""
    if request.failure != "net::ERR_ABORTED":
        page.complaints.append(request.url)


@pytest.fixture
def opened(browser):
    """Open pages in a fresh context; what the browser complains about is collected in `complaints`."""
    contexts = []

    def open_page(path, viewport=DESK, **options):
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: failed(page, request))
        page.on("dialog", lambda dialog: (page.complaints.append("dialog"), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_no_page_breaks_the_policy_or_scrolls_sideways_on_a_phone(opened, site):
    page = opened(site / "index.html", PHONE)
    for path in sorted(site.rglob("index.html")):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert page.evaluate("document.styleSheets.length") == 1
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)"), path
    assert page.complaints == []


def test_style_and_script_load_from_disk(opened, site):
    page = opened(site / "deep-mlps" / "index.html")
    assert page.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"
    assert page.locator("button.copy").count() > 0


def test_dark_pages_show_dark_figures(opened, site):
    def state(scheme):
        page = opened(site / "deep-mlps" / "index.html", color_scheme=scheme)
        source = page.evaluate("document.querySelector('.figure img').currentSrc")
        return source.rpartition("/")[2], page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert state("light") == ("deep-mlps-profile.svg", "rgb(255, 254, 251)")
    assert state("dark") == ("deep-mlps-profile-dark.svg", "rgb(19, 23, 27)")


def test_everything_can_be_read_without_scripts(opened, site):
    page = opened(site / "deep-mlps" / "index.html", java_script_enabled=False)
    assert page.locator("button").count() == 0
    assert "multiplied" not in page.inner_text("h1") and "95\u00a0% interval 0.249 to 0.254" in page.inner_text("main")
    assert page.locator("details").first.locator("p").text_content()


def test_tables_are_sorted_by_their_numbers(opened, site):
    page = opened(site / "deep-mlps" / "index.html")
    table = page.locator("table.arms").first
    table.get_by_role("button", name="Decay factor", exact=True).click()
    column = table.locator("tbody tr .estimate")
    values = [text for text in column.all_inner_texts() if text.startswith(("0.", "1."))][::2]
    assert values == sorted(values, key=float) and values[0] == "0.251"
    assert table.locator("th[aria-sort=ascending]").count() == 1
    assert page.locator("details.left-out summary").first.inner_text().startswith("1 arm not run: ")


def test_keyboard_reaches_the_content_first(opened, site):
    page = opened(site / "index.html")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("element => element === document.activeElement")
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_focus_can_be_seen(opened, site):
    page = opened(site / "index.html")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


def test_a_reader_gets_from_the_home_page_to_a_method(opened, site):
    page = opened(site / "index.html")
    page.locator(".answers h3 a").first.click()
    page.locator("a.figure-reference").first.click()
    assert page.url.endswith("#figure-profile")
    page.locator("#figure-profile .figure-links a").click()
    page.locator("a[href*='methods/']").filter(has_text="estimates.Kind").click()
    assert "/methods/index.html#analyse-estimates-Kind" in page.url
    assert page.locator("#analyse-estimates-Kind").is_visible()


def test_copy_buttons_copy(opened, site):
    page = opened(site / "deep-mlps" / "index.html", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy: BibTeX").click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@misc{deep-mlps,")


def test_print_leaves_the_navigation_out(opened, site):
    page = opened(site / "deep-mlps" / "index.html")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".site-header nav").is_visible()
    assert page.evaluate("document.querySelector('.figure img').currentSrc").endswith("deep-mlps-profile.svg")


def test_reduced_motion_is_respected(opened, site):
    page = opened(site / "index.html", reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_a_hostile_study_is_harmless(opened, hostile):
    page = opened(hostile / "index.html", PHONE)
    for path in sorted(hostile.rglob("index.html")):
        page.goto(path.as_uri())
        assert page.evaluate("window.hacked === undefined"), path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    assert page.complaints == []


def test_the_catalogue_leads_from_a_study_to_an_entry_and_back(opened, site):
    page = opened(site / "deep-mlps" / "index.html")
    page.locator("dl.facts").get_by_role("link", name="mlp", exact=True).click()
    assert page.url.endswith("architectures/index.html#mlp")
    assert page.locator("#mlp").bounding_box()["y"] >= 0
    page.locator("section[aria-labelledby=mlp]").get_by_role("link", name="Activation, initialisation").click()
    assert page.url.endswith("deep-mlps/index.html")


def test_the_catalogue_is_one_entry_of_the_navigation(opened, site):
    page = opened(site / "remedies" / "index.html")
    assert page.locator(".site-header [aria-current]").inner_text() == "Catalogue"
    assert page.locator(".siblings [aria-current=page]").inner_text() == "Remedies"
    page.locator(".index").get_by_role("link", name="clipping by norm").click()
    assert page.locator("#clip-norm").evaluate("e => e.matches(':target')")


def test_the_table_of_theory_is_sorted_by_its_numbers(opened, site):
    page = opened(site / "theory" / "index.html")
    page.locator("details.full summary").first.click()
    table = page.locator("details.full table.theory").first
    table.get_by_role("button", name="Deviation (%)").click()
    values = [text.replace("\u2212", "-") for text in table.locator("tbody td:nth-child(4)").all_inner_texts()]
    assert values == sorted(values, key=float) and values[0] == "-4.76"


def test_a_condition_is_reached_from_its_row(opened, site):
    page = opened(site / "theory" / "index.html")
    page.locator("details.full summary").first.click()
    page.locator("details.full table").first.get_by_role("link", name="Conditions 1").first.click()
    assert page.locator("#basis-1").evaluate("e => e.matches(':target')")


def test_a_table_of_theory_opens_when_it_is_aimed_at(opened, site):
    page = opened(site / "theory" / "index.html")
    table = page.locator("#study-deep-mlps table")
    assert not table.is_visible()
    page.locator(".by-study tbody").get_by_role("link").first.click()
    assert page.url.endswith("#study-deep-mlps")
    table.wait_for(state="visible")
    again = opened(site / "theory" / "index.html")
    again.goto((site / "theory" / "index.html").as_uri() + "#study-deep-mlps")
    again.locator("#study-deep-mlps table").wait_for(state="visible")


def test_print_shows_all_tables_of_theory(opened, site):
    page = opened(site / "theory" / "index.html")
    page.emulate_media(media="print")
    assert page.locator("#study-deep-mlps table").bounding_box()["height"] > 200


def test_the_drawings_of_theory_have_a_name_and_words(opened, site):
    page = opened(site / "theory" / "index.html")
    assert page.get_by_role("img", name="Measured against predicted decay factor").count() == 1
    assert "Half of the points lie within" in page.locator("#chart-factors-text").text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_the_new_pages_have_contrast(opened, site, scheme):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for all text of these pages, against the colour behind it."""
    for path in ("theory", "architectures", "remedies", "tasks"):
        page = opened(site / path / "index.html", color_scheme=scheme)
        assert page.evaluate(FAINT) == [], (path, scheme)


FAINT = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const linear = c => c <= 10.314 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; }
    return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll("main *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own) continue;
    const [low, high] = [luminance(channels(getComputedStyle(e).color)), luminance(behind(e))].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push(e.outerHTML.slice(0, 100));
  }
  return faint;
}"""


def test_the_list_of_studies_has_figures_beside_its_words_and_below_them_on_a_phone(opened, site):
    for size, beside in ((DESK, True), (PHONE, False)):
        page = opened(site / "studies" / "index.html", size)
        words = page.locator(".study-list li > div").first.bounding_box()
        figure = page.locator(".study-list .figure").first.bounding_box()
        assert (figure["x"] >= words["x"] + words["width"]) is beside
        assert (figure["y"] >= words["y"] + words["height"]) is not beside
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
