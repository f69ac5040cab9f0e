"""Citations as a reader sees them: our own line, APA and Chicago."""

from __future__ import annotations

from collections.abc import Sequence

from reportgen import __version__
from reportgen.pages.cite.names import Name
from reportgen.pages.cite.record import Record

UNDATED = "n.d."
APA_NAMES = 20
"""From 21 authors on, APA names the first 19 and the last."""
CHICAGO_NAMES = 10
"""From 11 authors on, Chicago names the first 7."""


def text(record: Record) -> str:
    """Write a citation as one line that has all of its parts."""
    parts = [_stopped(_listed([name.natural for name in record.authors]) or "Anonymous"), _stopped(record.title)]
    if record.kind == "figure":
        parts.append(f"Figure in {_in_quotes(record.study)}")
    parts.append(f"Version {record.version}" + (f", {record.year}" if record.year else "") + _maker(record) + ".")
    if record.data_hash:
        parts.append(f"Data {record.short_hash}.")
    return " ".join([*parts, record.url]).strip()


def apa(record: Record) -> str:
    """Write a reference in the style of the American Psychological Association, seventh edition, as plain text."""
    names = record.authors
    if len(names) > APA_NAMES:
        who = ", ".join(name.abbreviated for name in names[:19]) + f", … {names[-1].abbreviated}"
    else:
        who = _with_comma([name.abbreviated for name in names], "&", names)
    title, dated = record.title.rstrip("."), f"({record.year or UNDATED})."
    if record.kind == "figure":
        what = f"{title} [Figure; data SHA-256 {record.short_hash}]. In {_apa_study(record.study, record.version)}"
    elif record.kind == "software":
        what = f"{title} (Version {record.version}) [Computer software]"
    else:
        what = f"{_apa_study(title, record.version)} [Computational study]"
    maker = "" if record.kind == "software" else f" reportgen {__version__}."
    begun = f"{_stopped(who)} {dated} {what}." if who else f"{what}. {dated}"
    return f"{begun}{maker} {record.url}".strip()


def chicago(record: Record) -> str:
    """Write an entry of a bibliography in the Chicago style (author-date, 17th edition), as plain text."""
    names = record.authors
    shown = names[:7] if len(names) > CHICAGO_NAMES else names
    written = [name.inverted if index == 0 else name.natural for index, name in enumerate(shown)]
    who = f"{', '.join(written)}, et al" if shown != names else _with_comma(written, "and", names)
    who = _stopped(who) + " " if who else ""
    dated = _stopped(record.year or UNDATED)
    version = f"version {record.version}"
    if record.kind == "figure":
        what = f"{_in_quotes(record.title)} Figure in {record.study.rstrip('.')}, {version}."
    else:
        what = f"{_stopped(record.title)} {version.capitalize()}."
    maker = "" if record.kind == "software" else f" reportgen {__version__}."
    data = f" Data SHA-256 {record.short_hash}." if record.data_hash else ""
    address = f" {record.url}." if record.url else ""
    return f"{who}{dated} {what}{maker}{data}{address}"


def _maker(record: Record) -> str:
    return "" if record.kind == "software" else f", reportgen {__version__}"


def _apa_study(title: str, version: str) -> str:
    return f"{title.rstrip('.')} (Version {version})"


def _stopped(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."


def _in_quotes(title: str) -> str:
    """Quote a title with its full stop inside; quotation marks in it become single ones."""
    inner = title.replace("“", "‘").replace("”", "’").replace('"', "'")
    return f"“{_stopped(inner)}”"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _with_comma(written: Sequence[str], word: str, names: Sequence[Name]) -> str:
    """Join names with a comma before the last; two groups have none, since neither is inverted."""
    if len(written) < 2:
        return "".join(written)
    comma = "" if len(written) == 2 and names[0].literal else ","
    return f"{', '.join(written[:-1])}{comma} {word} {written[-1]}"
