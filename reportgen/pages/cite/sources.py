"""The files of a paper: the one given, and all that it takes in. Nothing in them is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import UsageError

LARGEST = 50_000_000
"""Bytes of a file that are still read."""
MOST_FILES = 2000

TEX, MARKDOWN, TYPST, BIB, DATA = "tex", "markdown", "typst", "bib", "data"
KINDS = {
    ".tex": TEX, ".ltx": TEX, ".latex": TEX, ".sty": TEX, ".cls": TEX,
    ".md": MARKDOWN, ".markdown": MARKDOWN, ".qmd": MARKDOWN, ".rmd": MARKDOWN, ".html": MARKDOWN, ".htm": MARKDOWN,
    ".typ": TYPST, ".bib": BIB, ".json": DATA, ".yaml": DATA, ".yml": DATA,
}  # fmt: skip

_TEX_LINKS = (
    (re.compile(r"\\(?:input|include|subfile|InputIfFileExists)\s*\{([^{}]+)\}"), (".tex", "")),
    (re.compile(r"\\input\s+([^\s{}\\%]+)"), (".tex", "")),
    (re.compile(r"\\(?:usepackage|RequirePackage)\s*(?:\[[^\]]*\])?\s*\{([^{}]+)\}"), (".sty",)),
    (re.compile(r"\\bibliography\s*\{([^{}]+)\}"), (".bib", "")),
    (re.compile(r"\\addbibresource\s*(?:\[[^\]]*\])?\s*\{([^{}]+)\}"), ("", ".bib")),
)
_TYPST_LINKS = (
    re.compile(r"#?(?:import|include)\s+\"([^\"]+)\""),
    re.compile(r"#?\bbibliography\(([^)]*)\)"),
    re.compile(r"\bjson\(\s*\"([^\"]+)\""),
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
    return text.count("\n", 0, position) + 1


_SILENT = {
    TEX: r"(?<!\\)((?:\\\\)*)%[^\n]*"
    r"|\\begin\{(verbatim|lstlisting|minted|comment)\*?\}.*?\\end\{\2\*?\}|\\verb\*?([^\w\s]).*?\3",
    MARKDOWN: r"<!--.*?-->|^(```+|~~~+).*?^\1|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`)",
    TYPST: r"(?<![:/])//[^\n]*|/\*.*?\*/|```.*?```|`[^`\n]*`",
}
"""Comments and verbatim parts."""


def spoken(source: Source) -> str:
    """Return a text without its comments and its verbatim parts, with the same positions."""
    if source.kind not in _SILENT:
        return source.text

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match.group())

    return re.sub(_SILENT[source.kind], blank, source.text, flags=re.DOTALL | re.MULTILINE)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"'{path}' is too large to be a paper", f"files of up to {LARGEST:,} bytes are read")
        return path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {error.strerror}", "look at its rights") from error


def _links(source: Source) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Return what a file takes in: names, the endings that these may lack, and where they stand."""
    text = spoken(source)
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
            for name in re.findall(r"[^\s\[\]\"',]+\.\w+", match[1]):
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
