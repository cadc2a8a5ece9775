"""Several categories a row: how they stand in cells or in 0/1 columns, and which single ones a row has.

A row's label is one string (core/domain/several.py), so copies, contradictions and versions are found as they are for
tables with one category a row. What counts single categories asks `Members`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.hashing import Codes, Mask
from core.domain.several import NONE_OF_THEM, SEPARATOR, categories_of, label_of

#: Between the categories of a cell, tried in this order -> what counts as the same sign.
SEPARATORS: Mapping[str, str] = {
    ";": ";；",
    "|": "|｜",
    "；": ";；",
    "、": "、",
    ",": ",，",
    "，": ",，",
    "/": "/",
    "\n": "\n",
}
MAX_PART_CHARS = 40  # of one category among several in a cell
LEAST_RATIO = 0.03  # of cells that name several, for a column to be taken for such
LIST_CELL = re.compile(r"\s*\[(.*)\]\s*", re.DOTALL)  # ['a', 'b'], as programs write lists
QUOTES = "'\"“”‘’「」"
YES = frozenset(["1", "1.0", "true", "yes", "y", "t", "on", "x", "✓", "✔", "√", "v", "●", "*", "是", "有", "对"])
NO = frozenset(["0", "0.0", "false", "no", "n", "f", "off", "否", "无", "没有", "不是", "-", "—", "✗", "×"])


def separator_of(cells: Mapping[str, int]) -> str:
    """What stands between the categories of cells such as "slow;broken"; "" where cells hold one value.

    Args:
        cells: each different cell and how often it stands there.
    """
    return guessed_parts(cells)[0]


def guessed_parts(cells: Mapping[str, int]) -> tuple[str, frozenset[str]]:
    """The separator, and the categories: parts that come back in other cells."""
    n_filled = sum(cells.values())
    for separator in SEPARATORS:
        n_several = sum(n for cell, n in cells.items() if separator in cell)
        if n_several < LEAST_RATIO * n_filled or n_several < 2:
            continue
        n_cells_with: Counter[str] = Counter()
        for cell in cells:
            n_cells_with.update(set(parts_of(cell, separator)))
        if max(map(len, n_cells_with), default=0) > MAX_PART_CHARS or len(n_cells_with) < 2:
            continue
        n_shared = sum(1 for n in n_cells_with.values() if n > 1)
        if len(n_cells_with) < len(cells) and n_shared >= 0.5 * len(n_cells_with):
            return separator, frozenset(n_cells_with)
    return "", frozenset()


def parts_of(cell: str, separator: str) -> tuple[str, ...]:
    """The categories that a cell names, each once: "a; b;a" and "['a', 'b']" have two, "|" has none."""
    if cell.strip() == NONE_OF_THEM:
        return ()
    listed = LIST_CELL.fullmatch(cell)
    content = listed[1] if listed else cell
    separator = separator if separator.strip(" ") not in SEPARATORS else separator.strip(" ")
    for sign in SEPARATORS.get(separator, ""):
        content = content.replace(sign, separator)
    parts = content.split(separator) if separator else [content]
    strip = f" \t\r\n{QUOTES}" if listed else None
    return tuple(dict.fromkeys(part for each in parts if (part := named(each.strip(strip)))))


def named(name: str) -> str:
    """A category's name without the sign that stands between categories."""
    return name.replace(SEPARATOR, "/").strip()


def label_of_cell(cell: str, separator: str) -> str:
    """The label of a row; "" where the cell says nothing, and `NONE_OF_THEM` where it says "none": "|" or []."""
    parts = parts_of(cell, separator)
    says_none = cell.strip() == NONE_OF_THEM or LIST_CELL.fullmatch(cell) is not None
    return label_of(parts) if parts or says_none else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What several 0/1 columns say, row by row."""

    labels: tuple[str, ...]  #: the different labels
    codes: Codes  #: position in `labels`; -1 for rows in which every column is blank, or one is unclear
    unclear: Mask  #: rows with a cell that says neither yes nor no
    unclear_cells: tuple[str, ...]  #: the first of those


def read_flags(names: Sequence[str], columns: Sequence[pa.ChunkedArray]) -> Flags:
    """Each column is a category, its cells say yes or no. Where no cell of any column says no, blank ones do."""
    n_rows = len(columns[0])
    says_yes = np.zeros((n_rows, len(names)), dtype=bool)
    filled, unclear = np.zeros(n_rows, dtype=bool), np.zeros(n_rows, dtype=bool)
    says_no, odd_cells = False, list[str]()
    for place, column in enumerate(columns):
        encoded = pc.utf8_trim_whitespace(column).combine_chunks().dictionary_encode()
        cells: list[str] = encoded.dictionary.to_pylist()
        words = [cell.casefold() for cell in cells]
        codes = encoded.indices.to_numpy()
        says_yes[:, place] = np.array([word in YES for word in words], dtype=bool)[codes]
        filled |= np.array([word != "" for word in words], dtype=bool)[codes]
        says_no |= any(word in NO for word in words)
        odd = [bool(word) and word not in YES and word not in NO for word in words]
        unclear |= np.array(odd, dtype=bool)[codes]
        odd_cells += [cell for cell, is_odd in zip(cells, odd, strict=True) if is_odd]
    packed = np.packbits(says_yes, axis=1)
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, codes = np.unique(keys, return_index=True, return_inverse=True)
    categories = [named(name) for name in names]
    labels = [label_of(name for name, has in zip(categories, says_yes[row], strict=True) if has) for row in first]
    silent = unclear | (~filled if says_no else np.zeros(n_rows, dtype=bool))
    return Flags(
        labels=tuple(labels),
        codes=np.where(silent, -1, codes.reshape(-1)).astype(np.int64),
        unclear=unclear,
        unclear_cells=tuple(dict.fromkeys(odd_cells)),
    )


def in_known_order(label: str, order: dict[str, int]) -> str:
    """The label with each category once, in `order`, which grows by those that it lacks."""
    categories = set(categories_of(label))
    for name in categories_of(label):
        order.setdefault(name, len(order))
    return label_of(sorted(categories, key=order.__getitem__)) if label else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Which labels have which single categories: entry i says that label `labels[i]` has category `categories[i]`."""

    names: list[str]
    labels: Codes
    categories: Codes

    @classmethod
    def of(cls, label_names: Sequence[str], order: Iterable[str]) -> "Members":
        names = list(order)
        code = {name: place for place, name in enumerate(names)}
        pairs = [(at, code[name]) for at, label in enumerate(label_names) for name in categories_of(label)]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return cls(names=names, labels=table[:, 0], categories=table[:, 1])

    def counts(self, label_counts: "np.ndarray[Any, np.dtype[Any]]") -> Codes:
        """Rows that have each category, from the rows that each label has."""
        weights = label_counts[self.labels]
        return np.bincount(self.categories, weights=weights, minlength=len(self.names)).astype(np.int64)

    def labels_with(self, categories: Collection[int] | Codes) -> Codes:
        """Codes of the labels that have any of these categories."""
        return np.unique(self.labels[np.isin(self.categories, np.asarray(list(categories), dtype=np.int64))])

    def rarest(self, label_counts: "np.ndarray[Any, np.dtype[Any]]") -> Codes:
        """Of each label its category with the fewest rows; the number of categories for a label that has none."""
        counts = self.counts(label_counts)
        rarest = np.full(len(label_counts), len(self.names), dtype=np.int64)
        order = np.lexsort((self.categories, -counts[self.categories]))  # the rarest comes last, and stays
        rarest[self.labels[order]] = self.categories[order]
        return rarest
