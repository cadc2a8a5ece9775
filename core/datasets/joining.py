"""One text from several columns, e.g. the title and the body of a mail."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR = "\n"


def joined_name(columns: Sequence[str]) -> str:
    """What to call the text made of these columns: "Title + Body"."""
    return " + ".join(columns)


def joined_texts(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The cells of each row, one below the other; blank ones leave no empty line."""
    if len(columns) == 1:
        return columns[0]
    cells = [pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), None, column) for column in columns]
    return pc.binary_join_element_wise(*cells, SEPARATOR, null_handling="skip")
