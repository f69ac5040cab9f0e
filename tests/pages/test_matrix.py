from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reportgen import registry
from reportgen.pages.address import Address
from reportgen.pages.build import build_site
from reportgen.pages.gather import gather_study
from reportgen.pages.matrix import gather_matrix
from reportgen.pages.remedies import gather_frames, matrix_files


@pytest.fixture
def made(fakes, remedy_fakes):
    """Make views and frames; the remedy study stands beside nothing else."""

    def make(**given):
        views = [gather_study(remedy_fakes.entry(fakes.study(), **given), Address())]
        return gather_frames(views), views

    return make


def cell(context, remedy, architecture):
    for table in context["tables"]:
        names = [name for name, _ in table.architectures]
        for row in (*table.rows, *table.untried):
            if row.label == remedy and architecture in names:
                return row.cells[names.index(architecture)]
    raise AssertionError((remedy, architecture))


def test_a_tested_cell_has_the_numbers_with_and_without(made):
    part = cell(gather_matrix(*made()), "normalisation: batch", "mlp").parts[0]
    assert (part.effect, part.mark, part.problem) == ("helps", "up", "where the gradient vanishes")
    assert dict(part.lines) == {
        "success": "0\u00a0% → 100\u00a0%",
        "decay factor": "0.570 → 1.12",
        "speed-up": "2\u00a0×",
        "cost of a step": "2\u00a0×",
    }
    assert part.count == "1 pair, 5 judged runs"
    assert part.studies == (("Remedies, one by one and two by two", "remedies-in-pairs/#arms"),)


def test_a_cell_that_cannot_be_judged_leads_to_the_reason(made):
    context = gather_matrix(*made())
    part = cell(context, "clip-norm", "mlp").parts[0]
    assert part.effect == "not judged"
    assert dict(context["reasons"])[part.reason] == "the best learning rate of an arm is at the edge of its list"


def test_every_other_cell_is_not_tested_or_says_why_it_does_not_apply(made):
    context = gather_matrix(*made())
    reasons = dict(context["reasons"])
    assert cell(context, "dropout", "mlp").words == "not tested"
    refused = cell(context, "clip-norm", "echo-state")
    assert refused.words == "does not apply" and reasons[refused.reason] == "it is solved for, not trained in steps"
    shown = [
        name
        for table in context["tables"]
        for row in (*table.rows, *table.untried)
        for name in (row.label.split(":")[0],)
    ]
    left = [label.split(":")[0] for table in context["tables"] for label, _, _ in table.nowhere]
    assert {*shown, *left} == set(registry.remedies.names())
    for table in context["tables"]:
        for row in (*table.rows, *table.untried):
            assert len(row.cells) == len(table.architectures)
            assert all(one.parts or one.words == "not tested" or one.reason in reasons for one in row.cells)


def test_every_architecture_is_a_column_the_tested_ones_first(made):
    context = gather_matrix(*made())
    names = [name for table in context["tables"] for name, _ in table.architectures]
    assert sorted(names) == registry.architectures.names() and names[0] == "mlp"


def test_in_short_remedies_stand_by_what_they_did_to_which_problem(made):
    context = gather_matrix(*made())
    lines = {(line.kind, line.problem): line for line in context["short"]}
    line = lines["Networks of layers", "where the gradient vanishes"]
    assert ("normalisation: batch", "remedies/#normalisation", "mlp") in line.sides["up"]
    for line in context["short"]:
        for mark, items in line.sides.items():
            for label, _, places in items:
                names = [re.split("[,:]", place)[0] for place in places.split("; ") if "in place of" not in place]
                assert all(mark in {part.mark for part in cell(context, label, name).parts} for name in names)


def test_in_short_says_in_how_many_comparisons_where_it_is_not_all(made):
    frames, views = made()
    entry = ("normalisation: batch", "remedies/#normalisation")
    for counts, mark, where in (
        ((2, 4, 1), "mixed", "mlp: helps in 2, hurts in 4 of 7"),
        ((2, 0, 5), "up", "mlp, in 2 of 7"),
        ((0, 7, 0), "down", "mlp"),
        ((0, 0, 7), "level", "mlp"),
    ):
        several = {"n_pairs": 9, **dict(zip(("helps", "hurts", "unclear"), counts, strict=True)), "unjudged": 2}
        others = frames.cells["setting"] != "batch"
        changed = frames.cells.assign(**{name: frames.cells[name].where(others, n) for name, n in several.items()})
        short = gather_matrix(replace(frames, cells=changed), views)["short"]
        found = [side for line in short for side, items in line.sides.items() if (*entry, where) in items]
        assert found == [mark]


def test_another_network_stands_by_the_plain_one_in_whose_place_it_was(made):
    context = gather_matrix(*made())
    assert context["networks"]["sequences"] is None
    table = context["networks"]["layers"]
    assert table.architectures == (("mlp", "architectures/#mlp"),)
    (row,) = table.rows
    assert (row.label, row.path) == ("residual-mlp", "architectures/#residual-mlp")
    (part,) = row.cells[0].parts
    assert (part.effect, part.problem) == ("helps", "where the gradient vanishes")
    (line,) = [one for one in context["short"] if one.sides["up"]]
    assert ("residual-mlp", "architectures/#residual-mlp", "in place of mlp") in line.sides["up"]
    assert b"residual-mlp" in matrix_files(made()[0])["what-helps/networks.csv"]


def test_two_remedies_together(made):
    rows = gather_matrix(*made())["combinations"]
    assert [(row["first"], row["second"], row["verdict"]) for row in rows] == [
        ("normalisation: batch", "skip-connections", "redundant")
    ]
    assert [one.text for one in rows[0]["cells"][:4]] == ["0\u00a0%", "100\u00a0%", "100\u00a0%", "100\u00a0%"]


def test_pairs_and_combinations_are_tables_to_download(made):
    files = matrix_files(made()[0])
    assert (
        files["what-helps/pairs.csv"].decode().splitlines()[0].startswith("study,architecture,remedy,setting,gradient")
    )
    assert b"redundant" in files["what-helps/combinations.csv"]


def test_the_page_and_the_home_page_show_it(fakes, remedy_fakes, tmp_path):
    entries = [*fakes.entries(tmp_path), remedy_fakes.entry(fakes.study())]
    build_site(entries, tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    page = (tmp_path / "site/what-helps/index.html").read_text()
    assert "0\u00a0% → 100\u00a0%" in page and "are at the edge" not in page and "does not apply" in page
    home = (tmp_path / "site/index.html").read_text()
    assert '<span class="effect up">' in home and 'href="what-helps/index.html"' in home


def test_a_site_without_remedies_says_so(fakes, tmp_path):
    build_site(fakes.entries(tmp_path), tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    assert "No pair of arms that differ in one remedy could be judged yet" in (tmp_path / "site/index.html").read_text()
    page = (tmp_path / "site/what-helps/index.html").read_text()
    assert "No study of this site has arms with two remedies" in page


def test_a_remedy_that_the_catalogue_lacks_is_shown_without_a_link(fakes, remedy_fakes, made):
    frames, views = made()
    cells = frames.cells.assign(remedy=frames.cells["remedy"].replace("clip-norm", "unheard-of"))
    context = gather_matrix(replace(frames, cells=cells), views)
    row = next(row for table in context["tables"] for row in table.rows if row.label == "unheard-of")
    assert row.path == ""
