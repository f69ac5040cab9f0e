"""The functions that prose may call: every number in a text comes from the study's estimates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from reportgen.analyse.estimates import KINDS
from reportgen.errors import ReportgenError, nearest
from reportgen.pages import numbers
from reportgen.pages.entries import absences, records
from reportgen.study.outcomes import OUTCOMES

if TYPE_CHECKING:
    from reportgen.pages.entries import StudyEntry
    from reportgen.study.spec import Arm, Study

T = TypeVar("T")

LOWER_IS_BETTER = frozenset({"time-to-target", "diverged", "seconds-per-step"})
NEAR_ONE_IS_BETTER = frozenset({"decay-factor", "decay-factor-end", "weight-gradient-factor", "theory-decay-factor"})
SHOWN_NAMES = 8

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def listed_rates(arm: Arm) -> list[float]:
    """Return an arm's learning rates as the file lists them, rising, without those by which the list was extended."""
    return sorted(set(arm.learning_rates) - set(arm.further_rates))


SETTINGS: Mapping[str, Callable[[Arm], int]] = {
    "training.steps": lambda arm: arm.training.steps,
    "training.batch_size": lambda arm: arm.training.batch_size,
    "training.learning_rate": lambda arm: len(listed_rates(arm)),
    "seeds.tuning": lambda arm: len(arm.tuning_seeds),
    "seeds.judged": lambda arm: len(arm.seeds),
}
"""What `Lookup.setting` tells of an arm, under the names of study files; of a list its length, as the file has it."""


def chosen_arms(study: Study) -> list[Arm]:
    """Return the arms whose learning rate is chosen from several, or all that are run where there are none."""
    run = [arm for arm in study.arms if not arm.skipped]
    return [arm for arm in run if arm.tuning_seeds and SETTINGS["training.learning_rate"](arm) > 1] or run


class Number(float):
    """A number that calculates and compares as a float, and reads with the digits that are significant."""

    text: str

    def __new__(cls, value: float, text: str = "") -> Number:
        """Make a number that is written as `text`, or with three significant digits."""
        made = super().__new__(cls, value)
        made.text = text or numbers.number(value)
        return made

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ArmName:
    """An arm as prose sees it: it reads as its label, and every function takes it in place of an id."""

    id: str
    label: str
    levels: Mapping[str, str] = field(default_factory=dict)

    def level(self, factor: str) -> str:
        """Return the arm's level of a factor."""
        if factor not in self.levels:
            raise ReportgenError(f"the study has no factor '{factor}'", _hint(factor, self.levels))
        return self.levels[factor]

    def __str__(self) -> str:
        return self.label


class Lookup:
    """Estimates of one study by name and arm, with errors that tell the nearest name.

    Parameters
    ----------
    entry : StudyEntry
    figure_numbers : mapping
        Figure id to its number on the study's page.
    """

    def __init__(self, entry: StudyEntry, figure_numbers: Mapping[str, int]) -> None:
        self._study = entry.study
        self._figures = figure_numbers
        self._rows = {(row.name, row.arm): row for row in records(entry.analysis.estimates)}
        self._names = {name for name, _ in self._rows} | set(KINDS)
        self._arms = {arm.id: arm for arm in entry.study.arms}
        self._absent = absences(entry.analysis)
        self._evidence = entry.evidence
        self._chosen = {row.arm: row for row in records(entry.analysis.chosen)}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions under the names that prose uses."""
        public = ("estimate", "value", "low", "high", "n", "percent", "best", "clearly_better", "arms", "chosen_rate",
                  "counted", "figure", "has", "levels", "rates", "setting", "verdict")  # fmt: skip
        return {name: getattr(self, name) for name in public}

    def has(self, name: str, arm: str | ArmName) -> bool:
        """Tell whether there is such an estimate, made from at least one run.

        An arm that the study does not have is an error under the default profile; other profiles leave arms out.
        """
        self._check_name(name)
        if str(getattr(arm, "id", arm)) not in self._arms and self._study.profile != "default":
            return False
        row = self._rows.get((name, self._arm(arm)))
        return row is not None and not math.isnan(row.estimate)

    def estimate(self, name: str, arm: str | ArmName) -> str:
        """Write an estimate with its interval: "0.251 (95 % interval 0.249 to 0.253)"."""
        row = self._row(name, arm)
        return numbers.with_interval(row.estimate, row.low, row.high, row.unit)

    def value(self, name: str, arm: str | ArmName, digits: int | None = None) -> Number:
        """Return an estimate, with the digits that its interval allows or with `digits` significant ones."""
        row = self._row(name, arm)
        if digits is not None:
            return Number(row.estimate, numbers.number(row.estimate, digits))
        return Number(row.estimate, numbers.interval(row.estimate, row.low, row.high, row.unit)[0])

    def low(self, name: str, arm: str | ArmName) -> Number:
        """Return the lower end of the 95 % interval; not a number (and never above anything) without one."""
        row = self._row(name, arm)
        return Number(row.low, numbers.interval(row.estimate, row.low, row.high, row.unit)[1] or numbers.NONE)

    def high(self, name: str, arm: str | ArmName) -> Number:
        """Return the upper end of the 95 % interval; not a number (and never below anything) without one."""
        row = self._row(name, arm)
        return Number(row.high, numbers.interval(row.estimate, row.low, row.high, row.unit)[2] or numbers.NONE)

    def n(self, name: str, arm: str | ArmName) -> int:
        """Return the number of runs behind an estimate."""
        return int(self._row(name, arm).n)

    def percent(self, name: str, arm: str | ArmName, digits: int = 0) -> str:
        """Write a share as a percentage."""
        return numbers.percent(self._row(name, arm).estimate, digits)

    def arms(self, levels: Mapping[str, str | Sequence[str]] | None = None) -> list[ArmName]:
        """Return the arms that were run and have the given levels (factor name to a label or labels)."""
        known = [factor.name for factor in self._study.factors]
        for name in levels or {}:
            if name not in known:
                raise ReportgenError(f"the study has no factor '{name}'", _hint(name, known))
        wanted = {name: [given] if isinstance(given, str) else given for name, given in (levels or {}).items()}
        return [
            ArmName(arm.id, arm.label, arm.levels)
            for arm in self._study.arms
            if not arm.skipped and all(arm.levels[name] in labels for name, labels in wanted.items())
        ]

    def best(self, name: str, arms: Iterable[str | ArmName] | None = None) -> ArmName:
        """Return the arm that does best: least time or cost, factor nearest to 1, otherwise the largest estimate.

        Arms without such an estimate are left out; on equality the first in the study's order is returned.
        """
        candidates = list(self.arms() if arms is None else arms)
        rows = [self._row(name, arm) for arm in candidates if self.has(name, arm)]
        if not rows:
            raise ReportgenError(f"none of {len(candidates)} arms has an estimate '{name}'", _GUARD)
        arm = self._arms[min(rows, key=lambda row: _penalty(name, row.estimate)).arm]
        return ArmName(arm.id, arm.label, arm.levels)

    def clearly_better(
        self, name: str, than: str | ArmName, arms: Iterable[str | ArmName] | None = None
    ) -> list[ArmName]:
        """Return the arms that do better than another one by more than both 95 % intervals, in the study's order.

        Better is a larger estimate, a smaller one for times and costs. Arms without an interval are left out. Nothing
        is better than an arm whose best learning rate is at the edge of its list: it might do better outside.
        """
        sign = -1.0 if name in LOWER_IS_BETTER else 1.0
        other = self._row(name, than)
        if self._is_doubtful(name, other.arm):
            return []
        limit = max(sign * other.low, sign * other.high)
        found = []
        for candidate in self.arms() if arms is None else arms:
            if self.has(name, candidate):
                row = self._row(name, candidate)
                if min(sign * row.low, sign * row.high) > limit:
                    arm = self._arms[row.arm]
                    found.append(ArmName(arm.id, arm.label, arm.levels))
        return found

    def _is_doubtful(self, name: str, arm: str) -> bool:
        """Tell whether another learning rate than those of the list might change an estimate for the better."""
        chosen = self._chosen.get(arm)
        return bool(chosen is not None and chosen.at_edge and not (name in OUTCOMES and OUTCOMES[name].at_start))

    def chosen_rate(self, arm: str | ArmName) -> Number:
        """Return the learning rate that was chosen for the arm."""
        row = self._chosen.get(self._arm(arm))
        if row is None or math.isnan(row.learning_rate):
            raise ReportgenError(f"no learning rate was chosen for arm '{arm}'", self._why_absent(self._arm(arm)))
        return Number(row.learning_rate, numbers.setting(row.learning_rate))

    def setting(self, name: str, arms: str | ArmName | Iterable[str | ArmName] | None = None) -> int:
        """Return a setting of an arm, or one that several arms share, as it is under the profile.

        Parameters
        ----------
        name : str
            One of `SETTINGS`; of a list it is the length.
        arms : arm or list of arms, optional
            All arms whose learning rate is chosen if left out, and all arms where there are none.
        """
        if name not in SETTINGS:
            raise ReportgenError(f"there is no setting called '{name}'", _hint(name, SETTINGS))
        return self._shared(name, SETTINGS[name], arms)

    def rates(self, arms: str | ArmName | Iterable[str | ArmName] | None = None) -> str:
        """Write from where to where the learning rates of an arm, or of several that share them, are: "0.003 to 1".

        As the file lists them under the profile; the default for `arms` is that of `setting`.
        """
        return self._shared("training.learning_rate", _range, arms)

    def levels(self, factor: str, between: str = "and") -> str:
        """Write the levels of a factor that are run under the profile: "2 layers, 5 layers and 10 layers".

        A noun that all of them end in is written once: "2, 5 and 10 layers".
        """
        known = [one.name for one in self._study.factors]
        if factor not in known:
            raise ReportgenError(f"the study has no factor '{factor}'", _hint(factor, known))
        labels = list(dict.fromkeys(arm.levels[factor] for arm in self._study.arms if not arm.skipped))
        nouns = {label.partition(" ")[2] for label in labels}
        if len(labels) > 1 and len(nouns) == 1 and nouns != {""}:
            labels = [*(label.partition(" ")[0] for label in labels[:-1]), labels[-1]]
        return f" {between} ".join([", ".join(labels[:-1]), labels[-1]]) if len(labels) > 1 else "".join(labels)

    def _shared(self, name: str, told: Callable[[Arm], T], arms: str | ArmName | Iterable[str | ArmName] | None) -> T:
        """Return what all of the arms have in common."""
        if arms is None:
            asked = chosen_arms(self._study)
        else:
            given = [arms] if isinstance(arms, (str, ArmName)) else list(arms)
            asked = [self._arms[self._arm(one)] for one in given]
        found = list(dict.fromkeys(told(arm) for arm in asked))
        if len(found) != 1:
            differ = f"differ in '{name}': {', '.join(sorted(map(str, found)))}" if found else "are none"
            raise ReportgenError(f"the arms {differ}", "name an arm, or arms that share it: setting(name, arms)")
        return found[0]

    def counted(self, count: int, noun: str) -> str:
        """Write a count of things: "one seed", "five seeds", "20 seeds"."""
        said = WORDS[count] if 0 <= count < len(WORDS) else str(count)
        return f"{said} {noun}{'s' * (count != 1)}"

    def figure(self, figure_id: str) -> str:
        """Link to a figure by its number: "Figure 3"."""
        if figure_id not in self._figures:
            raise ReportgenError(f"the study has no figure '{figure_id}'", _hint(figure_id, self._figures))
        return f"[Figure{numbers.NBSP}{self._figures[figure_id]}](figure:{figure_id})"

    def verdict(self, claim: str) -> str:
        """Return what this study alone says of a claim: "supported", "refuted", "depends" or "undecided".

        A claim that no comparison of this profile is about is "not tested"; under the default profile it is an error.
        """
        from reportgen.analyse.claims import combined  # scipy, only where a text asks for it

        found = [result for result in self._evidence if result.request.id == claim]
        known = sorted({result.request.id for result in self._evidence})
        if not found and self._study.profile == "default":
            raise ReportgenError(f"the study decides no claim '{claim}'", _hint(claim, known))
        return combined([str(answer) for one in found for answer in one.strata["verdict"]]) if found else "not tested"

    def _arm(self, arm: str | ArmName) -> str:
        arm_id = str(getattr(arm, "id", arm))
        if arm_id not in self._arms:
            profile = self._study.profile
            left_out = "" if profile == "default" else f" under the profile {profile}; guard the text with has()"
            raise ReportgenError(f"the study has no arm '{arm_id}'{left_out}", _hint(arm_id, self._arms))
        return arm_id

    def _check_name(self, name: str) -> None:
        if name not in self._names:
            raise ReportgenError(f"there is no estimate called '{name}'", _hint(name, self._names))

    def _row(self, name: str, arm: str | ArmName) -> Any:
        self._check_name(name)
        arm_id = self._arm(arm)
        row = self._rows.get((name, arm_id))
        if row is None or math.isnan(row.estimate):
            raise ReportgenError(
                f"arm '{arm_id}' has no estimate '{name}'",
                self._why_absent(arm_id, self._absent.get((name, arm_id), "")),
            )
        return row

    def _why_absent(self, arm_id: str, reason: str = "") -> str:
        arm = self._arms[arm_id]
        if reason:
            return f"{reason}; {_GUARD}"
        if arm.skipped:
            return f"the arm is skipped: {arm.skipped}; {_GUARD}"
        return f"the arm is not trained; {_GUARD}" if arm.training.steps == 0 else _GUARD


_GUARD = "where it may be absent, write {% if has(name, arm) %}…{% else %}no estimate (reason){% endif %}"


def _range(arm: Arm) -> str:
    rates = listed_rates(arm)
    if not rates:
        raise ReportgenError(f"the arm '{arm.id}' has no learning rates", "name arms that are trained: rates(arms)")
    ends = dict.fromkeys(map(numbers.setting, (rates[0], rates[-1])))
    return " to ".join(ends)


def _hint(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = nearest(name, names)
    meant = f"did you mean '{near}'? " if near else ""
    more = ", …" if len(names) > SHOWN_NAMES else ""
    return f"{meant}allowed: {', '.join(names[:SHOWN_NAMES])}{more}" if names else meant.strip()


def _penalty(name: str, estimate: float) -> float:
    if name in NEAR_ONE_IS_BETTER:
        return abs(math.log(estimate)) if estimate > 0 else math.inf
    return estimate if name in LOWER_IS_BETTER else -estimate
