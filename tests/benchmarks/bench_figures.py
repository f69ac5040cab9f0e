"""How long a figure takes to draw in all formats, and what a precomputed band saves over seaborn's bootstrap.

Run as ``python tests/benchmarks/bench_figures.py``; it prints CPU seconds on one core.
"""

from __future__ import annotations

import importlib.util
import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reportgen.figures import prepare
from reportgen.figures.draw import render

REPEATS = 3


def fakes() -> Any:
    """Return the makers of the figure tests."""
    path = Path(__file__).parents[1] / "figures" / "conftest.py"
    spec = importlib.util.spec_from_file_location("figure_fakes", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def best(work: Callable[[], Any]) -> float:
    """Return the least CPU time of a few repeats."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def kinds() -> None:
    """Print the time of each kind with twelve arms in three panels."""
    made = fakes()
    study = made.make_study(
        {"activation": ("sigmoid", "tanh", "ReLU", "GELU"), "initialisation": ("default", "Glorot", "He")}
    )
    analysis = made.make_analysis(study, depth=50, seeds=8)
    requests = [
        made.request(kind, panels="initialisation")
        for kind in ("gradient-profile", "decay-factor", "learning-curves", "time-to-target", "success-by-rate",
                     "decay-course")
    ]  # fmt: skip
    requests.append(made.request("metric-by-factor", against="initialisation"))
    figures = prepare(replace(study, report=tuple(requests)), analysis)
    render(figures[1])  # imports
    seconds = best(lambda: prepare(replace(study, report=tuple(requests)), analysis))
    print(f"prepare {len(figures)} figures: {seconds:.3f} s")
    times = {figure.id: best(lambda figure=figure: render(figure)) for figure in figures}
    for name, seconds in times.items():
        print(f"{name:18} {seconds:.3f} s for light and dark SVG, PNG, PDF, CSV")
    print(f"{'mean':18} {np.mean(list(times.values())):.3f} s")


def band() -> None:
    """Print the time of one line plot with a band: seaborn's bootstrap over seeds against a precomputed band."""
    import seaborn as sns
    from matplotlib.figure import Figure as Drawing

    generator = np.random.default_rng(0)
    steps, seeds, arms = 200, 10, 4
    index = pd.MultiIndex.from_product([range(arms), range(seeds), range(steps)], names=["arm", "seed", "step"])
    frame = pd.DataFrame({"value": generator.normal(size=len(index))}, index=index).reset_index()

    def bootstrapped() -> None:
        drawing = Drawing()
        sns.lineplot(frame, x="step", y="value", hue="arm", seed=0, ax=drawing.subplots())
        drawing.savefig(io.BytesIO(), format="svg")

    def precomputed() -> None:
        drawing = Drawing()
        ax = drawing.subplots()
        summary = frame.groupby(["arm", "step"])["value"].agg(["mean", "sem"])
        for _, rows in summary.groupby("arm"):
            x = rows.index.get_level_values("step")
            ax.plot(x, rows["mean"])
            ax.fill_between(x, rows["mean"] - 2 * rows["sem"], rows["mean"] + 2 * rows["sem"], alpha=0.2)
        drawing.savefig(io.BytesIO(), format="svg")

    slow, quick = best(bootstrapped), best(precomputed)
    print(f"{arms} lines, {seeds} seeds, {steps} steps: seaborn's bootstrap {slow:.2f} s, ", end="")
    print(f"precomputed band {quick:.3f} s, ratio {slow / quick:.0f}")


if __name__ == "__main__":
    kinds()
    band()
