"""The course of a call of the engine: what waits, what is reserved, what is being trained, what is written."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from reportgen.run import environment, parts, work
from reportgen.run.progress import Progress
from reportgen.run.work import Outcome
from reportgen.store import Store
from reportgen.store.parquet import BadFrame
from reportgen.study.spec import Cell

POLL = 0.5
"""Seconds between two looks at an arm that another process has reserved."""

ATTEMPTS = 3
"""Workers that a part may kill before it counts as failed."""


@dataclass(frozen=True)
class RunSummary:
    """What a call of `run_cells` did.

    Attributes
    ----------
    completed, diverged, failed : int
        Runs that this call trained, by their status.
    present : int
        Runs that were in the store when their turn came; another process made them.
    cells : int
        Parts that this call wrote.
    seconds : float
        Wall time.
    interrupted : bool
        Whether Ctrl-C ended it; what was finished is in the store.
    """

    completed: int = 0
    diverged: int = 0
    failed: int = 0
    present: int = 0
    cells: int = 0
    seconds: float = 0.0
    interrupted: bool = False

    def __add__(self, later: RunSummary) -> RunSummary:
        """Return what this call and a later one did together."""
        names = ("completed", "diverged", "failed", "present", "cells", "seconds")
        sums = {name: getattr(self, name) + getattr(later, name) for name in names}
        return RunSummary(**sums, interrupted=self.interrupted or later.interrupted)


class Course:
    """One call of `run_cells`: what waits, what is being trained, and what came of the rest."""

    def __init__(
        self, todo: Sequence[Cell], store: Store, progress: Progress, statuses: tuple[str, ...] | None
    ) -> None:
        self.summary = RunSummary()
        self._waiting = list(todo)
        self._flying: dict[str, Cell] = {}
        self._attempts: Counter[str] = Counter()
        self._deferred: set[str] = set()
        self._store, self._progress, self._statuses = store, progress, statuses
        self._claims = Claims(store)
        self._repository = environment.repository()

    def run(self, pool: Pool) -> bool:
        """Train all that waits; return whether Ctrl-C ended it."""
        done = False
        with self._claims:
            try:
                while self._waiting or self._flying:
                    self._submit(pool)
                    answer = pool.answer(POLL)
                    if answer:
                        self._submit(pool)  # before its results are written, so that no worker waits for the disk
                        self._receive(*answer)
                    elif not self._flying:
                        time.sleep(POLL)
                done = True
            except KeyboardInterrupt:
                for part, outcome in pool.finished():
                    self._write(part, outcome)
            finally:
                pool.close(at_once=not done)
        return not done

    def _submit(self, pool: Pool) -> None:
        for _ in range(pool.free(len(self._flying))):
            part = self._take()
            if part is None:
                return
            pool.submit(part)

    def _take(self) -> Cell | None:
        """Return a part that no other process is at, without the runs that have come into the store meanwhile."""
        for planned in tuple(self._waiting):
            present = self._store.run_ids(self._statuses)
            if without(planned, present) is None:
                self._pass_over(planned)
                continue
            key = parts.reservation(planned)
            if not self._claims.take(key):
                if planned.cell_id not in self._deferred:
                    self._deferred.add(planned.cell_id)
                    self._progress.tell("waiting", planned)
                continue
            part = without(planned, self._store.run_ids(self._statuses))
            if part is None:
                self._claims.give_back(key)
                self._pass_over(planned)
                continue
            self._waiting.remove(planned)
            self._flying[part.cell_id] = planned
            self._progress.start(part)
            return part
        return None

    def _pass_over(self, planned: Cell) -> None:
        self._waiting.remove(planned)
        self._count(present=len(planned.runs))
        self._progress.skip(planned)

    def _receive(self, part: Cell, outcome: Outcome | None) -> None:
        """Write what became of a part; None means that it has killed its worker."""
        if outcome is None:
            planned = self._flying[part.cell_id]
            self._attempts[planned.cell_id] += 1
            if self._attempts[planned.cell_id] < ATTEMPTS:
                # To the end: a worker that holds a result is not given a part that may kill it.
                self._waiting.append(self._flying.pop(part.cell_id))
                self._claims.give_back(parts.reservation(part))
                self._progress.retry(part, "its worker died")
                return
            outcome = Outcome(None, f"it killed its worker {ATTEMPTS} times (out of memory?)", "", 0.0, {})
        self._write(part, outcome)
        self._claims.give_back(parts.reservation(part))

    def _write(self, part: Cell, outcome: Outcome) -> None:
        """Write a part; Ctrl-C waits until that is done."""
        with _uninterrupted():
            frames, outcome = self._keep(part, outcome)
            counts = Counter(frames[0]["status"])
            self._count(cells=1, **counts)
            planned = self._flying.pop(part.cell_id)
            self._progress.finish(planned, part, outcome.seconds, counts["failed"], outcome.reason, outcome.detail)

    def _keep(self, part: Cell, outcome: Outcome) -> tuple[work.Tables, Outcome]:
        """Write the frames of a part to the store; frames that do not fit count as a failure of the trainer."""
        described = {**(outcome.machine or environment.machine()), **self._repository}
        frames = outcome.frames or work.failed_frames(part, outcome.reason, outcome.seconds)
        try:
            self._store.write_cell(part.cell_id, *frames, described)
        except BadFrame as error:
            outcome = dataclasses.replace(outcome, frames=None, reason=work.reason_of(error), detail=str(error))
            frames = work.failed_frames(part, outcome.reason, outcome.seconds)
            self._store.write_cell(part.cell_id, *frames, described)
        return frames, outcome

    def _count(self, **counts: int) -> None:
        sums = {name: getattr(self.summary, name) + count for name, count in counts.items()}
        self.summary = dataclasses.replace(self.summary, **sums)


class Claims:
    """The arms that this process has reserved; an arm's parts share a reservation."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[str, contextlib.ExitStack] = {}
        self._uses: Counter[str] = Counter()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        for stack in self._held.values():
            stack.close()

    def take(self, key: str) -> bool:
        """Reserve an arm, if no other process has."""
        if key not in self._held:
            stack = contextlib.ExitStack()
            if not stack.enter_context(self._store.claim(key)):
                return False
            self._held[key] = stack
        self._uses[key] += 1
        return True

    def give_back(self, key: str) -> None:
        """End a use of a reservation, and the reservation with the last one."""
        self._uses[key] -= 1
        if not self._uses[key]:
            self._held.pop(key).close()


class Pool(Protocol):
    """Who trains."""

    def free(self, flying: int) -> int:
        """Return how many more parts can be submitted while `flying` are being trained."""
        ...

    def submit(self, part: Cell) -> None:
        """Have a part trained."""
        ...

    def answer(self, patience: float) -> tuple[Cell, Outcome | None] | None:
        """Return a part and what became of it, or None if nothing happens for so many seconds."""
        ...

    def finished(self) -> Iterator[tuple[Cell, Outcome]]:
        """Return what is finished and was not asked for yet, without waiting."""
        ...

    def close(self, at_once: bool) -> None:
        """Let go of all workers."""
        ...


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back until the block is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if pressed:
        raise KeyboardInterrupt


def without(cell: Cell, present: Collection[str]) -> Cell | None:
    """Return the cell without the runs that are present; None if there is nothing left of it."""
    left = tuple(run for run in cell.runs if run.run_id not in present)
    return (cell if len(left) == len(cell.runs) else Cell(left)) if left else None
