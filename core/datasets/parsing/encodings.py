"""Which encoding a text file is in: a byte order mark, strict UTF-8, UTF-16, GB18030, cp1252.

The guess is made on the whole file where a wrong one would show late (UTF-8), on a sample elsewhere.
"""

import codecs
import re
from pathlib import Path

from core.domain.message import msg
from core.errors import NotFound, UnreadableFile

SAMPLE_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
KANA_PAIR = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
HIGH_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
#: Frequent characters of each script form: a wrong guess between GB18030 and Big5 yields rare ones instead.
COMMON_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过好很没还都给与产品质量"
)
COMMON_TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過好很沒還都給與產品質量"
)
CHOOSE = msg("Choose the encoding by hand, or save the file again as UTF-8 (in Excel: File > Save as > CSV UTF-8).")


def guess_encoding(path: Path, filename: str) -> str:
    """The name of a Python codec that decodes the whole file strictly.

    Raises:
        UnreadableFile: the bytes are no text, or lines of the file are in different encodings.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    for bom, encoding in BOMS:
        if sample.startswith(bom):
            return _whole(path, filename, encoding)
    wide = _utf16_without_bom(sample)
    if wide and first_bad_line(path, wide) is None:
        return wide
    bad_line = first_bad_line(path, "utf-8")
    if bad_line is None:
        return "utf-8"
    if first_bad_line(path, "utf-8", errors="surrogatepass") is None or _is_mostly_utf8(path):
        raise UnreadableFile(
            msg("Most of {filename} is UTF-8, but line {line} is not.", filename=filename, line=bad_line), hint=CHOOSE
        )
    return _guess_legacy(path, filename, sample)


def check_encoding(path: Path, filename: str, encoding: str) -> str:
    """The encoding a person chose, if it exists and decodes the whole file.

    Raises:
        NotFound: Python knows no such text encoding.
        UnreadableFile: a line of the file is not in this encoding.
    """
    try:
        codec = codecs.lookup(encoding)
        "a".encode(codec.name).decode(codec.name)
    except (LookupError, UnicodeError, TypeError):
        raise NotFound(
            msg("There is no encoding named “{encoding}”.", encoding=encoding),
            hint=msg("Common ones: utf-8, gb18030, big5, shift_jis, cp1252, utf-16."),
        ) from None
    with path.open("rb") as file:
        has_mark = file.read(3) == codecs.BOM_UTF8
    return _whole(path, filename, "utf-8-sig" if has_mark and codec.name == "utf-8" else codec.name)


def first_bad_line(path: Path, encoding: str, *, errors: str = "strict") -> int | None:
    """1-based number of the first line that is not in `encoding`; None when all are."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + error.object[: error.start].count(b"\n")
            if not chunk:
                return None
            line += text.count("\n")


def _whole(path: Path, filename: str, encoding: str) -> str:
    line = first_bad_line(path, encoding)
    if line is not None:
        raise UnreadableFile(
            msg("Line {line} of {filename} is not {encoding}.", line=line, filename=filename, encoding=encoding),
            hint=CHOOSE,
        )
    return encoding


def _utf16_without_bom(sample: bytes) -> str | None:
    """ASCII characters of UTF-16 put zeros on one parity and decode to line ends; few others end in zero (一, U+4E00)."""
    sample = sample[: len(sample) // 2 * 2]
    n_even, n_odd = sample[::2].count(0), sample[1::2].count(0)
    n_zeros = n_even + n_odd
    if n_zeros < 4 or n_zeros < len(sample) // 400 or min(n_even, n_odd) > n_zeros // 3:
        return None
    encoding = "utf-16-le" if n_odd > n_even else "utf-16-be"
    text = sample.decode(encoding, errors="ignore")
    return encoding if any(end in text for end in "\n\r") and "\x00" not in text else None


def _is_mostly_utf8(path: Path) -> bool:
    """Whether the file holds more well-formed multi-byte UTF-8 than bytes that are none."""
    n_good = n_bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            text = decoder.decode(chunk)
            n_bad += text.count("\ufffd")
            n_good += (
                sum(1 for character in text if character > "\x7f" and character != "\ufffd")
                if not text.isascii()
                else 0
            )
    return n_good > n_bad


def _guess_legacy(path: Path, filename: str, sample: bytes) -> str:
    candidates = ["gb18030", "cp1252"]
    if _touches_latin(sample):
        candidates.reverse()
    elif len(KANA_PAIR.findall(sample)) > 0.25 * len(HIGH_PAIR.findall(sample)):
        candidates.insert(0, "shift_jis")
    elif _common_share(sample, "big5", COMMON_TRADITIONAL) > 2 * _common_share(sample, "gb18030", COMMON_SIMPLIFIED):
        candidates.insert(0, "big5")
    for encoding in candidates:
        if first_bad_line(path, encoding) is None:
            return encoding
    raise UnreadableFile(msg("{filename} is not a text file that can be recognized.", filename=filename), hint=CHOOSE)


def _touches_latin(sample: bytes) -> bool:
    """Whether most bytes above ASCII stand alone beside ASCII letters, as accents in cp1252 do ("café").

    Chinese in GB18030 comes in pairs and runs instead.
    """
    n_alone = n_runs = 0
    for run in HIGH_RUN.finditer(sample):
        n_runs += 1
        if run.end() - run.start() == 1:
            neighbours = sample[max(run.start() - 1, 0) : run.start()] + sample[run.end() : run.end() + 1]
            n_alone += any(chr(byte).isascii() and chr(byte).isalpha() for byte in neighbours)
    return n_alone > 0.5 * n_runs


def _common_share(sample: bytes, encoding: str, common: frozenset[str]) -> float:
    text = sample.decode(encoding, errors="replace")
    wide = [character for character in text if character > "\u2e80"]
    return sum(character in common for character in wide) / len(wide) if wide else 0.0
