"""``python -m reportgen`` is the command ``reportgen``."""

from __future__ import annotations

import os
import sys
from collections import namedtuple


def _leave_working_directory() -> None:
    """Take the working directory from the places that modules are looked up in, where ``-m`` has put it.

    A folder with studies that someone sent may hold a ``json.py`` too. It stays where it is reportgen's own checkout.
    """
    here, own = os.getcwd(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.path and sys.path[0] in ("", here) and here != own:
        del sys.path[0]


def _forget_interrupt() -> None:
    """Have Python end with the exit code that it is given, and not as if a signal had killed it.

    An interrupt that falls into code made from text, as classes of values are made while modules are imported, marks
    the process as interrupted, although it was caught; ``-m`` then ends by the signal. Making another takes that back.
    """
    namedtuple("Forgotten", ())


if __name__ == "__main__":
    _leave_working_directory()
    from reportgen.cli import main

    code = main()
    _forget_interrupt()
    sys.exit(code)
