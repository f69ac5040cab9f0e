"""torch, imported at its first use.

Study files are checked against the catalogue, and sites are built, on machines without torch and within the
0.3 s that ``--help`` may take; so catalogue modules import ``torch`` from here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch as torch
else:

    class _Lazy:
        """A module that is imported when an attribute of it is first read."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, attribute: str) -> Any:
            value = getattr(importlib.import_module(self._name), attribute)
            setattr(self, attribute, value)  # found at once the next time: networks read attributes in inner loops
            return value

    torch = _Lazy("torch")
