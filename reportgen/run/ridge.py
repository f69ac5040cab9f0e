"""Ridge regression of a readout on all batches that were shown so far, for a whole ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters, Readout


class Ridge:
    r"""The readout $W = (H^\top H / n + \lambda s I)^{-1} H^\top Y / n$ of an ensemble, batch after batch.

    $H$ holds the features of all samples shown so far, $Y$ their targets (one-hot for classes), $n$ is their number,
    $\lambda$ the ridge and $s$ the mean square of the features. In float64 (Lukosevicius & Jaeger 2009,
    doi:10.1016/j.cosrev.2009.03.005).

    Parameters
    ----------
    readout : Readout
    members : int
        Members at the start; they keep their number when others drop out.
    """

    def __init__(self, readout: Readout, members: int) -> None:
        self._readout, self._samples = readout, 0
        self._gram: list[torch.Tensor | float] = [0.0] * members
        self._cross: list[torch.Tensor | float] = [0.0] * members

    def absorb(
        self, parameters: Parameters, inputs: torch.Tensor, targets: torch.Tensor, classes: int | None, rows: list[int]
    ) -> None:
        """Take in a batch, and set the readout of every row to the solution so far.

        Parameters
        ----------
        parameters : dict of torch.Tensor
            (rows, ...) each; the readout is overwritten.
        inputs, targets : torch.Tensor
            (rows, batch, time, features) and (rows, batch[, reads]).
        classes : int or None
            Number of classes; None for regressed values.
        rows : list of int
            The member in each row.
        """
        with torch.no_grad():
            features = self._readout.features(parameters, inputs).flatten(1, -2).double()
            wanted = targets.flatten(1)
            values = (
                wanted.unsqueeze(-1).double()
                if classes is None
                else torch.nn.functional.one_hot(wanted, classes).double()
            )
            self._samples += features.shape[1]
            readout = parameters[self._readout.parameter]
            seen = set()
            for row, member in enumerate(rows):
                if member not in seen:
                    seen.add(member)
                    self._gram[member] = self._gram[member] + features[row].mT @ features[row]
                    self._cross[member] = self._cross[member] + features[row].mT @ values[row]
                readout[row] = self._solved(member).to(readout.dtype)

    def _solved(self, member: int) -> torch.Tensor:
        gram = torch.as_tensor(self._gram[member]) / self._samples
        cross = torch.as_tensor(self._cross[member]) / self._samples
        size = gram.diagonal().mean() * self._readout.ridge
        return torch.linalg.solve(gram + size * torch.eye(len(gram), dtype=gram.dtype, device=gram.device), cross)
