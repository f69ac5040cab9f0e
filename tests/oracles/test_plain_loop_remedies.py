"""Every training remedy in the trainer against one nn.Module and torch's own tools a member, step by step."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from reportgen.catalogue.seeding import torch_generator
from reportgen.registry import architectures, remedies, tasks
from reportgen.run.optimisers import OPTIMISERS
from reportgen.run.schedules import SCHEDULES
from reportgen.run.trainer import Training
from reportgen.study import schema, spec
from reportgen.study.effective import effective

STEPS = 12
BATCH = 32
NEAR = {"rtol": 2e-4, "atol": 2e-5}
APART = 50
"""How many times as far the loop without the remedy must be, so that a remedy that does nothing is noticed."""


class Plain:
    """A plain loop: what torch's documentation would have one write, with hooks for what a remedy changes.

    `penalty(net)` and `penalty_of_signals(signals)` are added to the loss, `clip(parameters)` changes the gradients
    in place, `optimiser(weights, biases, rate)` and `schedule(optimiser)` make torch's own.
    """

    def penalty(self, net):
        return 0.0

    def penalty_of_signals(self, signals):
        return 0.0

    def clip(self, parameters):
        pass

    def optimiser(self, weights, biases, rate):
        return torch.optim.SGD([*weights, *biases], lr=rate)

    def schedule(self, optimiser):
        return torch.optim.lr_scheduler.ConstantLR(optimiser, factor=1.0)

    def train(self, net, rate, batches, loss_of):
        """Yield after every step."""
        weights = [p for p in net.parameters() if p.dim() == 2 and p.requires_grad]
        biases = [p for p in net.parameters() if p.dim() == 1 and p.requires_grad]
        rule = self.optimiser(weights, biases, rate)
        schedule = self.schedule(rule)
        for inputs, targets, masks in batches:
            rule.zero_grad()
            loss = loss_of(net(inputs, masks), targets)
            signals = torch.autograd.grad(loss, net.signals, create_graph=True)
            (loss + self.penalty(net) + self.penalty_of_signals(signals)).backward()
            self.clip([*weights, *biases])
            rule.step()
            schedule.step()
            yield


class Perceptron(nn.Module):
    """Three hidden layers of 16 tanh units; `signals` are its pre-activations."""

    def __init__(self, initial, normalised):
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(a, b) for a, b in pairwise([64, 16, 16, 16, 10])])
        self.normalisers = nn.ModuleList([nn.BatchNorm1d(16) if normalised else nn.Identity() for _ in range(3)])
        for layer, linear in enumerate(self.linears, start=1):
            linear.weight.data.copy_(initial[f"weight_{layer}"].T)
            linear.bias.data.copy_(initial[f"bias_{layer}"][0])

    def forward(self, inputs, masks):
        self.signals, hidden = [], inputs
        for layer, (linear, normaliser) in enumerate(zip(self.linears, self.normalisers, strict=False), start=1):
            self.signals.append(linear(hidden))
            hidden = torch.tanh(normaliser(self.signals[-1])) * masks.get(f"dropout_{layer}", 1.0)
        return self.linears[-1](hidden)

    def read(self):
        found = {}
        for layer, linear in enumerate(self.linears, start=1):
            found |= {f"weight_{layer}": linear.weight.T, f"bias_{layer}": linear.bias[None]}
        for layer, normaliser in enumerate(self.normalisers, start=1):
            if isinstance(normaliser, nn.BatchNorm1d):
                found |= {f"gain_{layer}": normaliser.weight[None], f"shift_{layer}": normaliser.bias[None]}
        return found


class Recurrent(nn.Module):
    """Eight tanh units over the time steps; `signals` are its states."""

    def __init__(self, initial, normalised):
        super().__init__()
        self.cell, self.readout = nn.RNNCell(4, 8), nn.Linear(8, 4)
        self.cell.weight_ih.data.copy_(initial["input"].T)
        self.cell.weight_hh.data.copy_(initial["recurrent"].T)
        self.cell.bias_ih.data.copy_(initial["bias"][0])
        self.cell.bias_hh.data.zero_()
        self.cell.bias_hh.requires_grad_(False)
        self.readout.weight.data.copy_(initial["readout"].T)
        self.readout.bias.data.copy_(initial["readout_bias"][0])

    def forward(self, inputs, masks):
        self.signals, hidden = [], torch.zeros(len(inputs), 8)
        for now in inputs.unbind(1):
            self.signals.append(self.cell(now, hidden))
            hidden = self.signals[-1] * masks.get("dropout", 1.0)
        return self.readout(hidden)

    def read(self):
        return {
            "input": self.cell.weight_ih.T,
            "recurrent": self.cell.weight_hh.T,
            "bias": self.cell.bias_ih[None],
            "readout": self.readout.weight.T,
            "readout_bias": self.readout.bias[None],
        }


class L1(Plain):
    def penalty(self, net):
        return 0.03 * sum(p.abs().sum() for p in net.parameters() if p.dim() == 2)


class L2(Plain):
    def optimiser(self, weights, biases, rate):
        return torch.optim.SGD([{"params": weights, "weight_decay": 0.05}, {"params": biases}], lr=rate)


class Cosine(Plain):
    def schedule(self, optimiser):
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=STEPS)


class Decay(Cosine):
    def optimiser(self, weights, biases, rate):
        groups = [{"params": weights, "weight_decay": 0.5}, {"params": biases, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=rate)


class Adam(Plain):
    def optimiser(self, weights, biases, rate):
        return torch.optim.Adam([*weights, *biases], lr=rate)


class ClipNorm(Plain):
    def clip(self, parameters):
        nn.utils.clip_grad_norm_(parameters, 0.1)


class ClipValue(Plain):
    def clip(self, parameters):
        nn.utils.clip_grad_value_(parameters, 0.01)


class ClipAdaptive(Plain):
    def clip(self, parameters):
        for parameter in parameters:
            units = parameter.grad if parameter.dim() == 2 else [parameter.grad]  # a row of nn.Linear is a unit
            for weight, gradient in zip(parameter if parameter.dim() == 2 else [parameter], units, strict=True):
                longest = 0.02 * max(weight.norm().item(), 1e-3)
                if gradient.norm() > longest:
                    gradient *= longest / gradient.norm()


class WarmUp(Plain):
    def schedule(self, optimiser):
        return torch.optim.lr_scheduler.LinearLR(optimiser, start_factor=1 / 8, total_iters=7)


class Linear(Plain):
    def schedule(self, optimiser):
        return torch.optim.lr_scheduler.LinearLR(optimiser, start_factor=1.0, end_factor=0.0, total_iters=STEPS)


class SignalPenalty(Plain):
    def penalty_of_signals(self, signals):
        total = 0.0
        for below, above in pairwise(signals):
            for one, other in zip(below, above, strict=True):  # sample by sample
                total = total + (one.norm() / other.norm() - 1.0) ** 2 / len(below)
        return 0.1 * total


class Together(ClipNorm, WarmUp):
    def penalty(self, net):  # in the loss, so that the clipped gradient holds it; weight_decay of SGD would come after
        return 0.025 * sum(p.square().sum() for p in net.parameters() if p.dim() == 2)


MLP = {"depth": 3, "width": 16, "activation": "tanh", "initialisation": "glorot-normal"}
COSINE = {"schedule": "cosine"}
CASES = {
    "l1-penalty": ("mlp", [("l1-penalty", {"strength": 0.03})], {}, L1),
    "l2-penalty": ("mlp", [("l2-penalty", {"strength": 0.05})], {}, L2),
    "weight-decay": ("mlp", [("weight-decay", {"strength": 0.5}), ("optimiser", {"to": "adam"})], COSINE, Decay),
    "optimiser": ("mlp", [("optimiser", {"to": "adam"})], {}, Adam),
    "clip-norm": ("mlp", [("clip-norm", {"max_norm": 0.1})], {}, ClipNorm),
    "clip-value": ("mlp", [("clip-value", {"max_value": 0.01})], {}, ClipValue),
    "clip-adaptive": ("mlp", [("clip-adaptive", {"max_ratio": 0.02})], {}, ClipAdaptive),
    "clip-adaptive, rnn": ("rnn", [("clip-adaptive", {"max_ratio": 0.02})], {}, ClipAdaptive),
    "warm-up": ("mlp", [("warm-up", {"steps": 8})], {}, WarmUp),
    "cosine": ("mlp", [], COSINE, Cosine),
    "linear": ("mlp", [], {"schedule": "linear"}, Linear),
    "signal-penalty": ("mlp", [("signal-penalty", {"strength": 0.1})], {}, SignalPenalty),
    "signal-penalty, rnn": ("rnn", [("signal-penalty", {"strength": 0.1})], {}, SignalPenalty),
    "dropout": ("mlp", [("dropout", {"probability": 0.25})], {}, Plain),
    "dropout, rnn": ("rnn", [("dropout", {"probability": 0.25})], {}, Plain),
    "batch normalisation": ("mlp", [("normalisation", {"kind": "batch"})], {}, Plain),
    "together": (
        "mlp",
        [
            ("l2-penalty", {"strength": 0.05}),
            ("clip-norm", {"max_norm": 0.1}),
            ("warm-up", {"steps": 8}),
            ("dropout", {"probability": 0.25}),
            ("normalisation", {"kind": "batch"}),
        ],
        {},
        Together,
    ),
}
NETS = {"mlp": (Perceptron, "digits", {}, MLP), "rnn": (Recurrent, "latch", {"length": 6, "classes": 4}, {"width": 8})}


def component(held, name, given):
    return spec.Component(name, held[name].version, held[name].complete(given))


def specifications(name, used, training):
    _, task, of_task, options = NETS[name]
    return tuple(
        spec.RunSpec(
            component(tasks, task, of_task),
            component(architectures, name, options),
            tuple(component(remedies, *one) for one in used),
            spec.Training(**{"optimiser": "sgd", "steps": STEPS, "batch_size": BATCH, **training}),
            spec.Measure(("gradient_norm",), points=0, evaluations=1),
            seed,
            rate,
        )
        for seed in (0, 1)
        for rate in (0.02, 0.05)
    )


def start(run, used):
    """Return the plain net of a run with the run's initial parameters, and its batches with their masks."""
    net, *_ = NETS[run.architecture.name]
    task = tasks[run.task.name].make(**run.task.parameters)
    component, _ = effective(run.architecture, run.remedies if used else (), run.training)
    architecture = architectures[component.name].make(task.shape, **component.parameters)
    initial = architecture.initialise(torch_generator(run.seed, "initialisation"))
    stream, noise = task.stream(run.seed, BATCH), torch_generator(run.seed, "noise")
    batches = []
    for _ in range(STEPS):
        inputs, targets = (torch.from_numpy(part) for part in stream.batch())
        batches.append((inputs, targets, architecture.noise(noise, BATCH) if architecture.noise else {}))
    return net(initial, component.parameters.get("normalisation") == "batch"), batches


def largest_difference(ours, theirs):
    return max((ours[key] - value).abs().max().item() for key, value in theirs.items())


@pytest.mark.parametrize("case", CASES)
def test_every_step_of_every_member_is_that_of_a_plain_loop(case):
    name, used, training, plain = CASES[case]
    runs = specifications(name, used, training)
    nets, loops = [], []
    for run in runs:
        net, batches = start(run, used)
        nets.append(net)
        loops.append(plain().train(net, run.learning_rate, batches, nn.functional.cross_entropy))
    trained = Training(spec.Cell(runs))
    seen = []

    def compare(step, _):
        seen.append(step)
        for member, (net, loop) in enumerate(zip(nets, loops, strict=True)):
            next(loop)
            own = trained.ensemble.member(member)
            assert own.keys() == net.read().keys()
            for key, value in net.read().items():
                assert torch.allclose(own[key], value, **NEAR), (step, member, key)

    trained.run(compare)
    assert seen == list(range(1, STEPS + 1))
    for member, run in enumerate(runs):
        net, batches = start(run, ())
        list(Plain().train(net, run.learning_rate, batches, nn.functional.cross_entropy))
        own = trained.ensemble.member(member)
        shared = {key: value for key, value in net.read().items() if key in own}
        assert largest_difference(own, shared) > APART * NEAR["atol"], "the remedy did nothing"


def test_scaling_the_loss_by_a_power_of_two_changes_nothing_within_the_range():
    plain, scaled = (Training(spec.Cell(specifications("mlp", used, {}))) for used in ([], [("loss-scaling", {})]))
    plain.run()
    scaled.run()
    for member in range(4):
        own = scaled.ensemble.member(member)
        assert all(torch.equal(own[key], value) for key, value in plain.ensemble.member(member).items())


def test_studies_may_name_what_the_trainer_knows():
    assert tuple(SCHEDULES) == schema.SCHEDULES
    assert tuple(OPTIMISERS) == schema.OPTIMISERS
