"""Which encoding a text file is in, and the file as UTF-8, so that everything after it reads one encoding only.

A guess is made on the whole file where a wrong one would show late (UTF-8), on a sample elsewhere. Files that no encoding
fits wholly are read leniently under a name that ends in LENIENT: nothing is lost silently, the lines are listed.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.domain.message import msg
from core.errors import NotFound, UnreadableFile

SAMPLE_BYTES = 1 << 20
CHUNK_BYTES = 1 << 20
MAX_LISTED_LINES = 100
MAX_DAMAGED_RATIO = 0.05  # lines that a guessed encoding may leave undecoded before it counts as wrong
LENIENT = "+lenient"  # "utf-8+lenient": lines that are not UTF-8 are read as cp1252 or GB18030, the rest becomes U+FFFD
UTF8_NAMES = ("utf-8", "utf-8-sig")
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
HIGH_LETTER = re.compile(rb"(?<=[A-Za-z])[\x80-\xff](?=[a-z])")
MAC_LETTERS = frozenset(range(0x80, 0xA0)) - {0x91, 0x92, 0x96, 0x97}  # in cp1252: quotes and dashes
KANA_PAIR = re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")
EUC_KANA_PAIR = re.compile(rb"[\xa4\xa5][\xa1-\xf6]")
HIGH_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
LINE_END = re.compile("\r\n|\r|\n")
#: Frequent characters of each script: a wrong guess yields rare ones instead.
COMMON_SIMPLIFIED = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过好很没还都给与产品质量"
)
COMMON_TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過好很沒還都給與產品質量"
)
COMMON_HANGUL = frozenset("이다는을를가에의하고도은지니어로기사리한나아서인해자시그요부대일정제보있수것게주라만")
COMMON_CYRILLIC = frozenset("оеаинтсрвлкмдпуяы")
LEGACY = ("gb18030", "big5", "shift_jis", "cp949", "cp1252", "cp1251")
CHOOSE = msg("Choose the encoding by hand, or save the file again as UTF-8 (in Excel: File > Save as > CSV UTF-8).")


@dataclass(slots=True)
class Lines:
    """Some lines of a file: how many, and the 1-based numbers of the first."""

    n: int = 0
    first: list[int] = field(default_factory=list)

    def add(self, number: int) -> None:
        self.n += 1
        if self.n <= MAX_LISTED_LINES:
            self.first.append(number)


@dataclass(slots=True, kw_only=True)
class Decoded:
    """A text file as UTF-8 bytes from `start` of `path` on."""

    path: Path
    start: int
    encoding: str  #: what a TableFormat says
    guessed: bool  #: an old encoding that the file itself does not name
    other_lines: Lines = field(default_factory=Lines)  #: in another encoding than most
    lost_lines: Lines = field(default_factory=Lines)  #: with bytes that are no characters
    others: tuple[str, ...] = ()  #: encodings that fit the start of the file as well


def decode(path: Path, filename: str, asked: str | None, folder: Path) -> Decoded:
    """The file as UTF-8, written to `folder` where it is in another encoding.

    Raises:
        NotFound: Python knows no encoding named `asked`.
        UnreadableFile: the bytes are no text, or a line of the file is not in the encoding asked for.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    guess = guess_encoding(path, filename)
    encoding = check_encoding(path, filename, asked) if asked and asked != guess else guess
    decoded = Decoded(
        path=path, start=start, encoding=encoding, guessed=encoding == guess and _base(encoding) in _LEGACY_GUESSES
    )
    if encoding in UTF8_NAMES:
        return decoded
    decoded.path, decoded.start = folder / "text.utf8", 0
    with decoded.path.open("wb") as out:
        for text in _texts(path, encoding, decoded):
            out.write(text.encode("utf-8", "replace"))
    if decoded.guessed:
        rivals = (other for other in LEGACY if other != _base(encoding) and _fits(head, other))
        decoded.others = tuple(rivals)[:3]
    return decoded


def guess_encoding(path: Path, filename: str) -> str:
    """The name of an encoding that decodes the whole file; one that ends in LENIENT when none does strictly.

    Raises:
        UnreadableFile: the bytes are no text.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    marked = next((encoding for bom, encoding in BOMS if sample.startswith(bom)), None)
    if marked and marked != "utf-8-sig":
        return marked if first_bad_line(path, marked) is None else marked + LENIENT
    wide = _utf16_without_bom(sample)
    if wide:
        return wide if first_bad_line(path, wide) is None else wide + LENIENT
    if first_bad_line(path, "utf-8") is None:
        return marked or "utf-8"
    if marked or first_bad_line(path, "utf-8", errors="surrogatepass") is None or _is_mostly_utf8(path):
        return "utf-8" + LENIENT
    return _guess_legacy(path, filename, sample)


def check_encoding(path: Path, filename: str, encoding: str) -> str:
    """The encoding a person chose, if it exists and decodes the whole file.

    Raises:
        NotFound: Python knows no such text encoding.
        UnreadableFile: a line of the file is not in this encoding.
    """
    try:
        codec = codecs.lookup(_base(encoding))
        "a".encode(codec.name).decode(codec.name)
    except (LookupError, UnicodeError, TypeError, ValueError):
        raise NotFound(
            msg("There is no encoding named “{encoding}”.", encoding=encoding),
            hint=msg("Common ones: utf-8, gb18030, big5, shift_jis, cp1252, utf-16."),
        ) from None
    if encoding.endswith(LENIENT):
        return codec.name + LENIENT
    with path.open("rb") as file:
        has_mark = file.read(3) == codecs.BOM_UTF8
    name = "utf-8-sig" if has_mark and codec.name == "utf-8" else codec.name
    line = first_bad_line(path, name)
    if line is not None:
        raise UnreadableFile(
            msg("Line {line} of {filename} is not {encoding}.", line=line, filename=filename, encoding=name),
            hint=CHOOSE,
        )
    return name


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
            except UnicodeError:  # a UTF-16 stream without its mark
                return line
            if not chunk:
                return None
            line += text.count("\n")


def _base(encoding: str) -> str:
    return encoding.removesuffix(LENIENT)


_LEGACY_GUESSES = frozenset({*LEGACY, "cp932", "euc_jp", "mac-roman"})


def _texts(path: Path, encoding: str, decoded: Decoded) -> Iterator[str]:
    if encoding == "utf-8" + LENIENT:
        yield from _lenient_lines(path, decoded)
        return
    lenient = encoding.endswith(LENIENT)
    decoder = codecs.getincrementaldecoder(_base(encoding))("replace" if lenient else "strict")
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            text = decoder.decode(chunk)
            if lenient:
                _list_bad_lines(text, line, decoded)
                line += text.count("\n")
            yield text.removeprefix("\ufeff") if line == 1 else text
        rest = decoder.decode(b"", final=True)
        _list_bad_lines(rest, line, decoded)
        yield rest


def _list_bad_lines(text: str, first_line: int, decoded: Decoded) -> None:
    if "\ufffd" not in text:
        return
    for number, line in enumerate(text.split("\n"), start=first_line):
        if "\ufffd" in line:
            decoded.lost_lines.add(number)


def _lenient_lines(path: Path, decoded: Decoded) -> Iterator[str]:
    """Line by line: UTF-8, else Western European beside good UTF-8, else GB18030, else with U+FFFD for what is nothing."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                text = _lenient_line(line)
                (decoded.lost_lines if "\ufffd" in text else decoded.other_lines).add(number)
            yield text


def _lenient_line(line: bytes) -> str:
    if _touches_latin(line):
        return line.decode("utf-8", CP1252_HANDLER)
    try:
        text = line.decode("gb18030")
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace")
    return text if _common_share(line, "gb18030", COMMON_SIMPLIFIED) > 0.05 else line.decode("utf-8", "replace")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


CP1252_HANDLER = "tunedesk.cp1252"
codecs.register_error(CP1252_HANDLER, _as_cp1252)


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
    chinese = _common_share(sample, "gb18030", COMMON_SIMPLIFIED)
    if _touches_latin(sample):
        candidates = ["mac-roman" if _is_mac(sample) else "cp1252", "cp1252", "gb18030"]
    elif _share(KANA_PAIR, sample) > 0.25:
        candidates[:0] = ["shift_jis", "cp932"]
    elif _share(EUC_KANA_PAIR, sample) > 0.25:
        candidates.insert(0, "euc_jp")
    else:
        rivals: dict[str, Callable[[], float]] = {
            "big5": lambda: _common_share(sample, "big5", COMMON_TRADITIONAL) / 2,
            "cp949": lambda: _common_share(sample, "cp949", COMMON_HANGUL) / 2,
            "cp1251": lambda: _common_share(sample, "cp1251", COMMON_CYRILLIC) / 3 if _comes_singly(sample) else 0.0,
        }
        scores = {encoding: score() for encoding, score in rivals.items() if _fits(sample, encoding)}
        best = max(scores, key=lambda encoding: scores[encoding], default="")
        if best and scores[best] > chinese:
            candidates.insert(0, best)
    for encoding in candidates:
        if first_bad_line(path, encoding) is None:
            return encoding
    for encoding in candidates:
        if _damaged_ratio(sample, encoding) <= MAX_DAMAGED_RATIO:
            return encoding + LENIENT
    raise UnreadableFile(msg("{filename} is not a text file that can be recognized.", filename=filename), hint=CHOOSE)


def _fits(sample: bytes, encoding: str) -> bool:
    """Whether the start of a file decodes; its last character may be cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _damaged_ratio(sample: bytes, encoding: str) -> float:
    lines = sample.decode(encoding, "replace").split("\n")
    return sum("\ufffd" in line for line in lines) / len(lines)


def _share(pattern: re.Pattern[bytes], sample: bytes) -> float:
    return len(pattern.findall(sample)) / max(len(HIGH_PAIR.findall(sample)), 1)


def _is_mac(sample: bytes) -> bool:
    """Letters with accents stand from 0x80 on in Mac Roman and from 0xC0 on in cp1252."""
    inside = [match[0][0] for match in HIGH_LETTER.finditer(sample)]
    n_mac = sum(byte in MAC_LETTERS for byte in inside)
    return n_mac > sum(byte >= 0xC0 for byte in inside)


def _comes_singly(sample: bytes) -> bool:
    """Whether bytes above ASCII come in runs of odd length as often as words do. Those of double-byte text are even."""
    odd = [(run.end() - run.start()) % 2 for run in HIGH_RUN.finditer(sample)]
    return sum(odd) > 0.25 * len(odd)


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
    wide = [character for character in text if character > "\x7f"]
    return sum(character in common for character in wide) / len(wide) if wide else 0.0
