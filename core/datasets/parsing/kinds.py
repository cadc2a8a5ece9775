"""What the bytes are, whatever the file is called: a text table, an Excel workbook, or something to refuse by name."""

import mmap
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from core.domain.message import Message, msg
from core.errors import UnreadableFile

HEAD_BYTES = 4096
PROLOG_BYTES = 1 << 16  # of an XML part: declarations stand before the first element
MAX_UNPACKED_BYTES = 1_500 << 20
SUSPICIOUS_BYTES, SUSPICIOUS_RATIO = 50 << 20, 150  # real sheets shrink 5 to 50 times


class Kind(StrEnum):
    TEXT = "text"
    EXCEL = "excel"
    GZIP = "gzip"  #: a table inside
    ZIP = "zip"  #: tables inside


SAVE_AS = msg("Open it in the program it came from and save it as .xlsx or .csv.")
OTHER_KINDS: tuple[tuple[bytes, Message], ...] = (
    (b"%PDF", msg("{filename} is a PDF document, not a table.")),
    (b"\x89PNG", msg("{filename} is a picture, not a table.")),
    (b"\xff\xd8\xff", msg("{filename} is a picture, not a table.")),
    (b"GIF8", msg("{filename} is a picture, not a table.")),
    (b"RIFF", msg("{filename} is a picture or a recording, not a table.")),
    (b"II*\x00", msg("{filename} is a picture, not a table.")),
    (b"7z\xbc\xaf", msg("{filename} is a compressed file. Unpack it first.")),
    (b"Rar!", msg("{filename} is a compressed file. Unpack it first.")),
    (b"PAR1", msg("{filename} is a Parquet file, which cannot be read here yet.")),
    (b"SQLite format 3", msg("{filename} is a database, not a table.")),
    (b"{\\rtf", msg("{filename} is a text document, not a table.")),
    (b"\x7fELF", msg("{filename} is a program, not a table.")),
    (b"MZ\x90", msg("{filename} is a program, not a table.")),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_STREAMS = ("EncryptedPackage", "EncryptionInfo", "WordDocument")
MARKUP = re.compile(rb"<(!doctype|html|head|body|table|\?xml|svg)[\s>]", re.IGNORECASE)
JSON = re.compile(rb'(\{\s*"[^"\n]*"\s*:|\[\s*[\[{])')
ENTITIES = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def kind_of(path: Path, filename: str) -> Kind:
    """Decide by content alone.

    Raises:
        UnreadableFile: names what the file is instead, and the way out.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES and not head.strip(b"\x00 \t\r\n,;|\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(
            msg("{filename} has no rows.", filename=filename), hint=msg("Export it again and check that it has rows.")
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, filename)
    if head.startswith(b"\x1f\x8b"):
        return Kind.GZIP
    if head[257:262] == b"ustar":
        raise UnreadableFile(
            msg("{filename} is a compressed file. Unpack it first.", filename=filename),
            hint=msg("Upload the .xlsx or .csv file that is inside."),
        )
    if head.startswith(OLE):
        raise _ole(path, filename)
    for magic, message in OTHER_KINDS:
        if head.startswith(magic):
            raise UnreadableFile(Message(text=message.text, params={"filename": filename}), hint=SAVE_AS)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if MARKUP.match(start):
        raise UnreadableFile(
            msg("{filename} is a web page (HTML or XML), not a table.", filename=filename), hint=SAVE_AS
        )
    if JSON.match(start):
        raise UnreadableFile(msg("{filename} is a JSON file, not a table.", filename=filename), hint=SAVE_AS)
    return Kind.TEXT


def _kind_of_zip(path: Path, filename: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" in names:
                _check_parts(archive, entries, filename)
                return Kind.EXCEL
    except UnreadableFile:
        raise
    except Exception as error:  # a damaged archive fails in many ways; all mean the same to the person
        raise damaged(filename) from error
    if "xl/workbook.bin" in names:
        raise UnreadableFile(
            msg("{filename} is a binary Excel workbook (.xlsb).", filename=filename),
            hint=msg("In Excel: File > Save as > Excel workbook (.xlsx)."),
        )
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise UnreadableFile(
            msg("{filename} is a Word or PowerPoint document, not a table.", filename=filename),
            hint=msg("Copy the table into Excel and save it as .xlsx."),
        )
    if "content.xml" in names:
        raise UnreadableFile(
            msg("{filename} is an OpenDocument file.", filename=filename),
            hint=msg("Open it in the program it came from and save it as .xlsx or .csv."),
        )
    return Kind.ZIP


def _check_parts(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], filename: str) -> None:
    """Refuse archives that are made to harm before anything in them is unpacked."""
    if any(entry.flag_bits & 1 for entry in entries):
        raise password(filename)
    unsafe = msg(
        "{filename} is built in a way that no spreadsheet program builds it, so it was not opened.", filename=filename
    )
    way_out = msg("Open it in Excel, copy the table into a new workbook, and save that.")
    for entry in entries:
        if entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            raise UnreadableFile(unsafe, hint=way_out)
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > SUSPICIOUS_BYTES and ratio > SUSPICIOUS_RATIO:
            raise too_big(filename)
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as part:
                if ENTITIES.search(part.read(PROLOG_BYTES)):
                    raise UnreadableFile(unsafe, hint=way_out)
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise too_big(filename)


def _ole(path: Path, filename: str) -> UnreadableFile:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        streams = {name for name in OLE_STREAMS if content.find(name.encode("utf-16-le")) >= 0}
    if streams & {"EncryptedPackage", "EncryptionInfo"}:
        return password(filename)
    if "WordDocument" in streams:
        return UnreadableFile(
            msg("{filename} is a Word or PowerPoint document, not a table.", filename=filename),
            hint=msg("Copy the table into Excel and save it as .xlsx."),
        )
    return UnreadableFile(
        msg(
            "{filename} is in the Excel format of before 2007 (.xls), or protected with a password.", filename=filename
        ),
        hint=msg("In Excel: File > Save as > Excel workbook (.xlsx), without a password."),
    )


def password(filename: str) -> UnreadableFile:
    return UnreadableFile(
        msg("{filename} is protected with a password.", filename=filename),
        hint=msg("Remove the password in Excel (File > Info > Protect workbook) and save it again."),
    )


def damaged(filename: str) -> UnreadableFile:
    return UnreadableFile(
        msg("{filename} is damaged or was cut off: it cannot be opened as an Excel workbook.", filename=filename),
        hint=msg("Open it in Excel, save it again, and upload the new file."),
    )


def too_big(filename: str) -> UnreadableFile:
    return UnreadableFile(
        msg("{filename} unpacks to more than can be read safely.", filename=filename),
        hint=msg("Remove columns and sheets that are not needed, or save the table as .csv."),
    )
