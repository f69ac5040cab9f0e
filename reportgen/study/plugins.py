"""The modules that a study names: the one way in which a study file can run code, and only with leave."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reportgen.study.problems import Problems, shown_value

Leave = bool | Callable[[Path, Sequence[str]], bool]
"""Whether plug-ins may be imported; a function is asked with the study's file and the names of the modules."""

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_LONGEST = 200


def bring(path: Path, given: Any, leave: Leave, problems: Problems) -> None:
    """Import the modules that a study names, before names are looked up in the registries.

    Parameters
    ----------
    path : Path
        The study's file.
    given : object
        What stands under ``plugins``.
    leave : bool or callable
        A function is asked for the names that can be modules; nothing is imported before.
    problems : Problems
        Collects what is wrong.
    """
    if not isinstance(given, list):
        return
    named = {index: name for index, name in enumerate(given) if _is_module(name)}
    for index, name in enumerate(given):
        if isinstance(name, str) and index not in named:
            hint = "write it as in `import package.module`"
            problems.add(("plugins", index), f"{shown_value(name)} is no module name", hint)
    if named and not (leave if isinstance(leave, bool) else leave(path, list(named.values()))):
        hint = "a plug-in runs code: if you trust this study and its modules, add --allow-plugins"
        problems.add(("plugins",), "the study names plug-ins, which are not allowed", hint, key=True)
        return
    for index, name in named.items():
        try:
            _import(name)
        except Exception as error:
            message = f"the plug-in '{name}' cannot be imported: {type(error).__name__}: {error}"
            hint = "install it, or name its folder in PYTHONPATH; the working directory is not looked in"
            problems.add(("plugins", index), message, hint)


def _import(name: str) -> None:
    """Import a module without leaving compiled files beside it: these would be code that nobody has looked at."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        importlib.import_module(name)
    finally:
        sys.dont_write_bytecode = before


def _is_module(name: Any) -> bool:
    return isinstance(name, str) and len(name) <= _LONGEST and _NAME.fullmatch(name) is not None
