"""What a study did, as facts for its page: design, headline numbers, environment."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from reportgen.pages import numbers
from reportgen.pages.allowed import written
from reportgen.pages.arms import extreme, status_counts
from reportgen.pages.components import address
from reportgen.pages.entries import records
from reportgen.pages.lookup import listed_rates
from reportgen.store.tables import ENVIRONMENTS

if TYPE_CHECKING:
    from reportgen.pages.entries import StudyEntry
    from reportgen.study.spec import Arm, Component

HALF = 0.5


@dataclass(frozen=True)
class Value:
    """One value of a fact; it begins with `name`, which has its page at the site path `path` ("" for none)."""

    text: str
    path: str = ""
    name: str = ""


def study_file(entry: StudyEntry) -> str:
    """Return the study's file as a reader finds it: never a path of the machine that built the site."""
    return f"studies/{PurePath(entry.study.path).name or entry.study.id + '.yaml'}"


def command(entry: StudyEntry) -> str:
    """Return the command that makes the study's pages again."""
    return f"reportgen build {shlex.quote(study_file(entry))}{_options(entry)}"


def verification(entry: StudyEntry, figure_id: str = "") -> str:
    """Return the command that trains the runs behind a study or a figure again, and compares."""
    address = f"{entry.study.id}/{figure_id}" if figure_id else entry.study.id
    return f"reportgen verify {shlex.quote(address)}{_options(entry)}"


def export(entry: StudyEntry, figure_id: str) -> str:
    """Return the command that writes a figure for LaTeX."""
    address = f"{entry.study.id}/{figure_id}"
    return f"reportgen export figure {shlex.quote(address)} figures --format pgf{_options(entry)}"


def carry(entry: StudyEntry) -> tuple[str, str]:
    """Return the command that packs the study into an archive, and those that make its pages again elsewhere."""
    study, options = shlex.quote(entry.study.id), _options(entry)
    elsewhere = f"reportgen import {study}.zip\ncd {study}\nreportgen build {study} --no-run{options}"
    return f"reportgen export study {study} {study}.zip{options}", elsewhere


def _options(entry: StudyEntry) -> str:
    study = entry.study
    profile = "" if study.profile == "default" else f" --profile {shlex.quote(study.profile)}"
    return profile + (f" --seed-offset {study.seed_offset}" if study.seed_offset else "")


def headlines(entry: StudyEntry) -> list[dict[str, str]]:
    """Return up to four headline numbers, each with `value`, `label` and `note`, made from the estimates."""
    counts = status_counts(entry)
    bad = [f"{numbers.fixed(counts[name], 0)} {name}" for name in ("diverged", "failed", "missing") if counts[name]]
    arms = [arm for arm in entry.study.arms if not arm.skipped]
    found = [_headline(numbers.fixed(counts["completed"], 0), "runs completed", ", ".join([f"{len(arms)} arms", *bad]))]
    for choose, label in ((min, "smallest decay factor"), (max, "largest decay factor")):
        picked = extreme(entry, "decay-factor", choose)
        if picked:
            found.append(_headline(picked["text"], label, picked["arm"]))
    success = [row for row in records(entry.analysis.estimates) if row.name == "success"]
    if success:
        learnt = sum(row.estimate >= HALF for row in success)
        note = "reach the target in at least half of their runs"
        found.append(_headline(f"{learnt} of {len(success)}", "trained arms learn", note))
    return found


def design(entry: StudyEntry) -> list[tuple[str, list[Value]]]:
    """Return the facts of the design as (term, values); what differs between arms has several values."""
    arms = [arm for arm in entry.study.arms if not arm.skipped]
    named = [
        ("Task", _described("tasks/", [arm.task for arm in arms])),
        ("Architecture", _described("architectures/", [arm.architecture for arm in arms])),
        ("Remedies", _described("remedies/", [remedy for arm in arms for remedy in arm.remedies])),
    ]
    plain = [(term, [Value(text) for text in values]) for term, values in _settings(entry)]
    return [(term, values) for term, values in [*named, *plain] if values]


def _settings(entry: StudyEntry) -> list[tuple[str, list[str]]]:
    arms = [arm for arm in entry.study.arms if not arm.skipped]
    trained = [arm for arm in arms if arm.training.steps > 0]
    return [
        *((factor.label or factor.name, list(factor.levels)) for factor in entry.study.factors),
        ("Optimiser", _distinct(arm.training.optimiser for arm in trained)),
        ("Budget", _distinct(f"{numbers.fixed(arm.training.steps, 0)} steps" for arm in trained)),
        ("Batch size", _distinct(str(arm.training.batch_size) for arm in arms)),
        ("Learning rates", _distinct(_rates(listed_rates(arm)) for arm in trained)),
        ("Rates added", _added(trained)),
        ("Seeds shifted by", [numbers.fixed(entry.study.seed_offset, 0)] if entry.study.seed_offset else []),
        ("Tuning seeds", _distinct(str(len(arm.tuning_seeds)) for arm in trained if arm.tuning_seeds)),
        ("Judged seeds", _distinct(str(len(arm.seeds)) for arm in trained)),
        ("Seeds at initialisation", _distinct(str(len(arm.seeds)) for arm in arms if arm not in trained)),
        ("Target", _distinct(_target(arm.target) for arm in trained if arm.target)),
    ]


def _rates(rates: Iterable[float]) -> str:
    return ", ".join(map(numbers.setting, sorted(rates)))


def _added(arms: Sequence[Arm]) -> list[str]:
    """Say by which rates lists were extended, as the best rate was the first or last, and of how many arms."""
    added = [found for arm in arms if (found := set(arm.learning_rates) & set(arm.further_rates))]
    tuned = sum(len(arm.learning_rates) > 1 for arm in arms)
    return (
        [f"{_rates(set().union(*added))}; in {len(added)} of {tuned} arms, as their best was at the edge"]
        if added
        else []
    )


def environment_facts(entry: StudyEntry) -> list[tuple[str, str, list[str]]]:
    """Return (column, meaning, distinct values) of the environments that the runs were made in."""
    frame = entry.environments
    if frame is None or frame.empty:
        return []
    shown = [column for column in ENVIRONMENTS if column.name in frame.columns and column.name != "environment_id"]
    return [
        (column.name, column.meaning, sorted({_plain(value) for value in frame[column.name]} - {""}))
        for column in shown
    ]


def _headline(value: str, label: str, note: str) -> dict[str, str]:
    return {"value": value, "label": label, "note": note}


def _distinct(values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def _described(page: str, components: list[Component]) -> list[Value]:
    """Describe each component once, by the parameters that all arms share, with its place in the catalogue."""
    described = []
    for name in dict.fromkeys(component.name for component in components):
        same = [c.parameters for c in components if c.name == name]
        first = same[0]
        common = {key: first[key] for key in first if all(key in other and other[key] == first[key] for other in same)}
        parameters = ", ".join(f"{_words(key)} {_value(value)}" for key, value in common.items() if value is not None)
        described.append(Value(f"{name} ({parameters})" if parameters else name, address(page, name), name))
    return described


def _target(target: Any) -> str:
    return f"{target.metric} {numbers.setting(target.value)} on test data"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return numbers.setting(value) if isinstance(value, int | float) else written(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or value != value else str(value)
