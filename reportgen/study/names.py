"""Names that can be folders and files everywhere: what a site is written to, copied to and unpacked on."""

from __future__ import annotations

import re

_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.ASCII)


def is_device(name: str) -> bool:
    """Whether Windows takes a name for a device, so that no file or folder can have it there."""
    return _DEVICE.fullmatch(name) is not None
