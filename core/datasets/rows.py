"""The frozen rows of a dataset: load them, list in words what was set aside, or tell which rows a finding speaks of."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.inert import inert
from core.domain.message import Message, msg
from core.errors import NotFound
from core.i18n import say

if TYPE_CHECKING:
    import pandas as pd

FindingRows = Mapping[tuple[str, str], np.ndarray[Any, np.dtype[np.int32]]]  #: (code, file) -> row numbers

ROWS = "rows.parquet"
FINDING_ROWS = "finding_rows.parquet"  # all rows of every finding; the record lists the first 100 only
COLUMNS = ("row", "file", "text", "label", "split", "set_aside")
SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("file", pa.string()),
        ("text", pa.large_string()),
        ("label", pa.string()),
        ("split", pa.string()),
        ("set_aside", pa.string()),
    ]
)
FINDING_SCHEMA = pa.schema([("code", pa.string()), ("file", pa.string()), ("rows", pa.list_(pa.int32()))])
#: Why a row was set aside, by the code in column `set_aside`.
REASONS: dict[str, Message] = {
    "ragged_row": msg("The number of cells does not fit the columns"),
    "repeated_header": msg("Repeats the column names"),
    "blank_text": msg("No text"),
    "blank_label": msg("No category"),
    "no_number": msg("No number"),
    "unclear_mark": msg("A cell says neither yes nor no"),
    "duplicate": msg("Copy of an earlier row"),
    "conflicting_labels": msg("The same text stands under several categories"),
    "conflicting_sets": msg("The same text stands elsewhere with other categories"),
    "exam_overlap": msg("The text is also in the exam file"),
    "rare_label": msg("Fewer than 2 examples of this category"),
    "total_row": msg("A sum below the table"),
    "removed": msg("Taken out by you"),
    "none_of_these": msg("Marked as none of the categories"),
    "exam_unknown_label": msg("The category is never practiced"),
}


def load_rows(dataset_dir: Path, columns: Sequence[str] | None = None) -> "pd.DataFrame":
    """All rows of a dataset, or only some `columns` of them, in the order of the files.

    Raises:
        NotFound: the dataset's folder is gone.
    """
    import pandas as pd

    table = _read(dataset_dir, list(columns) if columns is not None else None)
    frame: pd.DataFrame = table.to_pandas(split_blocks=True, self_destruct=True)
    return frame


def set_aside_csv(dataset_dir: Path) -> bytes:
    """The rows that were set aside with the reason in the reader's language, as UTF-8 with a byte order mark."""
    table = _read(dataset_dir, ["row", "file", "text", "label", "set_aside"], filters=[("set_aside", "!=", "")])
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([say(name) for name in (msg("Row"), msg("File"), msg("Text"), msg("Category"), msg("Reason"))])
    files = {"practice": say(msg("practice")), "exam": say(msg("exam"))}
    for row, file, text, label, code in zip(*(column.to_pylist() for column in table.columns), strict=True):
        writer.writerow([row, files[file], inert(text), inert(label), say(REASONS[code])])
    return buffer.getvalue().encode("utf-8-sig")


def write_finding_rows(dataset_dir: Path, found: FindingRows) -> None:
    """Keep the row numbers of each finding."""
    with pq.ParquetWriter(
        dataset_dir / FINDING_ROWS,
        FINDING_SCHEMA,
        compression="zstd",
        use_dictionary=False,
        column_encoding={"rows.list.element": "DELTA_BINARY_PACKED"},  # 470 KB instead of 6 MB for 1.5 million numbers
    ) as writer:
        for (code, file), rows in found.items():
            numbers = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), pa.array(rows, pa.int32()))
            writer.write_table(pa.table([[code], [file], numbers], schema=FINDING_SCHEMA))


def finding_rows(dataset_dir: Path, code: str, file: str) -> np.ndarray[Any, np.dtype[np.int32]]:
    """The numbers of all rows that a finding speaks of; none for findings that are about no rows."""
    path = dataset_dir / FINDING_ROWS
    if not path.is_file():  # frozen before these were kept
        return np.empty(0, np.int32)
    filters = [("code", "==", code), ("file", "==", file)]
    lists = pq.read_table(path, columns=["rows"], filters=filters)["rows"].combine_chunks()
    rows: np.ndarray[Any, np.dtype[np.int32]] = lists.flatten().to_numpy()
    return rows


def rows_path(dataset_dir: Path) -> Path:
    """The file with the rows.

    Raises:
        NotFound: the dataset's folder is gone.
    """
    path = dataset_dir / ROWS
    if not path.is_file():
        raise NotFound(msg("The rows of this dataset are gone."), hint=msg("Upload the file again."))
    return path


def _read(dataset_dir: Path, columns: list[str] | None, filters: list[tuple[str, str, str]] | None = None) -> pa.Table:
    return pq.read_table(rows_path(dataset_dir), columns=columns, filters=filters)
