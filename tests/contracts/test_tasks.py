"""What every task must hold."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from core.domain.run import score_from_json
from core.domain.task import CLASSIFICATION, ORDERED, PAIR, PAIR_SCORE, SCORE, SEVERAL, AnswerKind, answer_kind
from core.tasks import TASKS
from core.tasks.protocol import Targets, Task

NAMES = ("red", "green", "blue")
#: by task: labels as they stand in a table, and logits that say the same as clearly as can be
LABELS = {
    CLASSIFICATION: ["red", "green", "blue", "green"],
    ORDERED: ["red", "green", "blue", "green"],
    SCORE: ["1", "2.5", "-3", "2,5"],
    SEVERAL: ["red", "red|blue", "|", "green"],
    PAIR: ["red", "green", "blue", "green"],
    PAIR_SCORE: ["1", "2.5", "-3", "2,5"],
}
LOGITS: dict[AnswerKind, Callable[[Targets], np.ndarray]] = {
    AnswerKind.CATEGORY: lambda targets: 9 * np.eye(3, dtype=np.float32)[targets],
    AnswerKind.NUMBER: lambda targets: targets[:, None],
    AnswerKind.CATEGORIES: lambda targets: 18 * targets - 9,
}
EVERY = pytest.mark.parametrize("task", list(TASKS), ids=lambda task: task.name)
SORTING = pytest.mark.parametrize(
    "task", [task for task in TASKS if task.answer_kind is AnswerKind.CATEGORY], ids=lambda task: task.name
)


def targets_of(task: Task) -> Targets:
    labels = LABELS[task.name]
    return task.targets(labels, NAMES, task.scale(labels))


@EVERY
def test_the_records_know_what_its_answers_are(task: Task) -> None:
    assert answer_kind(task.name) is task.answer_kind


@EVERY
def test_loss_is_a_sum_so_that_passes_add_up(task: Task) -> None:
    targets = torch.from_numpy(targets_of(task))
    logits = torch.randn(4, task.n_outputs(3), generator=torch.Generator().manual_seed(0))
    whole = task.loss(logits, targets, None)
    parts = task.loss(logits[:1], targets[:1], None) + task.loss(logits[1:], targets[1:], None)
    assert torch.allclose(whole, parts)


@EVERY
def test_a_head_begins_with_what_costs_no_more_than_nothing(task: Task) -> None:
    targets = targets_of(task)
    bias = task.first_bias(targets)
    assert bias is None or bias.shape == (task.n_outputs(3),)
    begun = np.zeros((len(targets), task.n_outputs(3))) + (0 if bias is None else bias)
    asked = torch.from_numpy(targets)
    assert task.loss(torch.from_numpy(begun), asked, None) <= task.loss(torch.zeros(begun.shape), asked, None)


@SORTING
def test_weights_count_the_rows_of_their_label(task: Task) -> None:
    logits = torch.randn(2, task.n_outputs(3), generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 1])
    weights = torch.tensor([2.0, 0.0, 1.0])
    assert torch.allclose(task.loss(logits, targets, weights), 2 * task.loss(logits[:1], targets[:1], None))


@EVERY
def test_better_logits_lose_less_and_are_better(task: Task) -> None:
    targets = targets_of(task)
    good = LOGITS[task.answer_kind](targets)
    bad = np.roll(good, 1, axis=0)
    assert task.loss(torch.from_numpy(good), torch.from_numpy(targets), None) < task.loss(
        torch.from_numpy(bad), torch.from_numpy(targets), None
    )
    assert task.goodness(task.answers(good), targets) == 1.0
    assert -1.0 <= task.goodness(task.answers(bad), targets) < 0.5


@EVERY
def test_a_score_survives_its_json(task: Task) -> None:
    targets = targets_of(task)
    score = task.score(task.answers(LOGITS[task.answer_kind](targets)), targets, task.scale(LABELS[task.name]))
    assert score_from_json(score.to_json()) == score
    assert score.n == 4


@SORTING
def test_probabilities_sum_to_one_even_for_huge_logits(task: Task) -> None:
    proba = task.answers(np.array([[1e4, -1e4, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32))
    assert np.allclose(proba.sum(axis=1), 1.0)
    assert np.isfinite(proba).all()
