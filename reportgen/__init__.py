"""Static reports of reproducible comparative studies of vanishing and exploding gradients."""

__version__ = "0.1.0"
