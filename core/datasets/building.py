"""From an upload to a frozen dataset: read, check, set aside, split, write once. Same content, same id."""

import datetime
import hashlib
import json
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.datasets.columns import columns_hint, find_column
from core.datasets.comparing import equality_codes
from core.datasets.decimal_signs import read_alone
from core.datasets.findings import CHECKS, run_checks, sorted_by_severity
from core.datasets.findings.base import EXAM_FILE, PRACTICE_FILE, BothFiles, FileRows, names_listed
from core.datasets.joining import joined_name, joined_texts, unordered_codes, whole_pairs
from core.datasets.label_reading import FileLabels, LabelSource, label_source, read_labels
from core.datasets.language import language_of
from core.datasets.limited_child import Progress
from core.datasets.numbers import number_profile, strata_of
from core.datasets.operations import apply_operations
from core.datasets.operations.base import Context, FileTable, WorkingTable, ragged_rows
from core.datasets.ordering import in_order
from core.datasets.reading import RawTable, read_raw
from core.datasets.rows import ROWS, SCHEMA, FindingRows, write_finding_rows
from core.datasets.several import Members
from core.datasets.splitting import PRACTICE, Parts, split_rows, tied_groups
from core.datasets.taking import take_rows
from core.datasets.unlabeled import BLANK_LABEL
from core.domain.dataset import Dataset, DatasetProfile, DatasetSpec, Finding, Split, TableFormat, Upload
from core.domain.message import msg
from core.domain.plain import to_plain
from core.domain.several import categories_of
from core.domain.task import CLASSIFICATION, ORDERED, SEVERAL, AnswerKind, answer_kind, reads_pairs
from core.errors import BadData
from core.files import folder_aside

RULES = 2  # part of the id; raised when checks or split would treat the same table differently
SPLITS = (
    Split.PRACTICE.value,
    Split.CHECKUP.value,
    Split.EXAM.value,
)  # in the order of core.datasets.splitting's codes
WRITTEN_ROWS = 50_000
LANGUAGE_SAMPLE = 1_000
COLUMNS_NAMED = 3  # of many 0/1 columns, in what the label is called


def build_dataset(
    spec: DatasetSpec, *, uploads_dir: Path, datasets_dir: Path, progress: Progress, tables_dir: Path | None = None
) -> Dataset:
    """Write `datasets_dir/<id>/rows.parquet` and return the record of it. `progress` is told each stage.

    Args:
        tables_dir: where tables that were parsed before are kept (core.datasets.table_cache).

    Raises:
        UnreadableFile: a file is no table.
        BadData: the columns cannot be guessed, text and category are the same column, or an operation makes no sense.
        NotFound: a named column, sheet or encoding does not exist; the real ones are named.
    """

    def open_table(upload: Upload, format: TableFormat) -> AbstractContextManager[RawTable]:
        return read_raw(uploads_dir / upload.sha256, upload.filename, format, cache_dir=tables_dir)

    with ExitStack() as open_files:
        progress("reading")
        practice_raw = open_files.enter_context(open_table(spec.upload, spec.format))
        text_columns, label_columns = _choose_columns(practice_raw, spec)
        source = label_source(practice_raw, label_columns, spec.task, spec.label_separator)
        label_column = joined_name(label_columns[:COLUMNS_NAMED]) + (
            " + …" if len(label_columns) > COLUMNS_NAMED else ""
        )
        exam_raw = None
        if spec.exam_upload is not None:
            exam_raw = open_files.enter_context(open_table(spec.exam_upload, spec.exam_format))
        table = _working_table(practice_raw, exam_raw, text_columns, source, spec)
        if spec.operations:
            progress("repairing")
        context = Context(text_columns=text_columns, labels=source, open_table=open_table)
        effects = apply_operations(table, spec.operations, context)
        if table.of_pairs and spec.operations:
            for file in table.files:
                file.texts = whole_pairs(file.texts)
        progress("checking")
        data = _both_files(table, practice_raw, exam_raw, joined_name(text_columns), label_column, spec.task)
        of_exam = (replace(notice, file=EXAM_FILE) for notice in (exam_raw.notices if exam_raw else ()))
        notices = (*practice_raw.notices, *of_exam, *context.notices)
        of_reader = (notice for notice in notices if notice.code not in CHECKS.names())  # a check knows the repairs too
        findings = sorted_by_severity((*run_checks(data), *of_reader))
        progress("splitting")
        parts = _split(data, spec.split_seed)
        has_categories = answer_kind(spec.task) is not AnswerKind.NUMBER
        content = {
            "rules": RULES,
            "upload": spec.upload.sha256,
            "format": asdict(practice_raw.format),
            "exam_upload": spec.exam_upload.sha256 if spec.exam_upload else None,
            "exam_format": asdict(exam_raw.format) if exam_raw else None,
            "text_columns": text_columns,
            "label_column": label_column,
            "split_seed": spec.split_seed,
        }
        if spec.task != CLASSIFICATION:
            content["task"] = spec.task
        if source.several:
            content |= {"label_columns": source.columns, "label_separator": source.separator}
        origin = _id(content)
        dataset_id = _id({**content, "operations": to_plain(spec.operations)}) if spec.operations else origin
        progress("writing")
        with folder_aside(datasets_dir / dataset_id) as folder:
            _write_rows(folder / ROWS, data, parts)
            write_finding_rows(folder, _rows_found(data, findings))
        return Dataset(
            id=dataset_id,
            name=spec.name or PurePath(spec.upload.filename).stem or spec.upload.filename,
            upload=spec.upload,
            format=practice_raw.format,
            exam_upload=spec.exam_upload,
            exam_format=exam_raw.format if exam_raw else None,
            text_column=joined_name(text_columns),
            label_column=label_column,
            task=spec.task,
            split_seed=spec.split_seed,
            n_rows=sum(len(file.rows) for file in data.files),
            n_used=sum(int(file.used.sum()) for file in data.files),
            n_set_aside=sum(int((~file.used).sum()) for file in data.files),
            split_sizes=_split_sizes(data, parts),
            label_counts=_label_counts(data) if has_categories else {},
            findings=findings,
            profile=_profile(data, has_categories),
            created_at=datetime.datetime.now(datetime.UTC),
            sample=spec.sample,
            text_columns=text_columns if len(text_columns) > 1 else (),
            operations=spec.operations,
            effects=effects,
            origin=origin if spec.operations else "",
            numbers=None if has_categories else number_profile(data),
            label_columns=label_columns if len(label_columns) > 1 else (),
            label_separator=source.separator,
        )


def _choose_columns(raw: RawTable, spec: DatasetSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns with the text, and those that say what it is: one, or several of 0/1."""
    filename = spec.upload.filename
    text_columns = tuple(find_column(raw.names, text, filename) for text in spec.text_columns)
    if reads_pairs(spec.task):
        text_columns = _pair_of(text_columns or raw.pair, raw, filename)
    elif not text_columns and raw.text_column is not None:
        text_columns = (raw.text_column,)
    asked = spec.label_columns or ((spec.label_column,) if spec.label_column else ())
    labels = tuple(find_column(raw.names, label, filename) for label in asked)
    if not labels and spec.task == SEVERAL:
        labels = raw.flag_columns
    if not labels and raw.label_column is not None:
        labels = (raw.label_column,)
    both = [column for column in labels if column in text_columns]
    if both:  # one was named, the other guessed to be the same
        raise BadData(
            msg("“{column}” cannot be both the text and the category.", column=both[0]), hint=columns_hint(raw.names)
        )
    if len(labels) > 1 and spec.task != SEVERAL:
        raise BadData(
            msg("Several category columns are learned as several categories at once, not as one."),
            hint=msg("Choose one category column, or the task “Several categories at once”."),
        )
    if not text_columns:
        raise BadData(
            msg("No column of {filename} looks like free text.", filename=filename), hint=columns_hint(raw.names)
        )
    if not labels:
        raise BadData(
            msg("No column of {filename} looks like a category that repeats.", filename=filename),
            hint=columns_hint(raw.names),
        )
    return text_columns, labels


def _pair_of(columns: tuple[str, ...], raw: RawTable, filename: str) -> tuple[str, ...]:
    """`columns`, which are the two of a pair."""
    if not columns:
        raise BadData(
            msg("No two columns of {filename} look like texts to compare.", filename=filename),
            hint=columns_hint(raw.names),
        )
    if len(columns) != 2 or columns[0] == columns[1]:
        raise BadData(
            msg("A pair is two columns of texts, and {columns} was named.", columns=names_listed(list(columns))),
            hint=columns_hint(raw.names),
        )
    return columns


def _working_table(
    practice: RawTable, exam: RawTable | None, text_columns: tuple[str, ...], source: LabelSource, spec: DatasetSpec
) -> WorkingTable:
    of_pairs = reads_pairs(spec.task)
    labels = read_labels(practice, source.columns, source)
    table = WorkingTable(
        practice=_file_table(PRACTICE_FILE, practice, text_columns, source.columns, labels, of_pairs),
        exam=None,
        label_names=list(labels.names),
        of_pairs=of_pairs,
        order={name: place for place, name in enumerate(dict.fromkeys(source.known))} if source.several else None,
    )
    if exam is not None and spec.exam_upload is not None:
        filename = spec.exam_upload.filename
        texts = tuple(find_column(exam.names, name, filename) for name in text_columns)
        columns = tuple(find_column(exam.names, name, filename) for name in source.columns)
        labels = read_labels(exam, columns, source)
        codes = np.append(table.codes_of(labels.names), -1)[labels.codes]  # -1, a blank label, takes the last one
        table.exam = _file_table(EXAM_FILE, exam, texts, columns, replace(labels, codes=codes), of_pairs)
    table.settle()
    return table


def _file_table(
    file: str,
    raw: RawTable,
    text_columns: tuple[str, ...],
    label_columns: tuple[str, ...],
    labels: FileLabels,
    of_pairs: bool,
) -> FileTable:
    return FileTable(
        file=file,
        rows=raw.columns.column("row").to_numpy(),
        texts=joined_texts([raw.column(name) for name in text_columns], as_pairs=of_pairs),
        label_codes=labels.codes,
        ragged=ragged_rows(raw, (*text_columns, *label_columns)),
        unclear=labels.unclear,
        unclear_cells=labels.unclear_cells,
        n_blank=raw.n_blank,
        blank_rows=raw.blank_rows,
    )


def _both_files(
    table: WorkingTable,
    practice: RawTable,
    exam: RawTable | None,
    text_column: str,
    label_column: str,
    task: str,
) -> BothFiles:
    language = language_of(_text_sample(table.practice.texts))
    members = None if table.order is None else Members.of(table.label_names, table.order)

    def rows_of(file: FileTable, raw: RawTable) -> FileRows:
        text_codes = equality_codes(file.texts)
        rows = FileRows(
            file=file.file,
            text_column=text_column,
            label_column=label_column,
            rows=file.rows,
            texts=file.texts,
            text_codes=text_codes,
            same_codes=unordered_codes(file.texts) if table.of_pairs else text_codes,
            label_codes=file.label_codes,
            label_names=table.label_names,
            members=members,
            unclear=file.unclear,
            unclear_cells=file.unclear_cells,
            lengths=pc.utf8_length(file.texts).to_numpy().astype(np.int32),
            ragged=file.ragged,
            language=language,
            blank_rows=file.blank_rows,
            n_blank=file.n_blank,
            raw=raw,
            lots=text_codes if file.texts is file.as_uploaded else equality_codes(file.as_uploaded),
        )
        rows.reasons[:] = file.reasons
        return rows

    return BothFiles(
        practice=rows_of(table.practice, practice),
        exam=rows_of(table.exam, exam) if table.exam and exam else None,
        task=task,
        reason_names=table.reason_names,
    )


def _text_sample(texts: pa.ChunkedArray) -> list[str]:
    step = max(len(texts) // LANGUAGE_SAMPLE, 1)
    sample: list[str] = take_rows(texts, np.arange(0, len(texts), step)).to_pylist()
    return sample


def _split(data: BothFiles, seed: int) -> Parts:
    """The part of every practice row; only those of used rows mean anything."""
    file = data.practice
    used = file.used
    parts = np.full(len(used), PRACTICE, dtype=np.int8)
    strata = strata_of(file) if answer_kind(data.task) is AnswerKind.NUMBER else file.strata()
    groups, labels = tied_groups(file.same_codes, file.near, strata, used)
    parts[used] = split_rows(groups, labels, seed=seed, with_exam=data.exam is None, lots=file.lots[used])
    return parts


def _split_sizes(data: BothFiles, parts: Parts) -> dict[str, int]:
    counts = np.bincount(parts[data.practice.used], minlength=len(SPLITS))
    sizes = {split: int(count) for split, count in zip(SPLITS, counts, strict=True)}
    if data.exam:
        sizes[Split.EXAM.value] = int(data.exam.used.sum())
    return sizes


def _label_counts(data: BothFiles) -> dict[str, int]:
    counts = np.sum([file.category_counts() for file in data.files], axis=0)
    found = {name: int(count) for name, count in zip(data.practice.category_names, counts, strict=True) if count}
    known = in_order(list(found)) if data.task == ORDERED else None
    return {name: found[name] for name in known} if known else found


def _profile(data: BothFiles, has_categories: bool) -> DatasetProfile:
    practice = data.practice
    lengths = practice.lengths[practice.used]
    counts = (
        practice.category_counts() if has_categories else np.ones(1)
    )  # a score is one output, and nothing to be out of balance
    counts = counts[counts > 0]
    n_several, n_without = _set_sizes(data)
    return DatasetProfile(
        n_rows=sum(int(file.used.sum()) for file in data.files),
        n_labels=len(counts),
        language=practice.language,
        mean_chars=round(float(lengths.mean()), 2) if len(lengths) else 0.0,
        p95_chars=int(np.percentile(lengths, 95)) if len(lengths) else 0,
        max_chars=int(lengths.max()) if len(lengths) else 0,
        imbalance=round(float(counts.max() / counts.min()), 3) if len(counts) else 1.0,
        n_unlabeled=_n_unlabeled(data),
        n_own_exam=int(data.exam.used.sum()) if data.exam else 0,
        n_several=n_several,
        n_without=n_without,
    )


def _set_sizes(data: BothFiles) -> tuple[int, int]:
    """Rows in use with several categories at once, and with none."""
    if data.practice.members is None:
        return 0, 0
    sizes = np.array([len(categories_of(name)) for name in data.practice.label_names], dtype=np.int64)
    counts = np.sum([file.used_counts() for file in data.files], axis=0)
    return int(counts[sizes > 1].sum()), int(counts[sizes == 0].sum())


def _n_unlabeled(data: BothFiles) -> int:
    if BLANK_LABEL not in data.reason_names:
        return 0
    return int((data.practice.reasons == data.reason_names.index(BLANK_LABEL) + 1).sum())


def _id(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _rows_found(data: BothFiles, findings: tuple[Finding, ...]) -> FindingRows:
    """All rows of every finding; of those that come from elsewhere than a check, the rows they list."""
    listed = {(f.code, f.file): np.array(f.rows, dtype=np.int32) for f in findings if f.rows}
    return listed | {(code, file.file): rows for file in data.files for code, rows in file.found.items()}


def _write_rows(path: Path, data: BothFiles, parts: Parts) -> None:
    reasons = pa.array(["", *data.reason_names], pa.string())
    names = data.practice.label_names
    if answer_kind(data.task) is AnswerKind.NUMBER:
        names = read_alone(names)  # what reads the rows sees one cell at a time
    labels = pa.array([*names, ""], pa.string())  # -1 picks the last one: blank
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
