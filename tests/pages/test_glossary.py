from __future__ import annotations

import pytest

from reportgen.analyse.estimates import KINDS
from reportgen.errors import ReportgenError
from reportgen.pages.glossary import read_glossary
from reportgen.resources import templates_folder
from reportgen.store.tables import TABLES


def test_every_estimate_and_column_is_explained():
    glossary = read_glossary([templates_folder()])
    assert [name for name, _ in glossary.estimates] == list(KINDS)
    assert {(table, term.term) for table, terms in glossary.columns for term in terms} == {
        (table, column.name) for table, columns in TABLES.items() for column in columns
    }


@pytest.mark.parametrize(
    "term", ["error signal", "decay factor", "censored", "kaplan–meier", "spectral radius", "he initialisation"]
)
def test_the_vocabulary_is_linked(term):
    assert term in read_glossary([templates_folder()]).linkable()


def test_common_words_are_explained_but_not_linked():
    glossary = read_glossary([templates_folder()])
    assert "position" in {term.anchor for term in glossary.ideas} and "position" not in glossary.linkable()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("- term: A\n", "meaning"),
        ("- {term: A, meaning: x}\n- {term: a, meaning: y}", "explains a twice"),
        ("- [", "glossary.yaml"),
    ],
)
def test_broken_files_are_errors(tmp_path, text, match):
    (tmp_path / "glossary.yaml").write_text(text)
    with pytest.raises(ReportgenError, match=match):
        read_glossary([tmp_path])
