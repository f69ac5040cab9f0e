"""2 Run: trains the cells that are missing from a store, in this process, on its cores, or on a cluster."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import logging
import os
import queue
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from typing import Any, NamedTuple, cast

from reportgen.errors import ReportgenError, UsageError
from reportgen.run import parts, work
from reportgen.run.course import Course, Pool, RunSummary, without
from reportgen.run.progress import Event, Progress
from reportgen.run.work import Outcome, Trainer
from reportgen.store import Store
from reportgen.study.spec import Cell

__all__ = ["Crew", "Event", "RunSummary", "run_cells"]

PATIENCE = "10s"
"""How long a scheduler may take to answer."""


def run_cells(
    cells: Sequence[Cell],
    store: Store,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    device: str = "cpu",
    on_event: Callable[[Event], None] | None = None,
    train: Trainer | None = None,
    retry_failed: bool = False,
    crew: Crew | None = None,
) -> RunSummary:
    """Train cells and write them to the store.

    Parameters
    ----------
    cells : sequence of Cell
        What to train; runs that the store holds are passed over.
    store : Store
    jobs : int
        Processes of one thread each; with 1, all happens in this process.
    scheduler : str, optional
        Address of a Dask scheduler (``tcp://host:8786``), whose workers are used instead.
    device : str
        As PyTorch names it.
    on_event : callable, optional
        Is told of each `Event`.
    train : callable, optional
        An importable function in place of ``reportgen.run.trainer.train_cell``.
    retry_failed : bool
        Whether runs that the store holds as failed are trained again.
    crew : Crew, optional
        Keeps the processes for the next call with the same trainer, device and scheduler.

    Returns
    -------
    RunSummary
        Also after Ctrl-C, with `interrupted` set.

    Raises
    ------
    ReportgenError
        If the store cannot be written, the scheduler cannot be reached, or PyTorch is not installed.
    """
    if train is None and importlib.util.find_spec("torch") is None:
        raise UsageError("PyTorch is not installed, so nothing can be trained", "pip install 'reportgen[run]'")
    started = time.monotonic()
    statuses = ("completed", "diverged") if retry_failed else None
    present = store.run_ids(statuses)
    todo = parts.split([left for cell in cells if (left := without(cell, present))], jobs)
    workers = min(jobs, len(todo))
    progress = Progress(todo, max(workers, 1), on_event or (lambda event: None))
    if not todo:
        return RunSummary(seconds=time.monotonic() - started)
    course = Course(todo, store, progress, statuses)
    trainer = train or work.default_train
    pool = crew.pool(trainer, device, workers, scheduler) if crew else None
    if pool is None:
        alone = workers < 2 and not scheduler
        pool = _Here(trainer, device, progress) if alone else _Cluster(trainer, device, workers, scheduler)
    interrupted = course.run(pool)
    return dataclasses.replace(course.summary, seconds=time.monotonic() - started, interrupted=interrupted)


class Crew:
    """Processes that train for several calls of `run_cells`, so that they start, and import PyTorch, only once.

    A context manager; at its end the processes end. A call that is interrupted ends them at once.
    """

    def __init__(self) -> None:
        self._cluster: _Cluster | None = None
        self._for: tuple[object, ...] = ()
        self._workers = 0

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._dismiss()

    def pool(self, train: Trainer, device: str, workers: int, scheduler: str | None) -> Pool | None:
        """Return the processes if there are enough, and else new ones; None where one process is enough."""
        wanted = (train, device, scheduler)
        if self._cluster and self._cluster.is_open and self._for == wanted and workers <= self._workers:
            return self._cluster
        self._dismiss()
        if workers < 2 and not scheduler:
            return None
        self._cluster = _Cluster(train, device, workers, scheduler, is_kept=True)
        self._for, self._workers = wanted, workers
        return self._cluster

    def _dismiss(self) -> None:
        cluster, self._cluster = self._cluster, None
        if cluster and cluster.is_open:
            cluster.end()


class _Here:
    """Trains in this process."""

    def __init__(self, train: Trainer, device: str, progress: Progress) -> None:
        self._train, self._device, self._progress = train, device, progress
        self._part: Cell | None = None

    def free(self, flying: int) -> int:
        return 1 - flying

    def submit(self, part: Cell) -> None:
        self._part = part

    def answer(self, patience: float) -> tuple[Cell, Outcome | None] | None:
        if self._part is None:
            return None
        part, self._part = self._part, None
        steps = max(part.runs[0].training.steps, 1)
        told = time.monotonic()

        def on_step(step: int, *_: object) -> None:
            nonlocal told
            if time.monotonic() - told > 0.1:
                told = time.monotonic()
                self._progress.step(part, min(step / steps, 1.0))

        return part, work.train_part(self._train, part, self._device, on_step)

    def finished(self) -> Iterator[tuple[Cell, Outcome]]:
        return iter(())

    def close(self, at_once: bool) -> None:
        return None


class _Future(NamedTuple):
    """A part that was given to Dask, and to which of our own workers."""

    part: Cell
    future: Any
    worker: str | None


class _Cluster:
    """Trains on Dask's workers: processes of this machine, or those of a scheduler that is running somewhere."""

    def __init__(self, train: Trainer, device: str, workers: int, scheduler: str | None, is_kept: bool = False) -> None:
        self.is_open = True
        self._train, self._device, self._scheduler, self._is_kept = train, device, scheduler, is_kept
        self._answers: queue.SimpleQueue[tuple[Cell, Any]] = queue.SimpleQueue()
        self._futures: dict[str, _Future] = {}
        self._closing = contextlib.ExitStack()
        try:
            self._open(workers)
        except BaseException:
            self._closing.close()
            raise

    def _open(self, workers: int) -> None:
        import dask
        import distributed

        for name in ("distributed", "tornado", "asyncio"):  # what they say when processes are ended at once is no news
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._closing.enter_context(dask.config.set(_DASK))
        self._cluster = None
        if self._scheduler:
            try:
                self._client = distributed.Client(self._scheduler, set_as_default=False, timeout=PATIENCE)
            except (OSError, ValueError) as error:
                hint = "start one with `dask scheduler`, and give the address that it prints"
                raise ReportgenError(f"there is no Dask scheduler at '{self._scheduler}'", hint) from error
        else:
            with _without_interrupts():
                self._cluster = distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard": False},
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                )
                self._closing.callback(self._cluster.close, timeout=3)
                self._client = distributed.Client(self._cluster, set_as_default=False)
        self._closing.callback(self._client.close, timeout=1)

    def free(self, flying: int) -> int:
        # A cluster that grows with its work needs some that waits; on our own, nothing waits behind another part.
        return len(self._idle()) if self._cluster else max(len(self._client.nthreads()), 1) + 4 - flying

    def _idle(self) -> list[str]:
        """Return the workers that have no part and hold no result; a part that kills its worker then costs no other."""
        taken = {future.worker for future in self._futures.values()}
        return [address for address in sorted(self._client.nthreads()) if address not in taken]

    def submit(self, part: Cell) -> None:
        idle = self._idle() if self._cluster else []
        worker = idle[0] if idle else None
        future = self._client.submit(
            work.train_part,
            self._train,
            part,
            self._device,
            key=f"{part.cell_id}-{time.monotonic_ns()}",
            pure=False,
            workers=[worker] if worker else None,
        )
        self._futures[part.cell_id] = _Future(part, future, worker)
        future.add_done_callback(lambda done: self._answers.put((part, done)))

    def answer(self, patience: float) -> tuple[Cell, Outcome | None] | None:
        try:
            part, future = self._answers.get(timeout=patience)
        except queue.Empty:
            return self._lost()
        if part.cell_id not in self._futures:
            return None
        try:
            return part, self._outcome(part, future)
        except KeyboardInterrupt:
            self._answers.put((part, future))
            raise

    def _lost(self) -> tuple[Cell, Outcome | None] | None:
        """Return a part that was sent to a worker that is no longer there; Dask would wait for it for ever."""
        present = self._client.nthreads()
        for cell_id, (part, future, worker) in tuple(self._futures.items()):
            if worker and worker not in present and not future.done():
                del self._futures[cell_id]
                future.cancel()
                return part, None
        return None

    def _outcome(self, part: Cell, future: Any) -> Outcome | None:
        import distributed

        try:
            outcome = future.result()
        except distributed.KilledWorker:
            return None
        except distributed.client.FutureCancelledError as error:
            raise ReportgenError("the connection to the Dask scheduler is lost", "run again to continue") from error
        except Exception as error:
            return Outcome(None, work.reason_of(error), "".join(traceback.format_exception(error)), 0.0, {})
        finally:
            self._futures.pop(part.cell_id, None)
        return cast(Outcome, outcome)

    def finished(self) -> Iterator[tuple[Cell, Outcome]]:
        with contextlib.suppress(queue.Empty):
            while True:
                part, future = self._answers.get_nowait()
                outcome = self._outcome(part, future)
                if outcome and outcome.frames:
                    yield part, outcome

    def close(self, at_once: bool) -> None:
        if at_once:
            self._client.cancel([future.future for future in self._futures.values()], force=True)
        if at_once or not self._is_kept:
            self.end()

    def end(self) -> None:
        """End the processes."""
        self.is_open = False
        # Our workers keep nothing, and one that trains or starts would hold up an orderly end.
        for nanny in self._cluster.workers.values() if self._cluster else ():
            nanny.auto_restart = False
            if nanny.process and nanny.process.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(nanny.process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            self._closing.close()


_THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}

_QUIET = {"DASK_LOGGING__DISTRIBUTED": "critical"}
"""A worker speaks before it learns the configuration."""

_DASK = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.nanny.pre-spawn-environ": {**_THREADS, **_QUIET},
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
"""The engine counts the workers that a part kills, so Dask must not retry by itself; and nobody looks at its pages."""


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back, also from all processes and threads that are started inside, for as long as they live.

    A terminal sends it to workers too, and they would die noisily before this process has decided anything.
    """
    # It starts with the first process, and would then let Ctrl-C through to the thread that starts the workers.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
