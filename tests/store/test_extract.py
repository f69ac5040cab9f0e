"""Some runs of a store as a store of their own."""

import pandas as pd

from reportgen.store import Store
from reportgen.store.extract import extract


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}


def test_the_wanted_runs_are_there_with_all_that_was_measured(tmp_path, cell):
    full = Store(tmp_path / "full")
    full.write_cell(*cell("c1", ("r1", "r2")))
    full.write_cell(*cell("c2", ("r3", "r4"), status="diverged", value=2.0))
    full.write_cell(*cell("c3", ("r5",)))
    part = extract(full, ["r1", "r2", "r3", "absent"], tmp_path / "part")
    assert part.run_ids() == {"r1", "r2", "r3"}
    ids = sorted(part.run_ids())
    for read in ("runs", "measurements", "curves"):
        pd.testing.assert_frame_equal(getattr(part, read)(), getattr(full, read)(ids))
    pd.testing.assert_frame_equal(part.environments(), full.environments())
    assert part.damaged() == []


def test_what_else_the_store_holds_changes_no_byte(tmp_path, cell):
    small, large = Store(tmp_path / "small"), Store(tmp_path / "large")
    for store in (small, large):
        store.write_cell(*cell("c1", ("r1", "r2")))
    large.write_cell(*cell("c0", ("r0", "r9")))
    for store, name in ((small, "one"), (large, "two")):
        extract(store, ["r1", "r2"], tmp_path / name)
    assert files(tmp_path / "one") == files(tmp_path / "two") == files(tmp_path / "small")


def test_nothing_wanted_is_an_empty_store(tmp_path, cell):
    full = Store(tmp_path / "full")
    full.write_cell(*cell())
    assert extract(full, [], tmp_path / "part").run_ids() == set()
