"""Why a prediction may miss: the causes that `reportgen.analyse.explain` tells apart, in words."""

from __future__ import annotations

CAUSES = {
    "finite width": "Networks of finite width are expected to lie below the mean square that theory predicts, and the "
    "interval reaches up to what is expected.",
    "power law": "The profile follows a power law, so that a factor for each layer or step depends on how many there "
    "are.",
    "one matrix": "The powers of the one matrix of a recurrent network lift networks of finite width by a few per "
    "cent.",
    "alike samples": "The samples of a batch are still alike to some degree, which raises the factor where batches "
    "are normalised.",
    "size of inputs": "The factor depends on the size of each input, and theory takes one of mean size.",
    "still changing": "The predicted factor itself still changes from layer to layer, or from step to step, by more "
    "than the deviation.",
    "not explained": "No rule of this site explains it.",
}
"""Why a prediction may lie outside the measured interval, in the order in which the causes are tried."""
