"""One file out of many and back: a ZIP that is the same whenever it is made, and is unpacked only if it is harmless.

Who unpacks an archive may have it from anyone. So all of it is checked before the first byte is written: names,
kinds, sizes, and the SHA-256 of every file, which a list in the archive gives. Nothing that is there is replaced.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from reportgen.errors import ReportgenError, UsageError

LISTING = "archive.json"
"""The file that lists all others, with size and SHA-256."""

MOST_FILES = 20_000
MOST_BYTES = 2_000_000_000
MOST_LISTED = 8_000_000
"""Bytes of the list itself."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class BadArchive(UsageError):
    """An archive that is not unpacked; nothing of it has been written."""


def pack(files: Mapping[str, bytes | Path], path: Path, about: Mapping[str, Any]) -> None:
    """Write an archive; the same files give the same bytes.

    Parameters
    ----------
    files : mapping
        Relative POSIX path to bytes, or to a file that is copied.
    path : Path
        Replaced in one move if it is there.
    about : mapping
        What the list of files says beside them; JSON values.

    Raises
    ------
    ReportgenError
        If a name is not fit for every system, or the file cannot be written.
    """
    listed = {name: _described(content) for name, content in sorted(files.items())}
    for name in listed:
        _check_name(name)
    listing = json.dumps({**about, "files": listed}, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        try:
            with zipfile.ZipFile(part, "w") as archive:
                _add(archive, LISTING, listing.encode())
                for name in listed:
                    content = files[name]
                    _add(archive, name, content if isinstance(content, bytes) else content.read_bytes())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ReportgenError(f"'{path}' cannot be written: {error.strerror or error}", "choose another file") from error


def _described(content: bytes | Path) -> dict[str, Any]:
    data = content if isinstance(content, bytes) else content.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = 3  # the same on every system
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    packed = name.endswith((".parquet", ".png"))  # these are compressed in themselves
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content, compresslevel=6)


def unpack(path: Path, folder: Path | None, allowed: Callable[[str], bool]) -> tuple[Path, dict[str, Any], int]:
    """Check an archive as a whole, then write its files below a folder.

    Parameters
    ----------
    path : Path
    folder : Path or None
        Where the files go; a new folder named by the list's ``study`` if it is None.
    allowed : function
        Says of a name whether such a file belongs into this kind of archive.

    Returns
    -------
    folder : Path
    about : dict
        What the list says, without the files.
    written : int
        Files that were not there yet; those that are there with the same bytes stay.

    Raises
    ------
    BadArchive
        If anything about it is wrong, or a file is there already with other content. Nothing is written then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about, listed = _listing(archive)
            entries = _entries(archive, listed, allowed)
            own = _own_folder(about)
            target = folder if folder is not None else Path(own)
            for name, entry in entries.items():
                _copy(archive, entry, listed[name], None)
            fresh = [name for name in entries if _is_new(target, name, listed[name])]
            _write(archive, {name: entries[name] for name in fresh}, listed, target)
    except FileNotFoundError as error:
        raise UsageError(f"there is no file '{error.filename or path}'", "give the path of an archive") from error
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        raise BadArchive(f"'{path}' is no sound ZIP archive: {error}", "fetch it again from where it came") from error
    except OSError as error:
        raise ReportgenError(f"'{path}' cannot be unpacked: {error.strerror or error}") from error
    return target, about, len(fresh)


def _listing(archive: zipfile.ZipFile) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the archive says of itself, and its list of files with their sizes and hashes."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise BadArchive(f"the archive has {len(infos):,} files; at most {MOST_FILES:,} are unpacked")
    own = [info for info in infos if info.filename == LISTING]
    if len(own) != 1 or own[0].file_size > MOST_LISTED:
        raise BadArchive(f"the archive has no list of its files ('{LISTING}')", "reportgen export study makes one")
    _check_entry(own[0])
    try:
        found = json.loads(archive.read(own[0]))
        listed = found.pop("files")
        sound = all(
            isinstance(entry["bytes"], int) and entry["bytes"] >= 0 and re.fullmatch("[0-9a-f]{64}", entry["sha256"])
            for entry in listed.values()
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound or found.get("format") != 1:
        raise BadArchive("the archive's list of files cannot be read", "a newer reportgen may have made it")
    return found, listed


def _entries(
    archive: zipfile.ZipFile, listed: Mapping[str, Any], allowed: Callable[[str], bool]
) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's files by name once names, kinds and sizes are checked."""
    found: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for info in archive.infolist():
        name = info.filename
        _check_name(info.orig_filename.removesuffix("/"))  # what comes after a NUL is cut off in the other
        if info.is_dir() or name == LISTING:
            continue
        _check_entry(info)
        if not allowed(name):
            raise BadArchive(f"the archive has a file that does not belong into it: '{_shown(name)}'")
        if name.casefold() in folded:
            raise BadArchive(f"the archive has '{_shown(name)}' twice, or with other capitals")
        if name not in listed or listed[name]["bytes"] != info.file_size:
            raise BadArchive(f"'{_shown(name)}' is not what the archive's list says", "it has been altered")
        folded.add(name.casefold())
        found[name] = info
    if absent := sorted(set(listed) - set(found)):
        raise BadArchive(f"the archive lacks '{_shown(absent[0])}', which its list names")
    above = {str(parent).casefold() for name in found for parent in PurePosixPath(name).parents}
    if clash := sorted(folded & above):
        raise BadArchive(f"'{_shown(clash[0])}' is a file and a folder at once")
    if sum(info.file_size for info in found.values()) > MOST_BYTES:
        raise BadArchive(f"unpacked, the archive would have more than {MOST_BYTES // 10**9} GB")
    return found


def _check_name(name: str) -> None:
    parts = name.split("/")
    bad = not all(_PART.fullmatch(part) and not part.endswith(".") and not _DEVICES.fullmatch(part) for part in parts)
    if bad or len(parts) > 8:
        raise BadArchive(f"'{_shown(name)}' cannot be a file's name on every system", "letters, digits, . _ - and /")


def _check_entry(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise BadArchive(f"'{_shown(info.filename)}' is a link or a device, not a file")
    if info.flag_bits & 0x1:
        raise BadArchive(f"'{_shown(info.filename)}' is encrypted")
    if info.compress_type not in _METHODS:
        raise BadArchive(f"'{_shown(info.filename)}' is compressed in a way that is not read here")


def _shown(name: str) -> str:
    return name[:120].encode("unicode_escape").decode()


def _own_folder(about: Mapping[str, Any]) -> str:
    name = str(about.get("study", ""))
    _check_name(name)
    if "/" in name:
        raise BadArchive(f"'{_shown(name)}' cannot be the id of a study")
    return name


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, described: Mapping[str, Any], out: IO[bytes] | None) -> None:
    """Read a file in pieces, never more than it may have; compare its hash; write it if `out` is given."""
    digest, left = hashlib.sha256(), int(described["bytes"])
    with archive.open(info) as stream:
        while piece := stream.read(min(_CHUNK, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            if out is not None:
                out.write(piece)
    if left or digest.hexdigest() != described["sha256"]:
        raise BadArchive(f"'{_shown(info.filename)}' is not what the archive's list says", "it has been altered")


def _is_new(folder: Path, name: str, described: Mapping[str, Any]) -> bool:
    """Return whether a file has to be written; one that is there must be the same."""
    target = folder / name
    for place in _below(folder, target.parent):
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise BadArchive(f"'{place}' is in the way: it is no folder", "unpack into a new folder")
    if not target.is_symlink() and not target.exists():
        return True
    same = not target.is_symlink() and target.is_file() and target.stat().st_size == described["bytes"]
    if not same or hashlib.sha256(target.read_bytes()).hexdigest() != described["sha256"]:
        raise BadArchive(f"'{target}' is there already, with other content", "unpack into a new folder")
    return False


def _below(folder: Path, place: Path) -> Iterator[Path]:
    """Yield the folders from below `folder` down to `place`."""
    parts = place.relative_to(folder).parts
    for count in range(1, len(parts) + 1):
        yield folder.joinpath(*parts[:count])


def _write(
    archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo], listed: Mapping[str, Any], folder: Path
) -> None:
    """Unpack beside the folder first; then move the whole, or each file if the folder is there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".import-") as temporary:
        stage = Path(temporary) / "files"
        for name, entry in entries.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            with (stage / name).open("xb") as out:
                _copy(archive, entry, listed[name], out)
        if not folder.exists() and stage.exists():
            stage.rename(folder)
            return
        for name in entries:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with (stage / name).open("rb") as source, target.open("xb") as out:
                shutil.copyfileobj(source, out)
