"""What a run would do."""

from __future__ import annotations

from reportgen.study.plan import plan

TEXT = """
factors:
  architecture.depth: [2, 4]
  copy: {first: {}, again: {}, longer: {training.steps: 300}}
exclude: [{when: {architecture.depth: 2, copy: longer}, reason: slow}]
baseline: {copy: first, architecture.depth: 2}
"""


def test_runs_that_arms_share_are_counted_once(studies) -> None:
    found = plan(studies.load(TEXT), set())
    assert [(arm.id, arm.runs, arm.missing, arm.shared, arm.cells) for arm in found.arms] == [
        ("2/first", 10, 10, 0, 1),
        ("2/again", 10, 0, 10, 0),
        ("2/longer", 0, 0, 0, 0),
        ("4/first", 10, 10, 0, 1),
        ("4/again", 10, 0, 10, 0),
        ("4/longer", 10, 10, 0, 1),
    ]
    assert found.arms[1].shared_with == ("2 · first",)
    assert (found.runs, found.present, found.missing, found.cells) == (30, 0, 30, 3)
    assert [(arm.label, arm.skipped) for arm in found.skipped] == [("2 · longer", "slow")]
    assert [arm.is_baseline for arm in found.arms] == [True, False, False, False, False, False]


def test_cells_are_those_of_the_study(studies) -> None:
    study = studies.load(TEXT)
    some = {run.run_id for run in study.arms[0].runs[:4]}
    found = plan(study, some)
    cells = study.missing_cells(some)
    assert found.cells == len(cells)
    assert found.missing == sum(len(cell.runs) for cell in cells) == 26
    assert (found.arms[0].present, found.arms[0].missing, found.arms[1].present) == (4, 6, 4)
    assert found.present == 4


def test_nothing_is_left_where_all_is_there(studies) -> None:
    study = studies.load(TEXT)
    found = plan(study, {run.run_id for arm in study.arms for run in arm.runs}, lambda run: 1.0)
    assert (found.missing, found.cells, found.present, found.seconds, found.unknown) == (0, 0, 30, 0, 0)


def test_the_time_is_that_of_the_missing_runs_that_can_be_told(studies) -> None:
    study = studies.load(TEXT)
    found = plan(study, set(), lambda run: 2.0 if run.training.steps == 100 else None)
    assert (found.seconds, found.unknown) == (40.0, 10)
    assert plan(study, set()).seconds is None
