"""cite: citations, snippets, values and the check of a paper."""

import json

import pytest

from reportgen.store import Store


def test_a_figure_is_cited_by_the_hash_of_its_data(cli, tiny):
    cited = cli("cite", "tiny/profile", "--json").document
    assert len(cited["data_hash"]) == 64
    assert all(
        cited["data_hash"][:16] in cited[name] for name in ("text", "bibtex", "apa", "chicago", "ris", "csl-json")
    )
    assert all(cited["data_hash"] in snippet for snippet in cited["snippets"].values())
    assert cli("cite", "tiny").out.count("@misc{tiny,") == 1


def test_a_study_is_cited_by_its_path_and_date(cli, tiny):
    path = tiny / "studies" / "tiny.yaml"
    path.write_text(path.read_text() + "date: 2026-11-02\n")
    done = cli("cite", "studies/tiny.yaml", "--base-url", "https://example.org", "--format", "apa")
    assert done.out.startswith("Tester, A. (2026). A tiny study (Version 1.0) [Computational study]. reportgen ")
    assert done.out.endswith(" https://example.org/tiny/\n")


def test_a_release_is_cited_by_its_own_address(cli, tiny):
    done = cli("cite", "tiny", "--base-url", "https://example.org", "--release", "1.2.0")
    assert "https://example.org/releases/1.2.0/tiny/" in done.out


FIRST = {
    "text": "A. Tester. ", "bibtex": "@misc{tiny:profile,", "ris": "TY  - FIGURE", "csl-json": "[\n",
    "apa": "Tester, A.", "chicago": "Tester, A.", "latex": "% reportgen: tiny/profile sha256:",
    "markdown": "<!-- reportgen: tiny/profile ", "html": "<!-- reportgen: tiny/profile ",
    "typst": "// reportgen: tiny/profile ",
}  # fmt: skip


@pytest.mark.parametrize("form", FIRST)
def test_every_format_of_a_figure(cli, tiny, form):
    assert cli("cite", "tiny/profile", "--format", form).out.startswith(FIRST[form])


def test_several_works_are_one_file_of_references(cli, tiny):
    cli("cite", "tiny", "tiny/profile", "--format", "csl-json", "--out", "refs/all.json")
    assert [item["id"] for item in json.loads((tiny / "refs/all.json").read_text())] == ["tiny", "tiny:profile"]
    cli("cite", "tiny", "tiny/profile", "--format", "bibtex", "--out", "all.bib")
    assert (tiny / "all.bib").read_text().count("@misc{") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to cite is named"),
        (("tiny", "--format", "latex"), "a study has no latex snippet"),
        (("tiny", "--format", "json"), "the format json is for --values"),
        (("--values", "--format", "ris"), "values cannot be written as ris"),
        (("--check", "x.tex", "--values"), "--check prints what it finds"),
        (("tiny", "--check", "x.tex"), "--check takes the paper alone"),
        (("tiny", "--site", "site"), "--site belongs to --check"),
        (("tiny", "--release", "1.0"), "a release has an address only where the site has one"),
        (("--check", "x.tex"), "there is no file 'x.tex'"),
        (("tiny/nothing",), "there is no figure of tiny called 'nothing'"),
        (("tiny", "--base-url", "javascript:x"), "is not the address of a site"),
    ],
)
def test_what_makes_no_sense_is_refused(cli, tiny, arguments, message):
    done = cli("cite", *arguments)
    assert done.code == 2 and message in done.err and "Traceback" not in done.err


def test_values_as_json(cli, tiny):
    held = cli("cite", "--values", "--json").document["values"]
    assert held == cli("cite", "--values", "tiny", "--format", "json").document["values"]
    assert held["tiny/success/tanh"]["n"] == 3


def test_values_need_results(cli, untrained):
    done = cli("cite", "--values")
    assert done.code == 2 and "the store has no estimate of these studies" in done.err


@pytest.fixture
def paper(cli, tiny):
    """A paper that cites a figure, a study, and a value, all as the store has them."""
    cli("cite", "--values", "tiny", "--out", "values.tex")
    cli("cite", "tiny/profile", "tiny", "--format", "bibtex", "--out", "refs.bib")
    (tiny / "figure.tex").write_text(cli("cite", "tiny/profile", "--format", "latex").out)
    (tiny / "paper.tex").write_text(
        "\\input{values}\n\\input{figure}\nAs \\rginterval{tiny/success/tanh} of \\cite{tiny}\n\\bibliography{refs}\n"
    )
    return tiny


def statuses(done):
    return {(one["kind"], one["id"]): one["status"] for one in done.document["findings"]}


CURRENT = {
    ("figure", "tiny/profile"): "current",
    ("value", "tiny/success/tanh"): "current",
    ("study", "tiny"): "current",
}


def test_a_paper_is_current_until_the_runs_change(cli, paper):
    done = cli("cite", "--check", "paper.tex", "--json")
    assert (done.code, statuses(done)) == (0, CURRENT)
    assert done.err.strip() == "3 current"
    store = Store("results")
    store.drop(sorted(store.run_ids()))
    study = paper / "studies" / "tiny.yaml"
    study.write_text(study.read_text().replace("judged: 3", "judged: 4") + 'version: "1.1"\n')
    assert cli("run", "tiny", "--jobs", "1").code == 0
    done = cli("cite", "--check", "paper.tex")
    assert done.code == 1 and "3 changed" in done.err
    value = next(line for line in done.out.splitlines() if " value " in line)
    assert value.startswith("paper.tex:3: changed value tiny/success/tanh: ") and " → " in value
    assert "paper.tex:3: changed study tiny: version 1.0 → version 1.1" in done.out
    assert "figure.tex:1 and 1 more place: changed figure tiny/profile: data " in done.out


def test_a_paper_is_checked_against_a_built_site(cli, paper):
    cli("build", "--no-run")
    store = Store("results")
    store.drop(sorted(store.run_ids()))  # the site alone answers
    done = cli("cite", "--check", "paper.tex", "--site", "site", "--json")
    assert (done.code, statuses(done)) == (0, CURRENT)
    record = paper / "site" / "site.json"
    document = json.loads(record.read_text())
    document["figures"]["tiny/profile"]["data_hash"] = "0" * 64
    record.write_text(json.dumps(document))
    done = cli("cite", "--check", "paper.tex", "--site", "site/site.json", "--json")
    assert (done.code, statuses(done)) == (1, CURRENT | {("figure", "tiny/profile"): "changed"})


def test_a_paper_that_names_what_is_not_there(cli, paper):
    (paper / "paper.tex").write_text("\\input{gone}\\cite{tiny:profil}\n\\rgvalue{tiny/success/tan}\n")
    done = cli("cite", "--check", "paper.tex")
    assert done.code == 1
    assert done.out.splitlines() == [
        "paper.tex:1: unknown figure tiny/profil: did you mean tiny/profile?",
        "paper.tex:2: unknown value tiny/success/tan: did you mean tiny/success/tanh?",
    ]
    assert "paper.tex:1 takes in 'gone', which is not there" in done.err


def test_a_paper_that_cites_nothing_is_told_so(cli, tiny):
    (tiny / "paper.md").write_text("Nothing.\n")
    done = cli("cite", "--check", "paper.md")
    assert done.code == 0 and "nothing in it cites" in done.err
