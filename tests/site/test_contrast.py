"""The colours of the style sheet against WCAG 2.2 AA, in light and in dark."""

from __future__ import annotations

import re

import pytest

from reportgen.resources import templates_folder

TEXT = [
    (ink, paper) for ink in ("ink", "quiet", "accent", "high") for paper in ("paper", "tint", "card")
] + [("accent-ink", "accent"), ("ink", "mark"), ("low", "paper"), ("level", "paper")]  # fmt: skip


def colours():
    css = (templates_folder() / "assets" / "site.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    found = {"light": dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))}
    found["dark"] = found["light"] | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT)
def test_text_can_be_read(theme, ink, paper):
    found = colours()[theme]
    assert contrast(found[ink], found[paper]) >= 4.5, (found[ink], found[paper])
