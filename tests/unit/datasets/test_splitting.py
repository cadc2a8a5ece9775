"""Every row gets one part, equal texts get the same one, and every category keeps something to learn from."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.splitting import CHECKUP, EXAM, MAX_CHECKUP_ROWS, MAX_EXAM_ROWS, PRACTICE, split_rows


def table(draw_labels: list[int], copies: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Texts 0, 1, .. each with one label, some of them standing in several rows."""
    texts = np.array([text for text, n in enumerate(copies[: len(draw_labels)]) for _ in range(n)], dtype=np.int64)
    return texts, np.array([draw_labels[text] for text in texts], dtype=np.int64)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=200), st.integers(0, 2**32 - 1), st.booleans(), st.data())
def test_split_covers_is_disjoint_and_keeps_equal_texts_together(labels, seed, with_exam, data):
    copies = data.draw(st.lists(st.integers(1, 3), min_size=len(labels), max_size=len(labels)))
    text_codes, label_codes = table(labels, copies)
    parts = split_rows(text_codes, label_codes, seed=seed, with_exam=with_exam)
    assert len(parts) == len(text_codes)
    assert set(parts.tolist()) <= ({PRACTICE, CHECKUP, EXAM} if with_exam else {PRACTICE, CHECKUP})
    for text in np.unique(text_codes):
        assert len(set(parts[text_codes == text].tolist())) == 1
    for label in np.unique(label_codes):
        n_texts = len(np.unique(text_codes[label_codes == label]))
        of_label = parts[label_codes == label]
        assert (of_label == PRACTICE).any()
        assert (of_label == CHECKUP).any() == (n_texts >= 3)
        assert (of_label == EXAM).any() == (with_exam and n_texts >= 2)
    again = split_rows(text_codes, label_codes, seed=seed, with_exam=with_exam)
    assert (again == parts).all()


def test_rows_that_are_taken_out_leave_the_exam_of_the_others_as_it_was():
    codes = np.random.default_rng(1).integers(-(2**62), 2**62, 1000)
    labels = np.arange(1000) % 4
    kept = np.arange(1000) % 20 != 0
    before = split_rows(codes, labels, seed=3, with_exam=True)[kept]
    after = split_rows(codes[kept], labels[kept], seed=3, with_exam=True)
    assert ((before == EXAM) & (after == EXAM)).sum() > 0.9 * (after == EXAM).sum()


def test_shares_are_70_10_20_and_another_seed_gives_another_split():
    labels = np.arange(1000) % 4
    parts = split_rows(np.arange(1000), labels, seed=0, with_exam=True)
    assert np.bincount(parts).tolist() == [700, 100, 200]
    assert (split_rows(np.arange(1000), labels, seed=1, with_exam=True) != parts).any()


def test_exam_and_checkup_are_capped():
    n = 100_000
    parts = split_rows(np.arange(n), np.arange(n) % 7, seed=0, with_exam=True)
    counts = np.bincount(parts)
    assert counts[EXAM] <= MAX_EXAM_ROWS and counts[EXAM] > 0.99 * MAX_EXAM_ROWS
    assert counts[CHECKUP] <= MAX_CHECKUP_ROWS and counts[CHECKUP] > 0.99 * MAX_CHECKUP_ROWS


def test_thousands_of_categories_do_not_break_the_caps():
    labels = np.arange(30_000) % 10_000
    counts = np.bincount(split_rows(np.arange(30_000), labels, seed=0, with_exam=True))
    assert counts[EXAM] == MAX_EXAM_ROWS
    assert counts[CHECKUP] == MAX_CHECKUP_ROWS
