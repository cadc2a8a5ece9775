"""Sort each text into one of several categories that have an order: 1 to 5 stars, low / middle / high."""

from typing import TYPE_CHECKING

from core.domain.message import msg
from core.domain.task import ORDERED
from core.tasks.text_classification import TextClassification

if TYPE_CHECKING:
    import torch


class OrderedCategories(TextClassification):
    """Answers are probabilities of single categories, as in sorting; only the loss knows that 1 star is further from 5 than 4 is.

    Categories come in their order (`core.datasets.ordering`).
    """

    name = ORDERED
    title = msg("Sort texts into categories that have an order")

    def loss(self, logits: "torch.Tensor", targets: "torch.Tensor", weights: "torch.Tensor | None") -> "torch.Tensor":
        """Cross entropy plus the squared earth mover's distance (Hou et al., 2016, arXiv:1611.05916), summed over rows:

        sum_i w[t_i] sum_k (P_i(k) - T_i(k))^2,   P, T the cumulated shares of the first k categories.
        """
        from torch.nn import functional

        shares = functional.one_hot(targets, logits.shape[-1]).float() if targets.ndim == 1 else targets
        apart = (logits.float().softmax(-1).cumsum(-1) - shares.cumsum(-1)).square().sum(-1)
        if weights is not None:
            apart = apart * (shares @ weights.to(shares.dtype))
        return super().loss(logits, targets, weights) + apart.sum()
