"""Are the results what the runs give? Trains cells again, and compares them with the store, run by run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reportgen.run import work
from reportgen.store import Store, tables
from reportgen.study.spec import Cell

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 1e-3
"""Largest relative deviation that other processors' arithmetic is allowed."""

_TIMINGS = ("duration_s", "seconds")
"""Columns that differ from run to run."""

_RUN_COLUMNS = ("status", "steps", "parameters", "depth", "width", "sequence_length", "learning_rate", "seed")
_KEYS = {
    "runs": ["run_id"],
    "measurements": ["run_id", "step", "kind", "index", "name"],
    "curves": ["run_id", "step", "split", "metric"],
}


def verify(
    cells: Sequence[Cell],
    store: Store,
    *,
    device: str = "cpu",
    tolerance: float = TOLERANCE,
    on_cell: Callable[[int, int], None] | None = None,
    train: work.Trainer | None = None,
) -> pd.DataFrame:
    """Train cells again, in this process and without writing, and compare them with the store.

    Parameters
    ----------
    cells : sequence of Cell
        What to train; runs that the store does not hold count as ``absent``.
    store : Store
    device : str
    tolerance : float
        Relative deviation up to which a run is ``within tolerance``.
    on_cell : callable, optional
        Called with the cells done and their number.
    train : callable, optional
        A function in place of ``reportgen.run.trainer.train_cell``.

    Returns
    -------
    DataFrame
        A row a run, by run_id: ``run_id``, ``cell_id``, ``verdict`` (``identical``: every value but the timings is
        bitwise equal; ``within tolerance``; ``differs``; ``absent``; ``failed``: training it again failed),
        ``deviation`` (the largest relative deviation, infinite where one side has no value or another kind of
        value) and ``where`` (the table, column and position of it, or the reason of the failure).
    """
    import pandas as pd

    rows = []
    for number, cell in enumerate(cells, 1):
        rows += list(_compared(cell, store, train or work.default_train, device, tolerance))
        if on_cell:
            on_cell(number, len(cells))
    columns = ["run_id", "cell_id", "verdict", "deviation", "where"]
    return pd.DataFrame(rows, columns=columns).sort_values("run_id", ignore_index=True)


def _compared(
    cell: Cell, store: Store, train: work.Trainer, device: str, tolerance: float
) -> Iterator[tuple[str, str, str, float, str]]:
    ids = [run.run_id for run in cell.runs]
    held = store.run_ids(("completed", "diverged")) & set(ids)
    outcome = work.train_part(train, cell, device) if held else None
    found: dict[str, tuple[float, str]] = {}
    if outcome and outcome.frames:
        kept = (store.runs(held), store.measurements(held), store.curves(held))
        for table, old, new in zip(_KEYS, kept, outcome.frames, strict=True):
            for run_id, deviation, where in _deviations(table, old, new[new["run_id"].isin(held)]):
                if deviation > found.get(run_id, (0.0, ""))[0]:
                    found[run_id] = (deviation, where)
    for run_id in ids:
        deviation, where = found.get(run_id, (0.0, ""))
        if run_id not in held:
            yield run_id, cell.cell_id, "absent", float("nan"), ""
        elif outcome is None or outcome.frames is None:
            yield run_id, cell.cell_id, "failed", float("nan"), outcome.reason if outcome else ""
        else:
            verdict = "identical" if not deviation else "within tolerance" if deviation <= tolerance else "differs"
            yield run_id, cell.cell_id, verdict, deviation, where


def _deviations(table: str, old: pd.DataFrame, new: pd.DataFrame) -> Iterator[tuple[str, float, str]]:
    """Yield run, largest relative deviation of a column, and where it is, for each run and column that deviates."""
    import numpy as np

    keys = _KEYS[table]
    chosen = [name for name in tables.names(tables.TABLES[table]) if name not in keys and name not in _TIMINGS]
    compared = [name for name in chosen if table != "runs" or name in _RUN_COLUMNS]
    joined = old[keys + compared].merge(
        new[keys + compared], on=keys, how="outer", suffixes=("", " again"), indicator=True
    )
    lonely = joined["_merge"] != "both"
    for run_id, rows in joined[lonely].groupby("run_id"):
        yield str(run_id), float("inf"), f"{table}: {len(rows)} rows on one side only"
    both = joined[~lonely].reset_index(drop=True)
    for column in compared:
        deviation = _relative(both[column], both[f"{column} again"])
        for run_id, rows in both[deviation > 0].groupby("run_id"):
            worst = rows.index[int(np.argmax(deviation[rows.index]))]
            place = ", ".join(f"{key} {both.loc[worst, key]}" for key in keys if key != "run_id")
            yield str(run_id), float(deviation[worst]), f"{table}: {column}" + (f" at {place}" if place else "")


def _relative(old: pd.Series[Any], new: pd.Series[Any]) -> Any:
    """Return the relative deviations: 0 where bitwise equal or both missing, infinite where not comparable."""
    import numpy as np
    import pandas as pd

    if not (pd.api.types.is_numeric_dtype(old) or old.isna().all()):
        same = [_same(a, b) for a, b in zip(old, new, strict=True)]
        return np.where(same, 0.0, np.inf)
    a, b = (pd.to_numeric(side).to_numpy(dtype=float, na_value=np.nan) for side in (old, new))
    with np.errstate(all="ignore"):
        deviation = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    deviation[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    deviation[np.isnan(deviation)] = np.inf
    return deviation


def _same(a: Any, b: Any) -> bool:
    """Whether two texts or histograms are equal, or both missing."""
    import numpy as np

    if isinstance(a, str) or isinstance(b, str):
        return bool(a == b)
    listed = [side is not None and not isinstance(side, float) for side in (a, b)]
    return bool(np.array_equal(a, b)) if all(listed) else not any(listed)
