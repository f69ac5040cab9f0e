"""The glossary: hand-written terms, the estimates, and the columns of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.analyse.estimates import KINDS
from reportgen.errors import ReportgenError
from reportgen.pages.text import slug
from reportgen.store.tables import TABLES


@dataclass(frozen=True)
class Term:
    """One entry: `also` are other forms under which prose finds it; `common` words are not linked in prose."""

    term: str
    meaning: str
    also: tuple[str, ...] = ()
    unit: str = ""
    common: bool = False

    @property
    def anchor(self) -> str:
        """Its anchor on the glossary page."""
        return slug(self.term)


@dataclass(frozen=True)
class Glossary:
    """All entries: ideas in alphabetical order, estimates and columns in their own."""

    ideas: tuple[Term, ...]
    estimates: tuple[tuple[str, Term], ...]
    columns: tuple[tuple[str, tuple[Term, ...]], ...]

    def linkable(self) -> dict[str, str]:
        """Return every form that prose links to its anchor, folded."""
        forms = {}
        for term in self.ideas:
            if not term.common:
                forms.update({form.casefold(): term.anchor for form in (term.term, *term.also)})
        return forms


def read_glossary(chain: Sequence[Path]) -> Glossary:
    """Read ``glossary.yaml`` of the first template folder that has one.

    Raises
    ------
    ReportgenError
        If the file is not a list of terms with meanings, or explains a term twice.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    path = next(folder / "glossary.yaml" for folder in chain if (folder / "glossary.yaml").is_file())
    try:
        raw = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        ideas = [_term(item) for item in raw]
    except (YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ReportgenError(f"{path.name}: {error}", "each item needs 'term' and 'meaning'") from error
    anchors = [term.anchor for term in ideas]
    twice = sorted({anchor for anchor in anchors if anchors.count(anchor) > 1})
    if twice:
        raise ReportgenError(f"{path.name} explains {', '.join(twice)} twice", "keep one of them")
    return Glossary(tuple(sorted(ideas, key=lambda term: term.term.casefold())), _estimates(), _columns())


def _term(item: dict[str, object]) -> Term:
    also = item.get("also", ())
    if not isinstance(also, list | tuple):
        raise TypeError(f"'also' of {item['term']} is not a list")
    return Term(
        str(item["term"]),
        " ".join(str(item["meaning"]).split()),
        tuple(map(str, also)),
        common=bool(item.get("common")),
    )


def _estimates() -> tuple[tuple[str, Term], ...]:
    return tuple((name, Term(kind.title, kind.meaning, unit=kind.unit)) for name, kind in KINDS.items())


def _columns() -> tuple[tuple[str, tuple[Term, ...]], ...]:
    return tuple(
        (table, tuple(Term(column.name, column.meaning, unit=column.unit) for column in columns))
        for table, columns in TABLES.items()
    )
