"""Releases of a site: what is known of them, and the pages and files that lead to them.

A release lies in ``releases/<version>/`` and is never altered. What changes with each new one lies beside these
folders: the list of releases as a page, as JSON, as a feed, and as the script that tells an old release's reader of
the newest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

import jinja2

from reportgen.errors import ReportgenError, UsageError
from reportgen.pages.address import RELEASES, Address
from reportgen.pages.changes import Changes, changes_csv
from reportgen.pages.metadata.head import plain_head
from reportgen.pages.site import NAME, Page, render_page

FOLDER = RELEASES
LIST = f"{FOLDER}releases.json"
SCRIPT = f"{FOLDER}releases.js"
FEED = f"{FOLDER}feed.xml"
CHANGES = "changes/"
MOST = 100
"""Changed estimates that a page shows; its table has all."""

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")


@dataclass(frozen=True)
class Release:
    """A release that has been published, or is about to be.

    Attributes
    ----------
    version : str
    date : str
        ISO date that its publisher gave, or "".
    previous : str
        The release that its changes are counted from, or "".
    summary : str
        Its changes in one sentence, or "".
    """

    version: str
    date: str = ""
    previous: str = ""
    summary: str = ""

    @property
    def path(self) -> str:
        """Its folder on the site."""
        return f"{FOLDER}{self.version}/"


def check_date(date: str) -> str:
    """Return an ISO date; raises UsageError."""
    if not _DATE.match(date):
        raise UsageError(f"'{date}' is not a date", "write it as 2026-11-21")
    return date


def order(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return what versions are sorted by: numbers as numbers, and 1.2.0-rc before 1.2.0."""
    parts = [(2, int(part), "") if part.isdigit() else (0, 0, part.casefold()) for part in re.split("[.+_-]", version)]
    return (*parts, (1, 0, ""))


def newest(releases: Iterable[Release]) -> Release | None:
    """Return the release with the highest version."""
    return max(releases, key=lambda release: order(release.version), default=None)


def before(version: str, releases: Iterable[Release]) -> Release | None:
    """Return the release with the highest version below this one."""
    return newest(release for release in releases if order(release.version) < order(version))


def read_releases(data: bytes | None) -> tuple[Release, ...]:
    """Read the list of releases; None stands for a site without any.

    Raises
    ------
    ReportgenError
        If it is not such a list.
    """
    if data is None:
        return ()
    try:
        listed = json.loads(data)
        found = tuple(Release(**{key: str(value) for key, value in item.items()}) for item in listed)
        for release in found:
            Address.of(release=release.version)
        if not isinstance(listed, list) or not all(release.version for release in found):
            raise ValueError("not a list of versions")
    except (ValueError, TypeError, AttributeError, RecursionError, UsageError) as error:
        raise ReportgenError(
            f"the list of releases at the destination ({LIST}) cannot be read", "restore it; nothing was published"
        ) from error
    return found


def releases_files(
    releases: Sequence[Release],
    pages: Collection[str],
    address: Address,
    templates: jinja2.Environment,
) -> dict[str, bytes]:
    """Return the files beside the releases, by site path.

    Parameters
    ----------
    releases : sequence of Release
    pages : collection of str
        Paths of the pages of the newest release, within it.
    address : Address
    templates : jinja2.Environment
    """
    shown = sorted(releases, key=lambda release: order(release.version), reverse=True)
    last = shown[0] if shown else None
    about = "Every release of this site, kept as it was published, and what each one changed."
    dated = [release for release in shown if release.date] if address.base_url else []
    page = Page(FOLDER, "releases.html", "Releases", about, {"releases": shown, "feed": FEED if dated else ""})
    data = {"newest": last.version if last else "", "pages": sorted(pages)}
    files = {
        f"{FOLDER}index.html": render_page(page, templates, address, plain_head(page, address)),
        SCRIPT: templates.get_template("releases.js").render(data=data).encode(),
        LIST: f"{json.dumps([asdict(release) for release in shown], indent=1)}\n".encode(),
    }
    if dated:
        context = {"releases": dated, "base_url": address.base_url, "updated": max(r.date for r in dated)}
        files[FEED] = templates.get_template("feed.xml").render(**context, site_name=NAME).encode()
    return files


def changes_files(
    changes: Changes | None,
    release: Release | None,
    previous: str,
    address: Address,
    templates: jinja2.Environment,
    *,
    published: bool = True,
) -> dict[str, bytes]:
    """Return the page of changes and its table, by path within the site or the release.

    Parameters
    ----------
    changes : Changes or None
        None where there is nothing to compare with.
    release : Release or None
        The release that the page belongs to; None for the site as it is now.
    previous : str
        The release that changes are counted from; "" if there is none.
    address : Address
    templates : jinja2.Environment
    published : bool
        Whether this is a publication; a build does not know what it will be compared with.
    """
    title = f"What changed in release {release.version}" if release else f"What changed since release {previous}"
    about = f"Estimates, verdicts and figures that differ from release {previous}." if previous else "A first release."
    context = {
        "changes": changes,
        "release": release,
        "previous": previous,
        "published": published,
        "shown": changes.estimates[:MOST] if changes else (),
    }
    page = Page(CHANGES, "changes.html", title, about, context)
    files = {f"{CHANGES}index.html": render_page(page, templates, address, plain_head(page, address))}
    if changes and changes.estimates:
        files[f"{CHANGES}changes.csv"] = changes_csv(changes)
    return files
