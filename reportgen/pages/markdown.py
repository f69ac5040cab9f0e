"""Markdown to HTML: raw HTML escaped, mathematics as MathML, citations, glossary links and embedded figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup, escape

from reportgen.errors import ReportgenError, UnknownName
from reportgen.pages.bibliography import Bibliography
from reportgen.pages.mathematics import mathml
from reportgen.pages.text import clean, slug

_CITATION = re.compile(r"@([\w:./+-]*\w)(?:,\s*([^;\]]+))?\Z")
_EXTERNAL = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PAGE = re.compile(r"/[\w/-]*(#[\w-]+)?\Z")


class ProseError(ReportgenError):
    """A fault of a text; `needle` is the part of its source that shows where."""

    def __init__(self, message: str, hint: str = "", needle: str = "") -> None:
        super().__init__(message, hint)
        self.needle = needle


@dataclass
class Place:
    """Where a text will stand: how it reaches other pages, and what the page has said so far.

    Attributes
    ----------
    url : callable
        Site path ("methods/", "methods/#decay") to a relative address.
    figure_url : callable
        Figure id to the address that a reference to it leads to.
    embed : callable
        Figure id to the HTML that stands for it; an error where figures cannot be embedded.
    bibliography : Bibliography
    cited : list of str
        Keys that were cited, in order; filled here.
    terms : mapping
        Folded term to its anchor in the glossary.
    linked : set of str
        Anchors that the page has linked already; filled here.
    prefix : str
        Begins the ids of headings and footnotes, so that they are unique on the page.
    top : int
        Level of the highest heading.
    """

    url: Callable[[str], str]
    bibliography: Bibliography
    figure_url: Callable[[str], str] | None = None
    embed: Callable[[str], Markup] | None = None
    cited: list[str] = field(default_factory=list)
    terms: Mapping[str, str] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    prefix: str = "text"
    top: int = 3


def render(source: str, place: Place) -> Markup:
    """Render Markdown to HTML.

    Raises
    ------
    ProseError, MathError
        For an unknown citation, figure or page, an image, or a formula that cannot be read.
    """
    env: dict[str, Any] = {"place": place, "docId": place.prefix}
    tokens = _parser().parse(clean(source), env)
    _number_headings(tokens, place)
    if place.terms:
        _link_terms(tokens, place)
    return Markup(_parser().renderer.render(tokens, _parser().options, env))  # markdown-it escapes; html is off


def render_inline(source: str, place: Place) -> Markup:
    """Render one line of Markdown without a paragraph around it."""
    env: dict[str, Any] = {"place": place, "docId": place.prefix}
    return Markup(_parser().renderInline(clean(source), env))  # markdown-it escapes; html is off


@cache
def _parser() -> MarkdownIt:
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(
        ["table", "smartquotes", "replacements"]
    )
    parser.use(footnote_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_labels=False, allow_digits=False, double_inline=True)
    parser.inline.ruler.before("link", "citation", _parse_citation)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _parse_citation(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("[@", state.pos):
        return False
    end = state.src.find("]", state.pos)
    if end < 0 or end >= state.posMax:
        return False
    if not silent:
        state.push("citation", "", 0).content = state.src[state.pos + 1 : end]
    state.pos = end + 1
    return True


def _citation(_self: Any, tokens: Sequence[Token], index: int, _options: Any, env: Any) -> str:
    place: Place = env["place"]
    parts = []
    for item in tokens[index].content.split(";"):
        match = _CITATION.match(item.strip())
        if not match:
            raise ProseError(f"'[{tokens[index].content}]' is not a citation", "write [@key] or [@key; @other]", item)
        key, where = match.groups()
        if key not in place.bibliography:
            unknown = UnknownName("reference", key, place.bibliography)
            raise ProseError(unknown.message, unknown.hint, f"@{key}")
        place.cited.append(key)
        reference = place.bibliography[key]
        href = escape(place.url(f"references/#{reference.anchor}"))
        parts.append(f'<a href="{href}">{escape(reference.label)}</a>' + (f", {escape(where)}" if where else ""))
    return f'<span class="citation">({"; ".join(parts)})</span>'


def _image(_self: Any, tokens: Sequence[Token], index: int, _options: Any, env: Any) -> str:
    place: Place = env["place"]
    source = str(tokens[index].attrGet("src") or "")
    scheme, _, figure_id = source.partition(":")
    if scheme != "figure" or place.embed is None:
        raise ProseError(f"the image '{source}' cannot be shown here", "results embed figures: ![](figure:id)", source)
    return str(place.embed(figure_id))


def _link_open(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    place: Place = env["place"]
    href = str(tokens[index].attrGet("href") or "")
    if tokens[index].info == "term":
        return str(self.renderToken(tokens, index, options, env))
    if href.startswith("figure:") and place.figure_url is not None:
        tokens[index].attrSet("href", place.figure_url(href.removeprefix("figure:")))
        tokens[index].attrSet("class", "figure-reference")
    elif _PAGE.match(href):
        tokens[index].attrSet("href", place.url(href.lstrip("/")))
    elif not _EXTERNAL.match(href) and not href.startswith("#"):
        raise ProseError(
            f"the link '{href}' leads nowhere", "link to https://…, to a page as /methods/, or to #an-anchor", href
        )
    return str(self.renderToken(tokens, index, options, env))


def _paragraph_open(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "" if _only_figures(tokens[index + 1]) else str(self.renderToken(tokens, index, options, env))


def _paragraph_close(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "" if _only_figures(tokens[index - 1]) else str(self.renderToken(tokens, index, options, env))


def _only_figures(inline: Token) -> bool:
    kinds = {child.type for child in inline.children or ()}
    return "image" in kinds and kinds <= {"image", "softbreak"}


def _math(around: str) -> Callable[..., str]:
    def rule(_self: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
        formula = mathml(tokens[index].content, display=bool(around))
        return f'<{around} class="formula">{formula}</{around}>' if around else str(formula)

    return rule


def _table_open(_self: Any, _tokens: Any, _index: int, _options: Any, _env: Any) -> str:
    return '<div class="table-scroll" role="region" aria-label="Table" tabindex="0"><table>\n'


def _table_close(_self: Any, _tokens: Any, _index: int, _options: Any, _env: Any) -> str:
    return "</table></div>\n"


def _cell_open(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    style = str(token.attrs.pop("style", ""))
    if token.tag == "th":
        token.attrSet("scope", "col")
    if style.endswith("right"):
        token.attrSet("class", "number")
    return str(self.renderToken(tokens, index, options, env))


_RULES: dict[str, Callable[..., str]] = {
    "citation": _citation,
    "image": _image,
    "link_open": _link_open,
    "paragraph_open": _paragraph_open,
    "paragraph_close": _paragraph_close,
    "math_inline": _math(""),
    "math_inline_double": _math("span"),
    "math_block": _math("div"),
    "table_open": _table_open,
    "table_close": _table_close,
    "th_open": _cell_open,
    "td_open": _cell_open,
}


def _number_headings(tokens: Sequence[Token], place: Place) -> None:
    """Shift headings below the page's own, leave out no level, and give each an id."""
    previous, opened = place.top - 1, []
    offset = place.top - min((int(t.tag[1]) for t in tokens if t.type == "heading_open"), default=1)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            previous = min(int(token.tag[1]) + offset, previous + 1, 6)
            opened.append(f"h{previous}")
            token.attrSet("id", unique_id(f"{place.prefix}-{slug(tokens[index + 1].content)}", place.ids))
            token.tag = opened[-1]
        elif token.type == "heading_close":
            token.tag = opened.pop()


def unique_id(wanted: str, taken: set[str]) -> str:
    """Return `wanted`, with a number if it is taken, and take it."""
    found, count = wanted, 1
    while found in taken:
        count += 1
        found = f"{wanted}-{count}"
    taken.add(found)
    return found


@cache
def _term_pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


def _link_terms(tokens: Sequence[Token], place: Place) -> None:
    """Link the first use of each term on the page to the glossary; headings, links and code are left alone."""
    pattern = _term_pattern(tuple(place.terms))
    for index, token in enumerate(tokens):
        if token.type == "inline" and token.children and tokens[index - 1].type != "heading_open":
            depth, children = 0, []
            for child in token.children:
                depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
                children += _with_links(child, pattern, place) if child.type == "text" and not depth else [child]
            token.children = children


def _with_links(text: Token, pattern: re.Pattern[str], place: Place) -> list[Token]:
    parts, start = [], 0
    for match in pattern.finditer(text.content):
        anchor = place.terms[match.group().casefold()]
        if anchor in place.linked:
            continue
        place.linked.add(anchor)
        href = place.url(f"glossary/#{anchor}")
        opened = Token("link_open", "a", 1, attrs={"href": href, "class": "term"}, info="term")
        parts += [
            _text(text.content[start : match.start()]),
            opened,
            _text(match.group()),
            Token("link_close", "a", -1),
        ]
        start = match.end()
    return [*parts, _text(text.content[start:])] if parts else [text]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
