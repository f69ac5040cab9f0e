"""Cited works: reading BibTeX, and what a reader sees of an entry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from reportgen.errors import UsageError
from reportgen.pages.text import clean, shorten, slug

UNDATED = "undated"

MOST_BYTES = 5_000_000
LONGEST_STRING = 1_000
"""Characters of a text that BibTeX's ``@string`` names; such texts can be joined to ever longer ones."""
MOST_JOINS = 50_000

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>\\^`{|}]+")
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\^`{|}]+", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A cited work as plain text.

    Attributes
    ----------
    key : str
        Its key in the BibTeX file.
    label : str
        How it is cited: "Pascanu et al. 2013".
    authors, year, title : str
    source : str
        Where it was published: journal or proceedings with volume and pages.
    url : str
        The DOI's address, else the entry's url, else "".
    doi : str
    """

    key: str
    label: str
    authors: str
    year: str
    title: str
    source: str
    url: str
    doi: str

    @property
    def anchor(self) -> str:
        """The anchor on the references page."""
        return f"ref-{slug(self.key)}"


class Bibliography(Mapping[str, Reference]):
    """All references of a file by key."""

    def __init__(self, references: Mapping[str, Reference]) -> None:
        self._references = dict(references)

    def __getitem__(self, key: str) -> Reference:
        return self._references[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._references)

    def __len__(self) -> int:
        return len(self._references)


def read_bibliography(path: Path | None) -> Bibliography:
    """Read a BibTeX file; no path gives no references.

    Raises
    ------
    UsageError
        If the file is missing or is not BibTeX.
    """
    if path is None:
        return Bibliography({})
    from pybtex.exceptions import PybtexError

    try:
        return _bibliography(path)
    except OSError as error:
        raise UsageError(f"the bibliography {path} cannot be read: {error.strerror}", "give a BibTeX file") from error
    except (PybtexError, RecursionError, UnicodeDecodeError) as error:
        said = shorten(str(error), 300)
        raise UsageError(f"{path}: {said}", "the file must be BibTeX in UTF-8 with unique keys") from error


def _bibliography(path: Path) -> Bibliography:
    entries = _parsed(path)
    plain = {key: _label(entry) for key, entry in entries.items()}
    repeated = Counter(plain.values())
    used: Counter[str] = Counter()
    found = {}
    for key, entry in sorted(entries.items()):
        label = plain[key]
        if repeated[label] > 1:
            label += ascii_lowercase[used[plain[key]] % 26]
            used[plain[key]] += 1
        found[key] = _reference(key, label, entry)
    return Bibliography(found)


def _parsed(path: Path) -> Mapping[str, Any]:
    """Return pybtex's entries of a file of bounded size, in which names for texts stay short."""
    from pybtex.database.input.bibtex import Parser
    from pybtex.utils import CaseInsensitiveDict

    class Names(CaseInsensitiveDict):  # type: ignore[misc]
        def __setitem__(self, name: str, value: str) -> None:
            if len(value) > LONGEST_STRING:
                raise UsageError(
                    f"{path}: the @string '{shorten(name, 60)}' is too long", "write the text where it is used"
                )
            super().__setitem__(name, value)

    if path.stat().st_size > MOST_BYTES:
        raise UsageError(f"the bibliography {path} is larger than {MOST_BYTES / 1e6:.0f} MB", "keep what is cited")
    text = path.read_text(encoding="utf-8")
    if text.count("#") > MOST_JOINS:
        raise UsageError(f"the bibliography {path} joins too many texts with '#'", "write them whole")
    parser = Parser()
    parser.macros = Names(parser.macros)
    found: Mapping[str, Any] = parser.parse_string(text).entries
    return found


def _reference(key: str, label: str, entry: Any) -> Reference:
    fields = {name.lower(): _plain(value) for name, value in entry.fields.items()}
    given = fields.get("doi", "").removeprefix("https://doi.org/")
    doi = given if _DOI.fullmatch(given) else ""
    url = f"https://doi.org/{doi}" if doi else fields.get("url", "")
    return Reference(
        key=key,
        label=label,
        authors=_joined([_initials(person) for person in entry.persons.get("author", [])]),
        year=fields.get("year", UNDATED),
        title=fields.get("title", key),
        source=_source(fields),
        url=url if _ADDRESS.fullmatch(url) else "",
        doi=doi,
    )


def _source(fields: Mapping[str, str]) -> str:
    where = next((fields[n] for n in ("journal", "booktitle", "howpublished", "publisher") if fields.get(n)), "")
    series = fields.get("series", "")
    volume = fields.get("volume", "")
    issue = f"({fields['number']})" if fields.get("number") else ""
    numbered = " ".join(part for part in (series, f"{volume}{issue}") if part)
    pages = f"pages {fields['pages']}" if fields.get("pages") else ""
    note = fields.get("note", "") if fields.get("year") or fields.get("note") != "Undated" else ""
    return ", ".join(part for part in (where, numbered, pages, note) if part)


def _label(entry: Any) -> str:
    families = [_family(person) for person in entry.persons.get("author", [])]
    if len(families) > 2:
        who = f"{families[0]} et al."
    else:
        who = " & ".join(families) or _plain(entry.fields.get("title", "Anonymous"))
    return f"{who} {_plain(entry.fields.get('year', UNDATED))}"


def _family(person: Any) -> str:
    return _plain(" ".join([*person.prelast_names, *person.last_names]))


def _initials(person: Any) -> str:
    given = [_plain(name) for name in [*person.first_names, *person.middle_names]]
    initials = " ".join(f"{name[0]}." for name in given if name)
    return " ".join(part for part in (initials, _family(person)) if part)


def _joined(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _plain(latex: str) -> str:
    from pybtex.richtext import Text

    return clean(str(Text.from_latex(str(latex))))
