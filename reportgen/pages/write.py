"""Writing the site: staged aside, only what has changed is replaced, only what was written before is removed."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from reportgen.errors import ReportgenError

MANIFEST = ".manifest.json"


def write_tree(files: Mapping[str, bytes | Path], out: Path) -> tuple[int, int]:
    """Bring the folder `out` to hold `files`, and nothing else that an earlier call has written.

    Everything is staged in a folder beside `out` and compared; then the changed files are swapped in one by one.
    The manifest lists old and new files while that goes on, so a broken run leaves nothing that the next one
    would not recognise as its own.

    Parameters
    ----------
    files : mapping
        Relative POSIX path to the bytes, or to a file that is copied.
    out : Path
        Made if it does not exist.

    Returns
    -------
    written, unchanged : int

    Raises
    ------
    ReportgenError
        If a path leads out of the folder, or a file that is not ours would be overwritten.
    """
    for name in files:
        _check(name)
    before = read_manifest(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as staging:
            changed = _stage(files, out, Path(staging))
            _refuse_foreign(changed, before, out)
            _write_manifest({*before, *files}, out, Path(staging))
            for name in changed:
                _swap(Path(staging) / name, out, name)
            for name in sorted(before - set(files)):
                _remove(out, name)
            _write_manifest(files, out, Path(staging))
    except OSError as error:
        raise ReportgenError(f"the site cannot be written: {error}", f"check the folder {out}") from error
    return len(changed), len(files) - len(changed)


def read_manifest(out: Path) -> set[str]:
    """Return the files that the last call wrote; names that lead out of the folder are left out."""
    try:
        listed = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {name for name in listed if isinstance(name, str) and _is_inside(name)}


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and "\0" not in name


def _check(name: str) -> None:
    if not _is_inside(name) or name == MANIFEST:
        raise ReportgenError(f"{name!r} is not a file inside the site", "rename the study or the figure")


def _stage(files: Mapping[str, bytes | Path], out: Path, staging: Path) -> list[str]:
    """Write the files that differ from what `out` holds below `staging`; return their names, sorted."""
    changed = []
    for name, content in sorted(files.items()):
        data = content if isinstance(content, bytes) else content.read_bytes()
        target = out / name
        if target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data:
            continue
        staged = staging / name
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(data)
        changed.append(name)
    return changed


def _refuse_foreign(changed: Iterable[str], before: set[str], out: Path) -> None:
    foreign = [name for name in changed if name not in before and (out / name).exists()]
    if foreign:
        raise ReportgenError(
            f"{out} holds files that this site did not write and would overwrite: {', '.join(foreign[:5])}",
            "choose another folder for the site, or move these files away",
        )


def _swap(staged: Path, out: Path, name: str) -> None:
    target = out / name
    # Asked before the folder is made, for making it would follow a link too.
    if not target.parent.resolve().is_relative_to(out.resolve()):
        raise ReportgenError(f"{target} leads out of the site through a link", "remove the link")
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(staged, target)


def _remove(out: Path, name: str) -> None:
    target = out / name
    if not target.parent.resolve().is_relative_to(out.resolve()):
        return
    target.unlink(missing_ok=True)
    for folder in target.relative_to(out).parents:
        if str(folder) != "." and (out / folder).is_dir() and not any((out / folder).iterdir()):
            shutil.rmtree(out / folder)


def _write_manifest(names: Iterable[str], out: Path, staging: Path) -> None:
    text = json.dumps({"format": 1, "files": sorted(names)}, indent=1) + "\n"
    target = out / MANIFEST
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return
    staged = staging / MANIFEST
    staged.write_text(text, encoding="utf-8")
    os.replace(staged, target)
