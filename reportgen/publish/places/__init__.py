"""Where a site can be published, and which of these a word on the command line means."""

from __future__ import annotations

from pathlib import Path

from reportgen.errors import UsageError
from reportgen.publish.places.branch import GitBranch
from reportgen.publish.places.folder import LocalFolder
from reportgen.publish.places.objects import ObjectStore
from reportgen.publish.plan import Destination

PAGES_BRANCH = "gh-pages"


def open_destination(text: str) -> Destination:
    """Return a destination; nothing is written yet.

    Parameters
    ----------
    text : str
        ``gh-pages`` for the branch of that name at the remote ``origin``; ``git:REMOTE#BRANCH`` for any branch of a
        remote that the repository here knows by that name, or of a repository by its address or path; a URL of a kind
        that fsspec knows, such as ``s3://bucket/site``; or else a folder.

    Raises
    ------
    UsageError
        If it is none of these.
    """
    if text == PAGES_BRANCH:
        return GitBranch("origin", PAGES_BRANCH)
    if text.startswith("git:"):
        remote, mark, branch = text.removeprefix("git:").rpartition("#")
        if not mark or not remote or not branch:
            raise UsageError(f"'{text}' names no branch", f"write git:REMOTE#BRANCH, such as git:origin#{PAGES_BRANCH}")
        return GitBranch(remote, branch)
    if text.startswith("file://"):
        return LocalFolder(Path(text.removeprefix("file://")))
    if "://" in text:
        return ObjectStore(text)
    if not text.strip():
        raise UsageError("no destination is given", "a folder, gh-pages, git:REMOTE#BRANCH, or a URL such as s3://…")
    return LocalFolder(Path(text))
