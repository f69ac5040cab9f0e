"""Print how much faster an ensemble trains than one nn.Module and one torch.optim optimiser a seed.

Run as ``python tests/benchmarks/bench_ensemble.py``; ratios of CPU time on one thread, from one run, no measuring.
"""

from __future__ import annotations

import time

from reportgen.run import process

process.prepare()

import torch  # noqa: E402
from torch import nn  # noqa: E402

from reportgen.catalogue.base import Shape  # noqa: E402
from reportgen.catalogue.losses import losses  # noqa: E402
from reportgen.registry import architectures  # noqa: E402
from reportgen.run.ensemble import Ensemble  # noqa: E402
from reportgen.run.optimisers import optimiser  # noqa: E402

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid}
OPTIMISERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}
MEMBERS, BATCH = 48, 64


class Recurrent(nn.Module):
    """nn.RNN with a readout of the last step."""

    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        super().__init__()
        self.rnn = nn.RNN(inputs, width, batch_first=True)
        self.readout = nn.Linear(width, outputs)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        return self.readout(self.rnn(inputs)[1][0])


def plain_mlp(depth: int, width: int, activation: str) -> nn.Module:
    """Return the usual stack of modules."""
    layers: list[nn.Module] = []
    for below in [64] + [width] * (depth - 1):
        layers += [nn.Linear(below, width), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers, nn.Linear(width, 10))


def plain_step_s(net: nn.Module, rule: str, inputs: torch.Tensor, targets: torch.Tensor, steps: int) -> float:
    """Return the CPU seconds of a step of one network in a plain loop."""
    own = OPTIMISERS[rule](net.parameters(), lr=1e-4)
    for step in range(-3, steps):
        if step == 0:
            started = time.process_time()
        own.zero_grad()
        nn.functional.cross_entropy(net(inputs), targets).backward()
        own.step()
    return (time.process_time() - started) / steps


def ensemble_step_s(name: str, shape: Shape, rule: str, inputs: torch.Tensor, steps: int, **options: object) -> float:
    """Return the CPU seconds of a step of one member of an ensemble."""
    entry = architectures[name]
    made = entry(shape, **entry.complete(options))
    initial = [made.initialise(torch.Generator().manual_seed(m)) for m in range(MEMBERS)]
    ensemble = Ensemble(made, initial, [1e-4] * MEMBERS, optimiser(rule), len(inputs))
    rows = len(ensemble.rows)
    batch = inputs.expand(rows, *inputs.shape).contiguous()
    targets = (torch.arange(len(inputs)) % 10).expand(rows, -1)
    for step in range(-3, steps):
        if step == 0:
            started = time.process_time()
        ensemble.step(losses("cross-entropy", ensemble.forward(batch), targets), None)
    return (time.process_time() - started) / steps / MEMBERS


def main() -> None:
    """Measure each setting and print a line."""
    targets = torch.arange(BATCH) % 10
    print(f"{'setting':42} {'plain ms':>9} {'ensemble ms':>12} {'ratio':>6}")
    with process.flushed():
        for depth, width in ((20, 64), (50, 32)):
            for activation in ACTIVATIONS:
                for rule in OPTIMISERS:
                    inputs = torch.randn(BATCH, 64)
                    plain = plain_step_s(plain_mlp(depth, width, activation), rule, inputs, targets, 60)
                    options = {"depth": depth, "width": width, "activation": activation}
                    ours = ensemble_step_s("mlp", Shape(64, 10), rule, inputs, 12, **options)
                    _print(f"mlp {depth} x {width}, {activation}, {rule}", plain, ours)
        for length in (50, 100):
            inputs = torch.randn(32, length, 10)
            plain = plain_step_s(Recurrent(10, 32, 10), "adam", inputs, targets[:32], 30)
            ours = ensemble_step_s("rnn", Shape(10, 10, length), "adam", inputs, 8, width=32)
            _print(f"rnn tanh, T = {length}, width 32, adam", plain, ours)


def _print(setting: str, plain: float, ours: float) -> None:
    print(f"{setting:42} {plain * 1e3:9.3f} {ours * 1e3:12.3f} {plain / ours:6.1f}", flush=True)


if __name__ == "__main__":
    main()
