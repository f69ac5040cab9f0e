"""Cited works: reading BibTeX, and what a reader sees of an entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from reportgen.errors import UsageError
from reportgen.pages.text import clean, slug

UNDATED = "undated"


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
    from pybtex.database import parse_string
    from pybtex.exceptions import PybtexError

    try:
        entries = parse_string(path.read_text(encoding="utf-8"), "bibtex").entries
    except OSError as error:
        raise UsageError(f"the bibliography {path} cannot be read: {error.strerror}", "give a BibTeX file") from error
    except PybtexError as error:
        raise UsageError(f"{path}: {error}", "the file must be BibTeX with unique keys") from error
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


def _reference(key: str, label: str, entry: Any) -> Reference:
    fields = {name.lower(): _plain(value) for name, value in entry.fields.items()}
    doi = fields.get("doi", "").removeprefix("https://doi.org/")
    url = f"https://doi.org/{doi}" if doi else fields.get("url", "")
    return Reference(
        key=key,
        label=label,
        authors=_joined([_initials(person) for person in entry.persons.get("author", [])]),
        year=fields.get("year", UNDATED),
        title=fields.get("title", key),
        source=_source(fields),
        url=url if url.startswith(("https://", "http://")) else "",
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
