"""Colours are fixed by name, readable in both themes, and never decided by the order of drawing."""

from __future__ import annotations

import pytest

from reportgen.figures.theme import DARK, KNOWN, LIGHT, THEMES, Theme, blend, contrast, style_numbers


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)  # the grey that WCAG's tools quote


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_colour_of_data_stands_out(theme: Theme) -> None:
    ordered = [blend(theme.sequence, place / 20) for place in range(21)]
    assert min(contrast(colour, theme.background) for colour in (*theme.palette, *ordered)) >= 3
    assert contrast(theme.foreground, theme.background) >= 7
    assert contrast(theme.muted, theme.background) >= 4.5


def test_a_known_name_keeps_its_style_in_any_company() -> None:
    alone = LIGHT.style("ReLU", ["ReLU"])
    assert LIGHT.style("ReLU", ["sigmoid", "mish", "ReLU"]) == alone
    assert LIGHT.style("relu", ["relu", "tanh"]) == alone
    dark = DARK.style("ReLU", ["ReLU"])
    assert (dark.marker, dark.dash) == (alone.marker, alone.dash)
    assert dark.colour == DARK.palette[LIGHT.palette.index(alone.colour)]


def test_unknown_names_take_free_styles_in_the_order_of_the_study() -> None:
    numbers = style_numbers(["mish", "tanh", "swish2"])
    assert numbers == {"tanh": KNOWN["tanh"], "mish": 1, "swish2": 2}


def test_names_of_one_factor_never_share_a_style() -> None:
    levels = ["Glorot", "tanh", *(f"level {i}" for i in range(20))]
    styles = [LIGHT.style(level, levels) for level in levels]
    assert len(set(styles)) == len(levels)


def test_numbers_are_coloured_by_value_not_by_order() -> None:
    levels, values = ["30", "2", "10"], [30.0, 2.0, 10.0]
    assert LIGHT.style("2", levels, values).colour == LIGHT.sequence[0]
    assert LIGHT.style("30", levels, values).colour == LIGHT.sequence[-1]
    assert len({LIGHT.style(level, levels, values).marker for level in levels}) == 3


def test_blend_is_linear_between_anchors() -> None:
    assert blend(("#000000", "#204060"), 0.5) == "#102030"
    assert blend(("#000000", "#204060", "#ffffff"), 0.5) == "#204060"
