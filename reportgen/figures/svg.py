"""Make matplotlib's SVG fit for a page: no styles that a strict content policy blocks, no foreign addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

_STYLE = re.compile(r' style="([^"]*)"')
_FONT = re.compile(
    r"^(?:(?P<slant>italic|oblique|normal) )?(?:(?P<weight>bold|\d+) )?(?P<size>[\d.]+)px (?P<family>.+)$"
)
_IDS = re.compile(r'( id="|url\(#|xlink:href="#)([^")]+)')


_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b(?!\))")


def recoloured(svg: str, colours: Mapping[str, str]) -> str | None:
    """Return an SVG with other colours in its tags (its text is left alone), or None if it has colours not given.

    Parameters
    ----------
    svg : str
        What matplotlib wrote.
    colours : mapping
        Colour ("#rrggbb", lower case) to its replacement.
    """
    unknown = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal unknown
        found = colours.get(match[0].lower())
        unknown |= found is None
        return found or match[0]

    changed = _TAG.sub(lambda tag: _COLOUR.sub(replaced, tag[0]), svg)
    return None if unknown else changed


def finished(svg: str, *, prefix: str, title: str, description: str) -> str:
    """Return an SVG that stands alone and can be put into any page.

    The document type and the style sheet go, style attributes become presentation attributes, ids get a prefix, and
    the drawing gets a title and a description for screen readers.

    Parameters
    ----------
    svg : str
        What matplotlib wrote.
    prefix : str
        Begins every id; letters, digits and hyphens, first a letter.
    title, description : str
        Plain text; it is escaped here.
    """
    svg = re.sub(r"<!DOCTYPE[^>]*>\n?", "", svg, count=1)
    svg = re.sub(r"\s*<style[^>]*>.*?</style>", "", svg, count=1, flags=re.DOTALL)
    svg = _STYLE.sub(lambda match: _attributes(match[1]), svg)
    svg = _IDS.sub(lambda match: f"{match[1]}{prefix}-{match[2]}", svg)
    head = (
        f' role="img" aria-labelledby="{prefix}-title {prefix}-desc" stroke-linejoin="round" stroke-linecap="butt">'
        f'\n <title id="{prefix}-title">{escape(title)}</title>\n <desc id="{prefix}-desc">{escape(description)}</desc>'
    )
    return re.sub(r"(<svg [^>]*)>", lambda match: match[1] + head, svg, count=1)


def _attributes(style: str) -> str:
    """Return the declarations of a style attribute as attributes."""
    parts = []
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        name, _, value = (piece.strip() for piece in declaration.partition(":"))
        font = _FONT.match(value) if name == "font" else None
        if font:
            parts += [f'font-size="{font["size"]}px"', f'font-family="{font["family"]}"']
            parts += [f'font-weight="{font["weight"]}"'] if font["weight"] else []
            parts += [f'font-style="{font["slant"]}"'] if font["slant"] not in (None, "normal") else []
        else:
            parts.append(f'{name}="{value}"')
    return "".join(f" {part}" for part in parts)
