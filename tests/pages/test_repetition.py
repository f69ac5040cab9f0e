"""What a repetition with other seeds changes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reportgen.errors import ReportgenError
from reportgen.pages.address import Address
from reportgen.pages.build import build_site
from reportgen.pages.claims import gather_claims
from reportgen.pages.gather import gather_study
from reportgen.pages.repetition import Tally, gather_repetition
from reportgen.study.claims import OTHER_SEEDS, Claim
from reportgen.study.design import design_hash

IDS = ("relu-helps", "sigmoid-tanh-vanish", "depth-shrinks-gradient", "never-tested")
REGISTER = {name: Claim(name, "causes", f"The text of {name}.", ("primer",), "They say so.") for name in IDS}
SAME = {"relu-helps": "supported", "sigmoid-tanh-vanish": "depends", "depth-shrinks-gradient": "refuted"}


@pytest.fixture
def site(fakes, tmp_path):
    """A study with claims whose file is in a folder of its own."""
    entry = fakes.entry(tmp_path)
    path = tmp_path / "studies" / "deep-mlps.yaml"
    path.parent.mkdir()
    return replace(entry, study=replace(entry.study, path=str(path)))


@pytest.fixture
def repeated(site, tmp_path):
    """Write what other seeds said, and compare."""

    def made(verdicts, study=None, comparisons=None, condition="", **changes):
        record = {
            "format": 2,
            "profile": site.study.profile,
            "seed_offset": 2000,
            "studies": {site.study.id: design_hash(site.study)},
            "verdicts": {
                name: {"verdict": said, "condition": condition, "comparisons": (comparisons or {}).get(name, {})}
                for name, said in verdicts.items()
            },
        }
        (tmp_path / "studies" / OTHER_SEEDS).write_text(json.dumps({**record, **changes}), encoding="utf-8")
        view = gather_study(replace(site, study=study or site.study), Address())
        return gather_repetition(gather_claims(REGISTER, [view]), [view.entry.study])

    return made


def test_without_a_record_nothing_is_said(site, tmp_path):
    assert gather_repetition((), [site.study]) is None


def test_the_same_verdicts(repeated):
    found = repeated(SAME)
    assert (found.offset, len(found.compared), found.changes, found.opposite) == (2000, 3, (), 0)
    assert found.sentence(found.compared[0]) == "Repeated with other seeds, the verdict is the same."


def test_changes_are_named_and_opposites_counted(repeated):
    found = repeated({**SAME, "relu-helps": "refuted", "sigmoid-tanh-vanish": "undecided"})
    assert [(change.claim.claim.id, change.verdict) for change in found.changes] == [
        ("relu-helps", "refuted"),
        ("sigmoid-tanh-vanish", "undecided"),
    ]
    assert found.opposite == 1
    assert found.sentence(found.compared[0]) == "Repeated with other seeds, the verdict is another: refuted."


def test_comparisons_are_counted_by_how_they_came_out(repeated):
    answers = repeated(SAME).compared[1].answers
    assert set(answers.values()) == {"supported", "refuted"}
    there = dict(answers)
    turned = next(name for name, said in answers.items() if said == "supported")
    there[turned] = "refuted"
    faded = next(name for name, said in answers.items() if said == "refuted")
    there[faded] = "undecided"
    found = repeated(SAME, comparisons={"sigmoid-tanh-vanish": {**there, "gone: since": "supported"}})
    assert found.tally == Tally(alike=len(answers) - 2, neither=0, once=1, opposite=1)
    untold = "Repeated with other seeds, the verdict is the same, and so are all"
    same = repeated(SAME, comparisons={"sigmoid-tanh-vanish": answers}, condition=found.compared[1].condition)
    assert same.sentence(same.compared[1]) == f"{untold} {len(answers)} comparisons."
    assert f"Of its {len(answers)} comparisons {found.tally}." in found.sentence(found.compared[1])


def test_what_is_undecided_both_times_is_neither_alike_nor_different():
    there = {"a": "undecided", "b": "supported", "c": "refuted"}
    assert Tally.of({"a": "undecided", "b": "undecided", "d": "refuted"}, there) == Tally(neither=1, once=1)


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (Tally(9, 0, 0, 0), "9 were decided alike both times"),
        (Tally(0, 0, 2, 0), "none was decided alike both times and 2 only once"),
        (Tally(1, 2, 3, 1), "1 was decided alike both times, 3 only once, 2 neither time and 1 the opposite way"),
    ],
)
def test_a_tally_reads_as_a_sentence(tally, said):
    assert str(tally) == said


def test_a_verdict_that_depends_on_something_else_is_told(repeated):
    first = repeated(SAME, condition="the weather")
    assert (first.depend, first.turn_alike) == (1, 0)
    claim = first.compared[1]
    assert first.sentence(claim) == "Repeated with other seeds, it depends too, though not on exactly the same."
    again = repeated(SAME, condition=claim.condition)
    assert (again.depend, again.turn_alike) == (1, 1)
    assert again.sentence(again.compared[1]) == "Repeated with other seeds, the verdict is the same."


def test_claims_of_a_study_whose_design_has_changed_are_not_compared(repeated, site):
    fewer = tuple(replace(arm, seeds=arm.seeds[:-1]) for arm in site.study.arms)
    assert repeated(SAME, replace(site.study, arms=fewer)) is None


def test_other_seeds_and_other_words_are_the_same_design(site):
    shifted = tuple(replace(arm, seeds=tuple(seed + 5 for seed in arm.seeds)) for arm in site.study.arms)
    assert design_hash(replace(site.study, arms=shifted, title="Another")) == design_hash(site.study)
    longer = tuple(replace(arm, training=replace(arm.training, steps=7)) for arm in site.study.arms)
    assert design_hash(replace(site.study, arms=longer)) != design_hash(site.study)


@pytest.mark.parametrize("changes", [{"profile": "full"}, {"seed_offset": 0}])
def test_another_profile_and_the_same_seeds_are_no_repetition(repeated, changes):
    assert repeated(SAME, **changes) is None


@pytest.mark.parametrize("changes", [{"format": 1}, {"seed_offset": "x"}, {"studies": None}])
def test_a_damaged_record_is_named(repeated, changes):
    with pytest.raises(ReportgenError, match=r"other-seeds\.json is not a record of verdicts"):
        repeated(SAME, **changes)


def test_the_limits_page_counts_and_links(site, repeated, fakes, tmp_path):
    repeated({**SAME, "relu-helps": "refuted"})
    lines = "".join(f"  - {{id: {name}, group: causes, text: T, sources: [primer], says: S}}\n" for name in IDS)
    (tmp_path / "studies" / "claims.yaml").write_text(f"claims:\n{lines}", encoding="utf-8")
    build_site([site], tmp_path / "out", bibliography=fakes.bibliography(tmp_path))
    limits = (tmp_path / "out" / "limits" / "index.html").read_text(encoding="utf-8")
    assert "Of 3 verdicts, 2 came out the same and 1 did not; 1 turned into the opposite." in limits
    assert 'href="../claims/relu-helps/index.html"' in limits
    claim = (tmp_path / "out" / "claims" / "relu-helps" / "index.html").read_text(encoding="utf-8")
    assert "Repeated with other seeds, the verdict is another: refuted." in claim
