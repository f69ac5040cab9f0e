"""3 Keep: the store of results."""

from reportgen.store.store import Store

__all__ = ["Store"]
