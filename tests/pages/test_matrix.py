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
        names = [name for name, *_ in table.architectures]
        for row in (*table.rows, *table.untried):
            if row.label == remedy and architecture in names:
                return row.cells[names.index(architecture)]
    raise AssertionError((remedy, architecture))


def test_a_tested_cell_has_the_numbers_with_and_without(made):
    context = gather_matrix(*made())
    part = cell(context, "batch normalisation", "multilayer perceptron").parts[0]
    assert (part.effect, part.mark, part.problem) == ("helps", "up", "where the gradient vanishes")
    assert dict(zip(context["measured"], (one.text for one in part.cells), strict=True)) == {
        "Success": "0\u00a0% → 100\u00a0%",
        "Decay factor": "0.570 → 1.12",
        "Speed-up": "2\u00a0×",
        "Cost of a step": "2\u00a0×",
    }
    assert [one.sort for one in part.cells] == ["1", "1.12", "2", "2"]
    assert part.count == "1 pair, 5 judged runs"
    assert part.studies == (("Remedies, one by one and two by two", "remedies-in-pairs/#arms"),)


def test_of_several_pairs_the_range_stands_below_the_median(made):
    frames, views = made()
    spread = {"n_pairs": 3, "success_with_least": 0.4, "speed_up_most": 9.0}
    here = frames.cells["setting"] == "batch"
    changed = frames.cells.assign(**{name: frames.cells[name].mask(here, value) for name, value in spread.items()})
    context = gather_matrix(replace(frames, cells=changed), views)
    part = cell(context, "batch normalisation", "multilayer perceptron").parts[0]
    assert [one.note for one in part.cells] == ["40\u00a0% to 100\u00a0%", "", "2 to 9", ""]


def test_a_cell_that_cannot_be_judged_leads_to_the_reason(made):
    context = gather_matrix(*made())
    part = cell(context, "clipping by norm", "multilayer perceptron").parts[0]
    assert part.effect == "not judged"
    assert dict(context["reasons"])[part.reason] == "the best learning rate of an arm is at the edge of its list"


def test_every_other_cell_is_not_tested_or_says_why_it_does_not_apply(made):
    context = gather_matrix(*made())
    reasons = dict(context["reasons"])
    assert cell(context, "dropout", "multilayer perceptron").words == "not tested"
    refused = cell(context, "clipping by norm", "echo state network")
    assert refused.words == "does not apply" and reasons[refused.reason] == "it is solved for, not trained in steps"
    shown = {row.path for table in context["tables"] for row in (*table.rows, *table.untried)}
    left = {path for table in context["tables"] for _, path, _ in table.nowhere}
    assert shown | left == {f"remedies/#{name}" for name in registry.remedies.names()}
    for table in context["tables"]:
        for row in (*table.rows, *table.untried):
            assert len(row.cells) == len(table.architectures)
            assert all(one.parts or one.words == "not tested" or one.reason in reasons for one in row.cells)


def test_every_architecture_is_a_column_the_tested_ones_first(made):
    context = gather_matrix(*made())
    paths = [path for table in context["tables"] for _, path, _ in table.architectures]
    assert sorted(paths) == [f"architectures/#{name}" for name in registry.architectures.names()]
    assert paths[0] == "architectures/#mlp"


def test_below_each_architecture_is_what_its_gradients_do_without_a_remedy(made):
    for table in gather_matrix(*made())["tables"]:
        for index, (_, _, gradients) in enumerate(table.architectures):
            met = {part.gradient for row in table.rows for part in row.cells[index].parts}
            assert set(gradients) == met and len(gradients) == len(met)


def test_every_mark_leads_to_a_row_of_its_own(fakes, remedy_fakes, tmp_path):
    entries = [*fakes.entries(tmp_path), remedy_fakes.entry(fakes.study())]
    build_site(entries, tmp_path / "site", bibliography=fakes.bibliography(tmp_path))
    page = (tmp_path / "site/what-helps/index.html").read_text()
    marks = re.findall(r'class="effect \w+" href="#([^"]+)"', page)
    assert "batch-normalisation-in-mlp-vanishes" in marks
    assert all(page.count(f'<tr id="{mark}">') == 1 for mark in marks)


def test_in_short_remedies_stand_by_what_they_did_to_which_problem(made):
    context = gather_matrix(*made())
    lines = {(line.kind, line.problem): line for line in context["short"]}
    line = lines["Networks of layers", "where the gradient vanishes"]
    assert ("batch normalisation", "remedies/#normalisation", "") in line.sides["up"]
    for line in context["short"]:
        for mark, items in line.sides.items():
            for label, _, places in items:
                if places == "":
                    assert mark in {part.mark for part in cell(context, label, context["usual"][0]).parts}


def test_in_short_says_in_how_many_comparisons_where_it_is_not_all(made):
    frames, views = made()
    entry = ("batch normalisation", "remedies/#normalisation")
    for counts, mark, where in (
        ((2, 4, 1), "mixed", "helps in 2, hurts in 4 of 7"),
        ((2, 0, 5), "up", "in 2 of 7"),
        ((0, 7, 0), "down", ""),
        ((0, 0, 7), "level", ""),
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
    assert table.architectures == (("multilayer perceptron", "architectures/#mlp", ("vanishes",)),)
    (row,) = table.rows
    assert (row.label, row.path) == ("residual network", "architectures/#residual-mlp")
    (part,) = row.cells[0].parts
    assert (part.effect, part.problem) == ("helps", "where the gradient vanishes")
    (line,) = [one for one in context["short"] if one.sides["up"]]
    assert ("residual network", "architectures/#residual-mlp", "in place of multilayer perceptron") in line.sides["up"]
    assert b"residual-mlp" in matrix_files(made()[0])["what-helps/networks.csv"]


def test_two_remedies_together(made):
    rows = gather_matrix(*made())["combinations"]
    assert [(row["first"], row["second"], row["verdict"]) for row in rows] == [
        ("batch normalisation", "skip connections", "redundant")
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
