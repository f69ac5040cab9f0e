"""What a study becomes when it is expanded: arms, and runs with their ids.

Nothing here knows YAML, torch or the store. A run's id is a hash of all that decides its numbers, and of nothing
else, so studies share runs and a renamed study re-runs nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reportgen.errors import UnknownName

SPEC_FORMAT = 1
"""Raised when the trainer's behaviour changes for every run."""


@dataclass(frozen=True)
class Component:
    """A named, versioned part of a run with all its parameters, defaults included."""

    name: str
    version: int = 1
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Training:
    """How a run trains. `steps` 0 measures the network at initialisation only."""

    optimiser: str = "sgd"
    steps: int = 600
    batch_size: int = 64
    schedule: str = "constant"


@dataclass(frozen=True)
class Measure:
    """What is measured and when.

    Attributes
    ----------
    quantities : tuple of str
        Names of the quantities, as in ``reportgen.store.tables.QUANTITIES``.
    points : int
        How many log-spaced steps are probed between step 0 and the last; both ends are always probed.
    evaluations : int
        How many evenly spaced steps are evaluated on held-out data.
    """

    quantities: tuple[str, ...]
    points: int = 12
    evaluations: int = 40


@dataclass(frozen=True)
class RunSpec:
    """One training of an arm with one seed and one learning rate.

    `learning_rate` is None exactly where nothing is trained in steps: where there are none (steps 0), and where the
    architecture is solved for.
    """

    task: Component
    architecture: Component
    remedies: tuple[Component, ...]
    training: Training
    measure: Measure
    seed: int
    learning_rate: float | None

    @cached_property
    def canonical(self) -> str:
        """The specification as JSON with sorted keys: the only JSON cell of the store."""
        # vars() in place of asdict(), which copies what is only read here, and takes several times as long.
        plain = {
            "format": SPEC_FORMAT,
            "task": vars(self.task),
            "architecture": vars(self.architecture),
            "remedies": [vars(remedy) for remedy in self.remedies],
            "training": vars(self.training),
            "measure": vars(self.measure),
            "seed": self.seed,
            "learning_rate": self.learning_rate,
        }
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @cached_property
    def run_id(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of `canonical`."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()[:16]

    @classmethod
    def from_canonical(cls, text: str) -> RunSpec:
        """Read a specification back from `canonical`."""
        raw = json.loads(text)
        return cls(
            task=Component(**raw["task"]),
            architecture=Component(**raw["architecture"]),
            remedies=tuple(Component(**remedy) for remedy in raw["remedies"]),
            training=Training(**raw["training"]),
            measure=Measure(**{**raw["measure"], "quantities": tuple(raw["measure"]["quantities"])}),
            seed=raw["seed"],
            learning_rate=raw["learning_rate"],
        )


@dataclass(frozen=True)
class Target:
    """What counts as having learnt: `metric` on the test split reaches `value`."""

    metric: str
    value: float


@dataclass(frozen=True)
class Arm:
    """One combination of the factors' levels.

    Attributes
    ----------
    id : str
        Slugs of the level labels in the order of the factors, joined by "/": ``sigmoid/glorot/20``.
    label : str
        The same for readers.
    levels : mapping
        Factor name to level label, in the order of the factors.
    values : mapping
        Factor name to the level's value where it is a number (an axis can then be numeric), else its label.
    skipped : str
        Why the arm is not run ("" if it is): an ``exclude`` reason, or a remedy that does not apply.
    tuning_seeds, seeds : tuple of int
        Seeds that choose the learning rate (on validation data; none where there is no rate to choose), and other
        seeds that are judged (on test data).
    learning_rates : tuple of float
        Rising. Empty where nothing is trained in steps: with steps 0, and for an architecture that is solved for.
    further_rates : tuple of float
        Rates by which the list may be extended at its ends, rising (``reportgen.study.rates``); no run has one of them
        unless it is in `learning_rates` too.
    """

    id: str
    label: str
    levels: Mapping[str, str]
    values: Mapping[str, float | str]
    skipped: str
    is_baseline: bool
    task: Component
    architecture: Component
    remedies: tuple[Component, ...]
    training: Training
    measure: Measure
    target: Target | None
    tuning_seeds: tuple[int, ...]
    seeds: tuple[int, ...]
    learning_rates: tuple[float, ...]
    further_rates: tuple[float, ...] = ()

    @cached_property
    def runs(self) -> tuple[RunSpec, ...]:
        """All runs of the arm, seeds outside, rates inside; none if it is skipped."""
        if self.skipped:
            return ()
        rates: tuple[float | None, ...] = self.learning_rates or (None,)
        return tuple(
            RunSpec(self.task, self.architecture, self.remedies, self.training, self.measure, seed, rate)
            for seed in self.tuning_seeds + self.seeds
            for rate in rates
        )


@dataclass(frozen=True)
class Cell:
    """Runs of one arm that are trained together; its id depends on the runs only."""

    runs: tuple[RunSpec, ...]

    @cached_property
    def cell_id(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of the sorted run ids."""
        return hashlib.sha256("\n".join(sorted(run.run_id for run in self.runs)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Author:
    """An author of a study; `orcid` is the bare identifier or ""."""

    name: str
    orcid: str = ""
    affiliation: str = ""


@dataclass(frozen=True)
class Factor:
    """One dimension that arms differ in: a dotted path or a named axis.

    `label` is for readers; `levels` are the level labels in the study's order; `numeric` says whether every
    level is a number.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    numeric: bool


@dataclass(frozen=True)
class FigureRequest:
    """A figure that a study shows.

    `where` restricts the arms: factor name to the level labels that are shown. `parameters` are those of the
    figure kind (``colour``, ``panels``, ``at``, ...), checked against its signature.
    """

    id: str
    kind: str
    title: str
    caption: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ClaimRequest:
    """A comparison that decides a claim, as the study file states it before it is run.

    Attributes
    ----------
    id : str
        Of the claim in the register; several requests with one id are several pieces of evidence.
    estimate : str
        The outcome that decides (``reportgen.study.outcomes.OUTCOMES``).
    compare : mapping
        Factor name to level labels: the arms that are to win.
    against : mapping or float
        The arms that they are compared with, equal in all other factors; or a number.
    where : mapping
        Factor name to the level labels that both are restricted to.
    direction : str
        "higher", "lower" or "nearer-one".
    margin : float
        The smallest difference that matters: a ratio above 1 for factors and times, else in the outcome's unit.
    why : str
        Why a smaller one does not matter.
    strata : tuple of str or None
        The factors each combination of whose levels is decided apart; None for all that vary.
    figure : str
        Id of the study's figure that shows it, or "".
    """

    id: str
    estimate: str
    compare: Mapping[str, tuple[str, ...]]
    against: Mapping[str, tuple[str, ...]] | float
    where: Mapping[str, tuple[str, ...]]
    direction: str
    margin: float
    why: str
    strata: tuple[str, ...] | None = None
    figure: str = ""


@dataclass(frozen=True)
class Study:
    """A study, checked and expanded under one profile.

    `prose` maps a section ("abstract", "background", "design", "results", "limits") to Markdown, in order;
    `date` is "2026-11-21" or ""; `seed_offset` is what all seeds are shifted by.
    """

    id: str
    path: str
    profile: str
    title: str
    authors: tuple[Author, ...]
    question: str
    prose: Mapping[str, str]
    factors: tuple[Factor, ...]
    arms: tuple[Arm, ...]
    report: tuple[FigureRequest, ...]
    keywords: tuple[str, ...] = ()
    licence: str = "CC-BY-4.0"
    version: str = "1.0"
    date: str = ""
    doi: str = ""
    claims: tuple[ClaimRequest, ...] = ()
    seed_offset: int = 0

    def arm(self, arm_id: str) -> Arm:
        """Return the arm with the id; raises UnknownName."""
        for arm in self.arms:
            if arm.id == arm_id:
                return arm
        raise UnknownName("arm", arm_id, [arm.id for arm in self.arms])

    def baseline(self) -> Arm | None:
        """Return the arm that the others are compared with."""
        return next((arm for arm in self.arms if arm.is_baseline), None)

    def missing_cells(self, present: Collection[str]) -> tuple[Cell, ...]:
        """Return the cells whose runs are not among the `present` run ids, arm by arm."""
        cells = []
        planned: set[str] = set(present)
        for arm in self.arms:
            runs = tuple(run for run in arm.runs if run.run_id not in planned)
            planned.update(run.run_id for run in runs)
            if runs:
                cells.append(Cell(runs))
        return tuple(cells)
