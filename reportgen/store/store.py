"""The store: a folder of immutable Parquet files, one of each table for a cell, that any tool can open.

The file of a cell under ``runs/`` is written last, so a cell is in the store whole or not at all: readers pass over
other files whose runs are not there. Nothing else is kept; every index is made from the files when it is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportgen.errors import ReportgenError, UsageError
from reportgen.store import parquet, query, tables
from reportgen.store.files import open_folder
from reportgen.store.index import Index

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_PARTS = ("measurements", "curves")
"""The tables of a cell whose files are written before that of its runs."""


class Store:
    """Results in a folder.

    Parameters
    ----------
    url : str or Path
        A path, or a URL of any kind that fsspec knows (``s3://bucket/results``, ``memory://results``). It need not
        exist: a store that is absent reads as an empty one, and the first cell makes it.
    """

    def __init__(self, url: str | Path) -> None:
        self.folder = open_folder(url)
        self.url = self.folder.url
        self._writing = threading.Lock()
        self._index = Index(self.folder)

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    @property
    def exclusive(self) -> bool:
        """Whether `claim` keeps other processes out; it does on file systems, and cannot on object stores."""
        return self.folder.exclusive

    # writing

    def write_cell(
        self,
        cell_id: str,
        runs: pd.DataFrame,
        measurements: pd.DataFrame,
        curves: pd.DataFrame,
        environment: Mapping[str, Any],
    ) -> None:
        """Write a cell, whole or not at all; one that is there is replaced.

        Parameters
        ----------
        cell_id : str
        runs, measurements, curves : DataFrame
            With exactly the columns of ``reportgen.store.tables``; ``environment_id`` is filled in here.
        environment : mapping
            The columns of ``environments``.

        Raises
        ------
        ReportgenError
            If a frame does not fit its table, or the frames do not fit together. Nothing is written then.
        """
        import pandas as pd

        known = {name: environment[name] for name in tables.names(tables.ENVIRONMENTS)[1:] if name in environment}
        described = {"environment_id": environment_id(known), **known}
        frames = {
            "environments": parquet.check("environments", pd.DataFrame([described])),
            "runs": parquet.check("runs", runs.assign(environment_id=described["environment_id"])),
            "measurements": parquet.check("measurements", measurements),
            "curves": parquet.check("curves", curves),
        }
        parquet.check_cell(cell_id, frames["runs"], frames["measurements"], frames["curves"])
        with self._writing:
            if described["environment_id"] not in self.folder.listing("environments"):
                self._put("environments", described["environment_id"], frames["environments"])
            self.folder.remove("runs", cell_id)
            notes = {table: self._put(table, cell_id, frames[table]) for table in _PARTS}
            rows = frames["runs"].sort_values("run_id").to_csv(index=False)
            content = hashlib.sha256("\n".join([*notes.values(), rows]).encode()).hexdigest()
            self._put("runs", cell_id, frames["runs"], {**notes, "content": content})

    def _put(self, table: str, name: str, frame: pd.DataFrame, notes: Mapping[str, str] | None = None) -> str:
        """Write a file and return its SHA-256."""
        digest = ""

        def write(path: Path) -> None:
            nonlocal digest
            with self._index.cursor() as cursor:
                parquet.write(cursor, table, frame, path, notes or {})
            digest = parquet.digest(path)

        try:
            self.folder.put(table, name, write)
        except OSError as error:
            address = self.folder.address(table, name)
            raise ReportgenError(f"'{address}' cannot be written: {error.strerror or error}", "") from error
        return digest

    def drop(self, run_ids: Collection[str]) -> None:
        """Remove runs with all that was measured of them; the other runs of their cells stay."""
        gone = set(run_ids)
        for cell_id, runs in self._index.cells().items():
            if gone.isdisjoint(runs):
                continue
            kept = {table: self._read(table, {cell_id: frozenset(runs.keys() - gone)}) for table in ("runs", *_PARTS)}
            if kept["runs"].empty:
                for table in ("runs", *_PARTS):
                    self.folder.remove(table, cell_id)
                continue
            found = self.environments().set_index("environment_id", drop=False)
            environment = found.loc[kept["runs"]["environment_id"].iloc[0]].to_dict()
            self.write_cell(cell_id, kept["runs"], kept["measurements"], kept["curves"], environment)

    def claim(self, key: str) -> contextlib.AbstractContextManager[bool]:
        """Try to reserve a cell, or whatever `key` names, for this process; the value says whether that succeeded.

        It never waits. The claim ends with the context, or with the process that holds it, even by ``kill -9``.
        On an object store it always succeeds (see `exclusive`).
        """
        return self.folder.lock(key)

    def damaged(self) -> list[parquet.DamagedFile]:
        """Read every file and compare it with the hash that was kept of it; return what is damaged."""
        self._index.forget()
        cells = list(self.folder.listing("runs"))
        try:
            self._examine(cells)
        except parquet.DamagedFile:
            return [error for cell_id in cells if (error := self._fault(cell_id))]
        return []

    def _fault(self, cell_id: str) -> parquet.DamagedFile | None:
        try:
            self._examine([cell_id])
        except parquet.DamagedFile as error:
            return error
        return None

    def repair(self) -> list[str]:
        """Set damaged cells aside (``*.damaged``), so that their runs count as missing; return the new addresses."""
        addresses = []
        for error in self.damaged():
            parts = [self.folder.set_aside(table, error.cell_id) for table in ("runs", *_PARTS)]
            addresses += [address for address in parts if address]
        return addresses

    def _examine(self, cell_ids: Collection[str]) -> None:
        """Raise DamagedFile for the first file of these cells that is not what was written."""
        self._index.examine("runs", cell_ids)
        notes = self._index.notes(cell_ids)
        for table in _PARTS:
            for cell_id, path in zip(cell_ids, self.folder.fetch(table, cell_ids), strict=True):
                if not path.exists() or parquet.digest(path) != notes[cell_id].get(table):
                    why = "it is not what was written" if path.exists() else "it is missing"
                    raise parquet.DamagedFile(self.folder.address(table, cell_id), why, cell_id)

    # reading

    def run_ids(self, status: str | Collection[str] | None = None) -> set[str]:
        """Return the ids of the runs that the store holds.

        Parameters
        ----------
        status : str or collection of str, optional
            Only runs with this status, or one of these: completed, diverged, failed.
        """
        wanted = {status} if isinstance(status, str) else set(status or parquet.STATUSES)
        return {run_id for run_id, (_, found) in self._index.runs().items() if found in wanted}

    def runs(self, run_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the runs, by run_id."""
        return self._read("runs", self._where(run_ids))

    def measurements(
        self,
        run_ids: Iterable[str] | None = None,
        columns: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        steps: Iterable[int] | None = None,
    ) -> pd.DataFrame:
        """Return the measurements, a column a quantity, by run, step, kind, index and name.

        Parameters
        ----------
        run_ids : iterable of str, optional
            Only these runs.
        columns : iterable of str, optional
            Only these quantities; the columns of the position are always there.
        kinds : iterable of str, optional
            Only positions of these kinds: layer, time, network.
        steps : iterable of int, optional
            Only measurements at these steps.
        """
        quantities = set(columns) if columns is not None else set(tables.names(tables.QUANTITIES))
        unknown = quantities - set(tables.names(tables.MEASUREMENTS))
        if unknown:
            known = ", ".join(tables.names(tables.QUANTITIES))
            raise UsageError(f"no quantity is called {', '.join(sorted(unknown))}", f"allowed: {known}")
        chosen = tables.POSITION + tuple(column for column in tables.QUANTITIES if column.name in quantities)
        return self._read("measurements", self._where(run_ids), chosen, kind=kinds, step=steps)

    def measurements_long(self, run_ids: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the measurements with a row a value: the position's columns, ``quantity`` and ``value``.

        Values that were not measured have no row; histograms are not in it.
        """
        numbers = [column.name for column in tables.QUANTITIES if column.sql == "DOUBLE"]
        wide = self.measurements(run_ids, columns=numbers)
        keys = tables.names(tables.POSITION)
        long = wide.melt(keys, numbers, "quantity", "value").dropna(subset=["value"])
        return long.astype({"quantity": "str"}).sort_values([*keys, "quantity"], ignore_index=True)

    def curves(
        self,
        run_ids: Iterable[str] | None = None,
        splits: Iterable[str] | None = None,
        metrics: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Return the curves, by run, step, split and metric; only some splits or metrics if they are given."""
        return self._read("curves", self._where(run_ids), split=splits, metric=metrics)

    def environments(self) -> pd.DataFrame:
        """Return the environments that runs were made in."""
        names = self.folder.listing("environments")
        return self._read("environments", dict.fromkeys(names, frozenset[str]()))

    def fingerprint(self, run_ids: Iterable[str] | None = None) -> str:
        """Return a hash that changes when anything that these runs hold does; measurements are not read for it."""
        where = self._where(run_ids)
        digest = hashlib.sha256()
        for cell_id, content in sorted(self._index.contents(where).items()):
            digest.update("\n".join([cell_id, content, *sorted(where[cell_id]), ""]).encode())
        return digest.hexdigest()

    def sql(self, text: str) -> pd.DataFrame:
        """Return the answer to an SQL query; its views are called as the tables are."""
        import duckdb

        cells = self._where(None)
        environments = dict.fromkeys(self.folder.listing("environments"), frozenset[str]())
        with parquet.interruptible(), parquet.connect() as database:
            for table, columns in tables.TABLES.items():
                held = environments if table == "environments" else cells
                with self._index.guard(table, held):
                    database.execute(f"CREATE VIEW {table} AS {self._select(database, table, held, columns)}")
            try:
                return database.execute(text).df()
            except duckdb.Error as error:
                self._examine(cells)
                raise UsageError(f"the query fails: {error}", f"the tables are: {', '.join(tables.TABLES)}") from error

    def _where(self, run_ids: Iterable[str] | None) -> query.Cells:
        """Return, for each cell that counts, which of its runs are wanted."""
        wanted = None if run_ids is None else set(run_ids)
        cells: dict[str, set[str]] = {}
        for run_id, (cell_id, _) in self._index.runs().items():
            if wanted is None or run_id in wanted:
                cells.setdefault(cell_id, set()).add(run_id)
        return {cell_id: frozenset(cells[cell_id]) for cell_id in sorted(cells)}

    def _read(
        self,
        table: str,
        cells: query.Cells,
        columns: tuple[tables.Column, ...] | None = None,
        **conditions: Iterable[Any] | None,
    ) -> pd.DataFrame:
        chosen = columns or tables.TABLES[table]
        with self._index.guard(table, cells), self._index.cursor() as cursor:
            statement = self._select(cursor, table, cells, chosen, conditions)
            return parquet.frame_of(cursor.execute(statement), chosen)

    def _select(
        self,
        cursor: duckdb.DuckDBPyConnection,
        table: str,
        cells: query.Cells,
        columns: tuple[tables.Column, ...],
        conditions: Mapping[str, Iterable[Any] | None] | None = None,
    ) -> str:
        held = self._index.cells()
        partial = any(len(runs) < len(held[cell_id]) for cell_id, runs in cells.items() if cell_id in held)
        paths = self.folder.fetch(table, cells)
        only = query.keep(cursor, table, cells) if partial else ""
        return query.select(table, columns, paths, only, conditions or {})


def environment_id(environment: Mapping[str, Any]) -> str:
    """Return sixteen hexadecimal digits of the SHA-256 of an environment's columns."""
    known = {name: value for name, value in environment.items() if name != "environment_id"}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]
