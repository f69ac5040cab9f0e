"""SVGs that a strict content policy lets through."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from reportgen.figures.svg import finished, recoloured

MADE = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg" version="1.1">
 <defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
 <g id="axes_1"><path id="m1" style="fill: #0072b2; stroke-width: 2"/><use xlink:href="#m1" clip-path="url(#p1)"/></g>
 <text style="font: 10.5px 'DejaVu Sans', sans-serif; text-anchor: middle">fill #0072b2 &lt;script&gt;</text>
</svg>
"""


def test_styles_become_attributes_and_ids_get_the_prefix() -> None:
    svg = finished(MADE, prefix="f1", title="T <b>", description='D & "d"')
    root = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert "style" not in svg and "DOCTYPE" not in svg
    text = root.find(f"{space}text")
    assert text is not None
    assert text.attrib == {"font-size": "10.5px", "font-family": "'DejaVu Sans', sans-serif", "text-anchor": "middle"}
    assert text.text == "fill #0072b2 <script>"
    path = root.find(f".//{space}path")
    assert path is not None and path.attrib == {"id": "f1-m1", "fill": "#0072b2", "stroke-width": "2"}
    assert 'xlink:href="#f1-m1"' in svg and 'clip-path="url(#f1-p1)"' in svg
    assert [root.findtext(f"{space}title"), root.findtext(f"{space}desc")] == ["T <b>", 'D & "d"']
    assert root.attrib["role"] == "img" and root.attrib["stroke-linejoin"] == "round"


def test_colours_change_in_tags_and_not_in_text() -> None:
    changed = recoloured(MADE, {"#0072b2": "#4ba3e3"})
    assert changed is not None
    assert "fill: #4ba3e3" in changed and "fill #0072b2 &lt;script" in changed


def test_an_unknown_colour_is_not_guessed() -> None:
    assert recoloured(MADE, {"#ffffff": "#000000"}) is None
