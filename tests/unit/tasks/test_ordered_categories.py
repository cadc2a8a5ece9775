"""Categories that have an order: an answer that is further off costs more."""

import pytest
import torch

from core.domain.recipe import TrainingRecipe
from core.errors import UserError
from core.tasks import TASKS

ORDERED, PLAIN = TASKS["ordered_categories"], TASKS["text_classification"]


def loss_of(answer: int, truth: int, task=ORDERED) -> float:
    logits = torch.full((1, 5), -4.0)
    logits[0, answer] = 4.0
    return float(task.loss(logits, torch.tensor([truth]), None))


def test_the_further_off_the_more_it_costs_where_sorting_sees_no_difference():
    costs = [loss_of(answer, 0) for answer in range(5)]
    assert costs == sorted(costs) and costs[4] > costs[1] + 2
    assert loss_of(4, 0, PLAIN) == pytest.approx(loss_of(1, 0, PLAIN), rel=1e-5)


def test_the_distance_added_is_that_of_the_cumulated_shares():
    logits, targets = torch.tensor([[0.0, 0.0]]), torch.tensor([0])
    added = ORDERED.loss(logits, targets, None) - PLAIN.loss(logits, targets, None)
    assert float(added) == pytest.approx(0.25)  # (0.5 - 1)^2 + (1 - 1)^2


def test_shares_of_categories_as_extras_make_them_cost_the_same_as_the_category_itself():
    logits = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 2, 3])
    shares = torch.nn.functional.one_hot(targets, 4).float()
    weights = torch.tensor([1.0, 2.0, 3.0, 0.5])
    for weighing in (None, weights):
        assert torch.allclose(ORDERED.loss(logits, targets, weighing), ORDERED.loss(logits, shares, weighing))


def test_what_would_replace_the_loss_is_refused():
    with pytest.raises(UserError, match="knows the order"):
        TrainingRecipe(task="ordered_categories", extras=("focal_loss",))
    TrainingRecipe(task="ordered_categories", extras=("label_smoothing", "mixup", "ema"))
