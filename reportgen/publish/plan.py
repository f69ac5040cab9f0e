"""What a publication would change: files compared with what the destination holds, before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from reportgen.errors import ReportgenError
from reportgen.pages.releases import FOLDER
from reportgen.publish.tree import HOME, File, Tree

MANIFEST = ".reportgen.json"
"""The file at a destination that lists what was published there, with sizes and hashes."""

NOJEKYLL = ".nojekyll"
FORMAT = 1


@dataclass(frozen=True)
class Owned:
    """What a destination's manifest says of a file that was published."""

    size: int
    sha256: str


@dataclass(frozen=True)
class State:
    """What a destination holds: sizes of all files by name, and what its manifest says of those that are ours."""

    sizes: Mapping[str, int]
    owned: Mapping[str, Owned]


@dataclass(frozen=True)
class Plan:
    """What a publication does.

    Attributes
    ----------
    send : mapping
        New and changed files by name, but for the manifest.
    changed : frozenset of str
        Those of them that the destination has already, with other content.
    remove : tuple of str
        Files that were published and are no longer part of the site.
    unchanged : int
        Files that stay as they are.
    owned : mapping
        What the manifest says afterwards.
    before : mapping
        What the manifest said when this was planned.
    title : str
        What is published, in a few words.
    """

    send: Mapping[str, File]
    changed: frozenset[str]
    remove: tuple[str, ...]
    unchanged: int
    owned: Mapping[str, Owned]
    before: Mapping[str, Owned]
    title: str = "the site"

    @property
    def nothing(self) -> bool:
        """Whether the destination is up to date."""
        return not self.send and not self.remove and self.owned == self.before

    @property
    def size(self) -> int:
        """Bytes to send."""
        return sum(file.size for file in self.send.values())

    @property
    def manifest(self) -> bytes:
        """The manifest as it is afterwards."""
        return manifest_bytes(self.owned)


class Destination(Protocol):
    """A place where a site is published. Files appear there whole, and the site as its `promise` says."""

    address: str
    promise: str

    def state(self, recover: bool) -> State:
        """Return what the destination holds.

        Parameters
        ----------
        recover : bool
            Whether to finish, or clear away, what a publication that was cut off has left. Otherwise nothing is
            written, and the answer is what it would be after that.
        """
        ...

    def read(self, name: str) -> bytes | None:
        """Return a file's content, or None where there is none."""
        ...

    def same(self, name: str, file: File, state: State) -> bool:
        """Whether the file of this name, which the destination holds, has this content."""
        ...

    def send(self, plan: Plan) -> None:
        """Carry out a plan."""
        ...


def make_plan(tree: Tree, destination: Destination, state: State, frozen: str = "", title: str = "the site") -> Plan:
    """Plan a publication.

    Parameters
    ----------
    tree : Tree
        All that the site has, but for earlier releases.
    destination : Destination
    state : State
        What it holds.
    frozen : str
        The folder of the release that is published, or "".
    title : str
        What is published.

    Raises
    ------
    ReportgenError
        If a release that is there would be altered, or a file that was not published by reportgen overwritten.
    """
    alike = {name for name, file in tree.items() if name in state.sizes and destination.same(name, file, state)}
    if frozen:
        _refuse_altered(tree, state, alike, frozen)
    foreign = sorted(name for name in tree if name in state.sizes and name not in alike and name not in state.owned)
    if foreign:
        raise ReportgenError(
            f"{destination.address} holds files that reportgen did not publish and would overwrite: "
            f"{', '.join(foreign[:5])}",
            "publish to another place, or remove these files there",
        )
    kept = {name: owned for name, owned in state.owned.items() if in_release(name) and name not in tree}
    gone = sorted(name for name in state.owned if name in state.sizes and name not in tree and not in_release(name))
    return Plan(
        send={name: file for name, file in sorted(tree.items()) if name not in alike},
        changed=frozenset(name for name in tree if name in state.sizes and name not in alike),
        remove=tuple(gone),
        unchanged=len(alike),
        owned={**kept, **{name: Owned(file.size, file.sha256) for name, file in tree.items()}},
        before=state.owned,
        title=title,
    )


def _refuse_altered(tree: Tree, state: State, alike: set[str], frozen: str) -> None:
    """Raise if the destination has this release, and it is not exactly the one that would be published."""
    there = {name for name in state.sizes if name.startswith(frozen)}
    ours = {name for name in tree if name.startswith(frozen)}
    differing = sorted((there ^ ours) | (ours - alike))
    if there and differing:
        raise ReportgenError(
            f"the release {frozen.split('/')[1]} has been published already, and differs in {len(differing)} files: "
            f"{', '.join(differing[:5])}",
            "a release is never altered: publish what changed as a new version",
        )


def damaged_releases(state: State) -> list[str]:
    """Return the files of published releases that are gone from the destination, or have another size."""
    return [
        name for name, owned in sorted(state.owned.items()) if in_release(name) and state.sizes.get(name) != owned.size
    ]


def in_release(name: str) -> bool:
    """Whether a file belongs to a release, which nothing may alter."""
    return name.startswith(FOLDER) and "/" in name.removeprefix(FOLDER)


def rank(name: str) -> int:
    """Return when a file is put in place where one follows the other: what pages show, pages, lists, the home page."""
    if name == HOME:
        return 3
    if name.startswith(FOLDER) and not in_release(name):
        return 2
    return 1 if name.endswith(".html") else 0


def manifest_bytes(owned: Mapping[str, Owned]) -> bytes:
    """Write a manifest."""
    files = {name: [found.sha256, found.size] for name, found in sorted(owned.items())}
    return f"{json.dumps({'format': FORMAT, 'files': files}, indent=0)}\n".encode()


def read_owned(data: bytes | None, address: str) -> dict[str, Owned]:
    """Read a manifest; None stands for a destination without one.

    Raises
    ------
    ReportgenError
        If it cannot be read, or is of a later format.
    """
    if data is None:
        return {}
    try:
        found = json.loads(data)
        if found["format"] != FORMAT:
            raise ValueError(found["format"])
        return {str(name): Owned(int(size), str(sha256)) for name, (sha256, size) in found["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReportgenError(
            f"{address} has a manifest ({MANIFEST}) that cannot be read", "restore it; nothing was published"
        ) from error
