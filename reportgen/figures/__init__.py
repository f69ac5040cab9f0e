"""Stage 5, draw: what a figure says is prepared from estimates; pictures are drawn only when that has changed."""

from reportgen.figures.base import Figure
from reportgen.figures.prepare import prepare
from reportgen.figures.save import SaveSummary, save

__all__ = ["Figure", "SaveSummary", "prepare", "save"]
