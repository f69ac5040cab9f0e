"""What `reportgen plan` shows: arms, runs and cells, what is skipped, what is there already, and how long it takes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from reportgen.study.spec import RunSpec, Study


@dataclass(frozen=True)
class ArmPlan:
    """What is to be done for one arm.

    Attributes
    ----------
    id, label : str
    skipped : str
        Why it is not run; "" if it is.
    is_baseline : bool
    runs, present, missing : int
        Runs of the arm; how many of them the store holds; how many are to be trained for this arm.
    shared : int
        Runs that an earlier arm of the study trains too, and that are not trained again.
    shared_with : tuple of str
        Labels of those arms.
    cells : int
        Cells to be trained: 1, or 0 if nothing is missing.
    """

    id: str
    label: str
    skipped: str
    is_baseline: bool
    runs: int
    present: int
    missing: int
    shared: int
    shared_with: tuple[str, ...]
    cells: int


@dataclass(frozen=True)
class Plan:
    """What a run of the study would do.

    Attributes
    ----------
    study, profile : str
    arms : tuple of ArmPlan
    seconds : float or None
        Training time on one thread of the missing runs whose time can be told; None if none can.
    unknown : int
        Missing runs whose time cannot be told.
    """

    study: str
    profile: str
    arms: tuple[ArmPlan, ...]
    seconds: float | None
    unknown: int

    @property
    def runs(self) -> int:
        """Runs of the study, each counted once."""
        return sum(arm.runs - arm.shared for arm in self.arms)

    @property
    def present(self) -> int:
        """Runs that the store holds, each counted once."""
        return self.runs - self.missing

    @property
    def missing(self) -> int:
        """Runs to be trained."""
        return sum(arm.missing for arm in self.arms)

    @property
    def cells(self) -> int:
        """Cells to be trained."""
        return sum(arm.cells for arm in self.arms)

    @property
    def skipped(self) -> tuple[ArmPlan, ...]:
        """Arms that are not run."""
        return tuple(arm for arm in self.arms if arm.skipped)


def plan(
    study: Study,
    present_run_ids: Collection[str],
    seconds_per_run: Callable[[RunSpec], float | None] | None = None,
) -> Plan:
    """Say what running a study would do, without doing anything.

    Parameters
    ----------
    study : Study
    present_run_ids : collection of str
        Runs that the store holds.
    seconds_per_run : callable, optional
        Tells the seconds that a run takes on one thread, or None where it cannot be told.
    """
    present = set(present_run_ids)
    owners: dict[str, str] = {}
    arms = []
    missing: list[RunSpec] = []
    for arm in study.arms:
        ids = {run.run_id for run in arm.runs}
        shared = {run_id for run_id in ids if run_id in owners}
        todo = [run for run in arm.runs if run.run_id not in shared and run.run_id not in present]
        missing += todo
        arms.append(
            ArmPlan(
                id=arm.id,
                label=arm.label,
                skipped=arm.skipped,
                is_baseline=arm.is_baseline,
                runs=len(ids),
                present=len(ids & present),
                missing=len(todo),
                shared=len(shared),
                shared_with=tuple(dict.fromkeys(owners[run.run_id] for run in arm.runs if run.run_id in shared)),
                cells=int(bool(todo)),
            )
        )
        owners.update({run_id: arm.label for run_id in ids - shared})
    times = [seconds_per_run(run) if seconds_per_run else None for run in missing]
    known = [time for time in times if time is not None]
    total = sum(known) if known or not missing else None
    return Plan(study.id, study.profile, tuple(arms), total, len(missing) - len(known))
