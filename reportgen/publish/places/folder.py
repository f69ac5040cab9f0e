"""Publishing to a folder: a complete new tree is made beside it and takes its place in one step."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from reportgen.errors import ReportgenError, UsageError
from reportgen.publish.plan import MANIFEST, Plan, State, read_owned
from reportgen.publish.tree import File

_EXCHANGE = 2
_HERE = -100
"""RENAME_EXCHANGE and AT_FDCWD of renameat2(2)."""


class LocalFolder:
    """A folder of this machine, or of a file system that is mounted on it."""

    promise = "readers see the site as it was, or as it is now, and nothing between"

    def __init__(self, root: Path) -> None:
        if root.exists() and not root.is_dir():
            raise UsageError(f"'{root}' is a file", "a site is published to a folder; give the path of one")
        self.address = str(root)
        self.root = root.resolve()
        self._new, self._old, self._lock = (
            self.root.with_name(f".{self.root.name}.reportgen-{word}") for word in ("new", "old", "lock")
        )

    def state(self, recover: bool) -> State:
        """See `Destination`."""
        if recover:
            self._recover()
        root = self._old if not self.root.exists() and self._old.is_dir() else self.root
        sizes = {}
        for path in _files(root):
            sizes[path.relative_to(root).as_posix()] = path.stat().st_size if path.is_file() else -1
        return State(sizes, read_owned(self.read(MANIFEST), self.address))

    def read(self, name: str) -> bytes | None:
        """See `Destination`."""
        path = self.root / name
        return path.read_bytes() if path.is_file() else None

    def same(self, name: str, file: File, state: State) -> bool:
        """See `Destination`. Files are read, since that is cheap here."""
        path = self.root / name
        if path.is_symlink() or state.sizes[name] != file.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256

    def send(self, plan: Plan) -> None:
        """See `Destination`."""
        try:
            self.root.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                self._recover()
                self._grow(plan)
                self._swap()
        except OSError as error:
            raise ReportgenError(
                f"'{self.address}' cannot be written: {error.strerror or error}",
                "nothing was published; the folder must not be a mount point, for it is replaced as a whole",
            ) from error

    def _grow(self, plan: Plan) -> None:
        """Make the new tree: hard links to what stays, copies of what is sent."""
        self._new.mkdir()
        if self.root.exists():
            shutil.copystat(self.root, self._new)
            left_out = {*plan.send, *plan.remove, MANIFEST}
            _link_tree(self.root, self._new, left_out)
        for name, file in plan.send.items():
            target = self._new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.parent.resolve().is_relative_to(self._new):
                raise ReportgenError(f"'{name}' would leave '{self.address}' through a link", "remove the link there")
            _write(target, file.read())
        _write(self._new / MANIFEST, plan.manifest)

    def _swap(self) -> None:
        """Put the new tree in place of the old one; on Linux the folder's name is never without a site."""
        if not self.root.exists():
            self._new.rename(self.root)
        elif _exchange(self._new, self.root):
            shutil.rmtree(self._new)
        else:
            self.root.rename(self._old)
            self._new.rename(self.root)
            shutil.rmtree(self._old)
        _sync(self.root.parent)

    def _recover(self) -> None:
        """Clear away what a publication that was cut off has left, and put the old tree back if none is in place."""
        if self._old.is_dir():
            if self.root.exists():
                shutil.rmtree(self._old)
            else:
                self._old.rename(self.root)
        if self._new.is_dir():
            shutil.rmtree(self._new)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise ReportgenError(f"another publication to '{self.address}' is under way", "wait for its end") from error
        try:
            yield
        finally:
            self._lock.unlink(missing_ok=True)  # while it is held: whoever waits on the old file opens the new one
            lock.release()


def _files(root: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(root):
        yield from (Path(folder) / name for name in files)
        yield from (path for name in names if (path := Path(folder) / name).is_symlink())


def _link_tree(old: Path, new: Path, left_out: set[str]) -> None:
    """Fill `new` with hard links to the files of `old`; a folder that has lost all its files is not made."""
    for folder, names, files in os.walk(old):
        place = Path(folder).relative_to(old)
        links = [name for name in names if (Path(folder) / name).is_symlink()]
        stay = [name for name in (*files, *links) if (place / name).as_posix() not in left_out]
        if stay or not (files or names):
            (new / place).mkdir(parents=True, exist_ok=True)
        for name in stay:
            _link(Path(folder) / name, new / place / name)


def _link(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        return
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders in one step where the system can (Linux); say whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    rename: Callable[..., int] | None = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
