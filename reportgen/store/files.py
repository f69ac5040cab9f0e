"""Where the store's files lie: a folder of this machine, or any place that fsspec can reach.

Both kinds of folder keep one promise: a file appears under its name whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Protocol

from reportgen.errors import ReportgenError, UsageError

SUFFIX = ".parquet"
"""The end of a finished file's name; temporary files end otherwise."""


class Folder(Protocol):
    """A place for files named ``<table>/<name>.parquet``."""

    url: str
    exclusive: bool
    """Whether `lock` keeps other processes out."""

    def listing(self, table: str) -> dict[str, str]:
        """Return the names of a table's finished files, sorted, each with a token that changes when the file does."""
        ...

    def fetch(self, table: str, names: Collection[str]) -> list[Path]:
        """Return paths on this machine, in the order of `names`; a file that is missing has a path that is missing."""
        ...

    def put(self, table: str, name: str, write: Callable[[Path], None]) -> None:
        """Make a file: `write` fills a temporary path, which is then synced and renamed."""
        ...

    def remove(self, table: str, name: str) -> None:
        """Remove a file; nothing happens if there is none."""
        ...

    def set_aside(self, table: str, name: str) -> str:
        """Rename a file so that readers pass over it, and return its new address ("" if there is no such file)."""
        ...

    def address(self, table: str, name: str) -> str:
        """Return the file's path or URL, for messages."""
        ...

    def lock(self, key: str) -> contextlib.AbstractContextManager[bool]:
        """Try to take the lock `key` without waiting; the value says whether it was taken."""
        ...


class LocalFolder:
    """A folder of this machine, or of a file system that is mounted on it."""

    exclusive = True

    def __init__(self, root: Path) -> None:
        if root.exists() and not root.is_dir():
            raise UsageError(
                f"the store '{root}' is a file", "a store is a folder; give the path of one, or a new name"
            )
        self.root = root
        self.url = str(root)

    def listing(self, table: str) -> dict[str, str]:
        """See `Folder`."""
        try:
            with os.scandir(self.root / table) as entries:
                found = {entry.name: entry.stat() for entry in entries if entry.name.endswith(SUFFIX)}
        except FileNotFoundError:
            return {}
        return {
            name.removesuffix(SUFFIX): f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}"
            for name, stat in sorted(found.items())
            if not name.startswith(".")
        }

    def fetch(self, table: str, names: Collection[str]) -> list[Path]:
        """See `Folder`."""
        return [self._path(table, name) for name in names]

    def put(self, table: str, name: str, write: Callable[[Path], None]) -> None:
        """See `Folder`."""
        folder = self.root / table
        folder.mkdir(parents=True, exist_ok=True)
        self._clear_leftovers(folder, name)
        temporary = folder / f".{name}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
        try:
            write(temporary)
            _sync(temporary)
            temporary.replace(folder / f"{name}{SUFFIX}")
        finally:
            temporary.unlink(missing_ok=True)
        _sync(folder)

    def remove(self, table: str, name: str) -> None:
        """See `Folder`."""
        self._path(table, name).unlink(missing_ok=True)

    def set_aside(self, table: str, name: str) -> str:
        """See `Folder`."""
        path = self._path(table, name)
        if not path.exists():
            return ""
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        return str(aside)

    def address(self, table: str, name: str) -> str:
        """See `Folder`."""
        return str(self._path(table, name))

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """See `Folder`. The operating system frees the lock when its holder dies, even by ``kill -9``."""
        from filelock import FileLock, Timeout

        folder = self.root / ".locks"
        lock = FileLock(folder / f"{key}.lock", timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            yield False
            return
        except OSError as error:
            raise ReportgenError(f"the store '{self.url}' cannot be written: {error.strerror or error}") from error
        try:
            yield True
        finally:
            # Unlinked while it is held: whoever waits on the old file finds it gone and opens the new one.
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()

    def _path(self, table: str, name: str) -> Path:
        return self.root / table / f"{name}{SUFFIX}"

    def _clear_leftovers(self, folder: Path, name: str) -> None:
        """Remove what killed processes left of this file."""
        pattern = re.compile(re.escape(f".{name}.") + r"(\d+)-[0-9a-f]{8}\.tmp")
        for entry in os.scandir(folder):
            match = pattern.fullmatch(entry.name)
            if match and not _alive(int(match[1])):
                Path(entry.path).unlink(missing_ok=True)


class RemoteFolder:
    """A folder behind fsspec. Files that are read are kept in a temporary folder while the process lives."""

    exclusive = False

    def __init__(self, url: str) -> None:
        import fsspec

        try:
            self._system, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise UsageError(
                f"the store '{url}' cannot be opened: {error}", "install the package that it names"
            ) from error
        self._system.use_listings_cache = False
        self._root = root.rstrip("/")
        self.url = url.rstrip("/")
        self._copies = tempfile.mkdtemp(prefix="reportgen-store-")
        weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        self._tokens: dict[tuple[str, str], str] = {}

    def listing(self, table: str) -> dict[str, str]:
        """See `Folder`."""
        folder = f"{self._root}/{table}"
        self._system.invalidate_cache(folder)
        try:
            entries: list[dict[str, Any]] = self._system.ls(folder, detail=True)
        except FileNotFoundError:
            return {}
        found = {entry["name"].rsplit("/", 1)[-1]: _token(entry) for entry in entries if entry["type"] == "file"}
        finished = {name: token for name, token in sorted(found.items()) if name.endswith(SUFFIX)}
        return {name.removesuffix(SUFFIX): token for name, token in finished.items() if not name.startswith(".")}

    def fetch(self, table: str, names: Collection[str]) -> list[Path]:
        """See `Folder`."""
        present = self.listing(table)
        folder = Path(self._copies) / table
        folder.mkdir(exist_ok=True)
        paths = {name: folder / f"{name}{SUFFIX}" for name in names}
        stale = [name for name in names if name in present and self._tokens.get((table, name)) != present[name]]
        if stale:
            self._system.get([self._remote(table, name) for name in stale], [str(paths[name]) for name in stale])
        self._tokens.update({(table, name): present[name] for name in stale})
        for name in paths.keys() - present.keys():
            paths[name].unlink(missing_ok=True)
            self._tokens.pop((table, name), None)
        return list(paths.values())

    def put(self, table: str, name: str, write: Callable[[Path], None]) -> None:
        """See `Folder`."""
        with tempfile.TemporaryDirectory(prefix="reportgen-store-") as folder:
            local = Path(folder) / "file"
            write(local)
            temporary = f"{self._root}/{table}/.{name}.{os.urandom(4).hex()}.tmp"
            self._system.makedirs(f"{self._root}/{table}", exist_ok=True)
            self._system.put_file(str(local), temporary)
        self._system.mv(temporary, self._remote(table, name))
        self._tokens.pop((table, name), None)

    def remove(self, table: str, name: str) -> None:
        """See `Folder`."""
        with contextlib.suppress(FileNotFoundError):
            self._system.rm_file(self._remote(table, name))

    def set_aside(self, table: str, name: str) -> str:
        """See `Folder`."""
        if not self._system.exists(self._remote(table, name)):
            return ""
        self._system.mv(self._remote(table, name), f"{self._remote(table, name)}.damaged")
        return f"{self.address(table, name)}.damaged"

    def address(self, table: str, name: str) -> str:
        """See `Folder`."""
        return f"{self.url}/{table}/{name}{SUFFIX}"

    @contextlib.contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """See `Folder`. Object stores have no locks: the answer is always yes."""
        yield True

    def _remote(self, table: str, name: str) -> str:
        return f"{self._root}/{table}/{name}{SUFFIX}"


def open_folder(url: str | Path) -> Folder:
    """Return the folder at a path or an fsspec URL; nothing is created yet."""
    text = str(url)
    if text.startswith("file://"):
        return LocalFolder(Path(text.removeprefix("file://")))
    if "://" in text:
        return RemoteFolder(text)
    return LocalFolder(Path(url))


def _token(entry: dict[str, Any]) -> str:
    """Make a token of what the file system says about a file; every kind of system has other keys."""
    keys = ("size", "ETag", "etag", "mtime", "LastModified", "last_modified", "created", "updated")
    return "-".join(str(entry[key]) for key in keys if key in entry)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
