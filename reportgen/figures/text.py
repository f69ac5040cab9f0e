"""Words and numbers of figures: exact, short, the same in labels, alternative text and tables."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_CONTROL = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFFFE, 0xFFFF)}
_HIDDEN = dict.fromkeys((0x200B, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF))
_SURROGATES = {code: "\N{REPLACEMENT CHARACTER}" for code in range(0xD800, 0xE000)}


def clean(label: object) -> str:
    """Return a label on one line, without control characters (XML forbids most), and marks that reorder or hide.

    matplotlib cannot write some of these into a PDF.
    """
    return " ".join(str(label).translate(_CONTROL).translate(_HIDDEN).translate(_SURROGATES).split())


def power(exponent: int) -> str:
    """Return ``10`` to an exponent with superscript digits, as plain text (no mathtext)."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def number(value: float, digits: int = 3) -> str:
    """Return a value with so many significant digits; very large and very small ones as a × 10ⁿ.

    Parameters
    ----------
    value : float
        NaN reads "unknown".
    digits : int
        Significant digits; zeros at the end of a fraction are kept out.
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "infinite" if value > 0 else "−infinite"
    if value == 0:
        return "0"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    sign, size = "−" if value < 0 else "", int(exponent)
    if -4 < size < 6:
        return sign + _trimmed(f"{float(f'{mantissa}e{exponent}'):.{max(digits - 1 - size, 0)}f}")
    return f"{sign}{_trimmed(mantissa)} × {power(size)}"


def _trimmed(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal


def from_log10(exponent: float, digits: int = 2) -> str:
    """Return ``10**exponent`` as text, also where it is beyond the range of a float64."""
    if math.isnan(exponent) or abs(exponent) < 300:
        return number(10.0**exponent, digits)
    size = math.floor(exponent)
    mantissa = float(f"{10 ** (exponent - size):.{digits - 1}f}")
    return f"{mantissa / 10:g} × {power(size + 1)}" if mantissa >= 10 else f"{mantissa:g} × {power(size)}"


def interval(low: float, high: float, digits: int = 3) -> str:
    """Return "(95 % interval a to b)", or say that there is none; an end that is 0 but for rounding reads 0."""
    if math.isnan(low) or math.isnan(high):
        return "(no interval: fewer than three seeds)"
    low, high = (0.0 if abs(end) < 1e-14 * max(abs(low), abs(high)) else end for end in (low, high))
    return f"(95 % interval {number(low, digits)} to {number(high, digits)})"


def log_interval(low: float, high: float, digits: int = 2) -> str:
    """Return `interval` for bounds that are given as log10."""
    if math.isnan(low) or math.isnan(high):
        return "(no interval: fewer than three seeds)"
    return f"(95 % interval {from_log10(low, digits)} to {from_log10(high, digits)})"


def count(n: int, one: str, many: str = "") -> str:
    """Return "1 seed" or "3 seeds"."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def listing(items: Iterable[str], last: str = "and") -> str:
    """Return "a", "a and b" or "a, b and c"."""
    names = list(items)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""


def wrapped(text: str, width: int) -> str:
    """Return text broken into lines of at most `width` characters; long words are broken."""
    return "\n".join(textwrap.wrap(text, max(width, 8))) or text


def missing_text(missing: Sequence[tuple[str, str]]) -> list[str]:
    """Return one line a reason: which arms have no data, and why.

    Parameters
    ----------
    missing : sequence of (str, str)
        Label of the arm, reason.
    """
    by_reason: dict[str, list[str]] = {}
    for label, reason in missing:
        by_reason.setdefault(reason, []).append(label)
    return [f"No data for {listing(labels)}: {reason}." for reason, labels in by_reason.items()]


QUANTITIES: Mapping[str, tuple[str, str]] = {
    "error_signal_rms": ("Error signal (root mean square)", "loss per unit"),
    "weight_gradient_norm": ("Norm of the weight gradient", "loss per weight"),
    "weight_norm": ("Norm of the weights", ""),
    "update_ratio": ("Update over weight norm", ""),
    "activation_mean": ("Mean activation", ""),
    "activation_std": ("Standard deviation of activations", ""),
    "saturated_fraction": ("Saturated fraction", "share of activations"),
    "dead_fraction": ("Dead fraction", "share of units"),
    "gradient_norm": ("Norm of the gradient", "loss per weight"),
    "gradient_norm_clipped": ("Norm of the clipped gradient", "loss per weight"),
    "clipped_fraction": ("Clipped steps", "share of steps"),
}
"""Quantity of the store to its name and unit on an axis."""


def with_unit(name: str, unit: str) -> str:
    """Return "name (unit)"; a name that ends in a bracket takes the unit after a comma."""
    if not unit:
        return name
    return f"{name[:-1]}, {unit})" if name.endswith(")") else f"{name} ({unit})"


def axis_label(quantity: str) -> str:
    """Return a quantity's name with its unit, for an axis."""
    name, unit = QUANTITIES.get(quantity, (clean(quantity).replace("_", " "), ""))
    return with_unit(name, unit)
