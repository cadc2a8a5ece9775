"""Cells of several columns become one text a row; no row is lost or shifted, whatever is blank."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.joining import joined_name, joined_texts

CELLS = st.sampled_from(["", "  ", "Title", " Body ", "两行\n文字"])


def column(cells: list[str], chunk: int = 3) -> pa.ChunkedArray:
    parts = [cells[start : start + chunk] for start in range(0, len(cells), chunk)]
    return pa.chunked_array([pa.array(part, pa.large_string()) for part in parts], pa.large_string())


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_each_row_holds_its_filled_cells_in_order(rows: list[tuple[str, str, str]]) -> None:
    columns = [column([row[index] for row in rows]) for index in range(3)]
    expected = ["\n".join(cell.strip() for cell in row if cell.strip()) for row in rows]
    assert joined_texts(columns).to_pylist() == expected


def test_a_single_column_stays_as_it_is() -> None:
    cells = column([" as it stands "])
    assert joined_texts([cells]) is cells
    assert joined_name(["Title", "Body"]) == "Title + Body"
