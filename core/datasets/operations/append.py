"""Put the rows of another file with the same columns below those of the table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.columns import find_column
from core.datasets.joining import joined_texts
from core.datasets.operations.base import Context, WorkingTable, need
from core.domain.dataset import TableFormat, Upload
from core.domain.message import Message, msg
from core.domain.plain import from_plain, to_plain
from core.domain.repair import Effect, Operation


def append_operation(upload: Upload, format: TableFormat) -> Operation:
    return Operation(name=Append.name, params={"upload": to_plain(upload), "format": to_plain(format)})


class Append:
    """`upload` and `format`: the file, kept in the workspace, and how to read it.

    Its rows go on counting where the table ends. Copies of rows that are there are set aside by the checks.
    """

    name = "append"

    def check(self, params: Mapping[str, Any]) -> None:
        need(params, upload=dict, format=dict)
        need(params["upload"], sha256=str, filename=str, n_bytes=int)

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Add the rows of {filename}", filename=params["upload"]["filename"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        upload = from_plain(Upload, params["upload"])
        with context.open_table(upload, from_plain(TableFormat, params["format"])) as raw:
            names = [find_column(raw.names, name, upload.filename) for name in context.text_columns]
            label = find_column(raw.names, context.label_column, upload.filename)
            rows = raw.columns.column("row").to_numpy()
            texts = pa.chunked_array([copied(joined_texts([raw.column(name) for name in names]))])
            encoded = pc.utf8_trim_whitespace(raw.column(label)).combine_chunks().dictionary_encode()
        codes = np.array([table.code_of(name) for name in encoded.dictionary.to_pylist()], dtype=np.int64)
        file = table.practice
        n = len(rows)
        file.texts = pa.chunked_array([*file.texts.chunks, *texts.chunks], pa.large_string())
        file.rows = np.concatenate([file.rows, rows + file.rows.max(initial=1)]).astype(np.int32)
        file.label_codes = np.concatenate([file.label_codes, codes[encoded.indices.to_numpy()]])
        file.ragged = np.concatenate([file.ragged, np.isin(rows, [*raw.long_rows, *raw.short_rows])])
        file.reasons = np.concatenate([file.reasons, np.zeros(n, dtype=np.int16)])
        return Effect(n_added=n)


def copied(texts: pa.ChunkedArray) -> pa.Array:
    """In memory of its own: the file that `texts` is mapped from is about to be closed."""
    return (
        pa.concat_arrays([texts.combine_chunks()])
        if texts.num_chunks != 1
        else pa.array(texts.to_pylist(), pa.large_string())
    )
