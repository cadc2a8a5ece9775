"""One text from several columns, e.g. the title and the body of a mail."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR = pa.scalar("\n", pa.large_string())


def joined_name(columns: Sequence[str]) -> str:
    """What to call the text made of these columns: "Title + Body"."""
    return " + ".join(columns)


def joined_texts(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The cells of each row, one below the other without outer space; blank ones leave no empty line.

    Columns of one table, of type large_string. A single one comes back as it is. Beside the result only one chunk of each
    column is held at a time.
    """
    if len(columns) == 1:
        return columns[0]
    batches = pa.table(list(columns), names=[str(index) for index in range(len(columns))]).to_batches()
    return pa.chunked_array([_joined(batch.columns) for batch in batches], pa.large_string())


def _joined(columns: Sequence[pa.Array]) -> pa.Array:
    """Without nulls: `binary_join_element_wise` that skips them loses a row in which every cell is null (pyarrow 26)."""
    text, *rest = (pc.utf8_trim_whitespace(column) for column in columns)
    for cells in rest:
        both = pc.binary_join_element_wise(text, cells, SEPARATOR)
        text = pc.if_else(pc.equal(text, ""), cells, pc.if_else(pc.equal(cells, ""), text, both))
    return text
