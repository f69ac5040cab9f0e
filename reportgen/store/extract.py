"""Some runs of a store as a store of their own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reportgen.store.store import Store


def extract(store: Store, run_ids: Iterable[str], folder: Path) -> Store:
    """Write the runs that a store holds, with all that was measured of them, into a new store.

    Parameters
    ----------
    store : Store
    run_ids : iterable of str
        Those that the store lacks are passed over.
    folder : Path
        Of the new store. The same runs give the same files, whatever else `store` holds.

    Returns
    -------
    Store
        It has the same cells as `store`, with those of their runs that are wanted.
    """
    made = Store(folder)
    runs = store.runs(run_ids)
    environments = store.environments().set_index("environment_id", drop=False)
    for cell_id, of_cell in runs.groupby("cell_id", sort=True):
        ids = list(of_cell["run_id"])
        environment = environments.loc[of_cell["environment_id"].iloc[0]].to_dict()
        made.write_cell(str(cell_id), of_cell, store.measurements(ids), store.curves(ids), environment)
    return made
