"""Planted wrong labels are found, by either witness; clean rows are left alone."""

import numpy as np
import pytest

from core.evaluation.label_mistakes import (
    N_NEIGHBOURS,
    confident_labels,
    find_suspects,
    neighbour_votes,
    wrong_shares,
)

N, N_LABELS = 600, 4


@pytest.fixture
def planted() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """True labels, given labels with 5% flips, answers out of fold, and vectors in four clouds."""
    rng = np.random.default_rng(0)
    true = np.arange(N) % N_LABELS
    given = true.copy()
    flips = rng.permutation(N)[:30]
    given[flips] = (true[flips] + rng.integers(1, N_LABELS, 30)) % N_LABELS
    scores = rng.normal(0, 1, (N, N_LABELS))
    scores[np.arange(N), true] += 4
    proba = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    vectors = np.eye(N_LABELS)[true] + rng.normal(0, 0.3, (N, N_LABELS))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return true, given, proba, vectors.astype(np.float32)


def test_flipped_labels_come_first_with_the_label_they_had(planted) -> None:  # type: ignore[no-untyped-def]
    true, given, proba, vectors = planted
    found = find_suspects(proba, neighbour_votes(vectors, given, N_LABELS), given)
    is_wrong = given != true
    first = found.order[:30]
    assert is_wrong[first].mean() > 0.9
    assert (found.likely[first] == true[first]).mean() >= 0.9
    assert is_wrong[found.order].sum() >= 28 and len(found.order) < 60
    assert np.all(np.diff(found.suspicion[found.order]) <= 0) and (found.suspicion[found.order] > 0).all()
    assert 0.03 < found.share < 0.09


def test_clean_rows_of_a_clear_case_are_not_suspected() -> None:
    targets = np.arange(40) % 2
    proba = np.where(np.eye(2)[targets] == 1, 0.95, 0.05)
    votes = np.eye(2)[targets] * N_NEIGHBOURS
    found = find_suspects(proba, votes, targets)
    assert len(found.order) == 0 and found.share == 0


def test_neighbours_alone_can_tell_where_the_draft_is_fooled() -> None:
    targets = np.zeros(30, dtype=int)
    targets[15:] = 1
    proba = np.where(np.eye(2)[targets] == 1, 0.6, 0.4)  # it has learned every label by heart
    votes = np.eye(2)[targets] * N_NEIGHBOURS
    votes[0] = [0, N_NEIGHBOURS]
    found = find_suspects(proba, votes, targets)
    assert found.order.tolist() == [0] and found.likely[0] == 1 and found.votes[0] == N_NEIGHBOURS


def test_sure_means_as_sure_as_rows_of_that_category_are_on_average() -> None:
    targets = np.array([0, 0, 1, 1, 1])
    proba = np.array([[0.9, 0.1], [0.7, 0.3], [0.1, 0.9], [0.2, 0.8], [0.85, 0.15]])
    assert confident_labels(proba, targets).tolist() == [0, -1, 1, 1, 0]
    assert wrong_shares(confident_labels(proba, targets), targets, 3).tolist() == pytest.approx([0, 1 / 3, 0])


def test_a_row_is_no_neighbour_of_itself() -> None:
    vectors = np.eye(3, dtype=np.float32)
    assert neighbour_votes(vectors, np.array([0, 1, 2]), 3).tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert neighbour_votes(vectors[:1], np.array([0]), 1).tolist() == [[0]]
