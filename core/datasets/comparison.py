"""What lies between two versions of a dataset: reads their frozen rows piece by piece, texts as hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.comparing import CHUNK_ROWS, equality_codes
from core.datasets.hashing import Codes, Mask
from core.datasets.operations.append import appended_upload
from core.datasets.rows import rows_path
from core.domain.dataset import Dataset, Split
from core.domain.repair import Operation, RowChange, RowChanges, VersionComparison

MAX_LISTED = 100
FILES = ("practice", "exam")


@dataclass(slots=True, kw_only=True)
class Side:
    """The rows of one version. Names are given by codes; see `names`."""

    path: Path
    file: Codes
    row: Codes
    text: Codes  #: a hash of the text as it stands
    alike: Codes  #: a hash of the form in which texts are compared; empty unless rows are matched by it
    label: Codes
    split: Codes
    reason: Codes

    @property
    def used(self) -> Mask:
        used: Mask = np.equal(self.reason, 0)
        return used


def compare(before: Dataset, before_dir: Path, after: Dataset, after_dir: Path) -> VersionComparison:
    """Match the rows of two versions by file and number, or by text where they are not of the same table.

    Raises:
        NotFound: the folder of one is gone.
    """
    by_text = not _counts_alike(before, after)
    names: list[str] = [""]
    old, new = (_side(rows_path(folder), names, by_text) for folder in (before_dir, after_dir))
    pairs_old, pairs_new = _matched(_keys(old, by_text), _keys(new, by_text))
    both = old.used[pairs_old] & new.used[pairs_new]
    both_old, both_new = pairs_old[both], pairs_new[both]
    stays_old, stays_new = _marked(len(old.row), both_old), _marked(len(new.row), both_new)
    gone = np.flatnonzero(old.used & ~stays_old)
    come = np.flatnonzero(new.used & ~stays_new)
    partner_new = np.full(len(old.row), -1)
    partner_new[pairs_old] = pairs_new
    partner_old = np.full(len(new.row), -1)
    partner_old[pairs_new] = pairs_old
    reworded = old.text[both_old] != new.text[both_new]
    relabeled = old.label[both_old] != new.label[both_new]
    exam = names.index(Split.EXAM.value) if Split.EXAM.value in names else -1
    in_exam_old, in_exam_new = old.split == exam, new.split == exam

    def changes(places_old: Codes, places_new: Codes) -> RowChanges:
        shown = slice(MAX_LISTED)
        return RowChanges(count=len(places_old), rows=_listed(old, places_old[shown], new, places_new[shown], names))

    return VersionComparison(
        before=before.id,
        after=after.id,
        by_text=by_text,
        added=changes(partner_old[come], come),
        taken_out=changes(gone, partner_new[gone]),
        text_changed=changes(both_old[reworded], both_new[reworded]),
        label_changed=changes(both_old[relabeled], both_new[relabeled]),
        label_counts={
            label: (before.label_counts.get(label, 0), after.label_counts.get(label, 0))
            for label in dict.fromkeys((*before.label_counts, *after.label_counts))
        },
        operations_before=_missing(before.operations, after.operations),
        operations_after=_missing(after.operations, before.operations),
        n_exam_before=int(in_exam_old.sum()),
        n_exam_after=int(in_exam_new.sum()),
        n_exam_kept=int((in_exam_old[both_old] & in_exam_new[both_new]).sum()),
        n_moved=int((old.split[both_old] != new.split[both_new]).sum()),
        findings_gone=_findings_only(before, after),
        findings_new=_findings_only(after, before),
    )


def _counts_alike(before: Dataset, after: Dataset) -> bool:
    """Whether equal row numbers mean equal rows: the same uploads, and of the added files one list begins the other."""
    if (before.family, before.upload, before.exam_upload) != (after.family, after.upload, after.exam_upload):
        return False
    added = [[u.sha256 for one in d.operations if (u := appended_upload(one))] for d in (before, after)]
    shorter = min(map(len, added))
    return added[0][:shorter] == added[1][:shorter]


def _side(path: Path, names: list[str], by_text: bool) -> Side:
    """`names` grows by the labels, splits and reasons that it does not have yet."""
    known = {name: code for code, name in enumerate(names)}
    found: dict[str, list[Codes]] = {name: [] for name in ("file", "row", "text", "alike", "label", "split", "reason")}
    for batch in pq.ParquetFile(path).iter_batches(batch_size=CHUNK_ROWS):
        texts = batch.column("text")
        found["row"].append(batch.column("row").to_numpy().astype(np.int64))
        found["text"].append(_hashes(texts))
        found["alike"].append(equality_codes(texts) if by_text else np.empty(0, dtype=np.int64))
        for name, column in (("file", "file"), ("label", "label"), ("split", "split"), ("reason", "set_aside")):
            encoded = batch.column(column).dictionary_encode()
            codes = [known.setdefault(value, len(known)) for value in encoded.dictionary.to_pylist()]
            found[name].append(np.array(codes, dtype=np.int64)[encoded.indices.to_numpy()])
    names[:] = known
    empty = np.empty(0, dtype=np.int64)
    return Side(path=path, **{name: np.concatenate([empty, *parts]) for name, parts in found.items()})


def _hashes(texts: pa.Array) -> Codes:
    hashes: np.ndarray[Any, np.dtype[np.uint64]] = pd.util.hash_array(
        texts.to_numpy(zero_copy_only=False), categorize=False
    )
    return hashes.view(np.int64)


def _keys(side: Side, by_text: bool) -> Codes:
    """A number for each row that no other row of the version has."""
    if not by_text:
        return side.file << np.int64(32) | side.row
    order = np.lexsort((side.row, side.alike))
    alike = side.alike[order]
    starts = np.flatnonzero(np.r_[True, alike[1:] != alike[:-1]]) if len(order) else order
    nth = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))  # copies pair off in order
    keys = np.empty(len(order), dtype=np.int64)
    keys[order] = alike + nth * np.int64(0x1E3779B97F4A7C15)  # wraps, as a hash may
    return keys


def _matched(old: Codes, new: Codes) -> tuple[Codes, Codes]:
    _, places_old, places_new = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    order = np.argsort(places_new)
    return places_old[order], places_new[order]


def _marked(n: int, places: Codes) -> Mask:
    marked = np.zeros(n, dtype=bool)
    marked[places] = True
    return marked


def _listed(old: Side, places_old: Codes, new: Side, places_new: Codes, names: Sequence[str]) -> tuple[RowChange, ...]:
    before, after = _texts(old, places_old), _texts(new, places_new)
    rows = []
    for o, n in zip(places_old.tolist(), places_new.tolist(), strict=True):
        side, place = (new, n) if n >= 0 else (old, o)
        rows.append(
            RowChange(
                file=names[side.file[place]],
                row=int(side.row[place]),
                before_text=before.get(o, ""),
                after_text=after.get(n, ""),
                before_label=names[old.label[o]] if o >= 0 else "",
                after_label=names[new.label[n]] if n >= 0 else "",
                reason=names[new.reason[n]] if n >= 0 else "",
            )
        )
    return tuple(rows)


def _texts(side: Side, places: Codes) -> dict[int, str]:
    """The texts at some places of the version; -1 has none."""
    wanted = np.unique(places[places >= 0])
    texts: dict[int, str] = {}
    start = 0
    for batch in pq.ParquetFile(side.path).iter_batches(batch_size=CHUNK_ROWS, columns=["text"]) if len(wanted) else ():
        here = wanted[(wanted >= start) & (wanted < start + len(batch))]
        texts.update(zip(here.tolist(), batch.column("text").take(pa.array(here - start)).to_pylist(), strict=True))
        start += len(batch)
    return texts


def _missing(some: Sequence[Operation], others: Sequence[Operation]) -> tuple[Operation, ...]:
    """Of `some` those that `others` lacks; one that is there twice and here once is missing once."""
    left = list(others)
    missing = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            missing.append(one)
    return tuple(missing)


def _findings_only(here: Dataset, there: Dataset) -> tuple[tuple[str, str], ...]:
    known = {(finding.code, finding.file) for finding in there.findings}
    return tuple(dict.fromkeys((f.code, f.file) for f in here.findings if (f.code, f.file) not in known))
