"""Remedy matrix: what each remedy changes in each architecture, from pairs of arms."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from reportgen.analyse.estimates import records

if TYPE_CHECKING:
    from reportgen.study.spec import Arm, Component, Study

HELPS, HURTS, UNCLEAR, UNJUDGED = "helps", "hurts", "no clear difference", "not judged"
"""What a pair of arms can come to."""

MEASURES = ("decay_without", "decay_with", "success_without", "success_with", "speed_up", "cost")
"""Columns of a pair that `cells` summarises."""

VANISHES, EXPLODES, LEVEL, UNKNOWN = "vanishes", "explodes", "level", "not measured"
"""What the gradient of the network without the remedy does, by the interval of its decay factor at initialisation."""

PAIR_COLUMNS = (
    "study", "architecture", "remedy", "setting", "gradient", "beside", "task", "with", "without", *MEASURES, "n",
    "success_change", "success_low", "success_high", "speed_low", "speed_high", "effect", "reason",
)  # fmt: skip

CELL_COLUMNS = (
    "architecture", "remedy", "setting", "gradient", "n_pairs", "n", "beside", *(f"{name}{end}" for name in MEASURES
    for end in ("", "_least", "_most")), "helps", "hurts", "unclear", "unjudged", "reason", "studies",
)  # fmt: skip


Names = tuple[str, str, str]
"""Architecture, remedy (or the network in another's place) and setting of a pair."""

Pair = tuple["Arm", "Arm", Names]
"""The arm with, the arm without, and their names."""


@dataclass(frozen=True)
class Compared:
    """One arm against another: success as a difference of shares, time to target as a ratio, and what follows."""

    change: tuple[float, float, float]
    speed: tuple[float, float, float]
    effect: str
    reason: str = ""


def setting(remedy: Component) -> str:
    """Return the settings of a remedy that are words, such as "batch"; numbers do not make another remedy of it."""
    words = []
    for value in remedy.parameters.values():
        if isinstance(value, Mapping):
            value = value.get("name")
        if isinstance(value, str):
            words.append(value)
    return ", ".join(words)


def named(remedy: Component) -> str:
    """Return a remedy with its setting in words: "normalisation: batch"."""
    words = setting(remedy)
    return f"{remedy.name}: {words}" if words else remedy.name


def pairs(analysed: Iterable[tuple[Study, Any]]) -> pd.DataFrame:
    """Compare each arm with the arms of its study that lack one of its remedies and are the same in all else.

    The same in all else are arms at one given learning rate, too, or whose rates are chosen, each for itself.

    A pair `helps` where the interval of the difference of success (``shares.newcombe``) lies above 0; where it includes
    0, where the interval of the ratio of times to target (``comparison.Comparison``) lies above 1; and `hurts` where
    they lie below. The rest shows no clear difference, which is not the same as no difference. A pair is not judged
    where one of its arms is not trained towards a target or has fewer than three seeds, nor where the best learning
    rate of an arm is at the edge of its list, unless that arm does better even so. The intervals are those of single
    comparisons: none is widened for the number of cells.

    Parameters
    ----------
    analysed : iterable of (Study, Analysis)
        Runs that two studies share are compared once, in the first of them.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS`: study, with and without (ids), remedy, setting, gradient (whether it vanishes, explodes or
        stays level without the remedy), beside (the remedies that both arms have), decay factors per layer or step,
        shares of success, speed_up (time without over time with), cost (of a step, relative to without; none where a
        judged run diverged), n (judged runs with the remedy), success_change with its interval, the interval of
        speed_up, effect, and reason (why it is not judged, or ""). NaN where there is no such estimate.
    """
    return _rows(analysed, _pairs_of)


def replacements(
    analysed: Iterable[tuple[Study, Any]],
    replaces: Mapping[str, Mapping[str, Sequence[str]]],
    kinds: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """Compare each trained arm with the arms of its study that have a plainer network in its place.

    The rule is that of `pairs`. Both arms have the same task, training, remedies and seeds, and each its own best
    learning rate.

    Parameters
    ----------
    analysed : iterable of (Study, Analysis)
    replaces : mapping
        Architecture to the plainer ones in whose place it can stand, each with the options that both must share.
    kinds : mapping
        Plainer architecture to its options of which each choice counts as a network of its own.

    Returns
    -------
    pandas.DataFrame
        `PAIR_COLUMNS`: architecture is the plainer one with its choices ("rnn: orthogonal"), remedy the one in its
        place, setting "".
    """
    return _rows(analysed, lambda study: _replacements_of(study, replaces, kinds))


def _rows(analysed: Iterable[tuple[Study, Any]], pairs_of: Callable[[Study], Iterator[Pair]]) -> pd.DataFrame:
    """Compare pairs of arms; those whose runs have been compared before are passed over."""
    rows, seen = [], set()
    for study, analysis in analysed:
        found = Findings(study, analysis)
        for arm, bare, names in pairs_of(study):
            runs = tuple(run.run_id for one in (arm, bare) for run in one.runs)
            if runs and runs not in seen:
                seen.add(runs)
                rows.append(found.pair(arm, bare, names))
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def cells(compared: pd.DataFrame) -> pd.DataFrame:
    """Summarise pairs by remedy, setting, architecture and what the gradient does without the remedy.

    Pairs of arms without further remedies come first: others are used only where there is none of these.

    Parameters
    ----------
    compared : pandas.DataFrame
        What `pairs` returns.

    Returns
    -------
    pandas.DataFrame
        `CELL_COLUMNS`: the median of each measure over pairs with the least and the largest value, numbers of pairs
        and of judged runs with the remedy, whether the pairs have remedies beside, how many pairs help, hurt, are
        unclear or not judged (with the first reason for it), and the ids of their studies joined by a blank.
    """
    rows = []
    cell = ["architecture", "remedy", "setting"]
    alone = compared["beside"] == ""
    any_alone = alone.groupby([compared[name] for name in cell]).transform("any").astype(bool)
    for keys_of, used in compared[alone | ~any_alone].groupby([*cell, "gradient"], sort=True):
        known = [used[name].astype(float).dropna() for name in MEASURES]
        spread = [end for part in known for end in _spread(part)]
        effects = used["effect"].value_counts()
        counts = [int(effects.get(effect, 0)) for effect in (HELPS, HURTS, UNCLEAR, UNJUDGED)]
        reason = next((reason for reason in used["reason"] if reason), "")
        studies = " ".join(dict.fromkeys(used["study"]))
        row = (*keys_of, len(used), int(used["n"].sum()), bool((used["beside"] != "").all()), *spread)
        rows.append((*row, *counts, reason, studies))
    return pd.DataFrame(rows, columns=list(CELL_COLUMNS))


class Findings:
    """Estimates and times of one study's arms."""

    def __init__(self, study: Study, analysis: Any) -> None:
        self._study = study
        self._rows = {(row["name"], row["arm"]): row for row in records(analysis.estimates)}
        times = getattr(analysis, "times", None)
        self._times = {} if times is None else {str(arm): part for arm, part in times.groupby("arm")}
        self._edge = {row["arm"]: bool(row["at_edge"]) for row in records(analysis.chosen)}

    def value(self, name: str, arm: Arm) -> float:
        """Return an estimate, or NaN."""
        return float(self._rows.get((name, arm.id), {}).get("estimate", math.nan))

    def judged(self, arm: Arm) -> int:
        """Return the number of judged runs behind an arm's success."""
        return int(self._rows.get(("success", arm.id), {}).get("n", 0))

    def compare(self, arm: Arm, base: Arm) -> Compared:
        """Compare one arm with another; where `arm` is better, it `helps`."""
        nothing = (math.nan, math.nan, math.nan)
        shares = [self._rows.get(("success", one.id)) for one in (arm, base)]
        if arm.training.steps == 0:
            return Compared(nothing, nothing, UNJUDGED, "measured before training only")
        if shares[0] is None or shares[1] is None:
            return Compared(nothing, nothing, UNJUDGED, "an arm has no judged run with a target")
        change, speed = self._change(shares[0], shares[1]), self._speed(arm, base)
        if not math.isfinite(change[1]):
            return Compared(change, speed, UNJUDGED, "fewer than three seeds")
        effect = _effect(change, speed)
        doubtful = {HELPS: (base,), HURTS: (arm,)}.get(effect, (arm, base))  # a better rate could only widen the rest
        if any(self._edge.get(one.id) for one in doubtful):
            return Compared(change, speed, UNJUDGED, "the best learning rate of an arm is at the edge of its list")
        return Compared(change, speed, effect)

    def _change(self, more: Mapping[str, Any], less: Mapping[str, Any]) -> tuple[float, float, float]:
        """Return the difference of two shares with its interval."""
        from reportgen.analyse.shares import newcombe  # scipy, only where there is something to compare

        low, high = newcombe(more["estimate"], more["n"], less["estimate"], less["n"])
        return float(more["estimate"] - less["estimate"]), float(low), float(high)

    def _speed(self, arm: Arm, base: Arm) -> tuple[float, float, float]:
        """Return the ratio of the times to target, base over arm, with its interval."""
        from reportgen.analyse.comparison import COMPARISON_COLUMNS, Comparison

        if arm.id not in self._times or base.id not in self._times:
            return math.nan, math.nan, math.nan
        mine, theirs = self._times[arm.id], self._times[base.id]
        joined = mine.merge(theirs, on="seed", suffixes=("", "_base")).sort_values("seed")
        joined = joined.assign(reached=~joined["censored"].astype(bool))
        joined = joined.assign(reached_base=~joined["censored_base"].astype(bool))
        made = Comparison().speed(
            f"{self._study.id}/{arm.id}", base.id, joined, float(min(arm.training.steps, base.training.steps))
        )
        row = dict(zip(COMPARISON_COLUMNS, made or (), strict=False))
        low, middle, high = (float(row.get(end, math.nan)) for end in ("low", "estimate", "high"))  # type: ignore[arg-type]
        return middle, low, high

    def _cost(self, arm: Arm, bare: Arm) -> float:
        """Return the cost of a step relative to another arm's; NaN where runs diverged, of few and costly steps."""
        if self.value("diverged", arm) > 0 or self.value("diverged", bare) > 0:
            return math.nan
        mine, other = self.value("seconds-per-step", arm), self.value("seconds-per-step", bare)
        return mine / other if other > 0 else math.nan

    def _gradient(self, arm: Arm) -> str:
        """Say what the gradient of an arm does at initialisation."""
        row = self._rows.get(("decay-factor", arm.id))
        if row is None:
            return UNKNOWN
        low, high = (end if math.isfinite(end) else row["estimate"] for end in (row["low"], row["high"]))
        return VANISHES if high < 1 else EXPLODES if low > 1 else LEVEL

    def pair(self, arm: Arm, bare: Arm, names: Names) -> tuple[object, ...]:
        """Return a row of `PAIR_COLUMNS`."""
        compared = self.compare(arm, bare)
        beside = ", ".join(sorted(named(one) for one in bare.remedies))
        measures = (
            *(self.value("decay-factor", one) for one in (bare, arm)),
            *(self.value("success", one) for one in (bare, arm)),
            compared.speed[0],
            self._cost(arm, bare),
        )
        head = (self._study.id, *names, self._gradient(bare), beside)
        tail = (*compared.change, *compared.speed[1:], compared.effect, compared.reason)
        return (*head, arm.task.name, arm.id, bare.id, *measures, self.judged(arm), *tail)


def _effect(change: Sequence[float], speed: Sequence[float]) -> str:
    for (low, high), nothing in ((change[1:], 0.0), (speed[1:], 1.0)):
        if low > nothing:
            return HELPS
        if high < nothing:
            return HURTS
    return UNCLEAR


def _spread(values: pd.Series[float]) -> tuple[float, float, float]:
    if values.empty:
        return math.nan, math.nan, math.nan
    return float(np.median(values)), float(values.min()), float(values.max())


def _pairs_of(study: Study) -> Iterator[Pair]:
    """Yield arms that differ in one remedy, in the study's order."""
    for group in alike(study):
        for arm, bare in itertools.permutations(group, 2):
            if len(arm.remedies) == len(bare.remedies) + 1 and keys(bare) <= keys(arm):
                remedy = extra(arm, bare)
                yield arm, bare, (arm.architecture.name, remedy.name, setting(remedy))


def _replacements_of(
    study: Study, replaces: Mapping[str, Mapping[str, Sequence[str]]], kinds: Mapping[str, Sequence[str]]
) -> Iterator[Pair]:
    """Yield arms that differ in their network, in the study's order."""
    for group in _grouped(study, lambda arm: "\n".join(sorted(keys(arm)))):
        for arm, plain in itertools.permutations(group, 2):
            shared = replaces.get(arm.architecture.name, {}).get(plain.architecture.name)
            if (
                shared is not None
                and arm.training.steps
                and all(_option(arm, name) == _option(plain, name) for name in shared)
            ):
                name = _kind(plain.architecture, kinds.get(plain.architecture.name, ()))
                yield arm, plain, (name, arm.architecture.name, "")


def _kind(architecture: Component, options: Sequence[str]) -> str:
    """Return an architecture with its choices in words: "rnn: orthogonal"."""
    words = ", ".join(str(architecture.parameters[name]) for name in options if name in architecture.parameters)
    return f"{architecture.name}: {words}" if words else architecture.name


def _option(arm: Arm, name: str) -> str:
    return json.dumps(arm.architecture.parameters.get(name), sort_keys=True)


def alike(study: Study) -> Iterator[list[Arm]]:
    """Yield groups of arms that are equal but for their remedies; arms that are skipped are in none."""
    yield from _grouped(study, lambda arm: key(arm.architecture))


def _grouped(study: Study, by: Callable[[Arm], str]) -> Iterator[list[Arm]]:
    """Yield groups of arms of equal task, training, target and seeds, and of what else tells them apart.

    An arm whose learning rate is given is compared at that rate only, one whose rate is chosen with others like it.
    """
    groups: dict[str, list[Arm]] = {}
    for arm in study.arms:
        if not arm.skipped:
            rate = repr(arm.learning_rates) if len(arm.learning_rates) == 1 else "chosen"
            parts = (key(arm.task), by(arm), repr(arm.training), rate, repr(arm.target), repr(arm.seeds))
            groups.setdefault("\n".join(parts), []).append(arm)
    yield from groups.values()


def keys(arm: Arm) -> frozenset[str]:
    """Return what tells the remedies of an arm apart, whatever their order."""
    return frozenset(key(remedy) for remedy in arm.remedies)


def extra(arm: Arm, bare: Arm) -> Component:
    """Return the remedy that `arm` has and `bare` has not."""
    return next(remedy for remedy in arm.remedies if key(remedy) not in keys(bare))


def key(component: Component) -> str:
    """Return what tells a component from others: equal for equal parameters."""
    return json.dumps((component.name, component.version, component.parameters), sort_keys=True)
