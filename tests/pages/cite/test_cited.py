"""What a paper cites: found in each language, through the files that it takes in."""

from __future__ import annotations

import json

import pytest

from reportgen.errors import UsageError
from reportgen.pages.cite import formats, values
from reportgen.pages.cite.cited import collect, figure_of
from reportgen.pages.cite.record import software
from reportgen.pages.cite.values import Value

STUDIES = {"deep-mlps", "explosion"}
VALUE = Value("deep-mlps/decay-factor/sigmoid/glorot", 0.251203942118, 0.249, 0.2534, "", 8)
TOLD = ("0.251203942118", "0.249", "0.2534")


@pytest.fixture
def write(tmp_path):
    """Write files, and return what the first cites."""

    def written(**files):
        paths = []
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return collect(paths[0], STUDIES)

    return written


def seen(paper):
    return [(one.kind, one.id, one.told, one.place.path.name, one.place.line) for one in paper.cited]


@pytest.fixture
def bib(fakes, works):
    """A bibliography with a figure, a study, reportgen and a work of others."""
    entries = [works.figure(fakes), works.study(fakes, profile="quick", seed_offset=5), software()]
    other = "@article{explosion, title = {The Cambrian explosion}, year = 1990}"
    return "\n\n".join([*map(formats.bibtex, entries), other])


@pytest.mark.parametrize(
    ("command", "count"),
    [
        (r"\cite{deep-mlps:profile}", 1),
        (r"\citep[see][p.~3]{other, deep-mlps:profile}", 1),
        (r"\textcite*{deep-mlps:profile}", 1),
        (r"\cites[1]{other}[2]{deep-mlps:profile}{deep-mlps}", 2),
        (r"\nocite{*}", 2),
        (r"\cite{reportgen, explosion, bengio1994}", 0),
        (r"% \cite{deep-mlps:profile}", 0),
        (r"50\% \cite{deep-mlps:profile}", 1),
        (r"\verb|\cite{deep-mlps:profile}|", 0),
        ("\\begin{verbatim}\n\\cite{deep-mlps:profile}\n\\end{verbatim}", 0),
    ],
)
def test_keys_of_latex(write, bib, works, command, count):
    found = seen(write(paper_tex=f"\\bibliography{{refs}}\n{command}\n", refs_bib=bib))
    figure = ("figure", "deep-mlps/profile", (works.HASH[:16],), "paper.tex", 2)
    study = ("study", "deep-mlps", ("1.0, profile quick, seeds shifted by 5",), "paper.tex", 2)
    assert found == [figure, study][:count]


@pytest.mark.parametrize(
    "link",
    [r"\addbibresource{refs.bib}", r"\bibliography{other,refs}", r"\addbibresource[x=y]{refs.bib}"],
)
def test_a_renamed_key_is_known_by_its_note(write, bib, works, link):
    renamed = bib.replace("@misc{deep-mlps:profile,", "@online{Lovelace_fig1,")
    found = write(paper_tex=f"{link}\n\\autocite{{Lovelace_fig1}}", refs_bib=renamed)
    assert seen(found) == [("figure", "deep-mlps/profile", (works.HASH[:16],), "paper.tex", 2)]
    assert [missing.name for missing in found.missing] == (["other"] if "other" in link else [])


def test_a_reference_manager_may_rewrite_the_entry(write, works):
    entry = (
        "@misc{lovelace_error_nodate,\n\ttitle = {The error signal},\n\tcopyright = {x},\n\tnote = {Figure "
        "deep-mlps/profile of the study “{A}\\_b”, version 1.0; data {SHA}-256\n  "
        "0123456789ABCDEF},\n\tauthor = {X},\n}"
    )
    assert seen(write(refs_bib=entry)) == [("figure", "deep-mlps/profile", ("0123456789abcdef",), "refs.bib", 1)]


@pytest.mark.parametrize(
    ("key", "told"),
    [("deep-mlps:profil", ("figure", "deep-mlps/profil")), ("explosion", ("study", "explosion")), ("nowhere:x", None)],
)
def test_a_key_that_no_bibliography_has_may_be_ours(write, key, told):
    found = [(one.kind, one.id, one.told) for one in write(paper_tex=rf"\cite{{{key}}}").cited]
    assert found == ([(*told, ())] if told else [])


def test_files_are_followed_once_and_from_where_they_are(write):
    found = write(
        main_tex="\\input{parts/one}\n\\include{parts/two.tex}\\usepackage{graphicx}\\input gone\n",
        parts__one_tex="\\input{two}\n\\input{main}\n\\rgvalue{s/a/b}\n",
        parts__two_tex="\n\n\\rgn{ s/c/d }\n",
    )
    assert seen(found) == [("value", "s/a/b", (), "one.tex", 3), ("value", "s/c/d", (), "two.tex", 3)]
    assert [(missing.name, missing.path.name, missing.line) for missing in found.missing] == [("gone", "main.tex", 2)]


def test_values_of_latex(write):
    text = f"\\input{{values}}\n\\rginterval{{{VALUE.id}}} \\rglow{{deep-mlps/x/y}} \\rgvalued{{deep-mlps/z/y}}"
    found = seen(write(paper_tex=text, values_tex=values.latex([VALUE])))
    assert found == [("value", VALUE.id, TOLD, "paper.tex", 2), ("value", "deep-mlps/x/y", (), "paper.tex", 2)]


def test_an_id_that_a_macro_puts_together_may_be_any_of_its_form(write):
    text = "\\input{values}\n\\newcommand{\\decay}[1]{\\rgvalue{deep-mlps/decay-factor/#1}}"
    other = Value("explosion/decay-factor/x", 1.0, 0.9, 1.1, "", 8)
    assert seen(write(paper_tex=text, values_tex=values.latex([VALUE, other]))) == [
        ("value", VALUE.id, TOLD, "paper.tex", 2)
    ]


def test_typst(write, bib, works):
    text = (
        f'#import "values.typ": *\n#rgvalue("{VALUE.id}") // #rgvalue("a/b/c")\n#bibliography("refs.bib")\n'
        "As @deep-mlps:profile. shows, mail a@deep-mlps.org\n#cite(<deep-mlps>) `@deep-mlps`\n"
    )
    found = seen(write(paper_typ=text, values_typ=values.typst([VALUE]), refs_bib=bib))
    assert found == [
        ("value", VALUE.id, TOLD, "paper.typ", 2),
        ("figure", "deep-mlps/profile", (works.HASH[:16],), "paper.typ", 4),
        ("study", "deep-mlps", ("1.0, profile quick, seeds shifted by 5",), "paper.typ", 5),
    ]


@pytest.mark.parametrize(
    "front", ["bibliography: refs.json", "bibliography:\n  - refs.json", 'bibliography: ["refs.json"]']
)
def test_markdown_with_a_bibliography_in_its_front_matter(write, fakes, works, front):
    text = (
        f"---\ntitle: x\n{front}\n---\nSee [@deep-mlps:profile; @other] and\n`@deep-mlps`\n\n```\n@deep-mlps\n```\n"
        "@deep-mlps: it falls.\n"
    )
    items = formats.csl_json([works.figure(fakes), works.study(fakes)])
    found = [(one.kind, one.told) for one in write(paper_md=text, refs_json=items).cited]
    assert found == [("figure", (works.HASH,)), ("study", ("1.0",))]


def test_addresses_of_figures(write):
    text = (
        "[a](https://example.org/g/deep-mlps/profile/) <https://example.org/releases/1.0/deep-mlps/profile/index.html>\n"
        "https://example.org/deep-mlps/profile/deep-mlps-profile.csv https://example.org/other/profile/\n"
    )
    assert seen(write(paper_md=text)) == [
        ("figure", "deep-mlps/profile", (), "paper.md", 1),
        ("figure", "deep-mlps/profile", (), "paper.md", 2),
    ]
    assert figure_of("https://[", STUDIES) == ""


@pytest.mark.parametrize("made", [values.latex, values.typst, values.to_json])
def test_a_file_of_values_is_checked_whole(write, made):
    ending = {values.latex: "tex", values.typst: "typ", values.to_json: "json"}[made]
    (one,) = write(**{f"numbers_{ending}": made([VALUE])}).cited
    assert (one.id, one.told) == (VALUE.id, TOLD)


def test_json_that_is_no_bibliography_is_nothing(write):
    for text in ("{", "[1]", json.dumps([{"id": 5}, {"id": "x", "custom": 3, "note": None}])):
        assert write(data_json=text).cited == []


def test_a_paper_must_be_there_and_of_a_known_kind(tmp_path):
    with pytest.raises(UsageError, match="there is no file"):
        collect(tmp_path / "paper.tex", ())
    with pytest.raises(UsageError, match="is no paper that can be checked"):
        collect(tmp_path / "paper.docx", ())
    (tmp_path / "folder.tex").mkdir()
    with pytest.raises(UsageError, match="there is no file"):
        collect(tmp_path / "folder.tex", ())


def test_what_is_no_text_harms_nobody(tmp_path):
    (tmp_path / "paper.tex").write_bytes(b"\xff\xfe\x00\\input{\x00}\\input{" + b"a" * 5000 + b"}\\cite{deep-mlps}")
    assert [one.id for one in collect(tmp_path / "paper.tex", STUDIES).cited] == ["deep-mlps"]
