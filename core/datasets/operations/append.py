"""Put the rows of another file with the same columns below those of the table."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core.datasets.columns import find_column
from core.datasets.findings.base import MAX_LISTED_ROWS
from core.datasets.joining import joined_texts
from core.datasets.label_reading import read_labels
from core.datasets.operations.base import Context, WorkingTable, ragged_rows
from core.datasets.operations.params import need, refuse
from core.domain.dataset import Dataset, DatasetSpec, Finding, TableFormat, Upload
from core.domain.message import Message, msg
from core.domain.plain import from_plain, to_plain
from core.domain.repair import Effect, Operation

if TYPE_CHECKING:
    pass


def append_operation(upload: Upload, format: TableFormat) -> Operation:
    return Operation(name=Append.name, params={"upload": to_plain(upload), "format": to_plain(format)})


def appended_upload(operation: Operation) -> Upload | None:
    """The file that the repair rests on, so that it is kept as long as the repair is."""
    return from_plain(Upload, operation.params["upload"]) if operation.name == Append.name else None


def uploads_of(dataset: Dataset | DatasetSpec) -> list[Upload]:
    """Every file that a dataset rests on, those that were added to it too."""
    added = (appended_upload(operation) for operation in dataset.operations)
    return [upload for upload in (dataset.upload, dataset.exam_upload, *added) if upload]


class Append:
    """`upload` and `format`: the file, kept in the workspace, and how to read it.

    Its rows are practice rows and go on counting where the table ends: the first one below row 31 is row 32, whatever
    its number in its own file. Copies of rows that are there are set aside by the checks.
    """

    name = "append"

    def check(self, params: Mapping[str, Any]) -> None:
        need(params, upload=dict, format=dict)
        need(params["upload"], sha256=str, filename=str, n_bytes=int)
        if set(params["upload"]["sha256"]) - set("0123456789abcdef"):  # it names a file
            refuse("sha256")
        if not set(params["format"]) <= set(to_plain(TableFormat())):
            refuse("format")

    def title(self, params: Mapping[str, Any]) -> Message:
        return msg("Add the rows of {filename}", filename=params["upload"]["filename"])

    def apply(self, table: WorkingTable, params: Mapping[str, Any], context: Context) -> Effect:
        upload = from_plain(Upload, params["upload"])
        file = table.practice
        with context.open_table(upload, from_plain(TableFormat, params["format"])) as raw:
            names = [find_column(raw.names, name, upload.filename) for name in context.text_columns]
            columns = [find_column(raw.names, name, upload.filename) for name in context.labels.columns]
            rows = raw.columns.column("row").to_numpy()
            shift = int(file.rows.max(initial=1)) + 1 - int(rows.min()) if len(rows) else 0
            rows = (rows + shift).astype(np.int32)
            texts = joined_texts(
                [raw.column(name) for name in names], as_pairs=table.of_pairs
            )  # mapped while it is used
            labels = read_labels(raw, columns, context.labels)
            ragged = ragged_rows(raw, [*names, *columns])
            context.notices.extend(_shifted(notice, shift) for notice in raw.notices)
        codes = np.append(table.codes_of(labels.names), -1)  # -1, a blank label, takes the last one
        rewritten = file.texts is not file.as_uploaded
        file.as_uploaded = pa.chunked_array([*file.as_uploaded.chunks, *texts.chunks], pa.large_string())
        file.texts = (
            pa.chunked_array([*file.texts.chunks, *texts.chunks], pa.large_string()) if rewritten else file.as_uploaded
        )
        file.rows = np.concatenate([file.rows, rows])
        file.label_codes = np.concatenate([file.label_codes, codes[labels.codes]])
        file.ragged = np.concatenate([file.ragged, ragged])
        if file.unclear is not None and labels.unclear is not None:
            file.unclear = np.concatenate([file.unclear, labels.unclear])
            file.unclear_cells = tuple(dict.fromkeys((*file.unclear_cells, *labels.unclear_cells)))
        file.n_blank += raw.n_blank
        file.blank_rows = (*file.blank_rows, *(row + shift for row in raw.blank_rows))[:MAX_LISTED_ROWS]
        file.reasons = np.concatenate([file.reasons, np.zeros(len(rows), dtype=np.int16)])
        return Effect(n_added=len(rows))


def _shifted(notice: Finding, shift: int) -> Finding:
    """With the row numbers of this table. Another reading would be another repair, so none is offered."""
    return replace(notice, rows=tuple(row + shift for row in notice.rows), readings=())
