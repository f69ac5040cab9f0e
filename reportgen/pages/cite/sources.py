"""The files of a paper: the one given, and all that it takes in. Nothing in them is run."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reportgen.errors import UsageError
from reportgen.pages.cite.spoken import MARKDOWN, TEX, TYPST, spoken

LARGEST = 50_000_000
"""Bytes of a file that are still read."""
MOST_FILES = 2000

BIB, DATA = "bib", "data"
KINDS = {
    ".tex": TEX, ".ltx": TEX, ".latex": TEX, ".sty": TEX, ".cls": TEX,
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".qmd": MARKDOWN, ".rmd": MARKDOWN, ".html": MARKDOWN, ".htm": MARKDOWN,
    ".typ": TYPST, ".bib": BIB, ".json": DATA, ".yaml": DATA, ".yml": DATA,
}  # fmt: skip

_TEX_LINKS = (
    (re.compile(r"\\(?:input|include|subfile|InputIfFileExists)\s*\{([^{}]{1,500})\}"), (".tex", "")),
    (re.compile(r"\\input\s+([^\s{}\\%]{1,500})"), (".tex", "")),
    (re.compile(r"\\(?:usepackage|RequirePackage)\s*(?:\[[^\]]{0,500}\])?\s*\{([^{}]{1,500})\}"), (".sty",)),
    (re.compile(r"\\bibliography\s*\{([^{}]{1,2000})\}"), (".bib", "")),
    (re.compile(r"\\addbibresource\s*(?:\[[^\]]{0,500}\])?\s*\{([^{}]{1,500})\}"), ("", ".bib")),
)
_TYPST_LINKS = (
    re.compile(r"#?(?:import|include)\s+\"([^\"]{1,500})\""),
    re.compile(r"#?\bbibliography\(([^)]{0,2000})\)"),
    re.compile(r"\bjson\(\s*\"([^\"]{1,500})\""),
)
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_BIBLIOGRAPHY = re.compile(r"^bibliography\s*:(.*(?:\n[ \t]+.*|\n-.*)*)", re.MULTILINE)
_PANDOC = re.compile(r"<!--\s*include:?\s*([^\s>]+)\s*-->|\{\{<\s*include\s+([^\s>]+)\s*>\}\}|^!include\s+(\S+)", re.M)


@dataclass(frozen=True)
class Source:
    """A file of a paper: its `path`, its `kind` (one of `KINDS`) and its `text`."""

    path: Path
    kind: str
    text: str


@dataclass(frozen=True)
class Missing:
    """A file that a paper takes in and that is not there; `line` of `path` asks for it."""

    name: str
    path: Path
    line: int


def read_paper(main: Path) -> tuple[list[Source], list[Missing]]:
    """Read a paper and the files that it takes in, each once.

    Parameters
    ----------
    main : Path
        LaTeX, Markdown, Typst, BibTeX, or a file of values.

    Returns
    -------
    sources : list of Source
        The paper first.
    missing : list of Missing
        What was asked for and is not there. Packages of LaTeX are not among these.

    Raises
    ------
    UsageError
        If the paper itself cannot be read, or is of no known kind.
    """
    if main.suffix.lower() not in KINDS:
        raise UsageError(f"'{main}' is no paper that can be checked", f"known are {', '.join(KINDS)}")
    if not main.is_file():
        raise UsageError(f"there is no file '{main}'", "give the paper's main file")
    sources: list[Source] = []
    missing: list[Missing] = []
    waiting, seen = [main], {main.resolve()}
    while waiting and len(sources) < MOST_FILES:
        path = waiting.pop(0)
        source = Source(path, KINDS.get(path.suffix.lower(), TEX), _read(path))
        sources.append(source)
        for name, endings, position in _links(source):
            found = _find(name, endings, (main.parent, path.parent))
            if found is None:
                if endings != (".sty",):
                    missing.append(Missing(name, path, line_of(source.text, position)))
            elif found.resolve() not in seen:
                seen.add(found.resolve())
                waiting.append(found)
    return sources, missing


def line_of(text: str, position: int) -> int:
    """Return the line of a position, from 1."""
    return bisect(_ends_of_lines(text), position - 1) + 1


@lru_cache(maxsize=4)
def _ends_of_lines(text: str) -> tuple[int, ...]:
    return tuple(match.start() for match in re.finditer("\n", text))


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"'{path}' is too large to be a paper", f"files of up to {LARGEST:,} bytes are read")
        return path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}", "look at its rights") from error


def _links(source: Source) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Return what a file takes in: names, the endings that these may lack, and where they stand."""
    text = spoken(source.text, source.kind)
    if source.kind in (TEX, MARKDOWN):
        for pattern, endings in _TEX_LINKS:
            for match in pattern.finditer(text):
                for name in match[1].split(",") if "bib" in pattern.pattern or ".sty" in endings else [match[1]]:
                    yield name.strip().strip('"'), endings, match.start()
    if source.kind == TYPST:
        for pattern in _TYPST_LINKS:
            for match in pattern.finditer(text):
                names = re.findall(r'"([^"]+)"', match[1]) if "bibliography" in pattern.pattern else [match[1]]
                yield from ((name, ("",), match.start()) for name in names if not name.startswith("@"))
    if source.kind == MARKDOWN:
        front = _FRONT.match(source.text)
        for match in _BIBLIOGRAPHY.finditer(front[1]) if front else ():
            for name in re.findall(r"[^\s\[\]\"',]{1,300}\.\w+", match[1]):
                yield name, ("",), match.start() + 4
        for match in _PANDOC.finditer(source.text):
            yield next(filter(None, match.groups())), ("",), match.start()


def _find(name: str, endings: tuple[str, ...], folders: tuple[Path, ...]) -> Path | None:
    if not name or "\0" in name:
        return None
    for folder in folders:
        for ending in endings:
            path = folder / f"{name}{ending}"
            try:
                if path.is_file():
                    return path
            except OSError:  # a name that no file can have
                continue
    return None
