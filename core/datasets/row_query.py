"""Which rows meet a filter, in which order: exact counts and any page of a million rows without loading the table."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.hashing import Mask
from core.datasets.row_view import Numbers, RowView, involved_texts, open_view
from core.datasets.rows import finding_rows
from core.datasets.text_search import needle_of, pattern_of
from core.domain.rows import RowFilter, RowOrder, RowPage, TableRow
from core.domain.several import categories_of

Integers = np.ndarray[Any, np.dtype[np.integer[Any]]]

PAGE_ROWS = 50
PAGE_CHARS = 2_000  # of a text: one cell may hold megabytes
KEPT_ANSWERS = 8  # 4 bytes a row found, so 32 MB at most for a table of a million rows


def find_page(
    dataset_dir: Path,
    wanted: RowFilter,
    *,
    order: RowOrder = RowOrder.ROW,
    descending: bool = False,
    number: int = 1,
    size: int = PAGE_ROWS,
) -> RowPage:
    """One page of the rows that meet `wanted`.

    Raises:
        NotFound: the dataset's folder is gone.
    """
    view = open_view(dataset_dir)
    found = _found(view, dataset_dir, wanted, order, descending)
    n_pages = max(1, -(-len(found) // size))
    number = min(max(1, number), n_pages)
    rows = _table_rows(view.take(found[(number - 1) * size : number * size]))
    return RowPage(n_found=len(found), number=number, n_pages=n_pages, rows=tuple(rows))


def find_rows(
    dataset_dir: Path, wanted: RowFilter, *, order: RowOrder = RowOrder.ROW, limit: int | None = None
) -> pa.Table:
    """The rows that meet `wanted`, all or the first `limit`, with the columns of `rows.SCHEMA`."""
    view = open_view(dataset_dir)
    return view.take(_found(view, dataset_dir, wanted, order, False)[:limit])


def label_names(dataset_dir: Path) -> tuple[str, ...]:
    """Every category that stands in some row, also of rows set aside; in order of first appearance."""
    return tuple(name for name in open_view(dataset_dir).names["label"] if name)


def single_names(dataset_dir: Path) -> tuple[str, ...]:
    """The same of rows that may have several: every single one."""
    return tuple(dict.fromkeys(name for label in label_names(dataset_dir) for name in categories_of(label)))


def reasons(dataset_dir: Path) -> tuple[str, ...]:
    """Codes of the reasons for which rows were set aside; see `rows.REASONS`."""
    return tuple(name for name in open_view(dataset_dir).names["set_aside"] if name)


def _table_rows(rows: pa.Table) -> list[TableRow]:
    texts = pc.utf8_slice_codeunits(rows["text"], 0, PAGE_CHARS)
    rows = rows.set_column(rows.column_names.index("text"), "text", texts)
    return [TableRow(**row) for row in rows.to_pylist()]


@lru_cache(maxsize=KEPT_ANSWERS)
def _found(view: RowView, dataset_dir: Path, wanted: RowFilter, order: RowOrder, descending: bool) -> Numbers:
    """Positions, in order. A view never changes (and is its own key), so what was found stays right."""
    found = np.flatnonzero(_mask(view, dataset_dir, wanted)).astype(np.int32)
    if order is RowOrder.LENGTH:
        keys = view.lengths[found]
    elif order is RowOrder.LABEL:
        keys = _ranks(view.names["label"])[view.codes["label"][found]]
    else:
        return found[::-1] if descending else found
    return found[np.argsort(-keys if descending else keys, kind="stable")]


def _mask(view: RowView, dataset_dir: Path, wanted: RowFilter) -> Mask:
    mask = np.ones(len(view), dtype=bool)
    if wanted.labels:
        mask &= np.isin(view.codes["label"], _label_codes(view, wanted))
    for column, name in (("file", wanted.file), ("split", wanted.split), ("set_aside", wanted.reason)):
        if name:
            mask &= view.codes[column] == view.code(column, name)
    if wanted.used is not None:
        mask &= (view.codes["set_aside"] == view.code("set_aside", "")) == wanted.used
    if wanted.rows is not None:
        mask &= _listed(view, wanted.rows)
    if wanted.finding:
        mask &= _of_finding(view, dataset_dir, wanted)
    if needle := needle_of(wanted.text):
        mask &= _contains(view, needle)
    return mask


def _label_codes(view: RowView, wanted: RowFilter) -> list[int]:
    if not wanted.several:
        return [view.code("label", label) for label in wanted.labels]
    asked = set(wanted.labels)
    return [
        code
        for code, label in enumerate(view.names["label"])
        if label in asked or not asked.isdisjoint(categories_of(label))
    ]


def _of_finding(view: RowView, dataset_dir: Path, wanted: RowFilter) -> Mask:
    files = (wanted.file,) if wanted.file else view.names["file"]
    return _any_file(view, {file: finding_rows(dataset_dir, wanted.finding, file) for file in files})


def _listed(view: RowView, rows: Iterable[tuple[str, int]]) -> Mask:
    numbers: dict[str, list[int]] = {}
    for file, row in rows:
        numbers.setdefault(file, []).append(row)
    return _any_file(view, {file: np.array(listed, dtype=np.int64) for file, listed in numbers.items()})


def _any_file(view: RowView, numbers: Mapping[str, Integers]) -> Mask:
    """The rows with these numbers, which stand under the name of their file."""
    mask = np.zeros(len(view), dtype=bool)
    for file, wanted in numbers.items():
        mask |= (view.codes["file"] == view.code("file", file)) & _among(view.rows, wanted)
    return mask


def _contains(view: RowView, needle: str) -> Mask:
    found = pc.match_substring_regex(view.texts, pattern_of(needle)).to_numpy()
    positions, forms = involved_texts(view)
    found[positions] = pc.match_substring(forms, needle).to_numpy()
    mask: Mask = found
    return mask


def _among(rows: Numbers, wanted: Integers) -> Mask:
    """Which of `rows` are in `wanted`; by a table of flags, as row numbers are small."""
    flags = np.zeros(int(rows.max(initial=0)) + 1, dtype=bool)
    flags[wanted[(wanted >= 0) & (wanted < len(flags))]] = True
    mask: Mask = flags[rows]
    return mask


def _ranks(names: tuple[str, ...]) -> Numbers:
    """The place of each name in alphabetical order, without regard to capitals."""
    ranks = np.empty(len(names), dtype=np.int32)
    ranks[sorted(range(len(names)), key=lambda code: (names[code].casefold(), names[code]))] = np.arange(len(names))
    return ranks
