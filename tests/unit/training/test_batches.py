import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.batches import TokenizedExamples, answer_passes, padded, passes_of, seen_ids, steps_of_epoch


def tokenized(*texts: list[int]) -> TokenizedExamples:
    offsets = np.cumsum([0, *map(len, texts)])
    ids = np.array([i for text in texts for i in text], dtype=np.int32)
    return TokenizedExamples(ids=ids, offsets=offsets, targets=np.zeros(len(texts), dtype=np.int64))


@given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=300), rows_per_step=st.integers(1, 17))
def test_every_row_is_in_exactly_one_step_of_an_epoch(lengths: list[int], rows_per_step: int) -> None:
    steps = steps_of_epoch(np.array(lengths), rows_per_step, seed=0, epoch=0)
    assert sorted(np.concatenate(steps).tolist()) == list(range(len(lengths)))
    assert len(steps) == -(-len(lengths) // rows_per_step)


def test_order_follows_from_seed_and_epoch_alone() -> None:
    lengths = np.arange(1, 101)

    def order(seed: int, epoch: int) -> list[int]:
        return np.concatenate(steps_of_epoch(lengths, 8, seed, epoch)).tolist()

    assert order(3, 1) == order(3, 1)
    assert order(3, 1) != order(3, 2)
    assert order(3, 1) != order(4, 1)


def test_rows_of_a_step_are_of_similar_length() -> None:
    lengths = np.random.default_rng(0).integers(5, 60, 800)
    steps = steps_of_epoch(lengths, 16, 0, 0)
    n_padded = sum(len(rows) * lengths[rows].max() for rows in steps)
    assert n_padded < 1.1 * lengths.sum()


@given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=60), n_rows=st.integers(1, 9))
def test_passes_keep_to_rows_and_tokens(lengths: list[int], n_rows: int) -> None:
    rows, array = np.arange(len(lengths)), np.array(lengths)
    passes = list(passes_of(rows, array, n_rows, 64))
    assert np.concatenate(passes).tolist() == rows.tolist()
    for part in passes:
        assert len(part) <= n_rows
        assert len(part) == 1 or len(part) * array[part].max() <= 64


def test_padding_goes_as_far_as_the_longest_of_the_pass() -> None:
    ids, mask = padded(tokenized([5, 6], [7], [1, 2, 3, 4]), np.array([0, 1]), pad_id=9)
    assert ids.tolist() == [[5, 6], [7, 9]]
    assert mask.tolist() == [[1, 1], [1, 0]]


def test_answering_takes_each_row_once() -> None:
    passes = list(answer_passes(tokenized([1], [1, 2, 3], [1, 2])))
    assert sorted(np.concatenate(passes).tolist()) == [0, 1, 2]


@pytest.mark.parametrize("pad_id", [0, 4, 99])
def test_seen_ids_are_sorted_and_hold_the_padding(pad_id: int) -> None:
    found = seen_ids([tokenized([7, 4]), tokenized([4, 11])], pad_id)
    assert found.tolist() == sorted({4, 7, 11, pad_id})
