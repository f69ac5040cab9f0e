"""Numbers as readers see them: significant digits from the interval, one form of interval everywhere."""

from __future__ import annotations

import math
import re

NBSP = "\u00a0"
MINUS = "\u2212"
NONE = "\u2013"
"""What stands where there is no number."""
LARGEST_PLAIN = 1e6
SMALLEST_PLAIN = 1e-4
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimals(estimate: float, low: float, high: float) -> int:
    """Return how many decimals an estimate and its interval are given with.

    The half-width keeps one significant digit, two where that digit is 1; without an interval the estimate keeps
    three significant digits. At least two and at most four digits of the estimate are significant.
    """
    size = max(abs(estimate), abs(low) if math.isfinite(low) else 0.0, abs(high) if math.isfinite(high) else 0.0)
    if size == 0:
        return 2
    leading = math.floor(math.log10(size))
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 0:
        wanted = 2 - leading
    else:
        exponent = math.floor(math.log10(half))
        wanted = -exponent + (half / 10**exponent < 2)
    return max(1 - leading, min(wanted, 3 - leading), 0)


def fixed(value: float, places: int) -> str:
    """Write `value` with `places` decimals, a true minus sign and thin groups of thousands."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):,.{places}f}".replace(",", "\u202f" if abs(value) >= 10_000 else "")
    negative = value < 0 and text.strip("0.\u202f") != ""
    return f"{MINUS}{text}" if negative else text


def number(value: float, digits: int = 3) -> str:
    """Write `value` with `digits` significant digits, in powers of ten where it is very small or large.

    Trailing zeros are kept, since they are significant; whole numbers below a million stay whole.
    """
    if not math.isfinite(value) or value == 0:
        return "0" if value == 0 else fixed(value, 0)
    if value == int(value) and abs(value) < LARGEST_PLAIN:
        return fixed(value, 0)
    if not SMALLEST_PLAIN <= abs(value) < LARGEST_PLAIN:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return _scaled(mantissa.replace("-", MINUS), int(exponent))
    return fixed(value, max(digits - 1 - math.floor(math.log10(abs(value))), 0))


def setting(value: float) -> str:
    """Write a number that a person chose (a learning rate, a gain) as short as it is exact."""
    text = f"{value:.12g}"
    mantissa, _, exponent = text.partition("e")
    return _scaled(mantissa, int(exponent)) if exponent else re.sub("^-", MINUS, text)


def percent(share: float, digits: int = 0) -> str:
    """Write a share as a percentage."""
    return f"{fixed(100 * share, digits)}{NBSP}%" if math.isfinite(share) else NONE


def interval(estimate: float, low: float, high: float, unit: str = "") -> tuple[str, str, str]:
    """Write an estimate and the ends of its interval with common decimals, and a common power of ten if needed.

    Shares are written in per cent. Ends that are not finite become "".
    """
    if unit.startswith("share"):
        texts = (percent(estimate), percent(low), percent(high))
    else:
        size = max((abs(v) for v in (estimate, low, high) if math.isfinite(v)), default=0.0)
        plain = size == 0 or SMALLEST_PLAIN <= size < LARGEST_PLAIN
        exponent = 0 if plain else math.floor(math.log10(size))
        scale = 10.0**exponent
        places = decimals(estimate / scale, low / scale, high / scale)
        texts = tuple(_scaled(fixed(v / scale, places), exponent) for v in (estimate, low, high))  # type: ignore[assignment]
    return texts[0], texts[1] if math.isfinite(low) else "", texts[2] if math.isfinite(high) else ""


def with_interval(estimate: float, low: float, high: float, unit: str = "", level: str = "95") -> str:
    """Write "0.251 (95 % interval 0.249 to 0.253)"; without an interval it says so."""
    middle, lower, upper = interval(estimate, low, high, unit)
    if not lower or not upper:
        return f"{middle} (no interval)"
    return f"{middle} ({level}{NBSP}% interval {lower} to {upper})"


def _scaled(mantissa: str, exponent: int) -> str:
    power = str(exponent).translate(_SUPERSCRIPT)
    return f"{mantissa}{NBSP}\u00d7{NBSP}10{power}" if exponent else mantissa
