"""What a figure is before it is drawn: everything that is stated about it, and the data that are plotted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from reportgen.store.spreadsheet import csv_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Figure:
    """A figure ready to be drawn.

    Attributes
    ----------
    study, id : str
        Its address is ``<study>/<id>/``.
    kind : str
        Name of the figure kind that draws it.
    kind_version : int
    title, caption : str
        Plain text.
    alt : str
        One or two sentences that state the finding, made from the data.
    description : str
        A longer description for those who cannot see it, made from the data.
    data : pandas.DataFrame
        What is plotted, tidy: one row a mark; floats unrounded.
    columns : mapping
        Column of `data` to its unit and meaning, one sentence.
    parameters : mapping
        What the drawing needs beside the data (axis labels, scales, the factor that gives colour), JSON values only.
    run_ids : tuple of str
        The runs behind it, sorted.
    method : tuple of str
        Dotted names of the public functions or classes whose docstrings describe how the numbers were made.
    """

    study: str
    id: str
    kind: str
    kind_version: int
    title: str
    caption: str
    alt: str
    description: str
    data: pd.DataFrame
    columns: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    run_ids: tuple[str, ...] = ()
    method: tuple[str, ...] = ()

    @cached_property
    def csv(self) -> str:
        """The data as CSV (RFC 4180 with "\\n"); floats with the 12 significant digits that are compared."""
        return csv_text(self.data)

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of the canonical data and parameters, not of pixels (64 hexadecimal digits)."""
        head = json.dumps(
            {"kind": self.kind, "version": self.kind_version, "parameters": dict(self.parameters)}, sort_keys=True
        )
        return hashlib.sha256(f"{head}\n{self.csv}".encode()).hexdigest()
