"""The command about claims: verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from reportgen.cli.console import Console
from reportgen.cli.locate import (
    DEFAULT_STORE,
    AsJson,
    Plugins,
    Profile,
    SeedOffset,
    SomeStudies,
    StoreUrl,
    as_extended,
    load_all,
)

if TYPE_CHECKING:
    from reportgen.store import Store
    from reportgen.study.spec import Study


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(rich_help_panel="Results")(verdicts)


def verdicts(
    context: typer.Context,
    studies: SomeStudies = None,
    profile: Profile = "default",
    seed_offset: SeedOffset = 0,
    store: StoreUrl = DEFAULT_STORE,
    plugins: Plugins = False,
    as_json: AsJson = False,
) -> None:
    """Print the verdict on every claim that the studies decide, and on what it depends.

    With --json the document is what `studies/other-seeds.json` holds: the site then says which verdicts change.
    """
    from reportgen.store import Store

    console: Console = context.obj
    kept = Store(store)
    loaded = load_all(studies, profile, plugins, seed_offset)
    found, comparisons = _answers(as_extended(loaded, kept), kept)
    if as_json:
        console.document(_document(loaded, found, comparisons, profile, seed_offset))
        return
    console.table(
        ["claim", "verdict", "depends on, or why"],
        [[name, answer.verdict, answer.condition or answer.reason] for name, answer in found.items()],
    )


def _answers(studies: list[Study], store: Store) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Return the verdict on each claim, and the answers of the comparisons behind it."""
    from reportgen.analyse.claims import decide
    from reportgen.analyse.sign_verdicts import sign_verdicts
    from reportgen.analyse.verdicts import verdicts as verdicts_of
    from reportgen.cli.analysing import analysed
    from reportgen.study.claims import find_register

    register = find_register([Path(study.path) for study in studies])
    analyses, found = analysed(studies, store, None)
    results = [result for study, one in zip(studies, analyses, strict=True) for result in decide(study, one)]
    comparisons: dict[str, dict[str, str]] = {}
    for result in results:
        comparisons.setdefault(result.request.id, {}).update(result.answers)
    return verdicts_of(register, results, sign_verdicts(found)), comparisons


def _document(
    studies: list[Study],
    found: dict[str, Any],
    comparisons: dict[str, dict[str, str]],
    profile: str,
    seed_offset: int,
) -> dict[str, Any]:
    from reportgen.study.design import design_hash

    return {
        "format": 2,
        "profile": profile,
        "seed_offset": seed_offset,
        "studies": {study.id: design_hash(study) for study in studies},
        "verdicts": {
            name: {
                "verdict": answer.verdict,
                "condition": answer.condition,
                "comparisons": comparisons.get(name, {}),
            }
            for name, answer in found.items()
        },
    }
