"""The store's tables: every column with its type, unit and meaning, in one place.

The tests, the site's glossary and the data page read this; nothing else defines a column.
"""

from __future__ import annotations

from dataclasses import dataclass

HISTOGRAM_EDGES = tuple(range(-40, 11))
"""Fixed edges of the log-magnitude histograms, in log10: 50 bins of one decade from 1e-40 to 1e10."""

HISTOGRAM_LENGTH = len(HISTOGRAM_EDGES) + 2
"""Length of a histogram: exact zeros, below the first edge, the bins, at or above the last edge."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
    sql : str
        DuckDB type.
    unit : str
        "" where there is none.
    meaning : str
        One plain sentence.
    """

    name: str
    sql: str
    unit: str
    meaning: str


def _c(name: str, sql: str, unit: str, meaning: str) -> Column:
    return Column(name, sql, unit, meaning)


RUNS = (
    _c("run_id", "VARCHAR", "", "Hash of the run's specification and of the versions of its components."),
    _c("cell_id", "VARCHAR", "", "Hash of the runs that were trained together with this one."),
    _c("status", "VARCHAR", "", "completed, diverged (non-finite loss) or failed (an error)."),
    _c("reason", "VARCHAR", "", "Why the run diverged or failed, with the step; empty if it completed."),
    _c("architecture", "VARCHAR", "", "Name of the architecture."),
    _c("remedies", "VARCHAR", "", "Names of the remedies, joined by '+'; empty if there are none."),
    _c("task", "VARCHAR", "", "Name of the task."),
    _c("depth", "INTEGER", "layers", "Number of hidden layers."),
    _c("width", "INTEGER", "units", "Units in a hidden layer or in the hidden state."),
    _c("sequence_length", "INTEGER", "time steps", "Length of the input sequences; null for vectors."),
    _c("learning_rate", "DOUBLE", "", "Step size of the optimiser; null where nothing is trained in steps."),
    _c("seed", "INTEGER", "", "The seed from which data, initialisation, batch order and noise are derived."),
    _c("steps", "INTEGER", "steps", "Optimiser steps that were done with a finite loss."),
    _c("parameters", "BIGINT", "", "Number of trainable parameters."),
    _c("duration_s", "DOUBLE", "s", "The cell's wall time divided by the number of its runs."),
    _c("environment_id", "VARCHAR", "", "Hash of the environment that the run was made in."),
    _c("spec", "VARCHAR", "", "The run's specification as canonical JSON."),
)

POSITION = (
    _c("run_id", "VARCHAR", "", "The run."),
    _c("step", "INTEGER", "steps", "Optimiser steps done before the measurement; 0 is at initialisation."),
    _c("kind", "VARCHAR", "", "layer, time, or network for values of the whole network."),
    _c("index", "INTEGER", "", "Position counted from the input, from 1; 0 for the whole network."),
    _c("distance", "INTEGER", "layers or time steps", "Position counted from the loss; 0 is nearest to it."),
    _c(
        "name", "VARCHAR", "", "The position's name in its architecture, for instance 'hidden', 'readout', 'recurrent'."
    ),
)

QUANTITIES = (
    _c("error_signal_rms", "DOUBLE", "loss per unit", "Root mean square of the error signal over batch and units: the gradient of the batch's mean loss with respect to the pre-activation of a layer, or to the hidden state at a time step."),
    _c("error_signal_histogram", "INTEGER[]", "count", "Log-magnitude histogram of the error signal's elements with fixed edges: exact zeros, below 1e-40, one bin a decade, at or above 1e10."),
    _c("weight_gradient_norm", "DOUBLE", "loss per weight", "Euclidean norm of the gradient with respect to a weight matrix, before clipping."),
    _c("weight_norm", "DOUBLE", "", "Euclidean (Frobenius) norm of a weight matrix."),
    _c("update_ratio", "DOUBLE", "", "Norm of the change that the step made to a weight matrix over the norm of the matrix."),
    _c("activation_mean", "DOUBLE", "", "Mean of the activations over batch and units."),
    _c("activation_std", "DOUBLE", "", "Standard deviation of the activations over batch and units."),
    _c("saturated_fraction", "DOUBLE", "share", "Share of activations within 5 % of the range from an end of the activation function's range; null if it has no end."),
    _c("dead_fraction", "DOUBLE", "share", "Share of units whose activation is exactly 0 on every sample of the batch; null if the activation function is not 0 on an interval."),
    _c("gradient_norm", "DOUBLE", "loss per weight", "Euclidean norm of the gradient of all parameters, before clipping (whole network)."),
    _c("gradient_norm_clipped", "DOUBLE", "loss per weight", "The same after clipping; equal to it where nothing is clipped (whole network)."),
    _c("clipped_fraction", "DOUBLE", "share", "Share of the steps since the last measurement in which clipping changed the gradient (whole network); null at step 0."),
)  # fmt: skip

MEASUREMENTS = POSITION + QUANTITIES

CURVES = (
    _c("run_id", "VARCHAR", "", "The run."),
    _c("step", "INTEGER", "steps", "Optimiser steps done before the evaluation."),
    _c("seconds", "DOUBLE", "s", "The cell's wall time up to the evaluation divided by the number of its runs."),
    _c("split", "VARCHAR", "", "train (mean over the batches since the last evaluation), validation or test."),
    _c("metric", "VARCHAR", "", "loss, accuracy or another metric of the task."),
    _c("value", "DOUBLE", "", "The metric's value."),
)

ENVIRONMENTS = (
    _c("environment_id", "VARCHAR", "", "Hash of the other columns."),
    _c("reportgen", "VARCHAR", "", "Version of reportgen."),
    _c("python", "VARCHAR", "", "Version of Python."),
    _c("torch", "VARCHAR", "", "Version of PyTorch."),
    _c("numpy", "VARCHAR", "", "Version of NumPy."),
    _c("blas", "VARCHAR", "", "Linear algebra library that PyTorch uses."),
    _c("os", "VARCHAR", "", "Operating system, kernel and C library."),
    _c("cpu", "VARCHAR", "", "Processor model and widest vector instructions."),
    _c("threads", "INTEGER", "", "Threads per process."),
    _c("device", "VARCHAR", "", "cpu, or the name of the accelerator."),
    _c("commit", "VARCHAR", "", "Commit of the working directory's repository; empty if there is none."),
    _c("dirty", "BOOLEAN", "", "Whether that repository had uncommitted changes."),
)

TABLES = {"runs": RUNS, "measurements": MEASUREMENTS, "curves": CURVES, "environments": ENVIRONMENTS}


def names(columns: tuple[Column, ...]) -> list[str]:
    """Return the columns' names in order."""
    return [column.name for column in columns]
