"""A study's prose: a template over its estimates, then Markdown, with errors that name file, section and line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateSyntaxError
from markupsafe import Markup

from reportgen.errors import Problem, ReportgenError, StudyError
from reportgen.pages.lookup import Lookup, Number
from reportgen.pages.markdown import Place, ProseError, render, render_inline
from reportgen.pages.sandbox import ProseEnvironment
from reportgen.pages.text import clean

if TYPE_CHECKING:
    from reportgen.pages.entries import StudyEntry

_TEMPLATE_NAME = "<template>"
_EMBEDDED = re.compile(r"!\[[^\]]*\]\(figure:([^)\s]+)\)")
_TAG_LINE = re.compile(r"^[ \t]*(?:\{%(?:(?!%\}).)*%\}[ \t]*)+\n", re.MULTILINE)
_TAG = re.compile(r"\{%.*?%\}")
_HELP = "write numbers as {{ value(name, arm) }}; literal braces as {{ '{{' }}"


def embedded_figures(prose: Mapping[str, str]) -> list[str]:
    """Return the ids of the figures that the texts embed, in order and once each."""
    return list(dict.fromkeys(figure for text in prose.values() for figure in _EMBEDDED.findall(text)))


def figure_numbers(entry: StudyEntry) -> dict[str, int]:
    """Number a study's figures as its page shows them: embedded ones first, the rest in the report's order."""
    order = embedded_figures(entry.study.prose) + [figure.id for figure in entry.figures]
    return {figure_id: number for number, figure_id in enumerate(dict.fromkeys(order), start=1)}


def fill(entry: StudyEntry) -> dict[str, str]:
    """Render each section's template with the study's estimates; the result is Markdown.

    Raises
    ------
    StudyError
        With the first fault of each section.
    """
    functions = Lookup(entry, figure_numbers(entry)).functions()
    texts, problems = {}, []
    for section, source in entry.study.prose.items():
        try:
            environment = ProseEnvironment(functions, _in_digits)
            texts[section] = environment.filled(_without_tag_lines(clean(source)))
        except Exception as error:  # a template can raise anything; all of it is the author's to mend
            problems.append(_problem(entry, section, source, error))
    if problems:
        raise StudyError(entry.study.path, problems)
    return texts


def _in_digits(value: Any) -> Any:
    return str(Number(value)) if type(value) is float else value


def _without_tag_lines(source: str) -> str:
    """Let lines that hold nothing but tags leave no empty line behind, and keep all line numbers."""

    def joined(match: re.Match[str]) -> str:
        tags = "".join(_TAG.findall(match.group()))
        end = 3 if tags[-3] in "-+" else 2
        return f"{tags[:-end]}\n{tags[-end:]}"

    return _TAG_LINE.sub(joined, source)


def to_html(
    entry: StudyEntry, texts: Mapping[str, str], places: Mapping[str, Place], *, inline: bool = False
) -> dict[str, Markup]:
    """Render the Markdown of each section that has a place.

    Raises
    ------
    StudyError
        With the first fault of each section.
    """
    done, problems = {}, []
    for section, place in places.items():
        try:
            done[section] = (render_inline if inline else render)(texts[section], place)
        except ReportgenError as error:
            problems.append(_problem(entry, section, entry.study.prose[section], error))
    if problems:
        raise StudyError(entry.study.path, problems)
    return done


def _problem(entry: StudyEntry, section: str, source: str, error: Exception) -> Problem:
    number = _line(source, error)
    lines = source.splitlines() or [""]
    excerpt = lines[min(number, len(lines)) - 1]
    start = _section_start(Path(entry.study.path), section, lines)
    column = max(excerpt.find(_needle(error)), 0) + 1
    message = clean(error.message if isinstance(error, ReportgenError) else str(error) or type(error).__name__)
    if start is None:
        return Problem(
            number, column, section, f"{message} (line {number} of the section)", _hint(error), clean(excerpt)
        )
    first, indent = start
    return Problem(first + number, column + indent, section, message, _hint(error), " " * indent + clean(excerpt))


def _hint(error: Exception) -> str:
    return error.hint if isinstance(error, ReportgenError) else _HELP


def _needle(error: Exception) -> str:
    return getattr(error, "needle", "") or (
        "$" if isinstance(error, ReportgenError) and "formula" in str(error) else "{"
    )


def _line(source: str, error: Exception) -> int:
    """Return the line of a section, from 1, that an error comes from."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    needle = error.needle if isinstance(error, ProseError) else _quoted_formula(error)
    if needle:
        return next((i for i, line in enumerate(source.splitlines(), start=1) if needle in line), 1)
    found, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in (_TEMPLATE_NAME, "<unknown>"):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _quoted_formula(error: Exception) -> str:
    match = re.search(r"\$(.+?)\$", str(error), re.DOTALL)
    return match.group(1).splitlines()[0] if match else ""


def _section_start(path: Path, section: str, lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the line of the file that a section's block begins after, and the block's indentation."""
    try:
        text = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for index, line in enumerate(text):
        if re.match(rf"{re.escape(section)}:\s*\|", line) and index + 1 < len(text):
            body: Any = next((after for after in text[index + 1 :] if after.strip()), "")
            if lines and body.strip() == next((line for line in lines if line.strip()), "").strip():
                return index + 1, len(body) - len(body.lstrip())
    return None
