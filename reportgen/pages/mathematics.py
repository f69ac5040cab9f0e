"""LaTeX mathematics to MathML that is safe to put into a page."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

from markupsafe import Markup, escape

from reportgen.errors import ReportgenError
from reportgen.pages.text import clean

MATHML = "http://www.w3.org/1998/Math/MathML"

_TAGS = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mspace|msub|msup|msubsup|munder|mover|munderover|mfrac|msqrt|mroot|mtable|mtr|mtd|"
    "mpadded|mphantom|menclose|mmultiscripts|mprescripts"
)
_ATTRIBUTES = re.compile(
    "accent|accentunder|columnalign|columnlines|columnspacing|depth|display|displaystyle|fence|form|height|linebreak|"
    "linethickness|lspace|mathvariant|maxsize|minsize|movablelimits|notation|rowspacing|rspace|scriptlevel|separator|"
    "stretchy|symmetric|voffset|width"
)
_VALUE = re.compile("[A-Za-z0-9.+ %-]{1,40}")


class MathError(ReportgenError):
    """A formula that cannot be read."""


def mathml(latex: str, *, display: bool = False) -> Markup:
    """Convert a LaTeX formula to MathML.

    The converter copies text and attributes as they are; here only known elements and harmless attribute values
    pass, and all text is escaped.

    Raises
    ------
    MathError
        If the formula has a command that is not known, or does not close what it opens.
    """
    from latex2mathml.converter import convert_to_element

    source = clean(latex).strip()
    if source.count("{") - source.count(r"\{") != source.count("}") - source.count(r"\}"):
        raise MathError(f"the braces of the formula ${source}$ do not match", "each { needs a }")
    try:
        element = convert_to_element(source, display="block" if display else "inline")
    except Exception as error:
        raise MathError(f"the formula ${source}$ cannot be read", str(error) or type(error).__name__) from error
    return Markup(_written(element, source))  # all text and attributes are escaped or checked in _written


def _written(element: Element, source: str) -> str:
    tag = element.tag.rpartition("}")[2]
    if tag == "mstyle":
        tag = "mrow"
    if not _TAGS.fullmatch(tag):
        raise MathError(f"the formula ${source}$ uses <{tag}>, which pages do not allow", "use plain mathematics")
    attributes = "".join(
        f' {name}="{escape(value)}"'
        for name, value in element.attrib.items()
        if _ATTRIBUTES.fullmatch(name) and _VALUE.fullmatch(value)
    )
    if tag == "math":
        attributes = f' xmlns="{MATHML}"{attributes}'
    text = html.unescape(element.text or "")
    if tag != "mtext" and (text.startswith("\\") or text == "&"):
        raise MathError(f"the formula ${source}$ has '{text}', which is not known", "use LaTeX's plain mathematics")
    inner = "".join(_written(child, source) for child in element)
    return f"<{tag}{attributes}>{escape(clean(text))}{inner}</{tag}>"
