"""How training goes: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reportgen.cli.console import Console, colour, count, duration, printable

if TYPE_CHECKING:
    from reportgen.run.progress import Event

SECONDS_BETWEEN_LINES = 15.0
TOLD = ("failed", "retried", "note")
"""Kinds of event whose message people are told."""


@contextmanager
def progress(console: Console, heading: str) -> Iterator[Callable[[Event], None]]:
    """Show the events of a run of the engine; under ``--quiet`` only failures are told."""
    if console.quiet:
        yield lambda event: _tell(event, console.warn)
    elif sys.stderr.isatty():
        with _bar(heading) as show:
            yield show
    else:
        yield Lines(console, heading)


@dataclass
class Lines:
    """Progress as lines of text, the first and the last always and the others not too often."""

    console: Console
    heading: str
    clock: Callable[[], float] = time.monotonic
    _last: float = field(default=float("-inf"))

    def __call__(self, event: Event) -> None:
        """Show an event."""
        _tell(event, self.console.warn)
        now, over = self.clock(), event.cells_done == event.cells_total
        if event.kind in ("step", "waiting") or (now - self._last < SECONDS_BETWEEN_LINES and not over):
            return
        self._last = now
        self.console.say(f"{self.heading}: {describe(event)}")


def describe(event: Event) -> str:
    """Say how things stand: cells, runs, failures and the time left."""
    parts = [
        f"{event.cells_done:,}/{event.cells_total:,} cells",
        f"{event.runs_done:,}/{event.runs_total:,} runs",
        f"{event.failures:,} failed",
    ]
    if event.seconds_left is not None and event.cells_done < event.cells_total:
        parts.append(f"{duration(event.seconds_left)} left")
    return ", ".join(parts)


def _tell(event: Event, tell: Callable[[str], None]) -> None:
    if event.kind in TOLD and event.message:
        runs = f"{count(len(event.cell.runs), 'run')} {event.kind}: " if event.cell and event.kind != "note" else ""
        tell(f"{runs}{event.message}")


@contextmanager
def _bar(heading: str) -> Iterator[Callable[[Event], None]]:
    from rich.console import Console as Terminal
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    terminal = Terminal(stderr=True, no_color=not colour(sys.stderr), highlight=False)
    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", markup=False),
    )
    with Progress(*columns, console=terminal) as bar:
        task = bar.add_task(heading, total=1.0, detail="")

        def show(event: Event) -> None:
            _tell(event, lambda text: terminal.print(printable(text), markup=False))
            bar.update(task, completed=event.fraction, detail=describe(event))

        yield show
