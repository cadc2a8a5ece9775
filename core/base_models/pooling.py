"""One vector per text out of its tokens' vectors."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def pool(hidden: "torch.Tensor", mask: "torch.Tensor", pooling: str) -> "torch.Tensor":
    """`hidden` of shape (batch, length, hidden) under `mask` (batch, length), padded on the right, to (batch, hidden).

    "cls" takes the first token, "last" the last one that is no padding, "mean" the mean over all that are none.
    """
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "last":
        last = (
            (mask.sum(1) - 1).view(-1, 1, 1).expand(-1, 1, hidden.shape[-1])
        )  # written so that export keeps the batch free
        return hidden.gather(1, last).squeeze(1)
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)
