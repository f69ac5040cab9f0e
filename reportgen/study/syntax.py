"""What is wrong with the YAML of a file, in plain sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    from reportgen.errors import Problem
    from reportgen.study.document import Document

TOO_MANY = "the file has too many values once its aliases are followed"
OWN_ALIAS = "this anchor contains an alias of itself"

_CLOSING = "a bracket or brace that was opened is not closed, or a comma is missing"

# Pattern of ruamel's problem (or "context problem"): message, hint, and whether the place is where the context began.
_SENTENCES: tuple[tuple[str, str, str, bool], ...] = (
    (
        r"found character '\\?t?\t?' that cannot start",
        "a tab cannot indent a line",
        "indent with spaces: a tab stands here",
        False,
    ),
    (
        r"found character '(?P<c>.)' that cannot start",
        "text cannot begin with '{c}'",
        "put the text in quotes",
        False,
    ),
    (
        r"mapping values are not allowed",
        "a colon cannot be here",
        "put text with a colon in it in quotes, and check the indentation of the line",
        False,
    ),
    (r"while parsing a flow (sequence|mapping).*expected ',' or", _CLOSING, "it was opened here", True),
    (
        r"quoted scalar.*(unexpected end of stream|document separator)",
        "the quotation mark is not closed",
        "it was opened here",
        True,
    ),
    (r"could not find expected ':'", "a key has no colon", "write `key: value`, with a space after the colon", True),
    (
        r"expected <block end>, but found '<scalar>'",
        "text cannot be here",
        "put the whole value in quotes, and check the indentation of the line",
        False,
    ),
    (
        r"while parsing a block (mapping|collection).*expected <block end>",
        "the indentation does not fit the lines above",
        "keys of one mapping, and items of one list, begin in the same column",
        False,
    ),
    (
        r"found undefined alias '?(?P<c>[^'\s]+)",
        "there is no anchor '&{c}' above this alias",
        "put text that begins with * in quotes",
        False,
    ),
    (r"expected a single document", "a second document begins here", "remove the line with `---`", False),
    (r"unknown escape character", "this backslash sequence does not exist", "use single quotes around the text", False),
    (r"block scalar.*expected (chomping|a comment)", "text after `|` or `>` begins in the next line", "", False),
    (r"sequence entries are not allowed", "a list item cannot be here", "begin the list in a line of its own", False),
    (r"undefined tag handle", "text cannot begin with '!'", "put the text in quotes", False),
    (r"while scanning an? (alias|anchor)", "text cannot begin with '*' or '&'", "put the text in quotes", False),
    (r"while scanning a directive", "a line cannot begin with '%'", "put the text in quotes", False),
    (TOO_MANY, TOO_MANY, "write fewer aliases of aliases", False),
    (OWN_ALIAS, OWN_ALIAS, "remove the alias", False),
)


def fault(document: Document, error: MarkedYAMLError) -> Problem:
    """Turn an error of ruamel.yaml into a problem."""
    from reportgen.study.document import Place

    text = f"{error.context or ''} {error.problem or ''}".strip()
    message, hint, at_context = f"the YAML cannot be read: {error.problem or error.context or error}", "", False
    for pattern, *sentence in _SENTENCES:
        found = re.search(pattern, text, re.DOTALL)
        if found:
            message, hint, at_context = str(sentence[0]), str(sentence[1]), bool(sentence[2])
            message = message.format(**found.groupdict()) if found.groupdict() else message
            break
    mark = (at_context and error.context_mark) or error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    # An unclosed quotation or an unexpected end is noticed behind the last line.
    if place.line > len(document.lines):
        place = Place(max(len(document.lines), 1), len(document.lines[-1]) + 1 if document.lines else 1)
    return document.at(place, "", message, hint)


def character(document: Document, text: str, error: ReaderError) -> Problem:
    """Turn a character that YAML does not allow into a problem."""
    from reportgen.study.document import Place

    match = re.search(r"[^\x09\x0A\x0D\x20-\x7E\x85\xA0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", text)
    position = match.start() if match else 0
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    code = ord(match.group()) if match else 0
    message = f"the character U+{code:04X} is not allowed in YAML"
    return document.at(Place(line, column), "", message, "delete it; it may be invisible in your editor")
