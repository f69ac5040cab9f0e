from __future__ import annotations

from xml.etree import ElementTree

import pytest

from reportgen.pages.mathematics import MathError, mathml

NS = "{http://www.w3.org/1998/Math/MathML}"


def test_a_fraction_becomes_mathml():
    math = ElementTree.fromstring(mathml(r"\frac{\partial L}{\partial z_l}"))
    assert math.tag == f"{NS}math" and math.attrib["display"] == "inline"
    assert [child.tag for child in math.iter(f"{NS}mfrac")] == [f"{NS}mfrac"]
    assert "".join(math.itertext()) == "∂L∂zl"


def test_display_is_a_block():
    assert 'display="block"' in mathml("x", display=True)


@pytest.mark.parametrize(
    "latex",
    [r"\text{<script>alert(1)</script>}", r"\text{<img src=x onerror=y>}", "a < b > c", r'"><img src=x>'],
)
def test_markup_in_formulas_is_text(latex):
    written = mathml(latex)
    assert "<script" not in written and "<img" not in written
    ElementTree.fromstring(written)


@pytest.mark.parametrize("latex", [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{a}{x}"])
def test_attributes_that_are_no_mathematics_are_dropped(latex):
    written = mathml(latex)
    assert not any(word in written for word in ("href", "style=", "class=", "id="))


@pytest.mark.parametrize(
    ("latex", "match"), [(r"\notacommand x", "not known"), (r"\frac{1", "braces"), ("a & b", "not known")]
)
def test_formulas_that_cannot_be_read_are_errors(latex, match):
    with pytest.raises(MathError, match=match):
        mathml(latex)
