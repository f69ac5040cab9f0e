"""Publish a site: to a folder, a git branch, or any place that fsspec can reach."""

from reportgen.publish.places import open_destination
from reportgen.publish.publish import Report, publish

__all__ = ["Report", "open_destination", "publish"]
