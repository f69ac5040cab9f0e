"""Members of recurrent networks depend on nothing but themselves, bitwise, whichever way their steps are computed."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reportgen.run import process, trainer
from reportgen.run.assembly import assemble

process.prepare()

_spec = importlib.util.spec_from_file_location("independence", Path(__file__).with_name("test_trainer_independence.py"))
independence = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(independence)

LATCH = ("latch", {"length": 6, "classes": 3})
COPY = ("copy-memory", {"lag": 2, "symbols": 3, "classes": 3})
CASES = {
    "rnn, masks and windows": ("rnn", {"width": 7, "dropout": 0.3, "truncation": 4}, *LATCH, 6, "adam"),
    "rnn, sigmoid": ("rnn", {"width": 7, "activation": "sigmoid", "recurrence": "gaussian"}, *LATCH, 6, "adam"),
    "lstm, fused": ("lstm", {"width": 32}, *LATCH, 32, "adam"),
    "lstm, fused, odd shapes": ("lstm", {"width": 7, "forget_bias": 1.0}, *LATCH, 6, "momentum"),
    "lstm, masks": ("lstm", {"width": 7, "dropout": 0.3, "chrono": True}, *LATCH, 6, "adam"),
    "lstm, windows": ("lstm", {"width": 33, "activation": "relu", "truncation": 4}, *LATCH, 5, "rmsprop"),
    "gru": ("gru", {"width": 32}, *LATCH, 32, "sgd"),
    "gru, odd shapes": ("gru", {"width": 7, "dropout": 0.3}, *LATCH, 6, "adam"),
    "orthogonal": ("orthogonal-rnn", {"width": 32}, *LATCH, 32, "adam"),
    "orthogonal, odd shapes": ("orthogonal-rnn", {"width": 7, "activation": "relu"}, *LATCH, 6, "adamw"),
    "echo state": ("echo-state", {"width": 13, "leak": 0.5}, *LATCH, 6, "sgd"),
    "lstm, several reads": ("lstm", {"width": 5}, *COPY, 6, "adam"),
    "gru, several reads": ("gru", {"width": 5}, *COPY, 6, "adam"),
}  # fmt: skip
UNROLLED = ("lstm, masks", "gru, odd shapes", "orthogonal, odd shapes")
"""Cases that are trained by ``torch.vmap`` too."""


def trained(runs):
    weights, frames = independence.train(runs, "batched")
    tables = [getattr(frames, name).set_index("run_id", drop=False) for name in ("measurements", "curves")]
    return weights, tables


def of_run(table, run_id):
    return table.loc[run_id].drop(columns="seconds", errors="ignore").reset_index(drop=True)


def assert_independent(case):
    rates = (None,) if case[0] == "echo-state" else (0.01, 0.1)
    runs = [independence.run(*case, seed, rate) for seed in range(4) for rate in rates][:7]
    weights, tables = trained(runs)
    for others in (runs[:1], runs[-2:], runs[::-1]):
        own_weights, own_tables = trained(others)
        for run_id, parameters in own_weights.items():
            for name, value in parameters.items():
                assert torch.equal(value, weights[run_id][name]), name
            for ours, theirs in zip(own_tables, tables, strict=True):
                assert of_run(ours, run_id).equals(of_run(theirs, run_id))


@pytest.mark.parametrize("case", CASES)
def test_members_are_independent(case):
    assert_independent(CASES[case])


@pytest.mark.parametrize("case", UNROLLED)
def test_members_stacked_by_torch_are_independent(case, monkeypatch):
    def assembled(run):
        made = assemble(run)
        return replace(made, architecture=replace(made.architecture, stacking="vmap"))

    monkeypatch.setattr(trainer, "assemble", assembled)
    assert_independent(CASES[case])
