"""Print how much faster ensembles of recurrent networks train than one nn.Module and one optimiser a seed.

Run as ``python tests/benchmarks/bench_recurrent.py``; ratios of CPU time on one thread, from one run, no measuring.
"""

from __future__ import annotations

import time

from reportgen.run import process

process.prepare()

import torch  # noqa: E402
from torch import nn  # noqa: E402

from reportgen.catalogue import stacking  # noqa: E402
from reportgen.catalogue.base import Shape  # noqa: E402
from reportgen.catalogue.losses import losses  # noqa: E402
from reportgen.registry import architectures  # noqa: E402
from reportgen.run.optimisers import optimiser  # noqa: E402

MEMBERS, BATCH, FEATURES, CLASSES = 42, 32, 10, 10
MODULES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
SETTINGS = [
    ("rnn", 32, 50, {}),
    ("rnn", 32, 50, {"dropout": 0.2}),
    ("rnn", 32, 50, {"truncation": 10}),
    ("orthogonal-rnn", 32, 50, {}),
    ("lstm", 32, 50, {}),
    ("lstm", 32, 50, {"dropout": 0.2}),
    ("lstm", 32, 50, {"truncation": 10}),
    ("lstm", 64, 50, {}),
    ("gru", 32, 50, {}),
    ("gru", 32, 50, {"dropout": 0.2}),
    ("gru", 64, 50, {}),
    ("echo-state", 32, 50, {}),
]


class Recurrent(nn.Module):
    """A recurrent module with a readout of the last step."""

    def __init__(self, kind: str, width: int) -> None:
        super().__init__()
        self.cell = MODULES[kind](FEATURES, width, batch_first=True)
        self.readout = nn.Linear(width, CLASSES)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        return self.readout(self.cell(inputs)[0][:, -1])


def plain_step_s(kind: str, width: int, length: int, steps: int) -> float:
    """Return the CPU seconds of a step of one network in a plain loop."""
    net, inputs, targets = Recurrent(kind, width), torch.randn(BATCH, length, FEATURES), torch.arange(BATCH) % CLASSES
    own = torch.optim.Adam(net.parameters(), lr=1e-4)
    for step in range(-3, steps):
        if step == 0:
            started = time.process_time()
        own.zero_grad()
        nn.functional.cross_entropy(net(inputs), targets).backward()
        own.step()
    return (time.process_time() - started) / steps


def ensemble_step_s(name: str, width: int, length: int, options: dict[str, object], steps: int) -> float:
    """Return the CPU seconds of a step of one member of an ensemble; of a forward pass, where nothing is trained."""
    entry = architectures[name]
    made = entry(Shape(FEATURES, CLASSES, length), **entry.complete({"width": width} | options))
    drawn = [made.initialise(torch.Generator().manual_seed(m)) for m in range(MEMBERS)]
    weights = {key: torch.stack([own[key] for own in drawn]) for key in drawn[0]}
    rule, rates = optimiser("adam"), torch.full((MEMBERS,), 1e-4, dtype=torch.float64)
    state = rule.start(list(weights.values()))
    inputs = torch.randn(MEMBERS, BATCH, length, FEATURES)
    targets = (torch.arange(BATCH) % CLASSES).expand(MEMBERS, -1)
    generator = torch.Generator().manual_seed(0)
    for step in range(-3, steps):
        if step == 0:
            started = time.process_time()
        masks = [made.noise(generator, BATCH) for _ in range(MEMBERS)] if made.noise else []
        noise = {key: torch.stack([mask[key] for mask in masks]) for key in (masks[0] if masks else ())}
        leaves = {key: value.detach().requires_grad_() for key, value in weights.items()}
        outputs, _ = stacking.apply(made, leaves | noise, inputs)
        if made.readout is None:
            total = losses("cross-entropy", outputs, targets).sum()
            found = torch.autograd.grad(total, list(leaves.values()), materialize_grads=True)
            with torch.no_grad():
                rule.step(list(weights.values()), list(found), state, rates, step + 4)
    return (time.process_time() - started) / steps / MEMBERS


def main() -> None:
    """Measure each setting and print a line."""
    print(f"{'setting':42} {'plain ms':>9} {'ensemble ms':>12} {'ratio':>6}")
    with process.flushed():
        for name, width, length, options in SETTINGS:
            plain = plain_step_s(name if name in MODULES else "rnn", width, length, 30)
            ours = ensemble_step_s(name, width, length, options, 8)
            told = "".join(f", {option} {value}" for option, value in options.items())
            setting = f"{name}, T = {length}, width {width}{told}"
            print(f"{setting:42} {plain * 1e3:9.3f} {ours * 1e3:12.3f} {plain / ours:6.1f}", flush=True)


if __name__ == "__main__":
    main()
