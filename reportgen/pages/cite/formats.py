"""Citations for reference managers: BibTeX, RIS and CSL-JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from reportgen.pages.cite.escape import bibtex_text, one_line
from reportgen.pages.cite.names import Name
from reportgen.pages.cite.record import Record

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CSL_TYPES = {"figure": "figure", "study": "report", "software": "software"}
RIS_TYPES = {"figure": "FIGURE", "study": "RPRT", "software": "COMP"}
LONGEST_RIS_AUTHOR = 255


def bibtex(record: Record) -> str:
    """Write a BibTeX entry, which biblatex reads as well.

    ``@misc`` is the only type for such works that both know. A year is left out where there is none, since biber
    takes nothing but a number.
    """
    fields = {
        "author": " and ".join(_bibtex_name(name) for name in record.authors),
        "title": f"{{{bibtex_text(record.title)}}}",
        "year": record.year,
        "howpublished": bibtex_text(record.made_by),
        "note": _quoted(record.note),
        "doi": record.doi,
        "url": record.url.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C"),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if record.date:
        lines.insert(3 if record.authors else 2, f"  month = {MONTHS[int(record.date[5:7]) - 1]}")
    return f"@misc{{{record.key},\n" + ",\n".join(lines) + "\n}"


def ris(record: Record) -> str:
    """Write a RIS record; its lines end in CR and LF, as the format says."""
    lines = [("TY", RIS_TYPES[record.kind])]
    lines += [("AU", _ris_list(name.inverted)[:LONGEST_RIS_AUTHOR]) for name in record.authors]
    lines += [("TI", record.title), ("T2", record.study)]
    lines += [("PY", record.year), ("DA", f"{record.date.replace('-', '/')}/" if record.date else "")]
    lines += [("ET", record.version), ("M3", record.made_by), ("N1", record.note), ("AB", record.question)]
    lines += [("KW", _ris_list(keyword)) for keyword in record.keywords]
    lines += [("LA", "en-GB"), ("DO", record.doi), ("UR", record.url)]
    written = [f"{tag}  - {' '.join(one_line(text).split())}\r\n" for tag, text in lines if text]
    return "".join(written) + "ER  - \r\n"


def csl(record: Record) -> dict[str, Any]:
    """Return a CSL-JSON item; the whole data hash is under ``custom``."""
    item: dict[str, Any] = {
        "id": record.key,
        "type": CSL_TYPES[record.kind],
        "title": record.title,
        "author": [_csl_name(name) for name in record.authors],
        "container-title": record.study,
        "version": record.version,
        "genre": "" if record.kind == "software" else record.made_by.partition(",")[0],
        "source": "" if record.kind == "software" else record.made_by.partition(", ")[2],
        "abstract": record.question,
        "keyword": ", ".join(record.keywords),
        "language": "en-GB",
        "note": record.note,
        "DOI": record.doi,
        "URL": record.url,
    }
    item = {name: _untagged(value) if isinstance(value, str) else value for name, value in item.items()}
    if record.date:
        item["issued"] = {"date-parts": [[int(part) for part in record.date.split("-")]]}
    if record.data_hash:
        item["custom"] = {"reportgen": record.id, "data_sha256": record.data_hash}
    return {name: value for name, value in item.items() if value}


def _untagged(text: str) -> str:
    """Let no "<" begin a tag: processors take tags in CSL-JSON for markup, and some write them as they are."""
    return re.sub(r"<(?=[A-Za-z/!?])", "‹", text)


def csl_json(records: Iterable[Record]) -> str:
    """Write CSL-JSON: always a list, as its schema says."""
    return json.dumps([csl(record) for record in records], indent=2, ensure_ascii=False)


def _quoted(note: str) -> str:
    return bibtex_text(note).replace("“", "``").replace("”", "''")


def _bibtex_name(name: Name) -> str:
    if name.literal:
        return f"{{{bibtex_text(name.literal)}}}"
    last = _whole(name.family)
    last = f"{bibtex_text(name.particle)} {last}" if name.particle else last
    return ", ".join(part for part in (last, _whole(name.suffix), _whole(name.given)) if part)


def _whole(part: str) -> str:
    """Brace a part of a name that BibTeX would split."""
    escaped = bibtex_text(part)
    return f"{{{escaped}}}" if re.search(r",|\band\b", escaped, re.IGNORECASE) else escaped


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": _untagged(name.literal)}
    parts = {"family": name.family, "given": name.given, "non-dropping-particle": name.particle, "suffix": name.suffix}
    return {part: _untagged(value) for part, value in parts.items() if value}


def _ris_list(text: str) -> str:
    """Leave out asterisks, which the format does not allow in names and keywords."""
    return text.replace("*", "")
