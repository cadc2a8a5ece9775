"""The labels of a file's rows: one column as it stands, cells that name several categories, or 0/1 columns."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.hashing import Codes, Mask
from core.datasets.several import SEPARATORS, label_of_cell, named, parts_of, read_flags, separator_of
from core.domain.several import NONE_OF_THEM
from core.domain.task import SEVERAL

if TYPE_CHECKING:
    from core.datasets.reading import RawTable


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """Which columns say what a text is, and how their cells are read."""

    columns: tuple[str, ...]  #: one, or several of 0/1
    separator: str = ""  #: between the categories of a cell
    several: bool = False  #: whether a row may have several categories

    @property
    def known(self) -> tuple[str, ...]:
        """The categories that the columns' names tell, in their order."""
        return tuple(named(name) for name in self.columns) if len(self.columns) > 1 else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLabels:
    names: tuple[str, ...]  #: in order of first appearance
    codes: Codes  #: position in `names`; -1 for a blank label
    unclear: Mask | None = None  #: as in `core.datasets.several.Flags`
    unclear_cells: tuple[str, ...] = ()


def label_source(raw: "RawTable", columns: tuple[str, ...], task: str, separator: str | None) -> LabelSource:
    """How the labels of this file, and of those that join it, are read. `separator` None: guessed by all of its cells."""
    if task != SEVERAL or len(columns) > 1:
        return LabelSource(columns=columns, several=task == SEVERAL)
    if separator is None:
        encoded = pc.value_counts(_trimmed(raw, columns[0]).combine_chunks())
        cells = zip(encoded.field("values").to_pylist(), encoded.field("counts").to_pylist(), strict=True)
        separator = separator_of({cell: n for cell, n in cells if cell})
    return LabelSource(columns=columns, separator=separator, several=True)


def read_labels(raw: "RawTable", columns: Sequence[str], source: LabelSource) -> FileLabels:
    """The labels of one file, whose names of the columns may differ in case from those of `source`."""
    if len(columns) > 1:
        flags = read_flags(source.columns, [raw.column(name) for name in columns])
        return FileLabels(
            names=flags.labels, codes=flags.codes, unclear=flags.unclear, unclear_cells=flags.unclear_cells
        )
    encoded = _trimmed(raw, columns[0]).combine_chunks().dictionary_encode()
    cells: list[str] = encoded.dictionary.to_pylist()
    labels = [label_of_cell(cell, source.separator) for cell in cells] if source.several else cells
    names = [name for name in dict.fromkeys(labels) if name]
    place = {name: code for code, name in enumerate(names)} | {"": -1}
    codes = np.array([place[label] for label in labels], dtype=np.int64)
    return FileLabels(names=tuple(names), codes=codes[encoded.indices.to_numpy()])


def labels_of_table(
    columns: Sequence[Sequence[str]],
    names: Sequence[str],
    *,
    known: Sequence[str],
    separator: str,
    none: Collection[str],
) -> list[str]:
    """The labels of a table that was read whole, e.g. of a file that examines: its label columns, cell by cell.

    "" for rows that say nothing.

    Args:
        names: of the columns; those of 0/1 columns are categories, in the spelling of `known` where only that differs.
        known: the categories of the model that is examined.
        separator: between the categories of a cell, in the data that it learned from. Another one is taken where by that
            more cells name known categories.
        none: words that stand for none of the categories, unless they are one.
    """
    if len(columns) > 1:
        flags = read_flags(
            [_spelling(name, known) for name in names],
            [pa.chunked_array([pa.array(column, pa.large_string())]) for column in columns],
        )
        return [flags.labels[code] if code >= 0 else "" for code in flags.codes.tolist()]
    cells = Counter(cell.strip() for cell in columns[0])

    def n_known(sign: str) -> int:
        return sum(n for cell, n in cells.items() if (parts := parts_of(cell, sign)) and set(parts) <= set(known))

    separator = max((separator, *SEPARATORS), key=n_known)
    means_none = {word.casefold() for word in none} - {name.casefold() for name in known}
    label = {cell: NONE_OF_THEM if cell.casefold() in means_none else label_of_cell(cell, separator) for cell in cells}
    return [label[cell.strip()] for cell in columns[0]]


def _spelling(name: str, known: Sequence[str]) -> str:
    if named(name) in known:
        return name
    return next((one for one in known if one.casefold() == named(name).casefold()), name)


def _trimmed(raw: "RawTable", column: str) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(raw.column(column))
