"""Compressed uploads: one table inside .gz or .zip is unpacked into the child's folder, with limits on size and ratio."""

import gzip
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Protocol

from core.datasets.parsing.kinds import Kind, kind_of, password, too_big
from core.domain.dataset import Finding, OtherReading, Severity, TableFormat
from core.domain.message import msg
from core.errors import NotFound, UnreadableFile, UserError

CHUNK_BYTES = 1 << 20
MAX_UNPACKED_BYTES = 600 << 20
SUSPICIOUS_BYTES, SUSPICIOUS_RATIO = 50 << 20, 200  # texts shrink 3 to 30 times
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm")
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
UNPACKED = "unpacked"


def unpack(
    path: Path, filename: str, kind: Kind, wanted: str | None, folder: Path
) -> tuple[Path, Kind, tuple[str, ...], str | None, list[Finding]]:
    """Write the table inside `path` to `folder`.

    Returns:
        its path, its kind, the names of all tables where there are several, the name of the one taken, notices.

    Raises:
        NotFound: no table inside has the name `wanted`.
        UnreadableFile: damaged, protected, over a limit, or without a table inside.
    """
    inside = folder / UNPACKED
    tables: tuple[str, ...] = ()
    name = None
    try:
        if kind is Kind.GZIP:
            with gzip.open(path) as stream:
                _write(stream, inside, filename, path.stat().st_size)
        else:
            with zipfile.ZipFile(path) as archive:
                entries = _tables(archive, filename)
                entry = _choose(entries, wanted)
                tables = tuple(entries) if len(entries) > 1 else ()
                name = next(known for known in entries if entries[known] is entry)
                with archive.open(entry) as stream:
                    _write(stream, inside, filename, max(entry.compress_size, 1))
    except (UserError, MemoryError):
        raise
    except Exception as error:  # a damaged archive fails in many ways; all mean the same to the person
        raise UnreadableFile(
            msg("{filename} is damaged or was cut off: it cannot be unpacked.", filename=filename),
            hint=msg("Compress it again, or upload the table itself."),
        ) from error
    inner = kind_of(inside, filename)
    if inner in (Kind.GZIP, Kind.ZIP):
        raise UnreadableFile(
            msg("{filename} holds another compressed file.", filename=filename),
            hint=msg("Unpack it first and upload the table that is inside."),
        )
    return inside, inner, tables, name if tables else None, list(_notices(name, tables, inner))


def _tables(archive: zipfile.ZipFile, filename: str) -> dict[str, zipfile.ZipInfo]:
    """The files in the archive that can be tables, the biggest first, by the name a person gave them."""
    files = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    for entry in files:
        if entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            raise UnreadableFile(
                msg(
                    "{filename} holds a file that wants to be written outside of its folder, so it was not opened.",
                    filename=filename,
                ),
                hint=msg("Upload the table itself."),
            )
    by_suffix = [entry for entry in files if entry.filename.lower().endswith(TABLE_SUFFIXES)]
    chosen = sorted(by_suffix or files[: len(files) == 1], key=lambda entry: -entry.file_size)
    if not chosen:
        raise UnreadableFile(
            msg("{filename} holds no table.", filename=filename),
            hint=msg("Put one .csv or .xlsx file into it, or upload that file itself."),
        )
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in chosen):
        raise password(filename)
    return {_name(entry): entry for entry in chosen}


def _is_litter(name: str) -> bool:
    """What operating systems add to archives."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1].startswith(".")) or name.endswith("Thumbs.db")


def _name(entry: zipfile.ZipInfo) -> str:
    """Chinese Windows writes names in GBK without saying so; zipfile then reads them as cp437."""
    if entry.flag_bits & UTF8_FLAG or entry.filename.isascii():
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _choose(entries: dict[str, zipfile.ZipInfo], wanted: str | None) -> zipfile.ZipInfo:
    if wanted is None or (len(entries) == 1 and wanted not in entries):
        return next(iter(entries.values()))
    if wanted in entries:
        return entries[wanted]
    raise NotFound(
        msg("There is no table named “{sheet}” inside.", sheet=wanted),
        hint=msg("Tables inside: {sheets}.", sheets=", ".join(entries)),
    )


class Stream(Protocol):
    def read(self, n_bytes: int, /) -> bytes: ...


def _write(stream: Stream, path: Path, filename: str, n_packed: int) -> None:
    n_bytes = 0
    with path.open("wb") as out:
        while chunk := stream.read(CHUNK_BYTES):
            n_bytes += len(chunk)
            if n_bytes > MAX_UNPACKED_BYTES or (n_bytes > SUSPICIOUS_BYTES and n_bytes > SUSPICIOUS_RATIO * n_packed):
                raise too_big(filename)
            out.write(chunk)


def _notices(name: str | None, tables: tuple[str, ...], kind: Kind) -> list[Finding]:
    if not tables:
        message = msg("The file was compressed. The table inside was unpacked and read.")
        return [Finding(code="unpacked", severity=Severity.NOTE, count=1, rows=(), message=message)]
    return [
        Finding(
            code="several_tables",
            severity=Severity.WARNING,
            count=len(tables),
            rows=(),
            message=msg("The compressed file holds {n} tables. “{name}” was read.", n=len(tables), name=str(name)),
            advice=msg("Choose the one you mean."),
            readings=tuple(
                OtherReading(
                    key=f"table_{place}", title=msg("Read “{name}”", name=other), format=TableFormat(sheet=other)
                )
                for place, other in enumerate(tables)
                if other != name
            )[:10],
        )
    ]
