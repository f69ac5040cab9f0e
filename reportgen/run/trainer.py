"""Train the runs of a cell together, and measure them while they train."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from reportgen.catalogue import losses as scoring
from reportgen.catalogue.seeding import REFERENCE, torch_generator
from reportgen.probe import magnitudes
from reportgen.probe.measure import Measurement, Probe
from reportgen.probe.taps import NETWORK, Position, survey
from reportgen.run import process
from reportgen.run.assembly import assemble
from reportgen.run.batches import Batches
from reportgen.run.ensemble import Ensemble
from reportgen.run.evaluation import HeldOut
from reportgen.run.optimisers import optimiser
from reportgen.run.patience import Patience
from reportgen.run.recording import CellFrames, Recorder, runs_frame
from reportgen.run.ridge import Ridge
from reportgen.study.spec import Cell, Measure

OF_THE_STEP = ("update_ratio", "clipped_fraction")
"""Quantities that are known only after the step has been taken."""

MEMORY = 2**27
"""Bytes that one layer's activations may take when held-out data are evaluated, about."""

REFERENCE_SAMPLES = 256
"""Training samples from which batch normalisation takes its statistics in evaluation."""

OnStep = Callable[[int, int], None]


def train_cell(cell: Cell, device: str = "cpu", on_step: OnStep | None = None) -> CellFrames:
    """Train all runs of a cell as one ensemble, and return what was measured.

    Parameters
    ----------
    cell : Cell
        Its runs share everything but seed and learning rate.
    device : str
        "cpu" or a device of torch.
    on_step : callable, optional
        ``on_step(done, total)`` after every step.

    Returns
    -------
    CellFrames
        Runs, measurements and curves; a run whose loss became non-finite has status "diverged", and what was
        measured up to that step. Measuring does not alter training.
    """
    process.prepare()
    with process.flushed():
        return Training(cell, device).run(on_step)


def probe_steps(measure: Measure, steps: int) -> set[int]:
    """Return the steps that are probed: 0, the last, and `points` log-spaced ones from 1 (fewer if they coincide)."""
    if steps == 0:
        return {0}
    spaced = np.geomspace(1, steps, measure.points + 1)[:-1] if measure.points else np.zeros(0)
    return {0, steps, *(round(float(step)) for step in spaced)}


def evaluation_steps(measure: Measure, steps: int) -> set[int]:
    """Return the steps that are evaluated: 0, the last, and `evaluations` evenly spaced ones, the last among them."""
    spaced = np.linspace(0, steps, max(1, min(measure.evaluations, steps)) + 1)
    return {0, steps, *(round(float(step)) for step in spaced)}


class Training:
    """One cell while it trains.

    Parameters
    ----------
    cell : Cell
    device : str

    Attributes
    ----------
    ensemble : Ensemble
        The members that have not diverged.
    diverged_at : dict
        Member to the step at which its loss was not finite.
    last : dict
        Diverged member to its last parameters.
    """

    def __init__(self, cell: Cell, device: str = "cpu") -> None:
        first = cell.runs[0]
        self._cell, self._measure = cell, first.measure
        self._assembled = assembled = assemble(first)
        architecture, task, training = assembled.architecture, assembled.task, assembled.training
        seeds = [run.seed for run in cell.runs]
        drawn = {seed: architecture.initialise(torch_generator(seed, "initialisation")) for seed in set(seeds)}
        rates = [run.learning_rate or 0.0 for run in cell.runs]
        rule = optimiser(training.optimiser)
        self._batches = Batches(assembled, seeds, device)
        self._batches.next()
        batch = self._batches.of([0]).inputs.shape[1]
        self.ensemble = Ensemble(architecture, [drawn[seed] for seed in seeds], rates, rule, batch, device)
        self._rules = assembled.rules
        self._probe = Probe(architecture, task.loss, frozenset(self._measure.quantities), self._rules.clip)
        shown = task.stream(REFERENCE, REFERENCE_SAMPLES).batch()[0] if architecture.batch_statistics else None
        self._held_out = HeldOut.join(task.held_out, shown, device)
        self._ridge = Ridge(architecture.readout, len(cell.runs)) if architecture.readout else None
        self._patience = Patience(self._rules.patience) if self._rules.patience else None
        self._group = self._group_size()
        self._parameters = sum(value.numel() for value in drawn[seeds[0]].values())
        self.diverged_at: dict[int, int] = {}
        self.last: dict[int, dict[str, torch.Tensor]] = {}
        self._recorder = Recorder([run.run_id for run in cell.runs])
        self._since = np.zeros((3, len(cell.runs)))  # summed loss, summed metric, batches: since the last evaluation
        self._clipped = np.zeros(len(cell.runs))
        self._last_probe = 0

    def run(self, on_step: OnStep | None = None) -> CellFrames:
        """Train to the end."""
        steps = self._assembled.training.steps
        probed, evaluated = probe_steps(self._measure, steps), evaluation_steps(self._measure, steps)
        self._started = time.perf_counter()
        for step in range(steps + 1):
            if step:
                self._batches.next()
            measured = self._measured(step) if step in probed and self._measure.quantities else None
            member_losses = self._losses(step, measured)
            if step in evaluated:
                self._evaluate(step)
            if step < steps and self.ensemble.count:
                self._step(step + 1, member_losses, measured)
            if self._patience:
                self._patience.stop(self.ensemble)
            if measured is not None:
                self._recorder.measured(step, *measured)
            if not self.ensemble.count:
                break
            if on_step is not None and step < steps:
                on_step(step + 1, steps)
        seconds = self._seconds()
        stopped = self._patience.stopped if self._patience else {}
        ended = {**stopped, **self.diverged_at}
        runs = runs_frame(self._cell, self._assembled, self.diverged_at, ended, self._parameters, seconds)
        return self._recorder.frames(runs)

    def _losses(self, step: int, measured: object) -> torch.Tensor:
        """Return the rows' losses on the present batch, after taking out the members whose loss is not finite."""
        while self.ensemble.count:
            batch = self._batches.of(self.ensemble.rows)
            with torch.set_grad_enabled(step < self._assembled.training.steps):
                outputs = self.ensemble.forward(batch.inputs, batch.noise)
                member_losses = scoring.losses(self._assembled.task.loss, outputs, batch.targets)
            values = member_losses.detach().double().cpu().numpy()[: self.ensemble.count]
            lost = np.flatnonzero(~np.isfinite(values)).tolist()
            if not lost:
                self._count(values, outputs.detach(), batch.targets)
                return member_losses
            for position in lost:
                member = self.ensemble.members[position]
                self.diverged_at[member] = step
                self.last[member] = self.ensemble.member(position)
            self.ensemble.drop(lost)
        return torch.zeros(0)

    def _step(self, step: int, member_losses: torch.Tensor, measured: tuple[list[int], Measurement] | None) -> None:
        weights = self._weights() if measured is not None and "update_ratio" in self._measure.quantities else {}
        if self._ridge:
            self._solve(self._ridge)
        else:
            factor = self._rules.factor(step, self._assembled.training.steps)
            clipped = self.ensemble.step(self._objectives(member_losses), self._rules, factor)
            self._clipped[self.ensemble.members] += clipped[: self.ensemble.count].cpu().numpy()
        if measured is None or not weights:
            return
        members, measurement = measured
        measurement.values["update_ratio"] = ratios = {}
        alive = [members.index(member) for member in self.ensemble.members]
        for position, after in self._weights().items():
            before = weights[position]
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = _norms(after - before) / _norms(before)
            ratios[position] = np.full(len(members), np.nan)
            ratios[position][alive] = np.where(np.isfinite(ratio), ratio, np.nan)

    def _objectives(self, member_losses: torch.Tensor) -> torch.Tensor:
        """Add the penalties to the rows' losses."""
        rules, task = self._rules, self._assembled.task
        if rules.signal_penalties:
            batch = self._batches.of(self.ensemble.rows)
            member_losses, signals = self.ensemble.signals(batch.inputs, batch.targets, batch.noise, task.loss)
            for penalty in rules.signal_penalties:
                member_losses = member_losses + penalty(signals)
        matrices = {w.parameter: self.ensemble.parameters[w.parameter] for w in self._assembled.architecture.weights}
        for weight_penalty in rules.weight_penalties:
            member_losses = member_losses + weight_penalty(matrices)
        return member_losses

    def _solve(self, ridge: Ridge) -> None:
        task, batch = self._assembled.task, self._batches.of(self.ensemble.rows)
        classes = task.shape.outputs if task.loss == "cross-entropy" else None
        ridge.absorb(self.ensemble.parameters, batch.inputs, batch.targets, classes, self.ensemble.rows)

    def _measured(self, step: int) -> tuple[list[int], Measurement]:
        """Measure the members on the present batch; return who they are, and what was found."""
        members = list(self.ensemble.members)
        chosen, equal = self._distinct(step, members)
        batch = self._batches.of([members[position] for position in chosen])
        parameters = {name: value[chosen] for name, value in self.ensemble.parameters.items()}
        measurement = _repeated(self._probe(parameters, batch.inputs, batch.targets, batch.noise), equal)
        if "clipped_fraction" in self._measure.quantities:
            share = self._clipped[members] / (step - self._last_probe) if step else np.full(len(members), np.nan)
            measurement.values["clipped_fraction"] = {NETWORK: share}
        self._clipped[:] = 0.0
        self._last_probe = step
        return members, measurement

    def _distinct(self, step: int, members: list[int]) -> tuple[list[int], list[int]]:
        """Return the positions of the members that differ, and which of these each member is equal to.

        Before the first step the members of a seed are one network on one batch, whatever their learning rates.
        """
        if step:
            return list(range(len(members))), list(range(len(members)))
        seeds = [self._cell.runs[member].seed for member in members]
        first = {seed: seeds.index(seed) for seed in dict.fromkeys(seeds)}
        order = {seed: i for i, seed in enumerate(first)}
        return list(first.values()), [order[seed] for seed in seeds]

    def _count(self, values: NDArray[np.float64], outputs: torch.Tensor, targets: torch.Tensor) -> None:
        members = self.ensemble.members
        scores = scoring.metrics(self._assembled.task.metric, outputs, targets)[: len(members)]
        self._since[:, members] += np.stack([values, scores.double().cpu().numpy(), np.ones(len(members))])

    def _evaluate(self, step: int) -> None:
        """Record loss and metric on held-out data, and their means over the training batches since the last time.

        Each batch counts before it is trained on; that of this step is the last among them.
        """
        members, task = list(self.ensemble.members), self._assembled.task
        if not members:
            return
        chosen, equal = self._distinct(step, members)
        scores = self.ensemble.evaluate(self._held_out, task.loss, task.metric, self._group, chosen)
        found = {split: [value.double().cpu().numpy()[equal] for value in values] for split, values in scores.items()}
        seconds = self._seconds()
        total = self._since[:, members]
        found["train"] = [total[0] / total[2], total[1] / total[2]]
        self._since[:] = 0.0
        for split in ("train", *self._held_out.parts):
            for metric, values_of in zip(("loss", task.metric), found[split], strict=True):
                self._recorder.evaluated(step, seconds, split, metric, members, values_of)
        if self._patience and step:
            self._patience.look(step, self.ensemble, found["validation"][0])

    def _weights(self) -> dict[Position, torch.Tensor]:
        """Return copies of the weight matrices (members, ...), float64."""
        parameters, count = self.ensemble.parameters, self.ensemble.count
        return {
            Position(w.kind, w.index, w.distance, w.name): parameters[w.parameter].detach()[:count].double()
            for w in self._assembled.architecture.weights
        }

    def _group_size(self) -> int:
        """Return how many members are evaluated at a time."""
        inputs = self._batches.of([0]).inputs
        own = {name: value[:1].detach() for name, value in self.ensemble.parameters.items()}
        largest = self._held_out.inputs.shape[1]
        elements = survey(self._assembled.architecture, own, inputs).elements / inputs.shape[1]
        return max(2, int(MEMORY // (8 * largest * max(1.0, elements))))

    def _seconds(self) -> float:
        return (time.perf_counter() - self._started) / len(self._cell.runs)


def _norms(weights: torch.Tensor) -> NDArray[np.float64]:
    result: NDArray[np.float64] = magnitudes.norm(weights).cpu().numpy()
    return result


def _repeated(measurement: Measurement, members: list[int]) -> Measurement:
    """Return the measurement of these members, in this order; a member may come several times."""
    values = {
        quantity: {position: found[members] for position, found in by_position.items()}
        for quantity, by_position in measurement.values.items()
    }
    histograms = {p: [rows[member] for member in members] for p, rows in measurement.histograms.items()}
    return Measurement(values, histograms)
