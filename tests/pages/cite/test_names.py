from __future__ import annotations

import pytest

from reportgen.pages.cite.names import Name, initials, parse_name


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("Ada Lovelace", Name("Lovelace", "Ada")),
        ("A. B. Person", Name("Person", "A. B.")),
        ("Lovelace, Ada", Name("Lovelace", "Ada")),
        ("Ludwig van Beethoven", Name("Beethoven", "Ludwig", "van")),
        ("van Beethoven, Ludwig", Name("Beethoven", "Ludwig", "van")),
        ("Charles de la Vallée Poussin", Name("Vallée Poussin", "Charles", "de la")),
        ("García Márquez, Gabriel", Name("García Márquez", "Gabriel")),
        ("King, Jr., Martin Luther", Name("King", "Martin Luther", "", "Jr.")),
        ("Martin Luther King Jr.", Name("King", "Martin Luther", "", "Jr.")),
        ("The reportgen authors", Name(literal="The reportgen authors")),
        ("the reportgen authors", Name(literal="the reportgen authors")),
        ("Black and White", Name(literal="Black and White")),
        ("Acme, Inc.", Name(literal="Acme, Inc.")),
        ("Plato", Name(literal="Plato")),
        ("R2D2 Robot", Name(literal="R2D2 Robot")),
        ("One, Two, Three, Four", Name(literal="One, Two, Three, Four")),
        ("Sandra Anderson", Name("Anderson", "Sandra")),
        ("  Jürgen\n Müller ", Name("Müller", "Jürgen")),
    ],
)
def test_a_name_is_taken_apart(written, parts):
    assert parse_name(written) == parts


def test_a_name_is_written_in_three_ways():
    name = parse_name("Ludwig van Beethoven")
    assert (name.natural, name.inverted, name.abbreviated) == (
        "Ludwig van Beethoven",
        "van Beethoven, Ludwig",
        "van Beethoven, L.",
    )


@pytest.mark.parametrize(("given", "short"), [("Jean-Paul B.", "J.-P. B."), ("J.R.R.", "J. R. R."), ("", "")])
def test_initials(given, short):
    assert initials(given) == short
