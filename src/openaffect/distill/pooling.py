"""From many tokens to one vector: a weighted sum whose weights are a softmax over time, feature by feature."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def attended(values: Tensor, scores: Tensor, rows: Tensor | None = None) -> Tensor:
    """Return (B, S): the sum over tokens of *values* times the softmax of *scores*, both (B, T, S).

    From token ``rows[b]`` on is padding and does not count.

    >>> attended(torch.tensor([[[1.0], [3.0]]]), torch.zeros(1, 2, 1))
    tensor([[2.]])
    """
    if rows is not None:
        outside = torch.arange(scores.shape[1], device=scores.device) >= rows.to(scores.device)[:, None]
        scores = scores.masked_fill(outside[..., None], float("-inf"))
    return (values * torch.softmax(scores, 1)).sum(1)


class AttentionPooling(nn.Module):
    """Two dense layers of *size* give each token (B, T, size) its value and its score."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.values = nn.Linear(size, size)
        self.scores = nn.Linear(size, size)

    def split(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return values and scores, each (B, T, size)."""
        return self.values(tokens), self.scores(tokens)

    def forward(self, tokens: Tensor, rows: Tensor | None = None) -> Tensor:
        """Return the pooled vector (B, size); tokens from ``rows[b]`` on are padding."""
        return attended(*self.split(tokens), rows)
