from __future__ import annotations

from reportgen.pages.text import clean, shorten, slug


def test_control_and_direction_characters_are_removed():
    assert clean("a\x00b\x1b[31mc\u202ed\u2066e\x9bf\r\ng\th") == "ab[31mcdef\ng\th"


def test_right_to_left_letters_and_marks_stay():
    assert clean("שלום\u200f") == "שלום\u200f"


def test_slug_is_an_anchor():
    assert slug("Kaplan–Meier (Ünits) / 2") == "kaplan-meier-units-2"
    assert slug("…") == "item"


def test_shorten_cuts_at_a_word():
    assert shorten("one two\nthree four", 12) == "one two…"
    assert shorten("one two", 12) == "one two"
