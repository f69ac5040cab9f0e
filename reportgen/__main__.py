"""``python -m reportgen`` is the command ``reportgen``."""

from __future__ import annotations

import os
import sys


def _leave_working_directory() -> None:
    """Take the working directory from the places that modules are looked up in, where ``-m`` has put it.

    A folder with studies that someone sent may hold a ``json.py`` too. It stays where it is reportgen's own checkout.
    """
    here, own = os.getcwd(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.path and sys.path[0] in ("", here) and here != own:
        del sys.path[0]


if __name__ == "__main__":
    _leave_working_directory()
    from reportgen.cli import main

    sys.exit(main())
