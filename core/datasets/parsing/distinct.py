"""The different values of each column while its chunks go by, as long as they are few: what counting categories takes."""

from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc

MAX_VALUES = 1_000
MAX_VALUE_BYTES = 300  # a column with a longer cell is no column of categories
MAX_CELLS = 20_000_000  # looked at in one chunk, columns times rows; a wider table is known by its sample only


class DistinctValues:
    """Outer space does not count, and neither do blank cells. A column that grows too varied is forgotten."""

    def __init__(self, n_columns: int) -> None:
        self.values: list[set[str] | None] = [set() for _ in range(n_columns)]

    def add(self, columns: Sequence[pa.Array]) -> None:
        if sum(map(len, columns)) > MAX_CELLS:
            self.values = [None] * len(self.values)
        for index, column in enumerate(columns):
            known = self.values[index]
            if known is None:
                continue
            found = pc.unique(column)
            if len(found) > 2 * MAX_VALUES or pc.any(pc.greater(pc.binary_length(found), MAX_VALUE_BYTES)).as_py():
                self.values[index] = None
                continue
            known.update(pc.utf8_trim_whitespace(found).to_pylist())
            known.discard("")
            if len(known) > MAX_VALUES:
                self.values[index] = None

    def of(self, kept: Sequence[int]) -> list[Collection[str] | None]:
        """Of the columns at these positions; None: more than MAX_VALUES, or too long ones."""
        return [self.values[index] for index in kept]
