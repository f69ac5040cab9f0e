import dataclasses

import pytest

from reportgen.run import parts
from reportgen.run.progress import Progress
from reportgen.study.spec import Cell, Component, Measure, RunSpec, Training


def cell(seeds=8, rates=(0.1, 1.0), steps=600, depth=20, width=64):
    """Return a cell of an MLP."""
    mlp = Component("mlp", 1, {"depth": depth, "width": width})
    training, measure = Training(steps=steps), Measure(("weight_norm",))
    return Cell(
        tuple(RunSpec(Component("digits"), mlp, (), training, measure, s, r) for s in range(seeds) for r in rates)
    )


def test_few_large_cells_are_split_between_seeds():
    whole = cell(seeds=16)
    halves = parts.split([whole], jobs=2)
    assert len(halves) >= 2
    assert sorted(run.run_id for part in halves for run in part.runs) == sorted(run.run_id for run in whole.runs)
    for part in halves:
        assert len(part.runs) >= parts.SMALLEST
        assert {run.seed for run in part.runs}.isdisjoint(
            {r.seed for other in halves if other is not part for r in other.runs}
        )


@pytest.mark.parametrize(
    ("cells", "jobs"),
    [([cell()], 1), ([cell(seeds=7)], 2), ([cell(steps=0, depth=2)], 2), ([cell(depth=d) for d in (2, 3, 4, 5)], 2)],
    ids=["one job", "halves too small", "quickly done", "enough cells"],
)
def test_other_cells_stay_whole(cells, jobs):
    assert {part.cell_id for part in parts.split(cells, jobs)} == {whole.cell_id for whole in cells}


def test_a_cell_that_would_not_fit_into_memory_is_split_even_for_one_job():
    large = cell(seeds=64, rates=(0.1,), depth=50, width=256)
    assert len(parts.split([large], jobs=1)) == 8
    assert len(parts.split([cell(seeds=8, depth=50, width=256)], jobs=1)) == 2


def test_the_longest_come_first():
    found = parts.split([cell(depth=2), cell(depth=20), cell(depth=10)], jobs=1)
    assert [part.runs[0].architecture.parameters["depth"] for part in found] == [20, 10, 2]


def test_an_arm_s_parts_share_their_reservation_and_arms_do_not():
    whole = cell(seeds=16)
    assert {parts.reservation(part) for part in parts.split([whole], 2)} == {parts.reservation(whole)}
    assert parts.reservation(cell(depth=3)) != parts.reservation(cell(depth=4))


def test_a_longer_sequence_takes_longer():
    def latch(length):
        task = Component("latch", 1, {"length": length})
        return Cell(tuple(dataclasses.replace(run, task=task) for run in cell(depth=1).runs))

    assert parts.seconds(latch(200)) > 2 * parts.seconds(latch(50))


def test_time_left_follows_the_pace_of_what_is_done():
    cells = [cell(depth=5), cell(depth=5, width=65), cell(depth=5, width=63)]
    events = []
    progress = Progress(cells, 1, events.append)
    progress.start(cells[0])
    progress.finish(cells[0], cells[0], spent=10 * parts.seconds(cells[0]))
    assert events[-1].seconds_left == pytest.approx(10 * sum(map(parts.seconds, cells[1:])))
    progress.start(cells[1])
    progress.step(cells[1], 0.5)
    expected = 10 * (0.5 * parts.seconds(cells[1]) + parts.seconds(cells[2]))
    assert events[-1].seconds_left == pytest.approx(expected)
