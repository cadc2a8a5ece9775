"""Hashes of many texts at once, and rows picked out of columns in chunks, agree with the plain way of doing it."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.comparing import compared, equality_codes
from core.datasets.hashing import paired, stands_earlier
from core.datasets.taking import take_rows
from core.datasets.threads import in_threads, rows_matching

TEXTS = st.lists(st.text(alphabet="aAbB  ~\t\n\x1c\x7féÉ\u3000Ａ退\u0301", max_size=20), min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_texts_share_a_code_when_they_are_compared_alike(texts):
    column = pa.chunked_array([texts[:7], texts[7:]], pa.large_string())
    codes, plain = equality_codes(column).tolist(), compared(pa.array(texts, pa.large_string())).to_pylist()
    assert len(set(zip(codes, plain, strict=True))) == len(set(plain)) == len(set(codes))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1, 2)), max_size=60))
def test_what_stands_earlier_is_every_row_but_the_first_of_equal_ones(rows):
    codes, labels = (np.array([row[i] for row in rows], dtype=np.int64) for i in (0, 1))
    expected = [row in rows[:place] for place, row in enumerate(rows)]
    assert stands_earlier(paired(codes, labels)).tolist() == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=5), st.data())
def test_rows_taken_chunk_by_chunk_are_the_rows_asked_for(sizes, data):
    cells = [str(number) for number in range(sum(sizes))]
    starts = np.cumsum([0, *sizes])
    column = pa.chunked_array(
        [cells[start : start + size] for start, size in zip(starts, sizes, strict=False)], pa.large_string()
    )
    rows = sorted(data.draw(st.sets(st.integers(0, len(cells) - 1)))) if cells else []
    assert take_rows(column, np.array(rows, dtype=np.int64)).to_pylist() == [cells[row] for row in rows]


def test_threads_keep_the_order_of_their_pieces():
    assert list(in_threads(lambda number: number * 2, range(100))) == list(range(0, 200, 2))
    column = pa.chunked_array([["ab", "c"], [], ["b"]], pa.large_string())
    assert rows_matching(column, "b").tolist() == [True, False, True]
    assert rows_matching(pa.chunked_array([], pa.large_string()), "b").tolist() == []
