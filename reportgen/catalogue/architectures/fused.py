"""PyTorch's fused kernel for long short-term memory, called for one member after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportgen.catalogue.lazy import torch

if TYPE_CHECKING:
    from reportgen.catalogue.base import Parameters


def available(inputs: torch.Tensor) -> bool:
    """Whether there is a fast kernel: oneDNN has one for float32 on a CPU, forwards and backwards."""
    return inputs.dtype == torch.float32 and inputs.device.type == "cpu" and torch.backends.mkldnn.is_available()


def last_states(parameters: Parameters, inputs: torch.Tensor, reads: int) -> torch.Tensor:
    """Return the last hidden states of a plain LSTM, started from 0.

    Parameters
    ----------
    parameters : dict of torch.Tensor
        "input" (members, features, 4 width), "recurrent" (members, width, 4 width) and "bias" (members, 1, 4 width),
        with the columns in PyTorch's order i, f, g, o.
    inputs : torch.Tensor
        (members or 1, batch, time, features).
    reads : int
        How many of the last states are returned.

    Returns
    -------
    torch.Tensor
        (members, batch, width) for one read, else (members, batch, reads, width).

    Notes
    -----
    Training 42 members (width 32, batch 32, 50 steps) on one thread takes as long as with ``gated``; fewer members
    take down to a third of the time, and evaluation half of it.
    """
    weight = parameters["input"].mT.contiguous()
    recurrent = parameters["recurrent"].mT.contiguous()
    bias = parameters["bias"].squeeze(-2)
    start = inputs.new_zeros(1, inputs.shape[1], recurrent.shape[-1])
    unused = torch.zeros_like(bias[0])
    layers, dropout, training, both_ways, batch_first = 1, 0.0, torch.is_grad_enabled(), False, True
    states = []
    for member in range(len(weight)):
        own = inputs[member if len(inputs) > 1 else 0]
        tensors = [weight[member], recurrent[member], bias[member], unused]
        hidden, _, _ = torch.lstm(own, (start, start), tensors, True, layers, dropout, training, both_ways, batch_first)
        states.append(hidden[:, -1] if reads == 1 else hidden[:, -reads:])
    return torch.stack(states)
