"""How far trained weights stand from others, cheaply enough to ask at any step."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.domain.message import msg

if TYPE_CHECKING:
    import torch

EVERY = 97  # one weight in so many is looked at: all of them would cost a few percent of a step, and tell no more

#: titles of what techniques tell that hold weights near their start
START = (("start_distance", msg("How far the weights are from their start")),)


def relative_distance(pairs: "Iterable[tuple[torch.Tensor, torch.Tensor]]") -> "torch.Tensor":
    """With w all the first members and v all the second: ||w - v|| / ||v||, estimated from a sample."""
    import torch

    apart, size = [], []
    for one, other in pairs:
        sample = other.reshape(-1)[::EVERY]
        apart.append(torch.linalg.vector_norm(one.reshape(-1)[::EVERY] - sample))
        size.append(torch.linalg.vector_norm(sample))
    ratio: torch.Tensor = torch.stack(apart).norm() / torch.stack(size).norm().clamp_min(1e-12)
    return ratio
