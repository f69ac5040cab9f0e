"""What the last verification of each cell found, kept beside the results: ``reportgen publish`` asks for it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reportgen.errors import ReportgenError

if TYPE_CHECKING:
    import pandas as pd

    from reportgen.store.store import Store

NAME = ".verified.json"
FORMAT = 1
VERDICTS = ("identical", "within tolerance", "differs", "failed")
"""What verifying a run can find, from good to bad; a cell has the worst of its runs."""

FAILURES = frozenset({"differs", "failed"})


def remember(store: Store, found: pd.DataFrame) -> None:
    """Keep what a verification found, in place of what an earlier one found of the same cells.

    Parameters
    ----------
    store : Store
    found : DataFrame
        With the columns run_id, cell_id and verdict, as ``reportgen.run.verify.verify`` returns it; runs that the
        store lacks are passed over.

    Raises
    ------
    OSError
        If the record cannot be written.
    """
    cells = dict(_read(store))
    for cell_id, rows in found[found["verdict"].isin(VERDICTS)].groupby("cell_id"):
        run_ids = sorted(rows["run_id"])
        cells[str(cell_id)] = {
            "verdict": max(rows["verdict"], key=VERDICTS.index),
            "runs": {str(verdict): int(number) for verdict, number in rows["verdict"].value_counts().items()},
            "run_ids": run_ids,
            "content": store.fingerprint(run_ids),
        }
    text = json.dumps({"format": FORMAT, "cells": cells}, sort_keys=True, indent=1)
    system, path = _place(store)
    part = f"{path}.{os.getpid()}.part"
    system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    system.pipe_file(part, f"{text}\n".encode())
    system.mv(part, path)


def recall(store: Store) -> dict[str, str]:
    """Return the verdict of each cell that was verified, by cell id, where the store still holds what was verified.

    Raises
    ------
    ReportgenError
        If the record is there and cannot be read.
    """
    kept = _read(store)
    held = store.run_ids() if kept else set()
    found = {}
    for cell_id, cell in kept.items():
        run_ids = list(cell["run_ids"])
        if held.issuperset(run_ids) and store.fingerprint(run_ids) == cell["content"]:
            found[cell_id] = str(cell["verdict"])
    return found


def _read(store: Store) -> Mapping[str, Mapping[str, Any]]:
    system, path = _place(store)
    try:
        found = json.loads(system.cat_file(path))
        cells = dict(found["cells"]) if found["format"] == FORMAT else None
        sound = cells is not None and all({"verdict", "run_ids", "content"} <= cell.keys() for cell in cells.values())
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound, cells = False, None
    if not sound or cells is None:
        raise ReportgenError(
            f"the record of verifications '{store.url}/{NAME}' cannot be read", "remove it, and verify again"
        )
    return cells


def _place(store: Store) -> tuple[Any, str]:
    import fsspec

    system, root = fsspec.core.url_to_fs(store.url)
    return system, f"{root.rstrip('/')}/{NAME}"
