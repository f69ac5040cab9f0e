"""The command that publishes: publish."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reportgen.cli.console import Console, count
from reportgen.cli.locate import DEFAULT_STORE, AsJson, StoreUrl
from reportgen.errors import ReportgenError, UsageError

if TYPE_CHECKING:
    from reportgen.publish import Report
    from reportgen.publish.plan import Plan

PANEL = "Site"
SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(rich_help_panel=PANEL)(publish)


def publish(
    context: typer.Context,
    destination: Annotated[
        str,
        typer.Argument(
            metavar="DEST", help="A folder, gh-pages, git:REMOTE#BRANCH, or a URL that fsspec knows, such as s3://…"
        ),
    ],
    site: Annotated[Path, typer.Option("--site", metavar="FOLDER", help="The site to publish.")] = Path("site"),
    release: Annotated[
        str, typer.Option("--release", metavar="VERSION", help="Publish the release that the site was built as.")
    ] = "",
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="The release's date, for the list and the feed: 2026-11-21.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would change, and send nothing.")] = False,
    allow_failed: Annotated[
        bool,
        typer.Option("--allow-failed-verification", help="Publish though reportgen verify found runs that differ."),
    ] = False,
    store: StoreUrl = DEFAULT_STORE,
    templates: Annotated[
        Path | None, typer.Option("--templates", help="The folder of templates that the site was built with.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish a built site: check it, keep all releases, and send what changed."""
    from reportgen.publish import open_destination
    from reportgen.publish import publish as send

    console: Console = context.obj
    if date and not release:
        raise UsageError("a date belongs to a release", "add --release VERSION, or leave --date out")
    verified = _verified(store, allow_failed, console)
    place = open_destination(destination)
    report = send(site, place, release=release, date=date, dry_run=dry_run, templates=templates)
    for warning in report.warnings:
        console.warn(warning)
    if dry_run:
        console.table(("what", "size", "file"), _rows(report.plan)) if not as_json else None
    _say(console, report, place.address, place.promise, dry_run)
    if as_json:
        console.document(_document(report, place.address, dry_run, release, verified))


def _verified(url: str, allowed: bool, console: Console) -> dict[str, str]:
    """Return what verifications have found of the results, by cell.

    Raises
    ------
    ReportgenError
        If one of them failed, and that is not allowed.
    """
    from reportgen.store import Store
    from reportgen.store.verification import FAILURES, recall

    found = recall(Store(url))
    failed = sorted(cell for cell, verdict in found.items() if verdict in FAILURES)
    if failed:
        said = f"{count(len(failed), 'cell')} of '{url}' gave other numbers when verified: {', '.join(failed[:SHOWN])}"
        if not allowed:
            raise ReportgenError(
                said, "train them again, verify, and build; or publish all the same with --allow-failed-verification"
            )
        console.warn(said)
    elif found:
        console.say(f"Verified: {count(len(found), 'cell')}, none of which gave other numbers")
    else:
        console.say("No result has been verified; reportgen verify STUDY does that")
    return found


def _rows(plan: Plan) -> list[tuple[str, str, str]]:
    sent = [("changed" if name in plan.changed else "new", size(file.size), name) for name, file in plan.send.items()]
    return [*sent, *(("removed", "", name) for name in plan.remove)]


def _say(console: Console, report: Report, address: str, promise: str, dry_run: bool) -> None:
    plan = report.plan
    if report.changes is not None:
        console.say(f"Since release {report.previous}: {report.changes.sentence}")
    counts = f"{len(plan.send) - len(plan.changed):,} new, {len(plan.changed):,} changed, {len(plan.remove):,} removed"
    if plan.nothing:
        console.say(f"{address} is up to date: {count(plan.unchanged, 'file')}")
    elif dry_run:
        console.say(f"Would send {size(plan.size)} to {address}: {counts}, {plan.unchanged:,} unchanged")
    else:
        console.say(f"Sent {size(plan.size)} to {address}: {counts}, {plan.unchanged:,} unchanged")
        console.say(f"There, {promise}.")


def _document(report: Report, address: str, dry_run: bool, release: str, verified: dict[str, str]) -> dict[str, object]:
    plan, changes = report.plan, report.changes
    verdicts = sorted(set(verified.values()))
    return {
        "destination": address,
        "dry_run": dry_run,
        "release": release,
        "new": sorted(plan.send.keys() - plan.changed),
        "changed": sorted(plan.changed),
        "removed": list(plan.remove),
        "unchanged": plan.unchanged,
        "bytes": plan.size,
        "links": report.links,
        "since": report.previous,
        "changes": None
        if changes is None
        else {
            "summary": changes.sentence,
            "estimates": len(changes.estimates),
            "apart": changes.apart,
            "verdicts": [{"claim": c.claim, "old": c.old, "new": c.new} for c in changes.verdicts],
            "figures": [name for name, _ in changes.figures_changed],
        },
        "verified": {verdict: list(verified.values()).count(verdict) for verdict in verdicts},
        "warnings": list(report.warnings),
    }


def size(number: int) -> str:
    """Return a size in bytes as people read it."""
    if number < 1000:
        return f"{number} bytes"
    value, unit = number / 1000, "kB"
    while value >= 1000 and unit != "GB":
        value, unit = value / 1000, {"kB": "MB", "MB": "GB"}[unit]
    return f"{value:.1f} {unit}"
