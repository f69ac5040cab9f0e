"""A publication: the site is checked, the pages that lead to its releases are written, and what changed is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reportgen.errors import ReportgenError, UsageError
from reportgen.pages.address import Address
from reportgen.pages.changes import Changes, compare
from reportgen.pages.releases import (
    CHANGES,
    FOLDER,
    LIST,
    Release,
    before,
    changes_files,
    check_date,
    newest,
    read_releases,
    releases_files,
)
from reportgen.pages.site import environment
from reportgen.pages.site_json import NAME as SITE_JSON
from reportgen.pages.site_json import read_site_json
from reportgen.publish.check import check
from reportgen.publish.places.folder import LocalFolder
from reportgen.publish.plan import NOJEKYLL, Destination, Plan, State, damaged_releases, in_release, make_plan
from reportgen.publish.tree import HOME, File, file_of, read_site

SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Report:
    """What a publication did, or under a dry run would do.

    Attributes
    ----------
    plan : Plan
    changes : Changes or None
        Since the release that the site is compared with; None where there is none.
    previous : str
        That release.
    links : int
        Links within the site that were followed.
    warnings : tuple of str
    """

    plan: Plan
    changes: Changes | None
    previous: str
    links: int
    warnings: tuple[str, ...]


def publish(
    site: Path,
    destination: Destination,
    *,
    release: str = "",
    date: str = "",
    dry_run: bool = False,
    templates: Path | None = None,
) -> Report:
    """Publish a built site; nothing is sent before all checks have passed.

    Parameters
    ----------
    site : Path
        The folder that ``reportgen build`` wrote.
    destination : Destination
    release : str
        The release to publish with it; the site must have been built as that release.
    date : str
        ISO date of the release.
    dry_run : bool
        Whether only to find out what would change.
    templates : Path, optional
        A folder of templates that replace those of the same name.

    Raises
    ------
    ReportgenError
        If the site is not sound, a published release would be altered, or the destination cannot be written.
    """
    if isinstance(destination, LocalFolder) and site.resolve().is_relative_to(destination.root):
        raise UsageError(f"'{destination.address}' holds the site itself", "publish to another folder")
    tree: dict[str, File] = read_site(site)
    record = read_site_json(tree[SITE_JSON].read(), str(site / SITE_JSON))
    _check_release(record, release, date)
    state = destination.state(recover=not dry_run)
    known = read_releases(destination.read(LIST))
    listed, previous = _listed(known, release, date)
    lost = [other.version for other in known if f"{other.path}{HOME}" not in state.sizes]
    changes = _changes(record, previous, destination) if previous else None
    _generate(tree, record, listed, previous, changes, release, destination, templates)
    if NOJEKYLL not in state.sizes or NOJEKYLL in state.owned:
        tree[NOJEKYLL] = file_of(b"")
    links = _check(tree, state)
    folder = f"{FOLDER}{release}/" if release else ""
    plan = make_plan(tree, destination, state, folder, f"release {release}" if release else "the site")
    warnings = [f"release {version} is listed at the destination, but is not there" for version in lost]
    if damaged := damaged_releases(state):
        warnings.append(f"files of published releases were altered at the destination: {', '.join(damaged[:5])}")
    if not dry_run and not plan.nothing:
        destination.send(plan)
    return Report(plan, changes, previous, links, tuple(warnings))


def _check_release(record: Mapping[str, Any], release: str, date: str) -> None:
    if release:
        Address.of(release=release)
    if date:
        check_date(date)
    built = str(record["release"])
    if built == release:
        if release and not record.get("base_url"):
            raise UsageError(
                f"release {release} was built without the address of the site, and its citations would have none",
                f"reportgen build --release {release} --base-url https://…",
            )
        return
    if not built:
        raise UsageError(
            f"the site was not built as release {release}", f"reportgen build --release {release} --base-url https://…"
        )
    hint = f"a release stays for ever: add --release {built}, or build the site again without --release"
    raise UsageError(f"the site was built as release {built}", hint)


def _listed(known: tuple[Release, ...], release: str, date: str) -> tuple[tuple[Release, ...], str]:
    """Return the releases as they will be, and that which the site is compared with ("" if there is none)."""
    there = {found.version: found for found in known}
    if not release:
        last = newest(known)
        return known, last.version if last else ""
    if release in there:
        return known, there[release].previous
    earlier = before(release, known)
    made = Release(release, date, earlier.version if earlier else "")
    return (*known, made), made.previous


def _changes(record: Mapping[str, Any], previous: str, destination: Destination) -> Changes | None:
    """Compare with a release at the destination; None if its record is gone."""
    name = f"{FOLDER}{previous}/{SITE_JSON}"
    data = destination.read(name)
    if data is None:
        return None
    where = f"{name} at {destination.address}"
    try:
        return compare(read_site_json(data, where), record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportgenError(
            f"{where} cannot be compared with: {error!r}", "restore it; nothing was published"
        ) from error


def _generate(
    tree: dict[str, File],
    record: Mapping[str, Any],
    listed: tuple[Release, ...],
    previous: str,
    changes: Changes | None,
    release: str,
    destination: Destination,
    templates: Path | None,
) -> None:
    """Add to the tree what only a publication can know: the list of releases, and what changed."""
    made = environment(templates)
    address = Address(str(record.get("base_url", "")), release)
    if release:
        listed = tuple(
            replace(found, summary=changes.sentence if changes else "") if found.version == release else found
            for found in listed
        )
        inside = replace(address, frozen=True)
        this = next(found for found in listed if found.version == release)
        _put(tree, this.path, changes_files(changes, this, previous, inside, made))
        tree[f"{this.path}{SUMS}"] = file_of(_sums(tree, this.path))
    last = newest(listed)
    if last:
        since = Changes() if last.version == release else _changes(record, last.version, destination)
        _put(tree, "", changes_files(since, None, last.version, address, made))
    _put(tree, "", releases_files(listed, _pages(tree, last, destination), address, made))


def _put(tree: dict[str, File], folder: str, files: Mapping[str, bytes]) -> None:
    """Add files below a folder in place of what the build has written of the same page."""
    for name in [name for name in tree if name.startswith(f"{folder}{CHANGES}")]:
        if any(made.startswith(CHANGES) for made in files):
            del tree[name]
    tree.update({f"{folder}{name}": file_of(data) for name, data in files.items()})


def _sums(tree: Mapping[str, File], folder: str) -> bytes:
    names = sorted(name for name in tree if name.startswith(folder) and name != f"{folder}{SUMS}")
    return "".join(f"{tree[name].sha256}  {name.removeprefix(folder)}\n" for name in names).encode()


def _pages(tree: Mapping[str, File], last: Release | None, destination: Destination) -> list[str]:
    """Return the paths of all pages of the newest release, within it."""
    if last is None:
        return []
    names = [name for name in tree if name.startswith(last.path)]
    if not names:
        data = destination.read(f"{last.path}{SUMS}") or b""
        names = [f"{last.path}{line[66:]}" for line in data.decode().splitlines()]
    return sorted(name[len(last.path) : -len(HOME)] for name in names if name.endswith(f"/{HOME}"))


def _check(tree: Mapping[str, File], state: State) -> int:
    """Check all pages of the tree; a link into an earlier release leads to what the destination holds."""
    earlier = {name: File(b"", 0, "") for name in state.sizes if in_release(name) and name not in tree}
    return check({**earlier, **tree}, tree)
