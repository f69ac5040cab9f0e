"""One look for all figures: a colour, a marker and a dash for each name, in light and in dark.

A name keeps its colour whichever figure shows it and whatever else is drawn. Well-known names have theirs in a table;
the others take the first free ones in the order of the factor's levels in the study, never in the order of drawing.
Colours start from Okabe & Ito's palette for colour-blind readers (https://jfly.uni-koeln.de/color/), made darker or
lighter until each has a contrast of at least 3 to 1 against its background (WCAG 2.2, 1.4.11).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 6.4
"""Width of every figure, in inches; narrow, so that text stays readable on a phone."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "d")
DASHES: tuple[tuple[float, ...], ...] = (((),) * 4) + (((7, 2),) * 4) + (((7, 2, 1.5, 2),) * 4)
_LIGHT = (
    "#0072b2",  # blue
    "#c44e00",  # vermilion
    "#00805c",  # bluish green
    "#a8508a",  # reddish purple
    "#a87400",  # amber
    "#2b8fc4",  # sky blue
    "#757000",  # olive
    "#4a4a4a",  # grey
    "#584ab8",  # indigo
    "#7b2d26",  # wine
    "#00626b",  # petrol
    "#c2185b",  # crimson
)
_DARK = (
    "#4ba3e3",
    "#f2793a",
    "#2bb68d",
    "#de93be",
    "#e9a820",
    "#8fd3f7",
    "#cfc63f",
    "#b8bcc2",
    "#a79bf0",
    "#e08a7a",
    "#63c7c9",
    "#ff7fae",
)
_LIGHT_SEQUENCE = ("#16217d", "#7a2a9e", "#c23a74", "#d2602a")
_DARK_SEQUENCE = ("#6f86f2", "#b884ea", "#f58fb4", "#ffc98f")

KNOWN: Mapping[str, int] = {
    **{"sigmoid": 1, "tanh": 0, "relu": 2, "gelu": 4, "leakyrelu": 8, "elu": 3, "selu": 5, "silu": 6, "linear": 7},
    **{"default": 7, "pytorchdefault": 7, "glorot": 0, "glorotnormal": 0, "glorotuniform": 5, "he": 1, "henormal": 1},
    **{"heuniform": 4, "lecun": 2, "lecunnormal": 2, "lecununiform": 10, "orthogonal": 3, "normal": 8},
    **{"none": 7, "plain": 7, "noremedy": 7, "sgd": 0, "adam": 1},
}
"""Folded name to the number of its style; names of one factor never share a number."""


@dataclass(frozen=True)
class Style:
    """How a name is drawn: `dash` is empty for a solid line, else on and off lengths in line widths."""

    colour: str
    marker: str
    dash: tuple[float, ...]

    @property
    def line(self) -> Any:
        """The line style as matplotlib reads it."""
        return (0, self.dash) if self.dash else "-"


@dataclass(frozen=True)
class Theme:
    """Colours of one theme; `foreground` is for text, `muted` for axes and notes, `faint` for grids."""

    name: str
    background: str
    foreground: str
    muted: str
    faint: str
    shade: str
    palette: tuple[str, ...]
    sequence: tuple[str, ...]

    def style(self, level: str, levels: Sequence[str], values: Sequence[float] | None = None) -> Style:
        """Return the style of a level of a factor.

        Parameters
        ----------
        level : str
        levels : sequence of str
            All levels of the factor in the study's order.
        values : sequence of float, optional
            The levels' values where the factor is numeric: colours are then ordered by value.
        """
        if level not in levels:
            return self.numbered(0)
        if values is not None and len(levels) > 1:
            rank = sorted(range(len(values)), key=lambda i: values[i]).index(list(levels).index(level))
            colour = blend(self.sequence, rank / (len(levels) - 1))
            return Style(colour, MARKERS[rank % len(MARKERS)], ())
        return self.numbered(style_numbers(levels)[level])

    def numbered(self, index: int) -> Style:
        """Return style `index`; after the last colour the colours repeat with other markers and dashes."""
        size, turn = len(self.palette), index // len(self.palette)
        marker = MARKERS[(index + 5 * turn) % len(MARKERS)]
        return Style(self.palette[index % size], marker, DASHES[(index + 4 * turn) % len(DASHES)])

    def rc(self) -> dict[str, Any]:
        """Return matplotlib's settings; text stays text in the SVG, and no label is read as mathematics."""
        return {
            **{"font.family": "sans-serif", "font.size": 10.5, "text.parse_math": False, "text.usetex": False},
            "font.sans-serif": ["DejaVu Sans", "Verdana", "Segoe UI", "Roboto", "Helvetica", "Arial"],
            **{"svg.fonttype": "none", "pdf.fonttype": 42, "pdf.compression": 6, "path.simplify": True},
            **{"figure.facecolor": self.background, "savefig.facecolor": self.background, "savefig.bbox": None},
            **{"axes.facecolor": self.background, "axes.edgecolor": self.muted, "axes.labelcolor": self.foreground},
            **{"axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8, "axes.grid": False},
            **{"axes.titlesize": 10.5, "axes.titlelocation": "left", "axes.titlecolor": self.foreground},
            **{"axes.titlepad": 6.0, "axes.unicode_minus": True, "axes.axisbelow": True, "axes.labelsize": 10.5},
            **{"text.color": self.foreground, "xtick.color": self.muted, "ytick.color": self.muted},
            **{"xtick.labelcolor": self.foreground, "ytick.labelcolor": self.foreground},
            **{"xtick.labelsize": 10, "ytick.labelsize": 10, "grid.color": self.faint, "grid.linewidth": 0.7},
            **{"legend.frameon": False, "legend.fontsize": 10, "lines.linewidth": 1.8, "lines.markersize": 5.5},
            **{"lines.solid_capstyle": "round", "lines.dash_capstyle": "butt", "figure.dpi": 100, "savefig.dpi": 200},
        }


LIGHT = Theme("light", "#ffffff", "#1b1d20", "#5c6167", "#e3e5e8", "#eef0f2", _LIGHT, _LIGHT_SEQUENCE)
DARK = Theme("dark", "#14161a", "#eceef0", "#a3a9b0", "#2d3138", "#22262c", _DARK, _DARK_SEQUENCE)
THEMES = (LIGHT, DARK)


def fold(name: str) -> str:
    """Return a name in lower case without anything but letters and digits ("He-normal" is "henormal")."""
    return re.sub(r"[\W_]+", "", name.casefold())


def style_numbers(levels: Sequence[str]) -> dict[str, int]:
    """Return the style number of each level: from the table, else the first free one in the order of the levels."""
    numbers: dict[str, int] = {}
    for level in levels:
        known = KNOWN.get(fold(level))
        if known is not None and known not in numbers.values():
            numbers[level] = known
    free = (index for index in range(len(levels) + len(KNOWN) + 1) if index not in set(numbers.values()))
    for level in levels:
        if level not in numbers:
            numbers[level] = next(free)
    return numbers


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def blend(anchors: Sequence[str], place: float) -> str:
    """Return the colour at `place` (0 to 1) along anchors, by linear interpolation of the sRGB channels."""
    scaled = place * (len(anchors) - 1)
    left = min(int(scaled), len(anchors) - 2)
    share = scaled - left
    mixed = (a + (b - a) * share for a, b in zip(_channels(anchors[left]), _channels(anchors[left + 1]), strict=True))
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in mixed)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of relative luminance)."""

    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
