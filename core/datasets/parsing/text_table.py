"""CSV, TSV and TXT: streamed through the csv module in strict mode, so that a wrong quote is an error and never a
silently swallowed row."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from core.datasets.parsing.assembling import Assembled, Records, assemble
from core.datasets.parsing.encodings import check_encoding, guess_encoding
from core.datasets.parsing.layout import NO_SEPARATOR, SEP_LINE, guess_delimiter
from core.domain.dataset import TableFormat
from core.domain.message import msg
from core.errors import UnreadableFile

SAMPLE_CHARACTERS = 1 << 18
CHUNK_ROWS = 20_000
MAX_CONTROL_RATIO = 0.08
STRICT: Mapping[str, Any] = {"strict": True}
BACKSLASH: Mapping[str, Any] = {"strict": True, "escapechar": "\\"}  # he said \"hi\"
LITERAL: Mapping[str, Any] = {"quoting": csv.QUOTE_NONE}


def read_text_table(
    path: Path, filename: str, format: TableFormat, out_path: Path | None
) -> tuple[TableFormat, Assembled]:
    """Read `path` with `format`, guessing what it leaves open.

    Raises:
        UnreadableFile: not text, an unclosed quote (its line is named), no rows.
    """
    csv.field_size_limit(sys.maxsize)
    encoding = check_encoding(path, filename, format.encoding) if format.encoding else guess_encoding(path, filename)
    with _open(path, encoding) as file:
        sample = file.read(SAMPLE_CHARACTERS)
    _refuse_binary(sample, filename)
    directive = SEP_LINE.match(sample)
    if directive:
        sample = sample[directive.end() :]
    delimiter = format.delimiter
    if delimiter is None:
        delimiter = directive[1] if directive else guess_delimiter(sample)
    table = _read(path, filename, encoding, delimiter, directive is not None, format.header_row, out_path, sample)
    return TableFormat(encoding=encoding, delimiter=delimiter, header_row=table.header_row), table


def _read(
    path: Path,
    filename: str,
    encoding: str,
    delimiter: str,
    has_directive: bool,
    header_row: int | None,
    out_path: Path | None,
    sample: str,
) -> Assembled:
    dialects = [STRICT]
    if '\\"' in sample:
        dialects.append(BACKSLASH)
    if delimiter in ("\t", ""):
        dialects.append(LITERAL)  # tab-separated files are often written without any quoting
    for dialect in dialects:
        try:
            with _open(path, encoding) as file:
                if has_directive:
                    file.readline()
                reader = csv.reader(file, delimiter=delimiter or NO_SEPARATOR, **dialect)
                table = assemble(
                    _chunks(reader),
                    filename=filename,
                    header_row=header_row,
                    rectangular=False,
                    delimiter=delimiter,
                    out_path=out_path,
                )
        except csv.Error:
            continue
        if dialect is LITERAL and delimiter and (table.long_rows or table.short_rows):
            continue
        return table
    line = _line_of_wrong_quote(path, encoding, delimiter, has_directive)
    raise UnreadableFile(
        msg(
            "A quotation mark that opens in line {line} of {filename} is not closed properly.",
            line=line,
            filename=filename,
        ),
        hint=msg("Close it, or double the quotation marks inside the text, or save the table as .xlsx."),
    )


def _chunks(reader: Iterator[list[str]]) -> Iterator[Records]:
    while chunk := list(islice(reader, CHUNK_ROWS)):
        yield chunk


def _open(path: Path, encoding: str) -> io.TextIOWrapper:
    return path.open(encoding=encoding, newline="")


def _line_of_wrong_quote(path: Path, encoding: str, delimiter: str, has_directive: bool) -> int:
    """Where the record begins that strict parsing stumbles over."""
    with _open(path, encoding) as file:
        if has_directive:
            file.readline()
        reader = csv.reader(file, delimiter=delimiter or NO_SEPARATOR, strict=True)
        line = 1
        try:
            for _record in reader:
                line = reader.line_num + 1
        except csv.Error:
            pass
        return line + has_directive


def _refuse_binary(sample: str, filename: str) -> None:
    n_control = sum(1 for character in sample if character < " " and character not in "\t\r\n\f\x0b\x1a")
    if n_control > MAX_CONTROL_RATIO * len(sample) and n_control > 4:
        raise UnreadableFile(
            msg("{filename} is not a text file.", filename=filename),
            hint=msg("Open it in the program it came from and save it as .xlsx or .csv."),
        )
