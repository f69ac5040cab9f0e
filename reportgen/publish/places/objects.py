"""Publishing to an object store, or whatever else fsspec can reach, where no folder can be renamed in one step.

Everything is first uploaded to a staging area. Then a journal is written, which is the moment of decision: from there
on the site is put in place by copies within the store, what pages show before the pages, and the home page last. A
publication that is cut off before the journal has changed nothing; one that is cut off later is finished by the next.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from reportgen.errors import ReportgenError, UsageError
from reportgen.publish.plan import MANIFEST, Plan, State, rank, read_owned
from reportgen.publish.tree import File

STAGING = ".reportgen-staging/"
JOURNAL = ".reportgen-journal.json"
T = TypeVar("T")
FLAT = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss"})
"""Kinds of store that have no folders."""

BATCH = 200
"""Files that are handed to the file system at once; most kinds of store then work on several at a time."""


@dataclass(frozen=True)
class _Journal:
    """What remains to be done of a publication: (staged, final) names in order, names to remove, the manifest."""

    copies: tuple[tuple[str, str], ...]
    remove: tuple[str, ...]
    manifest: str

    def to_bytes(self) -> bytes:
        """Write it as JSON."""
        return json.dumps({"copies": self.copies, "remove": self.remove, "manifest": self.manifest}).encode()


class ObjectStore:
    """A prefix of an object store, by its fsspec URL."""

    promise = (
        "every file appears whole, and pages after what they show; while a publication runs, or until the next one "
        "finishes one that was cut off, old and new pages may stand side by side"
    )

    def __init__(self, url: str) -> None:
        import fsspec

        try:
            self._system, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise UsageError(f"'{url}' cannot be opened: {error}", "install the package that it names") from error
        self._system.use_listings_cache = False
        self._root = root.rstrip("/")
        self._flat = url.split("://")[0] in FLAT
        self.address = url.rstrip("/")

    def state(self, recover: bool) -> State:
        """See `Destination`."""
        return self._guarded(lambda: self._state(recover))

    def _state(self, recover: bool) -> State:
        journal = self._journal()
        if journal and recover:
            self._finish(journal)
            journal = None
        sizes = self._sizes()
        owned = read_owned(self._get(MANIFEST), self.address)
        if journal:
            owned = read_owned(journal.manifest.encode(), self.address)
            sizes = {name: size for name, size in sizes.items() if name not in journal.remove}
            sizes.update({name: owned[name].size for _, name in journal.copies})
        return State(sizes, owned)

    def read(self, name: str) -> bytes | None:
        """See `Destination`."""
        journal = self._journal()
        staged = {final: source for source, final in journal.copies}.get(name) if journal else None
        return self._guarded(lambda: (self._get(staged) if staged else None) or self._get(name))

    def same(self, name: str, file: File, state: State) -> bool:
        """See `Destination`. The manifest is believed where the size agrees with it; other files are read."""
        if state.sizes[name] != file.size:
            return False
        if name in state.owned and state.owned[name].size == file.size:
            return state.owned[name].sha256 == file.sha256
        return self._guarded(lambda: self._get(name)) == file.read()

    def send(self, plan: Plan) -> None:
        """See `Destination`."""
        staged = {name: _staged(name, file) for name, file in plan.send.items()}
        self._guarded(lambda: self._upload({staged[name]: file for name, file in plan.send.items()}))
        there = self._guarded(lambda: self._get(MANIFEST))
        if read_owned(there, self.address) != plan.before or self._journal():
            raise ReportgenError(
                f"another publication to {self.address} came between; nothing was published", "publish again"
            )
        order = sorted(staged, key=lambda name: (rank(name), name))
        journal = _Journal(tuple((staged[name], name) for name in order), plan.remove, plan.manifest.decode())
        self._guarded(lambda: self._system.pipe_file(self._path(JOURNAL), journal.to_bytes()))
        self._guarded(lambda: self._finish(journal))

    def _upload(self, files: Mapping[str, File]) -> None:
        """Upload files to the staging area; what an earlier try has left there is not sent again."""
        there = self._sizes(STAGING)
        missing = [(name, file) for name, file in files.items() if there.get(name) != file.size]
        with tempfile.TemporaryDirectory(prefix="reportgen-publish-") as folder:
            for start in range(0, len(missing), BATCH):
                part = missing[start : start + BATCH]
                paths = [_local(file, Path(folder) / PurePosixPath(name).name) for name, file in part]
                targets = [self._path(name) for name, _ in part]
                self._folders(targets)
                self._system.put(paths, targets)

    def _finish(self, journal: _Journal) -> None:
        """Put in place what a journal lists. It can be done again: a copy that was made is made again."""
        there = self._sizes(STAGING)
        lost = [name for source, name in journal.copies if source not in there]
        if lost:
            raise ReportgenError(
                f"the publication to {self.address} that was cut off cannot be finished: what it had uploaded of "
                f"{', '.join(lost[:5])} is gone",
                f"remove {JOURNAL} there, and publish again",
            )
        for wanted in range(4):
            copies = [(source, name) for source, name in journal.copies if rank(name) == wanted]
            for start in range(0, len(copies), BATCH):
                self._copy(copies[start : start + BATCH])
        self._remove(journal.remove)
        self._system.pipe_file(self._path(MANIFEST), journal.manifest.encode())
        self._system.rm_file(self._path(JOURNAL))
        self._remove(list(there))

    def _copy(self, copies: Sequence[tuple[str, str]]) -> None:
        targets = [self._path(name) for _, name in copies]
        self._folders(targets)
        self._system.copy([self._path(source) for source, _ in copies], targets)

    def _folders(self, paths: Sequence[str]) -> None:
        """Make the folders of files where there are any; some object stores would make a bucket of a misspelt name."""
        if self._flat:
            return
        for folder in sorted({path.rsplit("/", 1)[0] for path in paths}):
            self._system.makedirs(folder, exist_ok=True)

    def _remove(self, names: Sequence[str]) -> None:
        present = self._sizes() if any(not name.startswith(STAGING) for name in names) else dict.fromkeys(names)
        paths = [self._path(name) for name in names if name in present]
        plain = [path for path in paths if not set("*?[") & set(path)]
        for start in range(0, len(plain), BATCH):
            self._system.rm(plain[start : start + BATCH])
        for path in set(paths) - set(plain):
            self._system.rm_file(path)

    def _journal(self) -> _Journal | None:
        data = self._guarded(lambda: self._get(JOURNAL))
        if data is None:
            return None
        try:
            found = json.loads(data)
            copies = tuple((str(source), str(name)) for source, name in found["copies"])
            remove = tuple(map(str, found["remove"]))
            if any(".." in name.split("/") for name in (*remove, *(name for pair in copies for name in pair))):
                raise ValueError("a name leads out of the site")
            return _Journal(copies, remove, str(found["manifest"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ReportgenError(
                f"{self.address} has a journal ({JOURNAL}) that cannot be read",
                "remove it there, and publish again",
            ) from error

    def _sizes(self, below: str = "") -> dict[str, int]:
        """Return the sizes of all files, or of those in a folder; staged files count only where they are asked for."""
        self._system.invalidate_cache()
        try:
            found: Mapping[str, Mapping[str, Any]] = self._system.find(self._path(below).rstrip("/"), detail=True)
        except FileNotFoundError:
            return {}
        names = {self._name(path): int(about["size"] or 0) for path, about in found.items()}
        return {n: size for n, size in names.items() if n.startswith(STAGING) == bool(below) and n != JOURNAL}

    def _get(self, name: str) -> bytes | None:
        try:
            return bytes(self._system.cat_file(self._path(name)))
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _name(self, path: str) -> str:
        return path.removeprefix(self._root).removeprefix("/")

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do something with the file system, and tell its errors as ours."""
        try:
            return work()
        except (OSError, ImportError) as error:
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise ReportgenError(
                f"the publication to {self.address} was cut off: {said}", "publish again to finish it"
            ) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in {"botocore", "aiobotocore", "s3fs", "gcsfs", "azure"}:
                raise
            hint = "look at the address and your keys"
            raise ReportgenError(f"{self.address} cannot be used: {error}", hint) from error


def _staged(name: str, file: File) -> str:
    """Return where a file is staged: by its content, with the ending that tells its media type."""
    return f"{STAGING}{file.sha256}{PurePosixPath(name).suffix}"


def _local(file: File, path: Path) -> str:
    """Return a path on this machine that has the content and the ending."""
    if isinstance(file.source, Path):
        file.read()  # raises if it has changed since it was planned
        return str(file.source)
    path.write_bytes(file.source)
    return str(path)
