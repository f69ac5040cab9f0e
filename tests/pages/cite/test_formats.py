"""Citations read back by the programs that they are for."""

from __future__ import annotations

import json
import re
import subprocess

import jsonschema
import pytest

from reportgen.pages.cite import formats
from reportgen.pages.cite.record import software
from reportgen.study.spec import Author

MISC_FIELDS = {
    "author", "title", "subtitle", "titleaddon", "language", "howpublished", "type", "version", "note", "organization",
    "location", "date", "month", "year", "addendum", "pubstate", "doi", "eprint", "eprinttype", "url", "urldate",
}  # fmt: skip
"""The fields of ``@misc`` in the manual of biblatex 3.20, section 2.1.1, which biber holds entries to."""
RIS_TAGS = {"TY", "AU", "TI", "T2", "PY", "DA", "ET", "M3", "N1", "AB", "KW", "LA", "DO", "UR", "ER"}
RIS_LINE = re.compile(r"([A-Z][A-Z0-9])  - (.*)\Z")


def read_bibtex(text):
    from pybtex.database import parse_string

    (entry,) = parse_string(text, "bibtex").entries.items()
    return entry


NAMED = {
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textbar": "|",
    "textasciicircum": "^", "textless": "<", "textgreater": ">",
}  # fmt: skip
"""Commands of LaTeX that stand for a character, from the guide to its font encodings (encguide, 2.2)."""


def plain(latex):
    """Read LaTeX that has nothing but text: any other command is a fault."""
    text = latex.removeprefix("{").removesuffix("}")
    return re.sub(r"\\(?:([A-Za-z]+)\{\}|(.))", lambda m: NAMED[m[1]] if m[1] else "&%$#_"["&%$#_".index(m[2])], text)


def read_ris(text):
    """Read records as the specification says: a tag a line, CR LF, TY first and ER last."""
    assert text.endswith("\r\n") and not re.search(r"(?<!\r)\n|\r(?!\n)", text)
    records, open_record = [], None
    for line in text.removesuffix("\r\n").split("\r\n"):
        match = RIS_LINE.match(line)
        assert match and match[1] in RIS_TAGS, line
        tag, value = match.groups()
        assert (tag == "TY") == (open_record is None), line
        if tag == "TY":
            open_record = []
        open_record.append((tag, value))
        if tag == "ER":
            assert value == ""
            records.append(open_record)
            open_record = None
    assert open_record is None
    for record in records:
        for tag, value in record:
            assert not (tag in ("AU", "KW") and ("*" in value or len(value) > 255))
            assert tag != "DA" or re.fullmatch(r"\d{4}/\d\d/\d\d/", value)
            assert tag != "PY" or re.fullmatch(r"\d{4}", value)
    return records


def test_bibtex_is_read_back_exactly(fakes, works):
    title = "What a layer leaves: 50 % & more – with {braces}, Müller_s $x$ ~ #1 <b> \\ ^"
    key, entry = read_bibtex(
        formats.bibtex(works.study(fakes, title=title, date="2026-11-02", doi="10.5281/zenodo.1_a"))
    )
    assert key == "deep-mlps" and entry.type == "misc"
    assert [str(person) for person in entry.persons["author"]] == ["Lovelace, Ada", "Müller, Jürgen"]
    assert plain(entry.fields["title"]) == title
    assert (entry.fields["doi"], entry.fields["url"]) == ("10.5281/zenodo.1_a", "https://doi.org/10.5281/zenodo.1_a")
    assert (entry.fields["year"], entry.fields["month"]) == ("2026", "November")


def test_the_address_of_a_figure_is_read_back_exactly(fakes, works):
    _, entry = read_bibtex(formats.bibtex(works.figure(fakes)))
    assert entry.fields["url"] == "https://example.org/g/deep-mlps/profile/"


@pytest.mark.parametrize(
    ("written", "last", "first"),
    [
        ("Ludwig van Beethoven", ["Beethoven"], ["Ludwig"]),
        ("García Márquez, Gabriel", ["García", "Márquez"], ["Gabriel"]),
        ("The reportgen authors", ["{The reportgen authors}"], []),
        ("Black and White", ["{Black and White}"], []),
    ],
)
def test_bibtex_reads_the_parts_of_names(fakes, works, written, last, first):
    _, entry = read_bibtex(formats.bibtex(works.study(fakes, authors=(Author(written),))))
    (person,) = entry.persons["author"]
    assert (person.last_names, person.first_names) == (last, first)


@pytest.mark.parametrize("date", ["", "2026-11-02"])
def test_bibtex_has_the_fields_that_biber_knows(fakes, works, date):
    for record in (works.study(fakes, date=date, doi="10.5281/zenodo.1"), works.figure(fakes, date=date), software()):
        text = formats.bibtex(record)
        _, entry = read_bibtex(text)
        assert {name.lower() for name in entry.fields} | {"author"} <= MISC_FIELDS
        assert text.count("{") == text.count("}")
        assert "year" not in entry.fields or re.fullmatch(r"\d{4}", entry.fields["year"])


def test_a_hostile_work_is_one_entry_of_bibtex_without_commands(fakes, works):
    record = works.figure(fakes, title=works.HOSTILE, authors=(Author(works.HOSTILE),), version=works.HOSTILE)
    text = formats.bibtex(record)
    key, entry = read_bibtex(text)
    assert key == "deep-mlps:profile"
    assert set(entry.fields) == {"title", "howpublished", "note", "url"}
    assert not re.search(r"\\(input|write)", text)
    assert plain(entry.fields["title"]) == " ".join(works.HOSTILE.split())


def test_bibtex_and_latex_print_a_hostile_work(latex, fakes, works, tmp_path):
    title = works.HOSTILE.replace("‐", "-").replace("⁻⁵", "").replace("σ", "")  # signs that pdfLaTeX does not know
    authors = (Author("Ludwig van Beethoven"), Author("A & B"), Author("King, Jr., Martin"))
    entry = formats.bibtex(works.figure(fakes, title=title, authors=authors, version="x_1 & y", date="2026-11-02"))
    (tmp_path / "refs.bib").write_text(entry, encoding="utf-8")
    body = r"\nocite{*}\bibliographystyle{plain}\bibliography{refs}"
    source = rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}"
    latex(source, tmp_path)
    done = subprocess.run(["bibtex", "paper"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "Warning" not in done.stdout, done.stdout
    done = latex(source, tmp_path)
    assert done.errors == []
    assert "[1] Ludwig van Beethoven, A & B, and Martin King, Jr. A ”quoted” & 50 % <script>" in done.text
    assert "reportgen" in done.text and "November 2026. Figure deep-mlps/profile of the study" in done.text
    assert "data SHA-256 0123456789abcdef." in done.text.replace("- ", "-").replace("SHA- ", "SHA-")


def test_ris_has_what_the_work_has(fakes, works):
    study = works.study(fakes, date="2026-11-02", doi="10.5281/zenodo.1", authors=(Author("King, Jr., Martin"),))
    (record,) = read_ris(formats.ris(study))
    held = dict(record)
    assert (held["TY"], held["TI"], held["AU"]) == ("RPRT", study.title, "King, Martin, Jr.")
    assert (held["PY"], held["DA"]) == ("2026", "2026/11/02/")
    assert (held["DO"], held["UR"]) == ("10.5281/zenodo.1", "https://doi.org/10.5281/zenodo.1")
    (record,) = read_ris(formats.ris(works.figure(fakes)))
    assert dict(record)["TY"] == "FIGURE" and dict(record)["T2"] == study.title
    assert works.HASH[:16] in dict(record)["N1"] and "PY" not in dict(record)


def test_a_hostile_work_adds_no_line_to_ris(fakes, works):
    named = (Author(works.HOSTILE), Author("*Star*, A."))
    plain_tags = [tag for tag, _ in read_ris(formats.ris(works.figure(fakes)))[0]]
    record = works.figure(
        fakes, title=works.HOSTILE, authors=named, keywords=("a*b", works.HOSTILE), version="1\r\nER  - "
    )
    (found,) = read_ris(formats.ris(record))
    assert [tag for tag, _ in found if tag != "KW"] == [tag for tag in plain_tags if tag != "KW"]


@pytest.mark.parametrize("hostile", [False, True])
def test_csl_json_fits_the_official_schema(fakes, works, csl_schema, hostile):
    changes = {"title": works.HOSTILE, "version": works.HOSTILE} if hostile else {}
    records = [works.study(fakes, date="2026-11-02", doi="10.5281/zenodo.1", **changes), works.figure(fakes, **changes)]
    items = json.loads(formats.csl_json([*records, software()]))
    jsonschema.Draft7Validator(csl_schema).validate(items)
    assert items[0]["issued"] == {"date-parts": [[2026, 11, 2]]} and "issued" not in items[1]
    assert items[0]["author"] == [{"family": "Lovelace", "given": "Ada"}, {"family": "Müller", "given": "Jürgen"}]
    assert items[1]["custom"] == {"reportgen": "deep-mlps/profile", "data_sha256": works.HASH}
    assert items[2]["author"] == [{"literal": "The reportgen authors"}]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning", "ignore::UserWarning")
def test_csl_json_is_rendered_by_a_citation_processor(fakes, works):
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    items = json.loads(
        formats.csl_json([works.study(fakes, date="2026-11-02"), works.figure(fakes, title=works.HOSTILE)])
    )
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    rendered = {}
    for form in (formatter.plain, formatter.html):
        bibliography = CitationStylesBibliography(style, CiteProcJSON(items), form)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        rendered[form] = [str(line) for line in bibliography.bibliography()]
    study, hostile = rendered[formatter.plain]
    assert study.startswith("Lovelace, A. and Müller, J. (2026) Activation, initialisation and depth in plain deep ")
    assert hostile.startswith("Lovelace, A. and Müller, J. (no date) ") and works.HOSTILE.split()[-1] in hostile
    assert "\n" not in hostile and "<script" not in rendered[formatter.html][1]
