"""Members of every feed-forward network and encoder depend on nothing but themselves, bitwise."""

import runpy
from pathlib import Path

import pytest
import torch

from reportgen.run import process

# Before anything is multiplied: MKL reads once whether its products are to be reproducible.
process.prepare()

HELPERS = runpy.run_path(str(Path(__file__).with_name("test_trainer_independence.py")))
run, train = HELPERS["run"], HELPERS["train"]

LATCH = {"length": 5, "classes": 3}
COPY = {"symbols": 3, "lag": 2}
CASES = {
    "batch": ("mlp", {"width": 17, "normalisation": "batch", "dropout": 0.2}, "spirals", {}, 33, "sgd"),
    "batch, even": ("mlp", {"width": 17, "normalisation": "batch"}, "spirals", {}, 32, "adam"),
    "layer": ("mlp", {"width": 17, "normalisation": "layer", "activation": "gelu"}, "spirals", {}, 32, "adam"),
    "group": ("mlp", {"width": 15, "normalisation": "group", "groups": 5}, "spirals", {}, 5, "adam"),
    "weight": ("mlp", {"width": 13, "weight_normalisation": True}, "spirals", {}, 32, "momentum"),
    "residual": ("residual-mlp", {"width": 11, "normalisation": "batch", "scale": "zero"}, "spirals", {}, 7, "sgd"),
    "residual, after": ("residual-mlp", {"normalisation": "layer", "placement": "after"}, "spirals", {}, 32, "adam"),
    "highway": ("highway", {"width": 9}, "spirals", {}, 7, "adam"),
    "highway, even": ("highway", {"width": 32}, "digits", {}, 32, "sgd"),
    "dense": ("dense", {"width": 7, "activation": "silu"}, "spirals", {}, 33, "adam"),
    "cnn": ("cnn", {"width": 8, "normalisation": "batch", "dropout": 0.2}, "digit-images", {}, 32, "sgd"),
    "cnn, odd": ("cnn", {"width": 5, "normalisation": "layer", "skip": True}, "digit-images", {}, 7, "adam"),
    "cnn, groups": ("cnn", {"width": 6, "normalisation": "group", "groups": 3}, "digit-images", {}, 5, "adam"),
    "transformer": ("transformer", {"width": 16, "heads": 4, "dropout": 0.2}, "digit-rows", {}, 32, "adam"),
    "transformer, odd": ("transformer", {"width": 9, "heads": 3, "placement": "after"}, "latch", LATCH, 7, "sgd"),
    "several reads": ("transformer", {"width": 9, "heads": 3, "activation": "gelu"}, "copy-memory", COPY, 5, "adam"),
}


@pytest.mark.parametrize("case", CASES)
def test_members_are_independent(case):
    name, parameters, *rest = CASES[case]
    cases = (name, {"depth": 2, **parameters}, *rest)
    runs = [run(*cases, seed, rate) for seed in range(3) for rate in (0.01, 0.1)]
    weights, frames = train(runs, "batched")
    for others in (runs[:1], runs[2:4], runs[5:], runs[4::-2]):
        found, other = train(others, "batched")
        for run_id, parameters in found.items():
            assert all(torch.equal(value, weights[run_id][key]) for key, value in parameters.items())
        for table in ("measurements", "curves"):
            ours, theirs = (getattr(of, table).set_index("run_id", drop=False) for of in (other, frames))
            for run_id in found:
                left, right = (of.loc[run_id].drop(columns="seconds", errors="ignore") for of in (ours, theirs))
                assert left.reset_index(drop=True).equals(right.reset_index(drop=True)), table
