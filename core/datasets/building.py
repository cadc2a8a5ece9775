"""From an upload to a frozen dataset: read, check, set aside, split, write once. Same content, same id."""

import datetime
import hashlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.datasets.comparing import equality_codes
from core.datasets.findings import run_checks
from core.datasets.findings.base import EXAM_FILE, PRACTICE_FILE, BothFiles, FileRows
from core.datasets.language import language_of
from core.datasets.reading import RawTable, read_raw
from core.datasets.rows import ROWS, SCHEMA
from core.datasets.splitting import PRACTICE, Parts, split_rows
from core.domain.dataset import Dataset, DatasetProfile, Finding, Severity, Split, TableFormat, Upload
from core.domain.message import msg
from core.errors import BadData, NotFound
from core.files import folder_aside

RULES = 1  # part of the id; raised when checks or split would treat the same table differently
TASK = "text_classification"
SPLITS = (
    Split.PRACTICE.value,
    Split.CHECKUP.value,
    Split.EXAM.value,
)  # in the order of core.datasets.splitting's codes
WRITTEN_ROWS = 50_000
LANGUAGE_SAMPLE = 1_000


def build_dataset(
    *,
    upload: Upload,
    upload_path: Path,
    format: TableFormat | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    exam_upload: Upload | None = None,
    exam_path: Path | None = None,
    exam_format: TableFormat | None = None,
    name: str | None = None,
    sample: str | None = None,
    split_seed: int = 42,
    datasets_dir: Path,
) -> Dataset:
    """Write `datasets_dir/<id>/rows.parquet` and return the record of it. Columns left open are guessed.

    Raises:
        UnreadableFile: a file is no table.
        BadData: the columns cannot be guessed, or text and category are the same column.
        NotFound: a named column, sheet or encoding does not exist; the real ones are named.
    """
    with ExitStack() as open_files:
        practice_raw = open_files.enter_context(read_raw(upload_path, upload.filename, format or TableFormat()))
        text_column, label_column = _choose_columns(practice_raw, upload.filename, text_column, label_column)
        exam_raw = None
        if exam_upload is not None and exam_path is not None:
            exam_raw = open_files.enter_context(read_raw(exam_path, exam_upload.filename, exam_format or TableFormat()))
        data = _both_files(practice_raw, exam_raw, text_column, label_column, upload, exam_upload)
        findings = run_checks(data) + _macro_findings(practice_raw, exam_raw)
        parts = _split(data, split_seed)
        dataset_id = _id(upload, practice_raw.format, exam_upload, exam_raw, text_column, label_column, split_seed)
        with folder_aside(datasets_dir / dataset_id) as folder:
            _write_rows(folder / ROWS, data, parts)
        return Dataset(
            id=dataset_id,
            name=name or PurePath(upload.filename).stem or upload.filename,
            upload=upload,
            format=practice_raw.format,
            exam_upload=exam_upload,
            exam_format=exam_raw.format if exam_raw else None,
            text_column=text_column,
            label_column=label_column,
            task=TASK,
            split_seed=split_seed,
            n_rows=sum(len(file.rows) for file in data.files),
            n_used=sum(int(file.used.sum()) for file in data.files),
            n_set_aside=sum(int((~file.used).sum()) for file in data.files),
            split_sizes=_split_sizes(data, parts),
            label_counts=_label_counts(data),
            findings=findings,
            profile=_profile(data),
            created_at=datetime.datetime.now(datetime.UTC),
            sample=sample,
        )


def _choose_columns(raw: RawTable, filename: str, text: str | None, label: str | None) -> tuple[str, str]:
    text = find_column(raw.names, text, filename) if text else raw.text_column
    label = find_column(raw.names, label, filename) if label else raw.label_column
    if text is not None and text == label:  # one was named, the other guessed to be the same
        raise BadData(
            msg("“{column}” cannot be both the text and the category.", column=text), hint=_columns_hint(raw.names)
        )
    if text is None:
        raise BadData(
            msg("No column of {filename} looks like free text.", filename=filename), hint=_columns_hint(raw.names)
        )
    if label is None:
        raise BadData(
            msg("No column of {filename} looks like a category that repeats.", filename=filename),
            hint=_columns_hint(raw.names),
        )
    return text, label


def find_column(names: Sequence[str], wanted: str, filename: str) -> str:
    """The column a person means: by exact name, else by name without regard to case and outer spaces.

    Raises:
        NotFound: names the columns that exist.
    """
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    raise NotFound(
        msg("{filename} has no column named “{column}”.", filename=filename, column=wanted), hint=_columns_hint(names)
    )


def _columns_hint(names: Sequence[str], limit: int = 20) -> Any:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:limit]) + (", …" if len(names) > limit else "")
    return msg("Choose from its columns: {columns}.", columns=shown)


def _both_files(
    practice: RawTable,
    exam: RawTable | None,
    text_column: str,
    label_column: str,
    upload: Upload,
    exam_upload: Upload | None,
) -> BothFiles:
    language = language_of(_text_sample(_column(practice, text_column)))
    labels = [pc.utf8_trim_whitespace(_column(practice, label_column))]
    exam_columns = ("", "")
    if exam is not None and exam_upload is not None:
        exam_columns = (
            find_column(exam.names, text_column, exam_upload.filename),
            find_column(exam.names, label_column, exam_upload.filename),
        )
        labels.append(pc.utf8_trim_whitespace(_column(exam, exam_columns[1])))
    chunks = [chunk for column in labels for chunk in column.chunks]
    encoded = pa.chunked_array(chunks, pa.large_string()).combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy().astype(np.int64)
    if "" in names:
        blank = names.index("")
        codes = np.where(codes == blank, -1, codes - (codes > blank))
        del names[blank]
    n = len(practice.columns)
    return BothFiles(
        practice=_file_rows(PRACTICE_FILE, practice, text_column, label_column, codes[:n], names, language),
        exam=_file_rows(EXAM_FILE, exam, *exam_columns, codes[n:], names, language) if exam else None,
    )


def _column(raw: RawTable, name: str) -> pa.ChunkedArray:
    return raw.columns.column(raw.names.index(name))


def _text_sample(texts: pa.ChunkedArray) -> list[str]:
    step = max(len(texts) // LANGUAGE_SAMPLE, 1)
    sample: list[str] = texts.take(pa.array(range(0, len(texts), step))).to_pylist()
    return sample


def _file_rows(
    file: str, raw: RawTable, text_column: str, label_column: str, label_codes: Any, names: list[str], language: str
) -> FileRows:
    texts = _column(raw, text_column)
    rows = raw.columns.column("row").to_numpy()
    reach = max(int(raw.columns.column_names[raw.names.index(column)]) for column in (text_column, label_column))
    ragged = [*raw.long_rows, *(row for row, n_cells in raw.short_rows.items() if n_cells <= reach)]
    return FileRows(
        file=file,
        text_column=text_column,
        label_column=label_column,
        rows=rows,
        texts=texts,
        text_codes=equality_codes(texts),
        label_codes=label_codes,
        label_names=names,
        lengths=pc.utf8_length(texts).to_numpy().astype(np.int32),
        ragged=np.isin(rows, ragged),
        language=language,
        blank_rows=raw.blank_rows,
        n_blank=raw.n_blank,
    )


def _macro_findings(*tables: RawTable | None) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code="macros",
            severity=Severity.NOTE,
            count=1,
            rows=(),
            message=msg("The workbook contains macros. They were not run."),
            file=file,
        )
        for file, table in zip((PRACTICE_FILE, EXAM_FILE), tables, strict=True)
        if table and table.macros
    )


def _split(data: BothFiles, seed: int) -> Parts:
    """The part of every practice row; only those of used rows mean anything."""
    used = data.practice.used
    parts = np.full(len(used), PRACTICE, dtype=np.int8)
    parts[used] = split_rows(
        data.practice.text_codes[used], data.practice.label_codes[used], seed=seed, with_exam=data.exam is None
    )
    return parts


def _split_sizes(data: BothFiles, parts: Parts) -> dict[str, int]:
    counts = np.bincount(parts[data.practice.used], minlength=len(SPLITS))
    sizes = {split: int(count) for split, count in zip(SPLITS, counts, strict=True)}
    if data.exam:
        sizes[Split.EXAM.value] = int(data.exam.used.sum())
    return sizes


def _label_counts(data: BothFiles) -> dict[str, int]:
    counts = np.sum([file.used_counts() for file in data.files], axis=0)
    return {name: int(count) for name, count in zip(data.practice.label_names, counts, strict=True) if count}


def _profile(data: BothFiles) -> DatasetProfile:
    practice = data.practice
    lengths = practice.lengths[practice.used]
    counts = practice.used_counts()
    counts = counts[counts > 0]
    return DatasetProfile(
        n_rows=sum(int(file.used.sum()) for file in data.files),
        n_labels=len(counts),
        language=practice.language,
        mean_chars=round(float(lengths.mean()), 2) if len(lengths) else 0.0,
        p95_chars=int(np.percentile(lengths, 95)) if len(lengths) else 0,
        max_chars=int(lengths.max()) if len(lengths) else 0,
        imbalance=round(float(counts.max() / counts.min()), 3) if len(counts) else 1.0,
    )


def _id(
    upload: Upload,
    format: TableFormat,
    exam_upload: Upload | None,
    exam_raw: RawTable | None,
    text_column: str,
    label_column: str,
    split_seed: int,
) -> str:
    content = {
        "rules": RULES,
        "upload": upload.sha256,
        "format": asdict(format),
        "exam_upload": exam_upload.sha256 if exam_upload and exam_raw else None,
        "exam_format": asdict(exam_raw.format) if exam_raw else None,
        "text_column": text_column,
        "label_column": label_column,
        "split_seed": split_seed,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _write_rows(path: Path, data: BothFiles, parts: Parts) -> None:
    reasons = pa.array(["", *data.reason_names], pa.string())
    labels = pa.array([*data.practice.label_names, ""], pa.string())  # -1 picks the last one: blank
    splits = pa.array([*SPLITS, ""], pa.string())
    with pq.ParquetWriter(
        path, SCHEMA, compression="zstd", use_dictionary=["file", "label", "split", "set_aside"]
    ) as writer:
        for file in data.files:
            of_file = (
                parts if file is data.practice else np.full(len(file.rows), SPLITS.index(Split.EXAM), dtype=np.int8)
            )
            split_codes = np.where(file.used, of_file, len(SPLITS))
            label_codes = np.where(file.label_codes < 0, len(labels) - 1, file.label_codes)
            for start in range(0, len(file.rows), WRITTEN_ROWS):
                part = slice(start, start + WRITTEN_ROWS)
                rows = pa.array(file.rows[part])
                columns = [
                    rows,
                    pa.repeat(pa.scalar(file.file), len(rows)),
                    file.texts.slice(start, WRITTEN_ROWS).combine_chunks(),
                    labels.take(pa.array(label_codes[part])),
                    splits.take(pa.array(split_codes[part])),
                    reasons.take(pa.array(file.reasons[part])),
                ]
                writer.write_table(pa.table(columns, schema=SCHEMA))
