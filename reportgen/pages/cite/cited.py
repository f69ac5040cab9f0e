"""What a paper cites of a site: studies, figures and values, and what it tells of the data that it means."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from reportgen.pages.cite import values
from reportgen.pages.cite.sources import BIB, DATA, Missing, Source, line_of, read_paper
from reportgen.pages.cite.spoken import MARKDOWN, TEX, TYPST, spoken

FIGURE, STUDY, VALUE = "figure", "study", "value"

_MARK = re.compile(r"reportgen:\s*([^\s/]+/[^\s/]+)\s+sha256:([0-9a-fA-F]{8,64})")
_TEX_CITE = re.compile(r"\\[A-Za-z]*cite[A-Za-z]*\*?((?:\s*(?:\[[^\]]{0,500}\]|\([^()]{0,500}\)|\{[^{}]{0,2000}\}))+)")
_AT_KEY = re.compile(r"(?<![\w.\\])@(?:\{([^{}\s]+)\}|([\w](?:[\w:.#$%&+?<>~/-]*[\w])?))")
_TYPST_KEY = re.compile(r"(?<![\w\\])@([\w](?:[\w:.-]*[\w])?)|\bcite\(\s*<([^<>\s]+)>|\bcite\(\s*label\(\"([^\"]+)\"\)")
_TEX_VALUE = re.compile(r"\\rg(?:value|low|high|interval|unit|n|raw)(?![A-Za-z@])\s*\{([^{}]{0,500})\}")
_TYPST_VALUE = re.compile(r"\brg(?:value|low|high|interval|unit|n|raw|-get)\(\s*\"((?:[^\"\\]|\\.){0,500})\"")
_PARAMETER = re.compile(r"#\d")
_URL = re.compile(r"https?://[^\s\"'<>{}()\[\]|\\^`,;]+")
_ENTRY = re.compile(r"@(\w+)\s*[{(]\s*([^\s,{}()]+)\s*,")
_HASH = re.compile(r"data SHA-256 ([0-9a-f]{8,64})", re.IGNORECASE)
_OF_STUDY = re.compile(r"Figure ([\w.~%-]+/[\w.~%-]+) of the study")
_STUDY = re.compile(r"Study ([\w.~%-]+), version (\S.*?)(?=\s*(?:;|,\s*\w+\s*=|,?\s*$))")


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    path: Path
    line: int


@dataclass(frozen=True)
class Cited:
    """One thing that a paper cites.

    Attributes
    ----------
    kind : str
        "figure", "study" or "value".
    id : str
        ``study/figure``, ``study`` or ``study/name/arm``.
    told : tuple of str
        What the paper says that it cites: the data hash or its first digits, the version, or the estimate with the
        ends of its interval. Empty if it does not say.
    place : Place
    """

    kind: str
    id: str
    told: tuple[str, ...]
    place: Place


@dataclass
class Paper:
    """What a paper cites, the files that were read, and those that were not found."""

    cited: list[Cited] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


@dataclass(frozen=True)
class _Entry:
    """An entry of a bibliography that says it is of reportgen."""

    kind: str
    id: str
    told: tuple[str, ...]
    place: Place


def collect(main: Path, studies: Collection[str]) -> Paper:
    """Find what a paper cites.

    Parameters
    ----------
    main : Path
        The paper; the files that it takes in are read too. Of a bibliography or a file of values, everything counts.
    studies : collection of str
        Ids of known studies, by which keys and addresses are recognised that no bibliography explains.

    Raises
    ------
    UsageError
        If the paper cannot be read.
    """
    sources, missing = read_paper(main)
    paper = Paper(files=[source.path for source in sources], missing=missing)
    entries, others = _bibliography(sources)
    held = {name: (found, Place(source.path, line)) for source in sources if values.is_values(source.text)
            for name, (found, line) in values.read_values(source.text).items()}  # fmt: skip
    for source in sources:
        if values.is_values(source.text):
            continue
        text = spoken(source.text, source.kind)
        paper.cited += _marks(source)
        if source.kind in (TEX, MARKDOWN, TYPST):
            paper.cited += _keys(source, text, entries, others, studies)
            paper.cited += _values(source, text, held)
            paper.cited += _addresses(source, text, studies)
    if sources[0].kind in (BIB, DATA) or values.is_values(sources[0].text):
        paper.cited += [Cited(entry.kind, entry.id, entry.told, entry.place) for entry in entries.values()]
        paper.cited += [Cited(VALUE, name, found, place) for name, (found, place) in held.items()]
    order = {path: index for index, path in enumerate(paper.files)}
    paper.cited = sorted(dict.fromkeys(paper.cited), key=lambda one: (order[one.place.path], one.place.line))
    return paper


def _marks(source: Source) -> Iterator[Cited]:
    for match in _MARK.finditer(source.text):
        place = Place(source.path, line_of(source.text, match.start()))
        yield Cited(FIGURE, unquote(match[1]), (match[2].lower(),), place)


def _keys(
    source: Source, text: str, entries: Mapping[str, _Entry], others: Collection[str], studies: Collection[str]
) -> Iterator[Cited]:
    for key, position in _cite_keys(source.kind, text):
        place = Place(source.path, line_of(text, position))
        if key == "*":
            yield from (Cited(entry.kind, entry.id, entry.told, place) for entry in entries.values())
        elif key in entries:
            yield Cited(entries[key].kind, entries[key].id, entries[key].told, place)
        elif key not in others and key.partition(":")[0] in studies:
            study, _, figure = key.partition(":")
            yield Cited(FIGURE, f"{study}/{figure}", (), place) if figure else Cited(STUDY, study, (), place)


def _cite_keys(kind: str, text: str) -> Iterator[tuple[str, int]]:
    if kind in (TEX, MARKDOWN):
        for match in _TEX_CITE.finditer(text):
            for group in re.findall(r"\{([^{}]*)\}", match[1]):
                yield from ((key.strip(), match.start()) for key in group.split(",") if key.strip())
    if kind != TEX:
        for match in (_AT_KEY if kind == MARKDOWN else _TYPST_KEY).finditer(text):
            yield next(filter(None, match.groups())), match.start()


def _values(source: Source, text: str, held: Mapping[str, tuple[tuple[str, str, str], Place]]) -> Iterator[Cited]:
    """Return the values that are used; an id that a macro puts together may be any of those at hand."""
    for match in (_TYPST_VALUE if source.kind == TYPST else _TEX_VALUE).finditer(text):
        place = Place(source.path, line_of(text, match.start()))
        name = re.sub(r"\\(.)", r"\1", match[1]) if source.kind == TYPST else values.plain_id(match[1].strip())
        if source.kind != TYPST and _PARAMETER.search(name):
            wanted = re.compile(".+".join(map(re.escape, _PARAMETER.split(name))))
            yield from (Cited(VALUE, key, told, place) for key, (told, _) in held.items() if wanted.fullmatch(key))
        else:
            yield Cited(VALUE, name, held[name][0] if name in held else (), place)


def _addresses(source: Source, text: str, studies: Collection[str]) -> Iterator[Cited]:
    for match in _URL.finditer(text):
        found = figure_of(match.group(), studies)
        if found:
            yield Cited(FIGURE, found, (), Place(source.path, line_of(text, match.start())))


def figure_of(url: str, studies: Collection[str]) -> str:
    """Return the ``study/figure`` that an address leads to, or "" if it leads elsewhere."""
    try:
        parts = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    except ValueError:
        return ""
    if parts and (parts[-1] == "index.html" or "." in parts[-1]):
        parts.pop()  # the page itself, or one of the files beside it
    inside = len(parts) > 1 and parts[-2] in studies and parts[-1] != "arms"
    return f"{parts[-2]}/{parts[-1]}" if inside else ""


def _bibliography(sources: Sequence[Source]) -> tuple[dict[str, _Entry], set[str]]:
    """Return the entries that are of reportgen, by key, and the keys of all others."""
    ours: dict[str, _Entry] = {}
    others: set[str] = set()
    for source in sources:
        if source.kind == BIB:
            found = _bib_entries(source)
        elif source.kind == DATA and not values.is_values(source.text):
            found = _csl_entries(source)
        else:
            continue
        for key, entry in found:
            if entry is None:
                others.add(key)
            else:
                ours[key] = entry
    return ours, others


def _bib_entries(source: Source) -> Iterator[tuple[str, _Entry | None]]:
    starts = list(_ENTRY.finditer(source.text))
    for match, after in zip(starts, [*starts[1:], None], strict=True):
        body = source.text[match.end() : after.start() if after else len(source.text)]
        plain = " ".join(re.sub(r"[{}]|\\(?=[_&%#$])", "", body).split())
        yield match[2], _entry(match[2], plain, Place(source.path, line_of(source.text, match.start())))


def _csl_entries(source: Source) -> Iterator[tuple[str, _Entry | None]]:
    try:
        items: Any = json.loads(source.text)
    except (ValueError, RecursionError):
        return
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
            continue
        key = item["id"]
        where = max(source.text.find(json.dumps(key, ensure_ascii=False)), 0)
        said = item["custom"] if isinstance(item.get("custom"), Mapping) else {}
        told = f"; data SHA-256 {said['data_sha256']}" if "data_sha256" in said else ""
        plain = f"{item.get('source', '')}, {item.get('genre', '')}, {item.get('note', '')}{told}"
        yield key, _entry(key, plain, Place(source.path, line_of(source.text, where)))


def _entry(key: str, plain: str, place: Place) -> _Entry | None:
    """Read an entry from its fields as plain text; None if nothing in it is of reportgen."""
    hashes, named = _HASH.findall(plain), _OF_STUDY.search(plain)
    if hashes:
        name = named[1] if named else key.replace(":", "/")
        return _Entry(FIGURE, unquote(name), (max(hashes, key=len).lower(),), place)
    study = _STUDY.search(plain) if "reportgen" in plain else None
    return _Entry(STUDY, unquote(study[1]), (study[2],), place) if study else None
