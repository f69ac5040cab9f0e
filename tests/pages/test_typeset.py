from __future__ import annotations

import pytest

from reportgen.pages.bibliography import Bibliography
from reportgen.pages.markdown import Place, render_inline
from reportgen.pages.site import relative
from reportgen.pages.typeset import typeset


@pytest.mark.parametrize(
    ("plain", "marked"),
    [
        ("h_t = phi(h_{t-1} W_rec)", r"$h_{t}$ = φ($h_{t-1}$ $W_{\mathrm{rec}}$)"),
        ("sigma_w and z_1", r"$\sigma_{w}$ and $z_{1}$"),
        ("x_{depth + 1}", r"$x_{\mathrm{depth} + 1}$"),
        ("max_norm, fan_in and a_b_c stay", "max_norm, fan_in and a_b_c stay"),
        ("`W_rec` and ``phi`` and $h_t$", "`W_rec` and ``phi`` and $h_t$"),
        ("see https://x.org/a_b and doi:10.1/h_t", "see https://x.org/a_b and doi:10.1/h_t"),
        ("alphabet, [@h_t] and <W_r>", "alphabet, [@h_t] and <W_r>"),
    ],
)
def test_formulas_are_marked_and_nothing_else(plain, marked):
    assert typeset(plain) == marked


def test_what_is_marked_can_be_read_as_mathematics():
    place = Place(url=relative("tasks/"), bibliography=Bibliography({}))
    html = render_inline(typeset("h_l = phi(h_{l-1} W_rec + b_l)"), place)
    assert html.count("<msub>") == 4 and "φ(" in html and "_" not in html
