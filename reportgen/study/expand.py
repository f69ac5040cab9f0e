"""From factors to arms: full crossing, exclusion, profiles, and the checked configuration of each arm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from reportgen import registry
from reportgen.errors import suggestion
from reportgen.study import applicability, components, spec
from reportgen.study.configuration import Configuration
from reportgen.study.document import Document, Location
from reportgen.study.factors import Axis, Level, Setting, slug
from reportgen.study.problems import Problems, faults, number_text
from reportgen.study.rates import further
from reportgen.study.schema import FIRST_TUNING_SEED, QUANTITY_NAMES, Measure, Seeds, Target, Training

M = TypeVar("M", bound=BaseModel)

MAXIMAL_ARMS = 5000
MAXIMAL_RUNS = 1_000_000


@dataclass(frozen=True)
class Combination:
    """One level of each axis, and the reason of the rule that excludes it ("" if none does)."""

    levels: Mapping[str, Level]
    excluded: str = ""

    def matches(self, wanted: Mapping[str, Sequence[str]]) -> bool:
        """Whether the combination has one of the wanted levels of every factor that is named."""
        return all(name in self.levels and self.levels[name].label in labels for name, labels in wanted.items())


def cross(axes: Sequence[Axis]) -> list[Combination]:
    """Return all combinations of levels, the last axis varying fastest."""
    usable = [axis for axis in axes if axis.levels]
    crossed = itertools.product(*(axis.levels for axis in usable))
    return [Combination(dict(zip((axis.name for axis in usable), levels, strict=True))) for levels in crossed]


def too_many(axes: Sequence[Axis]) -> int:
    """Return the number of combinations if it is beyond what a study may have, else 0."""
    count = math.prod(len(axis.levels) for axis in axes if axis.levels)
    return count if count > MAXIMAL_ARMS else 0


def planned(arms: Sequence[spec.Arm]) -> int:
    """Return how many runs the arms have at most; the runs themselves are not made."""
    return sum(len(arm.tuning_seeds + arm.seeds) * max(len(arm.learning_rates), 1) for arm in arms if not arm.skipped)


class Expansion:
    """Builds the arms of one profile; what is wrong with a configuration becomes problems.

    Parameters
    ----------
    base : Configuration
        What all arms share.
    axes : sequence of Axis
    profile : sequence of Setting
        Settings that come last.
    baseline : mapping
        Factor name to level label.
    verdicts, problems
        Shared by the profiles of a study.
    """

    def __init__(
        self,
        base: Configuration,
        axes: Sequence[Axis],
        profile: Sequence[Setting],
        baseline: Mapping[str, Sequence[str]],
        verdicts: components.Verdicts,
        problems: Problems,
    ) -> None:
        self.base, self.profile, self.baseline = base, profile, baseline
        self.axes = [axis for axis in axes if axis.levels]
        self.verdicts, self.problems = verdicts, problems

    def arm(self, combination: Combination) -> spec.Arm:
        """Build an arm; an excluded one is built as far as it can be, and is never a problem."""
        verdicts, problems = self.verdicts, self.problems
        if combination.excluded:
            document = self.problems.document
            verdicts, problems = components.Verdicts(), Problems(Document(document.path, document.lines))
        configuration, taken = self._configure(combination, problems)
        checked = components.check(configuration, taken, verdicts, problems)
        training = _section(configuration, "training", Training, problems)
        seeds = _section(configuration, "seeds", Seeds, problems)
        target = _section(configuration, "target", Target, problems) if "target" in configuration.sections else None
        in_steps = applicability.trained(checked.architecture)
        if training and seeds and training.steps and in_steps:
            _check_rates(configuration, training, seeds, problems)
        if target:
            _check_target(configuration, target, checked.task, problems)
        trained = training is not None and training.steps > 0
        in_steps = trained and in_steps
        seeds, training = seeds or Seeds(), training or Training()
        tuning = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + seeds.tuning)
        chooses = in_steps and len(training.learning_rate) > 1
        labels = {name: level.label for name, level in combination.levels.items()}
        return spec.Arm(
            id="/".join(slug(label) for label in labels.values()) or "base",
            label=" · ".join(labels.values()) or "base",
            levels=labels,
            values={name: _value(level) for name, level in combination.levels.items()},
            skipped=combination.excluded or "; ".join(checked.reasons),
            is_baseline=bool(self.baseline) and combination.matches(self.baseline),
            task=checked.task,
            architecture=checked.architecture,
            remedies=checked.remedies,
            training=_training(training),
            measure=_measure(_section(configuration, "measure", Measure, problems), trained),
            target=spec.Target(target.metric, target.value) if target and trained else None,
            tuning_seeds=tuple(tuning) if chooses else (),
            seeds=tuple(range(seeds.judged)),
            learning_rates=tuple(sorted(training.learning_rate)) if in_steps else (),
            further_rates=_further(training) if chooses else (),
        )

    def _configure(
        self, combination: Combination, problems: Problems
    ) -> tuple[Configuration, dict[str, tuple[str, str]]]:
        """Apply levels in the order of the factors, then the profile; tell factors that undo each other."""
        configuration = self.base
        taken: dict[str, tuple[str, str]] = {}
        for axis in self.axes:
            level = combination.levels[axis.name]
            for setting in level.settings:
                _check_taken(setting, taken, axis, problems)
                configuration = configuration.assign(setting, problems)
            taken.update(
                {setting.path: (axis.name, f"'{level.label}' of '{axis.label}'") for setting in level.settings}
            )
        for setting in self.profile:
            # A profile that shortens the training must not train what is measured at initialisation only.
            if setting.path == "training.steps" and configuration.value("training", "steps") == 0:
                continue
            configuration = configuration.assign(setting, problems)
        return configuration, taken


def _check_taken(setting: Setting, taken: Mapping[str, tuple[str, str]], axis: Axis, problems: Problems) -> None:
    for path, (factor, _) in taken.items():
        if path == setting.path:
            hint = "leave it out of one of the two, or exclude the combination"
            problems.add(setting.key, f"the factor '{factor}' sets {path} too", hint, key=True)
        elif path.startswith(f"{setting.path}."):
            hint = f"put the factor '{axis.name}' before '{factor}'"
            problems.add(setting.key, f"replaces what the factor '{factor}' has set at {path}", hint, key=True)


def _value(level: Level) -> float | str:
    return level.number if level.number is not None else level.label


def _section(configuration: Configuration, name: str, model: type[M], problems: Problems) -> M | None:
    """Check a section; None, with problems added where each value came from, if it is wrong."""
    settings = configuration.sections.get(name, {})
    given = {key: setting.value for key, setting in settings.items()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        whole = next((setting.location[:-1] for setting in settings.values() if setting.own), (name,))
        for path, message, hint, key in faults(error, given, tuple(model.model_fields), "key"):
            setting = settings.get(str(path[0])) if path else None
            place: Location = (*setting.location, *path[1:]) if setting else (*whole, *path)
            problems.add(place, message, hint, key)
    return None


def _training(training: Training) -> spec.Training:
    """Leave out what decides nothing where nothing is trained, so that such runs are shared."""
    if not training.steps:
        return spec.Training(steps=0, batch_size=training.batch_size)
    return spec.Training(training.optimiser, training.steps, training.batch_size, training.schedule)


def _further(training: Training) -> tuple[float, ...]:
    if not training.extend_to:
        return ()
    lowest, highest = training.extend_to
    return further(sorted(training.learning_rate), (lowest, highest))


def _measure(measure: Measure | None, trained: bool) -> spec.Measure:
    """Order the quantities as the store does, so that their order in the file does not matter."""
    wanted = measure or Measure()
    quantities = tuple(name for name in QUANTITY_NAMES if name in wanted.quantities)
    return spec.Measure(quantities, wanted.points, wanted.evaluations) if trained else spec.Measure(quantities)


def _check_rates(configuration: Configuration, training: Training, seeds: Seeds, problems: Problems) -> None:
    steps = configuration.sections.get("training", {}).get("steps")
    rates = configuration.sections.get("training", {}).get("learning_rate")
    if rates is None:
        place: Location = steps.location if steps and not steps.own else ("training",)
        problems.add(place, "training needs a learning_rate", "give a number, or a list to tune over", key=True)
    elif len(training.learning_rate) > 1 and not seeds.tuning:
        tuning = configuration.sections.get("seeds", {}).get("tuning")
        message = f"{len(training.learning_rate)} learning rates need tuning seeds to choose among them"
        hint = "write for instance `seeds: {tuning: 3, judged: 5}`, or give one learning rate"
        problems.add(tuning.location if tuning else rates.location, message, hint)
    elif training.extend_to and len(training.learning_rate) > 1:
        _check_bounds(configuration, training.learning_rate, training.extend_to, problems)


def _check_bounds(
    configuration: Configuration, rates: Sequence[float], bounds: Sequence[float], problems: Problems
) -> None:
    if bounds[0] > min(rates) or bounds[1] < max(rates):
        place = configuration.sections["training"]["extend_to"].location
        message = f"the learning rates, {min(rates):g} to {max(rates):g}, are not within {bounds[0]:g} to {bounds[1]:g}"
        hint = "the list is extended from its ends outwards: give bounds around it, or null to leave it as it is"
        problems.add(place, message, hint)


def _check_target(configuration: Configuration, target: Target, task: spec.Component, problems: Problems) -> None:
    place = configuration.sections["target"]
    metrics = registry.tasks[task.name].facts.get("metrics") if task.version else None
    if metrics and target.metric not in metrics:
        message = f"the task '{task.name}' has no metric called '{target.metric}'"
        problems.add(place["metric"].location, message, suggestion(target.metric, metrics))
    elif target.metric == "accuracy" and not 0 < target.value <= 1:
        hint = f"write {target.value / 100:g}" if 1 < target.value <= 100 else ""
        message = f"accuracy is a share: the target must be above 0 and at most 1, not {number_text(target.value)}"
        problems.add(place["value"].location, message, hint)
