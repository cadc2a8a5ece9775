"""What every task must hold."""

import numpy as np
import pytest
import torch

from core.tasks import TASKS
from core.tasks.protocol import Task

EVERY = pytest.mark.parametrize("task", list(TASKS), ids=lambda task: task.name)


@EVERY
def test_loss_is_a_sum_so_that_passes_add_up(task: Task) -> None:
    logits = torch.randn(6, task.n_outputs(3), generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 1, 2, 0, 1, 2])
    whole = task.loss(logits, targets, None)
    parts = task.loss(logits[:2], targets[:2], None) + task.loss(logits[2:], targets[2:], None)
    assert torch.allclose(whole, parts)


@EVERY
def test_weights_count_the_rows_of_their_label(task: Task) -> None:
    logits = torch.randn(2, task.n_outputs(3), generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 1])
    weights = torch.tensor([2.0, 0.0, 1.0])
    assert torch.allclose(task.loss(logits, targets, weights), 2 * task.loss(logits[:1], targets[:1], None))


@EVERY
def test_better_logits_lose_less_and_score_more(task: Task) -> None:
    targets = np.array([0, 1, 2, 1])
    good = np.eye(task.n_outputs(3), dtype=np.float32)[targets] * 4
    bad = np.roll(good, 1, axis=1)
    assert task.loss(torch.from_numpy(good), torch.from_numpy(targets), None) < task.loss(
        torch.from_numpy(bad), torch.from_numpy(targets), None
    )
    assert task.score(task.probabilities(good), targets).accuracy == 1.0
    assert task.score(task.probabilities(bad), targets).accuracy == 0.0


@EVERY
def test_probabilities_sum_to_one_even_for_huge_logits(task: Task) -> None:
    proba = task.probabilities(np.array([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32))
    assert np.allclose(proba.sum(axis=1), 1.0)
    assert np.isfinite(proba).all()
