from __future__ import annotations

import math
import re
from dataclasses import replace

import pandas as pd
import pytest

from reportgen.analyse.sign_catalogue import FRACTIONS, KINDS, SIGNS
from reportgen.analyse.signs import COURSE_COLUMNS, FOUND_COLUMNS, GROUP_COLUMNS, OVERALL_COLUMNS, Signs
from reportgen.pages.build import build_site
from reportgen.pages.markdown import Place
from reportgen.pages.sign_tables import BECAUSE, KIND_TITLES, limit, named
from reportgen.pages.signs import gather_signs, sign_files
from reportgen.pages.site import relative

NAN = math.nan
KEYS = {
    "slow-training": (0.93, 0.9, 0.96),
    "small-gradient": (0.75, 0.68, 0.8),
    "large-gradient": (0.2, 0.1, 0.3),
    "dead-units": (0.95, 0.92, 0.97),
}
"""ROC AUC of some signs; dead units are defined on a third of the runs only."""


def overall(**changes):
    rows = []
    for sign in SIGNS:
        area = KEYS.get(sign.id, (NAN, NAN, NAN))
        known = sign.id in KEYS
        coverage = 1 / 3 if sign.id == "dead-units" else 1.0
        earliest = 0.05 if sign.id == "slow-training" else NAN
        row = (sign.id, *area, 200 if known else 0, 120, 20, coverage, 0.08, 20, 0.127, 0.91, 0.16, True, earliest)
        rows.append({**dict(zip(OVERALL_COLUMNS, row, strict=True)), **changes})
    return pd.DataFrame(rows)


def groups():
    rows = [
        ("slow-training", "architecture", "mlp", 0.96, 0.94, 0.98, 120, 70, 10),
        ("slow-training", "architecture", "rnn", 0.87, 0.82, 0.91, 80, 50, 10),
        ("small-gradient", "architecture", "mlp", 0.8, 0.75, 0.85, 120, 70, 10),
        ("small-gradient", "architecture", "rnn", 0.3, 0.2, 0.4, 80, 50, 10),
        ("slow-training", "failure", "vanishing", 0.97, 0.95, 0.99, 150, 70, 10),
        ("slow-training", "failure", "borderline", 0.8, 0.75, 0.87, 130, 50, 10),
        ("small-gradient", "failure", "borderline", 0.85, 0.8, 0.9, 130, 50, 10),
        ("slow-training", "study", "Deep", 0.9, NAN, NAN, 12, 4, 2),
    ]
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))


@pytest.fixture
def found():
    """What 200 runs of 20 arms tell, 120 of which failed."""
    runs = pd.DataFrame(
        {
            "study": "Deep",
            "cluster": [i % 20 for i in range(200)],
            "architecture": ["mlp"] * 120 + ["rnn"] * 80,
            "failed": [i % 5 < 3 for i in range(200)],
            "kind": [("vanishing" if i % 5 else "borderline") if i % 5 < 3 else "" for i in range(200)],
        }
    )
    course = [
        (sign, fraction, *((NAN, NAN, NAN, 0, 0) if fraction < 0.05 else (*area, 200, 120)))
        for sign, area in KEYS.items()
        for fraction in FRACTIONS
    ]
    kinds = [("slow-training", "vanishing", 80, 0.99), ("slow-training", "borderline", 40, 0.56)]
    dead = [("", 0.43, 0.38, 0.48, 57, 18, 1.0015), ("mlp", 0.43, 0.38, 0.48, 57, 18, 1.0015)]
    return Signs(
        runs=runs,
        overall=overall(),
        groups=groups(),
        course=pd.DataFrame(course, columns=list(COURSE_COLUMNS)),
        found=pd.DataFrame([*kinds, ("slow-training", "diverged", 3, 0.0)], columns=list(FOUND_COLUMNS)),
        dead=pd.DataFrame(dead, columns=["group", "estimate", "low", "high", "n", "arms", "norm"]),
    )


@pytest.fixture
def gathered(fakes, tmp_path):
    from reportgen.pages.bibliography import read_bibliography

    place = Place(url=relative("signs/"), bibliography=read_bibliography(fakes.bibliography(tmp_path)))
    return lambda found: gather_signs(found, place)


def plain(sentences):
    return " ".join(sentences).replace("\u00a0", " ")


def test_the_advice_names_the_sign_its_threshold_and_what_it_misses(gathered, found):
    first, second, third = gathered(found)["advice"]
    assert plain([first]) == (
        "Watch “Slow training” first: the share of the way from the first training metric to the target that has been "
        "made, read at 8 % of the budget, tells the runs that will fail from those that will not with a ROC AUC of "
        "0.93 (95 % interval 0.90 to 0.96), over 200 runs of 20 arms."
    )
    assert plain([second]) == (
        "Raise the alarm where it is below 13 %: on arms that had no say in the threshold, this finds 91 % of the runs "
        "that will fail, with false alarms on 16 % of the healthy ones."
    )
    # three diverged runs are too few to say that it misses them
    assert plain([third]) == (
        "It misses most where a run failed because it had a rate at which only some seeds learn: there it finds 56 % "
        "of 40; “Small mean gradient” tells these best, with a ROC AUC of 0.85 (95 % interval 0.80 to 0.90)."
    )


def test_a_sign_of_few_runs_is_not_recommended_for_all(gathered, found):
    page = gathered(found)
    assert page["rows"][0].id == "dead-units" and "Dead units" not in plain(page["advice"])
    assert "on 33" in page["rows"][0].alarm.note


def test_what_a_sign_misses_most_is_told_in_words(gathered, found):
    rows = {row.id: row for row in gathered(found)["rows"]}
    missed = rows["slow-training"].misses
    assert (missed.text, missed.note) == ("had a rate at which only some seeds learn", "56\u00a0% of 40")


def test_every_kind_of_failure_has_words():
    assert list(KINDS) == list(KIND_TITLES) == list(BECAUSE)


def test_kinds_of_failure_are_headings_in_words(gathered, found):
    page = gathered(found)
    (table,) = [table for table in page["groups"] if table.id == "by-failure"]
    assert [title for title, _ in table.columns] == ["only some seeds learn", "error signal vanishes"]
    assert [kind["title"] for kind in page["kinds"]] == ["only some seeds learn", "error signal vanishes"]


def test_where_the_best_is_unreliable_the_advice_says_so(gathered, found):
    page = gathered(replace(found, overall=overall(auc=0.6, low=0.5, high=0.7)))
    assert page["advice"][0].startswith("No sign is reliable; the best is “")


def test_thresholds_chosen_and_judged_by_the_same_runs_are_told(gathered, found):
    page = gathered(replace(found, overall=overall(is_validated=False)))
    assert "no say" not in plain(page["advice"])
    assert page["rows"][0].sensitivity.note == "of the runs that chose it"


def test_with_few_runs_there_is_no_advice_but_their_number(gathered, found):
    (sentence,) = gathered(replace(found, overall=overall(low=NAN, high=NAN)))["advice"]
    assert sentence.startswith("There are too few runs to say which sign to watch: 200 runs of 20 arms, 120 of them")


def test_without_runs_only_the_definitions_are_there(gathered, found):
    for nothing in (None, replace(found, runs=found.runs.iloc[:0])):
        page = gathered(nothing)
        assert page["counts"] == {} and page["rows"] == () and len(page["definitions"]) == len(SIGNS)
        assert sign_files(nothing) == {}


def test_rows_are_ordered_by_the_lower_end_and_unmeasured_signs_come_last(gathered, found):
    rows = gathered(found)["rows"]
    assert [row.id for row in rows[:4]] == ["dead-units", "slow-training", "small-gradient", "large-gradient"]
    assert rows[-1].area.note == "not measured" and rows[-1].misses.text == "–"


def test_a_sign_that_points_the_wrong_way_has_no_threshold(gathered, found):
    row = {row.id: row for row in gathered(found)["rows"]}["large-gradient"]
    assert (row.area.note, row.area.warn) == ("points the wrong way", True)
    assert (row.alarm.text, row.sensitivity.text, row.misses.text) == ("–", "–", "–")


def test_verdicts_stand_beside_the_primary_reading_only(gathered, found):
    rows = {row.id: row for row in gathered(found)["rows"]}
    assert rows["slow-training"].verdict == "supported"
    assert (rows["small-gradient"].verdict, rows["small-gradient"].condition) == (
        "depends",
        "architecture: for multilayer perceptron, not for plain recurrent network",
    )
    assert rows["large-gradient"].verdict == rows["signal-span"].verdict == ""


def test_the_course_is_drawn_from_chance_upwards(gathered, found):
    page = gathered(found)
    line = page["course"][0]
    assert [cell.text for cell in line.cells] == ["–"] * 3 + ["0.93"] * 4
    heights = {point.split(",")[1] for point in line.spark.line.split()}
    assert len(heights) == 1 and float(heights.pop()) < line.spark.chance == 15
    assert page["first"].startswith("The earliest is “Slow training”, which is reliable from 5")


def test_groups_keep_the_runs_that_have_no_interval(gathered, found):
    tables = {table.id: table for table in gathered(found)["groups"]}
    columns = tables["by-architecture"].columns
    assert columns[0] == ("multilayer perceptron", "120 runs, 72 failed")
    assert columns[1] == ("plain recurrent network", "80 runs, 48 failed")
    (study,) = tables["by-study"].lines
    assert (study.cells[0].text, study.cells[0].note) == ("0.900", "12 runs")
    gradient = tables["by-architecture"].lines[1]
    assert (gradient.cells[1].note, gradient.cells[1].warn) == ("the wrong way", True)


def test_the_layers_decide_whether_units_die_of_small_weights(gathered, found):
    dead = gathered(found)["dead"]
    assert (dead["verdict"], dead["runs"], dead["norm"]) == ("refuted", "57", "1.00")


@pytest.mark.parametrize(
    ("sign", "threshold", "text"),
    [
        ("slow-training", 0.127, "below 13 %"),
        ("tiny-share", 6.1e-6, "above 6.1 × 10⁻⁶"),
        ("growing-weights", 1.25, "above 1.25 times"),
        ("decay-factor", 0.069, "above 0.069 decades"),
        ("small-gradient", 0.01, "below 0.010"),
    ],
)
def test_thresholds_are_written_in_the_units_of_their_signs(sign, threshold, text):
    assert limit(named(sign), threshold).replace("\u00a0", " ") == text


def test_the_page_and_its_data_are_on_the_site(fakes, tmp_path, found):
    site = tmp_path / "site"
    build_site(fakes.entries(tmp_path), site, bibliography=fakes.bibliography(tmp_path), signs=found)
    page = (site / "signs/index.html").read_text()
    assert "Watch “Slow training” first" in page and 'aria-current="page">Signs' in page
    assert set(re.findall(r'href="#(sign-[\w-]+)"', page)) == set(re.findall(r'<dt id="(sign-[\w-]+)"', page))
    for name in ("signs", "groups", "course", "found"):
        assert (site / f"signs/{name}.csv").read_text().startswith("sign,")
        assert f"signs/{name}.csv" in page


def test_a_site_without_the_analysis_says_so(fakes, tmp_path):
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    assert "nothing to try the signs on" in (tmp_path / "site/signs/index.html").read_text()


def test_the_main_table_needs_no_scrolling_on_a_desk(fakes, tmp_path, found, browser):
    kinds = [(sign.id, "neither", 509, 0.11) for sign in SIGNS]
    found = replace(found, found=pd.DataFrame(kinds, columns=list(FOUND_COLUMNS)))
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path), signs=found)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((tmp_path / "site" / "signs" / "index.html").as_uri())
    table = page.locator(".table-scroll:has(.signs)")
    assert "learns at no rate although its error signal is level" in table.inner_text()
    assert table.evaluate("e => e.scrollWidth <= e.clientWidth")
    page.close()
