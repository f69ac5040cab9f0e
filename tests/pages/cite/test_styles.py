"""References in words, against examples written by the manuals of the styles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reportgen import __version__
from reportgen.pages.cite import styles
from reportgen.study.spec import Author

MADE = f"reportgen {__version__}."


def people(count):
    return tuple(Author(f"Given Family{chr(97 + index)}") for index in range(count))


def test_apa_of_a_study(fakes, works):
    record = works.study(fakes, title="What decays", date="2026-11-02")
    assert styles.apa(record) == (
        f"Lovelace, A., & Müller, J. (2026). What decays (Version 1.0) [Computational study]. {MADE} "
        "https://example.org/g/deep-mlps/"
    )


def test_apa_of_a_figure_without_a_date(fakes, works):
    record = works.figure(fakes, authors=(Author("The reportgen authors"),))
    assert styles.apa(record).startswith(
        "The reportgen authors. (n.d.). The error signal by layer [Figure; data SHA-256 0123456789abcdef]. "
        "In Activation, "
    )


@pytest.mark.parametrize(("count", "names"), [(20, 20), (21, 20)])
def test_apa_names_twenty_at_most(fakes, works, count, names):
    who = styles.apa(works.study(fakes, authors=people(count))).partition(" (n.d.)")[0]
    assert who.count("Family") == names
    assert (", … Familyu, G." in who) == (count == 21) and (", & " in who) == (count == 20)


def test_chicago_of_a_figure(fakes, works):
    record = replace(works.figure(fakes, date="2026-11-02"), title='The "error" signal')
    study = fakes.study().title
    assert styles.chicago(record) == (
        f"Lovelace, Ada, and Jürgen Müller. 2026. “The 'error' signal.” Figure in {study}, version 1.0. {MADE} "
        "Data SHA-256 0123456789abcdef. https://example.org/g/deep-mlps/profile/."
    )


def test_chicago_of_a_study_that_asks(fakes, works):
    record = works.study(fakes, title="What decays?", authors=(Author("The reportgen authors"),))
    assert styles.chicago(record).startswith("The reportgen authors. n.d. What decays? Version 1.0. ")


def test_chicago_names_seven_of_many(fakes, works):
    who = styles.chicago(works.study(fakes, authors=people(11))).partition(" n.d.")[0]
    assert who.startswith("Familya, Given, Given Familyb, ") and who.endswith("Given Familyg, et al.")


def test_a_profile_is_part_of_the_version(fakes, works):
    record = works.study(fakes, profile="quick", seed_offset=2000)
    assert "Version 1.0, profile quick, seeds shifted by 2000" in styles.text(record)


def test_no_author_is_anonymous(fakes, works):
    record = works.study(fakes, title="T", authors=())
    assert styles.text(record).startswith("Anonymous. T. ")
    assert styles.apa(record).startswith("T (Version 1.0) [Computational study]. (n.d.).")
    assert styles.chicago(record).startswith("n.d. T. ")


@pytest.mark.parametrize("style", [styles.text, styles.apa, styles.chicago])
def test_a_hostile_title_stays_on_one_line(fakes, works, style):
    text = style(works.figure(fakes, title=works.HOSTILE))
    assert "\n" not in text and "\r" not in text and "\x00" not in text
