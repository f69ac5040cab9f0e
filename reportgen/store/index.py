"""Which cell holds which run: made from the files, kept while they do not change, never written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from reportgen.errors import ReportgenError
from reportgen.store import parquet, tables
from reportgen.store.files import Folder

if TYPE_CHECKING:
    import duckdb


class Index:
    """The runs of a folder.

    Only files that are new since the last question are read, so asking again costs a listing.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._database: duckdb.DuckDBPyConnection | None = None
        self._guard = RLock()
        self._tokens: dict[str, str] = {}
        self._cells: dict[str, dict[str, str]] = {}
        self._notes: dict[str, dict[str, str]] = {}
        self._runs: dict[str, tuple[str, str]] = {}

    def forget(self) -> None:
        """Read all again at the next question."""
        with self._guard:
            self._tokens, self._cells, self._notes, self._runs = {}, {}, {}, {}

    def cells(self) -> Mapping[str, Mapping[str, str]]:
        """Return the statuses of the runs of each cell: cell id to run id to status."""
        with self._guard:
            self._refresh()
            return dict(self._cells)

    def runs(self) -> Mapping[str, tuple[str, str]]:
        """Return each run's cell and status, by run id.

        A run that several cells hold counts once: one that did not fail comes first, then the smaller cell id.
        """
        with self._guard:
            self._refresh()
            return self._runs

    def notes(self, cell_ids: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """Return the hashes that were kept of each cell: of its files by table, and of it all under ``content``."""
        with self._guard:
            unread = [cell_id for cell_id in cell_ids if cell_id not in self._notes]
            for path, key, value in self._ask("SELECT file_name, key, value FROM {}", unread, parquet.metadata_source):
                self._notes.setdefault(Path(path).stem, {})[bytes(key).decode()] = bytes(value).decode()
            return {cell_id: self._notes.get(cell_id, {}) for cell_id in cell_ids}

    def contents(self, cell_ids: Collection[str]) -> Mapping[str, str]:
        """Return the content hash of each of the cells; of a file of unknown origin, what the listing says of it."""
        return {cell_id: kept.get("content", self._tokens[cell_id]) for cell_id, kept in self.notes(cell_ids).items()}

    def examine(self, table: str, names: Collection[str]) -> None:
        """Read files, and raise DamagedFile for the first that cannot be read."""
        columns = ", ".join(f"count({parquet.quoted(name)})" for name in tables.names(tables.TABLES[table]))
        if names:
            with self.guard(table, names), self.cursor() as cursor:
                source = parquet.source(self._folder.fetch(table, names))
                cursor.execute(f"SELECT {columns} FROM {source}").fetchall()

    @contextlib.contextmanager
    def guard(self, table: str, names: Collection[str]) -> Iterator[None]:
        """Turn DuckDB's error while it reads these files into one that names the file at fault."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            for name in names:
                self._examine(table, name)
            raise ReportgenError(f"the store '{self._folder.url}' cannot be read: {error}") from error

    def _examine(self, table: str, name: str) -> None:
        """Raise DamagedFile if a file cannot be read."""
        import duckdb

        path = self._folder.fetch(table, [name])[0]
        columns = parquet.selection(tables.TABLES[table])
        try:
            if not path.exists():
                raise FileNotFoundError("it is missing")
            with self.cursor() as cursor:
                cursor.execute(f"SELECT {columns} FROM {parquet.source([path])}").fetchall()
        except (duckdb.Error, FileNotFoundError) as error:
            why = str(error).splitlines()[0].replace(f" '{path}'", "")
            raise parquet.DamagedFile(self._folder.address(table, name), why, name) from error

    def _refresh(self) -> None:
        tokens = self._folder.listing("runs")
        if tokens == self._tokens:
            return
        changed = [name for name, token in tokens.items() if self._tokens.get(name) != token]
        columns = "filename, list(run_id), list(status)"
        rows = self._ask(f"SELECT {columns} FROM {{}} GROUP BY filename", changed, parquet.source)
        fresh: dict[str, dict[str, str]] = {name: {} for name in changed}
        for path, ids, statuses in rows:
            fresh[Path(path).stem] = dict(zip(ids, statuses, strict=True))
        self._cells = {name: fresh.get(name, self._cells.get(name, {})) for name in tokens}
        self._notes = {name: kept for name, kept in self._notes.items() if name in tokens and name not in fresh}
        self._tokens = tokens
        self._runs = {}
        for cell_id, runs in self._cells.items():
            for run_id, status in runs.items():
                held = self._runs.get(run_id)
                if held is None or (held[1] == "failed" and status != "failed"):
                    self._runs[run_id] = (cell_id, status)

    def _ask(self, query: str, names: Collection[str], source: Callable[[Collection[Path]], str]) -> list[Any]:
        """Return the rows of a query over runs files."""
        if not names:
            return []
        with self.guard("runs", names), self.cursor() as cursor:
            return cursor.execute(query.format(source(self._folder.fetch("runs", names)))).fetchall()

    @contextlib.contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection of its own for one question; threads do not share one."""
        with self._guard:
            if self._database is None:
                self._database = parquet.connect()
            cursor = self._database.cursor()
        with parquet.interruptible(), cursor:
            yield cursor
