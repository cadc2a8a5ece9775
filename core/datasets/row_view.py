"""A dataset's rows laid out for looking: files that are mapped into memory, so that a million rows cost a page little.

`rows.parquet` stays the truth. The view is made of it when somebody first looks, kept beside it in `view-1/`, and made
again when it is missing or damaged. Nothing of it is loaded: texts and numbers are read where they lie.
"""

import errno
import json
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.datasets.comparing import compared
from core.datasets.rows import SCHEMA, rows_path
from core.datasets.taking import take_rows
from core.datasets.text_search import involved
from core.files import ASIDE_PREFIX, written_aside

FOLDER = "view-1"  # the number is raised when the layout changes
TEXTS, CODES, INVOLVED = "texts.arrow", "codes.arrow", "involved.arrow"
BATCH_ROWS = 50_000
KEPT_VIEWS = 4  # open at a time
NAMED = ("file", "label", "split", "set_aside")

Numbers = np.ndarray[Any, np.dtype[np.int32]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowView:
    """One entry per row, in the order of the files. The codes are positions in `names[column]`."""

    folder: Path
    rows: Numbers
    codes: dict[str, Numbers]  #: for each column of NAMED
    names: dict[str, tuple[str, ...]]
    lengths: Numbers  #: characters
    texts: pa.ChunkedArray

    def __len__(self) -> int:
        return len(self.rows)

    def code(self, column: str, name: str) -> int:
        """-1 when no row has it."""
        return self.names[column].index(name) if name in self.names[column] else -1

    def take(self, positions: Numbers) -> pa.Table:
        """Those rows, with the columns of `rows.SCHEMA`."""
        columns = {
            "row": pa.array(self.rows[positions]),
            "text": _taken(self.texts, positions),
            **{name: pa.array(self.names[name], pa.string()).take(self.codes[name][positions]) for name in NAMED},
        }
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _taken(texts: pa.ChunkedArray, positions: Numbers) -> pa.Array:
    """In the order of `positions`, which may be any."""
    order = np.argsort(positions, kind="stable")
    return take_rows(texts, positions[order].astype(np.int64)).combine_chunks().take(pa.array(np.argsort(order)))


_lock = Lock()


def open_view(dataset_dir: Path) -> RowView:
    """The view of a dataset, made now if need be (1,000,000 rows: about a second, once).

    Raises:
        NotFound: the dataset's folder is gone.
    """
    with _lock:
        state = rows_path(dataset_dir).stat()
        return _open(dataset_dir, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=KEPT_VIEWS)
def _open(dataset_dir: Path, _inode: int, _changed: int) -> RowView:
    folder = dataset_dir / FOLDER
    try:
        return _mapped(folder)
    except (OSError, pa.ArrowInvalid, KeyError, ValueError):
        shutil.rmtree(folder, ignore_errors=True)
    _write(rows_path(dataset_dir), folder)
    pa.default_memory_pool().release_unused()  # 40 MB for a million rows
    return _mapped(folder)


@lru_cache(maxsize=KEPT_VIEWS)
def involved_texts(view: RowView) -> tuple[Numbers, pa.ChunkedArray]:
    """Positions and compared forms of the texts that `text_search.involved` names; worked out for the first search."""
    path = view.folder / INVOLVED
    try:
        table = _table(path)
    except (OSError, pa.ArrowInvalid):
        _write_involved(view, path)
        table = _table(path)
    return _numbers(table, "position"), table.column("text")


def _mapped(folder: Path) -> RowView:
    codes = _table(folder / CODES)
    return RowView(
        folder=folder,
        rows=_numbers(codes, "row"),
        codes={name: _numbers(codes, name) for name in NAMED},
        names={name: tuple(names) for name, names in json.loads(codes.schema.metadata[b"names"]).items()},
        lengths=_numbers(codes, "length"),
        texts=_table(folder / TEXTS).column("text"),
    )


def _table(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _numbers(table: pa.Table, name: str) -> Numbers:
    column = table.column(name)  # one chunk, or none where there is no row
    numbers: Numbers = column.chunk(0).to_numpy() if column.num_chunks else np.empty(0, np.int32)
    return numbers


def _write(path: Path, folder: Path) -> None:
    """Made aside and renamed. No fsync: what a power cut damages is made again."""
    aside = Path(tempfile.mkdtemp(prefix=ASIDE_PREFIX, dir=folder.parent.parent))
    try:
        lengths = _write_texts(path, aside / TEXTS)
        named = pq.read_table(path, columns=["row", *NAMED], read_dictionary=list(NAMED)).unify_dictionaries()
        columns = {"row": named.column("row").to_numpy(), "length": lengths}
        names = {}
        for name in NAMED:
            chunks = named.column(name).chunks
            names[name] = chunks[0].dictionary.to_pylist() if chunks else []
            columns[name] = np.concatenate([np.empty(0, np.int32), *(chunk.indices.to_numpy() for chunk in chunks)])
        _write_table(pa.table(columns).replace_schema_metadata({"names": json.dumps(names)}), aside / CODES)
        aside.rename(folder)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # else another process made it meanwhile
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_texts(path: Path, target: Path) -> Numbers:
    """The texts as they are. Returns their lengths."""
    schema = pa.schema([("text", pa.large_string())])
    lengths = [np.empty(0, np.int32)]
    with pa.ipc.new_file(str(target), schema) as writer, pq.ParquetFile(path, pre_buffer=False) as rows:
        for batch in rows.iter_batches(BATCH_ROWS, columns=["text"]):
            writer.write_batch(pa.record_batch([batch.column(0)], schema=schema))
            lengths.append(pc.utf8_length(batch.column(0)).to_numpy().astype(np.int32))
    return np.concatenate(lengths)


def _write_involved(view: RowView, path: Path) -> None:
    positions, forms, start = [np.empty(0, np.int32)], [], 0
    for texts in view.texts.chunks:
        apart = involved(texts)
        positions.append((start + np.flatnonzero(apart.to_numpy(zero_copy_only=False))).astype(np.int32))
        forms.append(compared(texts.filter(apart)))
        start += len(texts)
    table = pa.table({"position": np.concatenate(positions), "text": pa.chunked_array(forms, pa.large_string())})
    with written_aside(path) as aside:
        _write_table(table, aside)


def _write_table(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table.combine_chunks())
