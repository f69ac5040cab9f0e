"""How far the work is: what the engine tells whoever draws a progress bar."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reportgen.run.parts import seconds
from reportgen.study.spec import Cell

Kind = Literal["started", "step", "finished", "failed", "present", "waiting", "retried", "note"]


@dataclass(frozen=True)
class Event:
    """Something happened, and how things stand after it.

    Attributes
    ----------
    kind : str
        A cell was ``started``, has done a ``step`` (in one process only), is ``finished``, has ``failed``, turned out
        to be ``present`` (another process made it), is ``waiting`` for another process, was ``retried`` after its
        worker died; or there is a ``note``.
    cell : Cell or None
        The part that it happened to.
    message : str
        One line for people: the reason of a failure, the text of a note.
    detail : str
        The traceback of a failure.
    cells_done, cells_total, runs_done, runs_total : int
        Counts of this call; failed runs are done.
    failures : int
        Runs that failed.
    in_flight : int
        Cells that are being trained.
    fraction : float
        Share of the estimated work that is done, 0 to 1.
    seconds_left : float or None
        Estimate from the work that is done; None before there is any.
    """

    kind: Kind
    cell: Cell | None
    message: str
    detail: str
    cells_done: int
    cells_total: int
    runs_done: int
    runs_total: int
    failures: int
    in_flight: int
    fraction: float
    seconds_left: float | None


@dataclass
class Progress:
    """The engine's account of its work.

    Parameters
    ----------
    parts : sequence of Cell
        All that is to be done.
    slots : int
        How many are trained at a time.
    report : callable
        Called with each `Event`.
    """

    parts: Sequence[Cell]
    slots: int
    report: Callable[[Event], None]
    cells_done: int = 0
    runs_done: int = 0
    failures: int = 0
    _work: float = 0.0
    _measured: float = 0.0
    _spent: float = 0.0
    _flying: dict[str, tuple[float, float]] = field(default_factory=dict)
    _fractions: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._total = sum(map(seconds, self.parts))
        self._runs = sum(len(part.runs) for part in self.parts)

    def start(self, part: Cell) -> None:
        """Note that a part is being trained."""
        self._flying[part.cell_id] = (time.monotonic(), seconds(part))
        self.tell("started", part)

    def step(self, part: Cell, fraction: float) -> None:
        """Note how much of a part is done."""
        self._fractions[part.cell_id] = fraction
        self.tell("step", part)

    def finish(
        self, planned: Cell, part: Cell, spent: float, failed: int = 0, message: str = "", detail: str = ""
    ) -> None:
        """Note that a part is done, after `spent` seconds of training; `planned` is the part before it was trimmed."""
        self._measured += seconds(part)
        self._spent += spent
        self._close(planned, part, failed)
        self.tell("failed" if failed else "finished", part, message, detail)

    def retry(self, part: Cell, message: str) -> None:
        """Note that a part waits for another attempt."""
        self._flying.pop(part.cell_id, None)
        self.tell("retried", part, message)

    def skip(self, planned: Cell) -> None:
        """Note that another process has made a part."""
        self._close(planned, planned, 0)
        self.tell("present", planned)

    def _close(self, planned: Cell, part: Cell, failed: int) -> None:
        self._flying.pop(part.cell_id, None)
        self._fractions.pop(part.cell_id, None)
        self._work += seconds(planned)
        self.cells_done += 1
        self.runs_done += len(planned.runs)
        self.failures += failed

    def tell(self, kind: Kind, part: Cell | None = None, message: str = "", detail: str = "") -> None:
        """Send an event."""
        fraction, left = self._estimate()
        counts = (self.cells_done, len(self.parts), self.runs_done, self._runs, self.failures, len(self._flying))
        self.report(Event(kind, part, message, detail, *counts, fraction, left))

    def _estimate(self) -> tuple[float, float | None]:
        """Return the share of the work that is done, and the seconds that the rest takes."""
        pace = self._spent / self._measured if self._measured else None
        flying = 0.0
        for cell_id, (began, work) in self._flying.items():
            elapsed = (time.monotonic() - began) / (pace or 1.0)
            flying += work * self._fractions[cell_id] if cell_id in self._fractions else min(elapsed, 0.95 * work)
        done = min(self._work + flying, self._total)
        fraction = done / self._total if self._total else 1.0
        left = (self._total - done) * pace / self.slots if pace is not None else None
        return fraction, left
