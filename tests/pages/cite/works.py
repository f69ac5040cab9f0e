"""Works to cite: a figure and a study, plain and hostile."""

from __future__ import annotations

from reportgen.pages.address import Address
from reportgen.pages.citations import Citable
from reportgen.pages.cite.record import record
from reportgen.pages.cite.snippets import Shown

HASH = "0123456789abcdef" * 4
SITE = Address("https://example.org/g/")

HOSTILE = (
    'A "quoted" & 50 % <script>alert(1)</script> \\input{x} \\write18{rm} } { $x$ #1 @misc{y, z={w}} ^_~`'
    '\r\nER  - \nTY  - JOUR\n= Heading *bold* [link](javascript:x) --> ]) /* // #import "x" </figcaption> -- ‐ 10⁻⁵ σ'
)
"""Ends and begins what it can in every format."""


def figure(fakes, **changes):
    """Return what citations say of a figure."""
    study = fakes.study(**changes)
    title = changes.get("title", "The error signal by layer")
    return record(Citable(f"{study.id}/profile/", title, study, SITE, HASH))


def study(fakes, **changes):
    """Return what citations say of a study."""
    made = fakes.study(**changes)
    return record(Citable(f"{made.id}/", made.title, made, SITE))


def shown(fakes, caption="It falls by 0.25 per layer.", alt="Lines that fall."):
    """Return a figure as snippets show it."""
    return Shown(figure(fakes), caption, alt, "deep-mlps-profile", "https://example.org/g/deep-mlps/profile/")
