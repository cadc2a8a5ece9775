"""What every kind of file gives: records of strings, the first of them at once and the rest in chunks."""

from collections.abc import Iterator
from typing import Protocol, TypeAlias

import pyarrow as pa

Records = list[list[str]]
Chunk: TypeAlias = (
    Records | pa.RecordBatch
)  #: a batch holds records that have exactly as many cells as there are columns


class Source(Protocol):
    def first(self) -> Records:
        """Enough records to see where the column names stand."""
        ...

    def rest(self, n_columns: int) -> Iterator[Chunk]:
        """What follows `first`, for a table of so many columns."""
        ...
