"""What transformers are built of besides affine maps: attention, and the encoding of positions."""

from __future__ import annotations

from reportgen.catalogue.lazy import torch


def attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, heads: int) -> torch.Tensor:
    """Return softmax(q k^T / sqrt(d)) v of each head, the heads side by side (Vaswani et al. 2017).

    Parameters
    ----------
    query, key, value : torch.Tensor
        (..., batch, time, width); each time step reads from all.
    heads : int
        Each has d = width / heads units.

    Returns
    -------
    torch.Tensor
        (..., batch, time, width).
    """
    if query.dim() > 3:
        # Member by member: the scores of all members at once would not fit into a processor's cache.
        return torch.stack([attention(q, k, v, heads) for q, k, v in zip(query, key, value, strict=True)])
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(-3, -2) for part in (query, key, value))
    share = _shares((q * q.shape[-1] ** -0.5) @ k.mT)
    return (share @ v).transpose(-3, -2).flatten(-2)


def _shares(scores: torch.Tensor) -> torch.Tensor:
    """Return softmax over the last axis, which is short."""
    if scores.requires_grad or scores.dtype != torch.float32:
        return torch.softmax(scores, dim=-1)
    # With the rows side by side: a short row does not fill a vector register, and takes six times as long. The last
    # digit differs, so training, whose results are kept for comparison, goes on as it was.
    return torch.softmax(scores.flatten(0, -2).mT.contiguous(), dim=0).mT.unflatten(0, scores.shape[:-1])


def sinusoids(length: int, width: int) -> torch.Tensor:
    """Return sin(t / 10000^(2i/width)) in columns 2i and the cosines in 2i + 1, t = 0 ... length - 1; float32."""
    columns = torch.arange(width, dtype=torch.float64)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * 10000.0 ** -(columns // 2 * 2 / width)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos()).float()
