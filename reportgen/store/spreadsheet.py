"""Frames as CSV that a spreadsheet shows and never runs.

A cell that begins with ``=``, ``+``, ``-`` or ``@`` is a formula to the usual programs, and a formula can start other
programs or ask other machines. Labels are written by whoever wrote the study, so a text that begins so gets an
apostrophe in front, as those programs themselves write it. Numbers keep their sign, and nothing else is changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(inf|nan)", re.IGNORECASE | re.ASCII)
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")


def csv_text(frame: pd.DataFrame, float_format: str | None = "%.12g") -> str:
    """Return a frame as CSV (RFC 4180 with "\\n"); `float_format` None writes floats as they are."""
    return harmless(frame).to_csv(index=False, float_format=float_format, lineterminator="\n")


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its texts, and the names of its columns, as a spreadsheet may have them."""
    plain = frame.copy(deep=False)
    for place, name in enumerate(frame.columns):
        if frame.dtypes.iloc[place].kind not in "iufbcmM":
            plain.isetitem(place, frame.iloc[:, place].map(_cell, na_action="ignore").array)
        if isinstance(name, str) and _cell(name) != name:
            plain.columns = [_cell(other) for other in plain.columns]
    return plain


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = _HIDDEN.sub("", value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
