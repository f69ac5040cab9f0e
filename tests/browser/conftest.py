"""What tests in a browser share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

FAINT = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const linear = c => c <= 10.314 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = channels(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll("main *, .release *")].filter(e => {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) return false;
    if (e.namespaceURI.includes("svg")) return false;
    const [low, high] = [luminance(channels(getComputedStyle(e).color)), luminance(behind(e))].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05) < 4.5;
  }).map(e => e.outerHTML.slice(0, 100));
}"""


@pytest.fixture
def faint() -> Callable[[Any], list[str]]:
    """Return the elements of a page and its release banner whose words, but for drawings, have less than 4.5 to 1."""
    return lambda page: page.evaluate(FAINT)
