"""CSV, TSV and TXT: read strictly, so that a wrong quote is an error and never a silently swallowed row."""

import csv
import io
import mmap
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from core.datasets.parsing.assembling import Assembled, assemble
from core.datasets.parsing.encodings import Decoded, decode
from core.datasets.parsing.layout import DELIMITERS, SEP_LINE, guess_delimiter, has_smart_quotes, ordinary_quotes
from core.datasets.parsing.notices import (
    delimiter_notices,
    encoding_notices,
    layout_notices,
    smart_quote_notices,
    watches,
)
from core.datasets.parsing.text_source import BOM, Dialect, TextSource
from core.domain.dataset import Finding, TableFormat
from core.domain.message import msg
from core.errors import UnreadableFile

SAMPLE_BYTES = 1 << 19
CHUNK_BYTES = 4 << 20
MAX_CONTROL_RATIO = 0.1
STRICT = Dialect(name="strict")
BACKSLASH = Dialect(name="backslash", escape="\\")  # he said \"hi\"
LITERAL = Dialect(name="literal", quoting=csv.QUOTE_NONE)
SMART = Dialect(name="smart", rewrite=ordinary_quotes)
END_MARK = b"\x1a"  # how files ended under CP/M and DOS


def read_text_table(
    path: Path, filename: str, format: TableFormat, out_path: Path | None, folder: Path, *, fast: bool = True
) -> tuple[TableFormat, Assembled, list[Finding]]:
    """Read `path` with `format`, guessing what it leaves open. `folder` takes the text in UTF-8 where it is not.

    Args:
        fast: False reads everything through the csv module; the table is the same.

    Raises:
        UnreadableFile: not text, an unclosed quote (its line is named), no rows.
    """
    decoded = decode(path, filename, format.encoding, folder)
    text = _Text(decoded, filename)
    delimiter = format.delimiter
    if delimiter is None:
        delimiter = text.separator or guess_delimiter(text.sample)
    guessed_smart = has_smart_quotes(text.sample, delimiter)
    smart = guessed_smart if format.smart_quotes is None else format.smart_quotes
    dialects = _dialects(text.sample, delimiter, smart, is_guess=format.smart_quotes is None)
    dialect, table = _read(text, replace(format, delimiter=delimiter), dialects, out_path, fast)
    resolved = TableFormat(
        encoding=decoded.encoding,
        delimiter=delimiter,
        header_row=table.header_row,
        smart_quotes=dialect is SMART or None,
        joined_column=table.joined_column if table.guessed_joined_column or table.joined_column else None,
    )
    if format.smart_quotes is False and guessed_smart:
        resolved = replace(resolved, smart_quotes=False)
    notices = [
        *encoding_notices(decoded, lines_are_rows=text.lines_are_rows),
        *delimiter_notices(
            delimiter,
            has_directive=text.separator is not None,
            end_mark=text.has_end_mark,
            dialect=dialect.name,
            others=[other for other in DELIMITERS if other in text.sample],
        ),
        *smart_quote_notices(resolved, guessed_smart),
        *layout_notices(table, resolved, is_excel=False),
    ]
    return resolved, table, notices


class _Text:
    """Where the records stand in the decoded file, and what its bytes say at a glance."""

    def __init__(self, decoded: Decoded, filename: str) -> None:
        self.path, self.filename = decoded.path, filename
        size = decoded.path.stat().st_size
        self.start, self.end = decoded.start, size
        with decoded.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            self.has_end_mark = content[-1:] == END_MARK
            while self.end > self.start and content[self.end - 1 : self.end] == END_MARK:
                self.end -= 1
            self.sample = content[self.start : min(self.start + SAMPLE_BYTES, self.end)].decode("utf-8", "ignore")
            _refuse_binary(self.sample, filename)
            directive = SEP_LINE.match(self.sample)
            self.separator = directive[1] if directive else None
            if directive:
                self.start += len(directive[0].encode())
                self.sample = self.sample[directive.end() :]
            odd = _odd_bytes(content, self.start)
        self.watches = watches(nul=b"\0" in odd, mark=BOM in odd)
        self.lines_are_rows = not odd & {b'"', b"\r"} and directive is None


def _odd_bytes(content: mmap.mmap, start: int) -> set[bytes]:
    """Which of the bytes that deserve a look in every cell occur at all."""
    odd: set[bytes] = set()
    for at in range(start, len(content), CHUNK_BYTES):
        chunk = content[at : at + CHUNK_BYTES + len(BOM)]
        odd.update(mark for mark in (b"\0", BOM, b'"', b"\r") if mark in chunk)
    return odd


def _dialects(sample: str, delimiter: str, smart: bool, *, is_guess: bool) -> list[Dialect]:
    """What to try, in this order. A person's choice of smart quotes is not second-guessed."""
    dialects = [SMART] if smart else []
    if is_guess or not smart:
        dialects.append(STRICT)
        if '\\"' in sample:
            dialects.append(BACKSLASH)
        if delimiter in ("\t", ""):
            dialects.append(LITERAL)  # tab-separated files are often written without any quoting
    return dialects


def _read(
    text: _Text, format: TableFormat, dialects: Sequence[Dialect], out_path: Path | None, fast: bool
) -> tuple[Dialect, Assembled]:
    delimiter = format.delimiter or ""
    for dialect in dialects:
        with closing(TextSource(text.path, text.start, text.end, delimiter, dialect, fast=fast)) as source:
            try:
                table = assemble(
                    source,
                    filename=text.filename,
                    header_row=format.header_row,
                    joined_column=format.joined_column,
                    rectangular=False,
                    delimiter=delimiter,
                    out_path=out_path,
                    watches=text.watches,
                )
            except csv.Error:
                continue
        if dialect is LITERAL and delimiter and (table.long_rows.n or table.short_rows.n or table.joined_rows.n):
            continue
        return dialect, table
    raise UnreadableFile(
        msg(
            "A quotation mark that opens in line {line} of {filename} is not closed properly.",
            line=_line_of_wrong_quote(text, delimiter),
            filename=text.filename,
        ),
        hint=msg("Close it, or double the quotation marks inside the text, or save the table as .xlsx."),
    )


def _line_of_wrong_quote(text: _Text, delimiter: str) -> int:
    """Where the record begins that strict parsing stumbles over."""
    with text.path.open("rb") as raw:
        raw.seek(text.start)
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        reader = csv.reader(file, **STRICT.options(delimiter))
        line = 1
        try:
            for _record in reader:
                line = reader.line_num + 1
        except csv.Error:
            pass
        return line + (text.separator is not None)


def _refuse_binary(sample: str, filename: str) -> None:
    n_control = sum(1 for character in sample if character < " " and character not in "\t\r\n\f\x0b\x1a")
    if n_control > MAX_CONTROL_RATIO * len(sample) and n_control > 4:
        raise UnreadableFile(
            msg("{filename} is not a text file.", filename=filename),
            hint=msg("Open it in the program it came from and save it as .xlsx or .csv."),
        )
