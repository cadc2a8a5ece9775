"""E-mail addresses, telephone, card and identity numbers in texts: find them, or put a word in their place.

Shapes with a checksum or a date are checked by it, so that order numbers and amounts are left alone. Names, addresses
and birthdays are not looked for.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.hashing import Mask
from core.datasets.taking import take_rows
from core.datasets.threads import rows_matching

KINDS = ("email", "phone", "card", "id_number")

#: Whether a text can hold a number of one of the kinds at all; RE2 and `re` read all patterns here alike.
NUMBERLIKE = r"[0-9０-９](?:[ \-.()/（）－]{0,3}[0-9０-９]){5}|[A-Z]{6}[0-9]"
#: Area code of a Chinese resident's first home, by its first two digits (GB/T 2260).
PROVINCES = frozenset(
    [
        11,
        12,
        13,
        14,
        15,
        21,
        22,
        23,
        31,
        32,
        33,
        34,
        35,
        36,
        37,
        41,
        42,
        43,
        44,
        45,
        46,
        50,
        51,
        52,
        53,
        54,
        61,
        62,
        63,
        64,
        65,
        71,
        81,
        82,
        83,
        91,
    ]
)
WIDE = {0xFF01 + i: 0x21 + i for i in range(94)}  # full-width signs, one character each, so that places stay the same


def find_kinds(text: str) -> set[str]:
    """The members of `KINDS` that the text holds."""
    return {kind for _, _, kind in _found(text)}


def mask(text: str, kinds: Collection[str]) -> str:
    """The text with e.g. "[email]" in place of what is of one of `kinds`."""
    pieces, end = [], 0
    for start, stop, kind in _found(text):
        if kind in kinds:
            pieces += [text[end:start], f"[{kind}]"]
            end = stop
    return "".join([*pieces, text[end:]]) if pieces else text


def rows_with(texts: pa.ChunkedArray, used: Mask) -> dict[str, Mask]:
    """Per kind the rows in `used` whose text holds it. Python looks only at what has the shape of a checked number."""
    found = {kind: np.zeros(len(texts), dtype=bool) for kind in KINDS}
    for sign, shapes in (("[@＠]", _EMAILS), (NUMBERLIKE, _NUMBERS)):
        rows = np.flatnonzero(rows_matching(texts, sign) & used)
        if not len(rows):
            continue
        candidates = _plain(take_rows(texts, rows))
        for shape in shapes:
            where = pc.match_substring_regex(candidates, f"{BEFORE}(?:{shape.pattern}){AFTER}").to_numpy()
            if shape.holds is not None:
                places = np.flatnonzero(where)
                checked = take_rows(candidates, places).to_pylist()
                where[places] = [any(True for _ in shape.places(text)) for text in checked]
            found[shape.kind][rows[where]] = True
    return found


def _plain(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """With ordinary signs in place of full-width ones."""
    wide = pc.match_substring_regex(texts, "[！-～]").to_numpy()
    if not wide.any():
        return texts
    narrow = [text.translate(WIDE) for text in texts.filter(pa.array(wide)).to_pylist()]
    return pa.chunked_array(
        [pc.replace_with_mask(texts.combine_chunks(), pa.array(wide), pa.array(narrow, texts.type))]
    )


def _found(text: str) -> list[tuple[int, int, str]]:
    """Start, end and kind of everything personal, in order, without overlaps; the strictest shape goes first."""
    if "@" not in text and "＠" not in text and not _NUMBERLIKE.search(text):
        return []
    plain = text if text.isascii() else text.translate(WIDE)
    spans: list[tuple[int, int, str]] = []
    for shape in (*_EMAILS, *_NUMBERS):
        for start, stop in shape.places(plain):
            if all(stop <= taken or start >= until for taken, until, _ in spans):
                spans.append((start, stop, shape.kind))
    return sorted(spans)


def _digits(number: str) -> str:
    return "".join(char for char in number if char.isdigit())


def _is_resident_id(number: str) -> bool:
    """GB 11643: place, date of birth, serial number, ISO 7064 MOD 11-2 check character."""
    if not _is_born(number[:2], number[6:14]):
        return False
    total = sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def _is_old_resident_id(number: str) -> bool:
    """The 15 digits in use until 1999: years without their century, no check character."""
    return _is_born(number[:2], "19" + number[6:12])


def _is_born(province: str, day: str) -> bool:
    return int(province) in PROVINCES and _is_day(day) and "1880" < day[:4] <= str(date.today().year)


def _is_day(day: str) -> bool:
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:8]))
    except ValueError:
        return False
    return True


def _is_card(number: str) -> bool:
    """A known issuer's first digits and length, and the Luhn check digit (ISO/IEC 7812)."""
    digits = _digits(number)
    if len(set(digits)) == 1 or not any(_fits(digits, *issuer) for issuer in _ISSUERS):
        return False
    doubled = [int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def _fits(digits: str, first: str, last: str, lengths: tuple[int, ...]) -> bool:
    return len(digits) in lengths and first <= digits[: len(first)] <= last


def _is_taiwan_id(number: str) -> bool:
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    weighted = [int(digit) * weight for digit, weight in zip(number[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)]
    return (letter // 10 + letter % 10 * 9 + sum(weighted)) % 10 == 0


def _is_hong_kong_id(number: str) -> bool:
    letters, digits, check = number[:-9].rjust(2), number[-9:-3], number[-2]
    values = [36 if letter == " " else ord(letter) - 55 for letter in letters] + [int(digit) for digit in digits]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def _is_spanish_id(number: str) -> bool:
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number[:8]) % 23] == number[-1]


def _is_korean_id(number: str) -> bool:
    return _is_day(("20" if number[7] in "34" else "19") + number[:6])


def _is_international(number: str) -> bool:
    return 8 <= len(_digits(number)) <= 15


def _is_american_id(number: str) -> bool:
    """What the Social Security Administration never gives out is none."""
    area, group, serial = number.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


#: What may stand around a number: no letter, no digit, no address, no further part of a longer number.
BEFORE = r"(?:^|^[.\-/]|[^0-9A-Za-z_.\-/@]|[^0-9][.\-/])"
AFTER = r"(?:$|[.\-/]$|[^0-9A-Za-z_.\-/@]|[.\-/][^0-9])"
_BEHIND, _AHEAD = r"(?<![0-9A-Za-z_@])(?<![0-9][.\-/])", r"(?![0-9A-Za-z_@])(?![.\-/][0-9])"  # the same for `re`


@dataclass(frozen=True, slots=True)
class _Shape:
    kind: str
    pattern: str
    holds: Callable[[str], bool] | None = None  #: what else must be true of a match

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        for match in re.finditer(f"{_BEHIND}(?:{self.pattern}){_AHEAD}", text):
            if self.holds is None or self.holds(match[0]):
                yield match.span()


_NUMBERLIKE = re.compile(NUMBERLIKE)
_ISSUERS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (13, 16)),  # Visa; first digits from, to, lengths
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14,)),  # Diners Club
    ("36", "36", (14,)),
    ("38", "39", (14,)),
    ("6011", "6011", (16,)),  # Discover
    ("644", "659", (16,)),
    ("3528", "3589", (16,)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
)
_ISSUED = "(?:4[0-9]|5[1-5]|2[2-7]|3[04-9]|6[0-9])"  # how the numbers of these begin
_EMAILS = (_Shape("email", r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,24}"),)
_NUMBERS = (
    _Shape("id_number", r"[1-9][0-9]{16}[0-9Xx]", _is_resident_id),
    _Shape("id_number", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", _is_american_id),
    _Shape("id_number", r"[0-9]{6}-[1-4][0-9]{6}", _is_korean_id),
    _Shape("id_number", r"[A-Z][12][0-9]{8}", _is_taiwan_id),
    _Shape("id_number", r"[A-Z]{1,2}[0-9]{6}\([0-9A]\)", _is_hong_kong_id),
    _Shape("id_number", r"[0-9]{8}-?[A-HJ-NP-TV-Z]", _is_spanish_id),
    _Shape("id_number", r"[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]"),  # Italy
    _Shape("id_number", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"),  # United Kingdom
    _Shape("card", rf"{_ISSUED}[0-9]{{11,17}}", _is_card),
    _Shape("card", rf"{_ISSUED}[0-9]{{2}}(?:[ \-][0-9]{{4}}){{3}}(?:[ \-][0-9]{{1,3}})?", _is_card),
    _Shape("card", r"3[47][0-9]{2}[ \-][0-9]{6}[ \-][0-9]{5}", _is_card),
    _Shape("id_number", r"[1-9][0-9]{14}", _is_old_resident_id),
    _Shape("phone", r"(?:\+|00)[1-9][0-9]{0,2}(?:[ \-.]{0,2}\(?[0-9]{1,5}\)?){1,5}[0-9]", _is_international),
    _Shape("phone", r"(?:86[ \-]?)?1[3-9][0-9](?:[ \-]?[0-9]{4}){2}"),  # Chinese mobile
    _Shape("phone", r"(?:\(0[0-9]{2,3}\) ?|0[0-9]{2,3}[ \-])[2-9][0-9]{2,3}[ \-]?[0-9]{4}"),  # Chinese area code
    _Shape(
        "phone", r"(?:1[ \-.])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[\-.])[2-9][0-9]{2}[\-. ][0-9]{4}"
    ),  # North America
    _Shape("phone", r"0[1-9][0-9]{1,4}[/\-][0-9]{5,8}"),  # 0171/1234567
    _Shape("phone", r"07[0-9]{3} [0-9]{6}|02[0-9] [0-9]{4} [0-9]{4}|01[0-9]{2,3} [0-9]{6,7}"),  # United Kingdom
    _Shape("phone", r"0[1-9](?:[ .][0-9]{2}){4}"),  # France
)
