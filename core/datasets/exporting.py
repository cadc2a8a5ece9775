"""A dataset as a table for people: every row, as it is after the repairs."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from core.datasets.rows import REASONS, rows_path
from core.datasets.writing import Row, write_table
from core.domain.pairs import parts
from core.i18n import say

HEADERS = ("label", "row", "file", "split", "reason")  #: behind those of the texts; stable, scripts rely on them
TEXT, PAIR = ("text",), ("text_a", "text_b")
BATCH_ROWS = 10_000


def export_rows(dataset_dir: Path, out_path: Path, *, pairs: bool = False) -> int:
    """Write all rows of a dataset to a .csv or .xlsx file, cells inert, and return how many. The texts of `pairs` stand in
    two columns.

    `split` is "practice", "checkup", "exam", or "" for a row that is set aside; `reason` says why, in words.

    Raises:
        NotFound: the dataset's folder is gone.
        NotPossible: the suffix is another one, or Excel could not open so many rows.
    """
    rows = pq.ParquetFile(rows_path(dataset_dir))
    n_rows: int = rows.metadata.num_rows
    write_table(out_path, [*(PAIR if pairs else TEXT), *HEADERS], _rows(rows, pairs), n_rows)
    return n_rows


def _rows(rows: pq.ParquetFile, pairs: bool) -> Iterator[Row]:
    reasons = {"": ""} | {code: say(reason) for code, reason in REASONS.items()}
    columns = ["text", "label", "row", "file", "split", "set_aside"]
    for batch in rows.iter_batches(batch_size=BATCH_ROWS, columns=columns):
        cells = (batch.column(name).to_pylist() for name in columns)
        for text, label, row, file, split, code in zip(*cells, strict=True):
            texts = parts(text) if pairs else (text,)
            yield *texts, label, row, file, split, reasons[code]
