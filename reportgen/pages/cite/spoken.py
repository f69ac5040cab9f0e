"""A paper's text without its comments and its verbatim parts, which say nothing that it cites."""

from __future__ import annotations

import re
from collections.abc import Mapping

TEX, MARKDOWN, TYPST = "tex", "markdown", "typst"

_LINE = "\n"
_OPENERS: Mapping[str, re.Pattern[str]] = {
    TEX: re.compile(
        r"\\begin\{(?P<quiet>(?:verbatim|lstlisting|minted|comment)\*?)\}|\\verb\*?(?P<until>[^\w\s*])|\\.|(?P<rest>%)",
        re.DOTALL,
    ),
    MARKDOWN: re.compile(r"(?P<note><!--)|^(?P<fence>```+|~~~+)|(?P<ticks>`+)|\\.", re.MULTILINE | re.DOTALL),
    TYPST: re.compile(r"(?<!:)(?P<rest>//)|(?P<block>/\*)|(?P<fence>```+)|(?P<ticks>`)|\\.", re.DOTALL),
}
"""What begins a silent part; an escaped character begins none."""


def spoken(text: str, kind: str) -> str:
    """Return a text with its silent parts as spaces, so that all positions stay.

    Each part is looked for once from where it begins, and what is not ended anywhere is not looked for again, so that
    the time goes with the length of the text.
    """
    opener = _OPENERS.get(kind)
    if opener is None:
        return text
    pieces: list[str] = []
    endless: set[str] = set()
    done = position = 0
    while match := opener.search(text, position):
        position = match.end()
        closer = _closer(match)
        if not closer or closer in endless:
            continue
        end = _find(text, closer, match)
        if end < 0 and closer != _LINE:
            endless.add(closer)
            continue
        end = len(text) if end < 0 else end
        pieces += [text[done : match.start()], re.sub(r"[^\n]", " ", text[match.start() : end])]
        done = position = max(end, match.end())
    return "".join([*pieces, text[done:]])


def _closer(match: re.Match[str]) -> str:
    """Return what ends the part that a match begins; "" if it begins none."""
    found = match.groupdict()
    if found.get("quiet"):
        return rf"\end{{{found['quiet']}}}"
    if found.get("rest"):
        return _LINE
    if found.get("note"):
        return "-->"
    if found.get("block"):
        return "*/"
    if found.get("fence"):
        return f"\n{found['fence']}" if match.re is _OPENERS[MARKDOWN] else str(found["fence"])
    return found.get("ticks") or found.get("until") or ""


def _find(text: str, closer: str, match: re.Match[str]) -> int:
    """Return where a part ends, behind its closer; that of a line is before its end. -1 if it does not end."""
    end = text.find(closer, match.end())
    if closer == _LINE:
        return end
    while end >= 0 and set(closer) == {"`"} and match.re is _OPENERS[MARKDOWN]:
        run = end + len(closer)
        while run < len(text) and text[run] == "`":
            run += 1
        if run - end == len(closer):
            break
        end = text.find(closer, run)  # a longer run of backticks ends nothing
    return end + len(closer) if end >= 0 else -1
