"""Are the findings right? Plant known faults in real tables, run all checks, and count what was found and what was not.

    python benchmarks/findings_quality.py --data FOLDER                # FOLDER/<name>/train.csv with text and label
    python benchmarks/findings_quality.py --data FOLDER --sets snips   # one of them

Planted, each in rows of its own: 1% of the texts a second time under another category; 1% of the texts once more with a
slip of the hand, in other case, with other punctuation, with a greeting or with two words swapped; ten categories under
a second spelling for a fifth of their rows; 1% of the texts with personal data of every kind, and 1% with numbers that
look like it but are none.

Recall is the share of the planted faults that were found. Precision is the share of what was found that is true: what
was planted, and beyond that only what a plain rule of this file confirms, which shares no code with the checks:
    conflicts        the text, NFKC, without case and extra space, does stand under two categories
    near_duplicates  another text has the same digits, and after case, accents, signs and greetings the same words in any
                     order or an edit distance (Levenshtein, 1966) of at most 15% of the longer one
    categories       none: every group that was not planted counts as wrong
    personal_data    an e-mail address or a telephone number by the patterns of this file
Wanted: recall >= 0.95 and precision >= 0.9 for each in each.
"""

import argparse
import csv
import io
import json
import random
import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.datasets.building import build_dataset
from core.datasets.rows import finding_rows
from core.domain.dataset import DatasetSpec, Upload
from core.files import receive_upload

SETS = ("banking77", "snips", "waimai_10k")
RECALL, PRECISION = 0.95, 0.9
SHARE = 0.01
MIN_LETTERS = {"en": 24, "zh": 14}  #: a text must have so many for one slip to leave it "almost the same"
GREETINGS = {
    "en": (("Hello, ", ""), ("Hi there, ", ""), ("Good morning. ", ""), ("", " Thanks!"), ("", " Thank you very much")),
    "zh": (("你好，", ""), ("您好，", ""), ("请问，", ""), ("", "，谢谢"), ("", "谢谢您！")),
}
EMAIL = re.compile(r"[\w.+-]+@\w[\w-]*(?:\.\w+)+")
PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)")
Row = tuple[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder with one folder a data set")
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--rows", type=int, default=0, help="first rows of each; 0 takes all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="list what was missed and what was wrong")
    args = parser.parse_args()
    report = {name: measure(args.data / name / "train.csv", args) for name in args.sets}
    print(json.dumps(report, ensure_ascii=False, indent=1))
    short = [
        f"{name} {kind}"
        for name, kinds in report.items()
        for kind, result in kinds.items()
        if result["recall"] < RECALL or result["precision"] < PRECISION
    ]
    if short:
        sys.exit(f"below {RECALL} recall or {PRECISION} precision: {', '.join(short)}")


def measure(path: Path, args: argparse.Namespace) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(file)]
    rows = rows[: args.rows or None]
    plant = Plant(rows, random.Random(args.seed))
    plant.conflicts()
    plant.near_duplicates()
    plant.personal_data()
    plant.categories()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dataset = build_dataset(
            DatasetSpec(upload=written(plant.rows, folder), text_columns=("text",), label_column="label"),
            uploads_dir=folder,
            datasets_dir=folder,
            progress=lambda stage: None,
        )
        found = {
            code: set((finding_rows(folder / dataset.id, code, "practice") - 2).tolist())
            for code in ("conflicting_labels", "near_duplicates", "duplicate", "personal_data")
        }
    merged = [fix.operation.params["labels"] for f in dataset.findings if f.code == "similar_labels" for fix in f.fixes]
    near = Judge(plant.rows, found["near_duplicates"])
    texts = [text for text, _ in plant.rows]
    under: dict[str, set[str]] = {}
    for text, label in plant.rows:
        under.setdefault(plain(text), set()).add(label)
    conflicts = plant.truth["conflicts"]
    found_near = found["near_duplicates"] | (found["duplicate"] & plant.truth["near_duplicates"])
    split = plant.spellings
    right_groups = [g for g in merged if len({split.get(name, name) for name in g}) == 1]
    return {
        "conflicts": result(
            conflicts, found["conflicting_labels"], lambda row: len(under[plain(texts[row])]) > 1, texts, args
        ),
        "near_duplicates": result(plant.truth["near_duplicates"], found_near, near.confirms, texts, args),
        "categories": {
            "planted": len(split),
            **(
                {"missed": [n for n, own in split.items() if not any(n in g and own in g for g in merged)]}
                if args.wrong
                else {}
            ),
            "recall": round(sum(any(n in g and own in g for g in merged) for n, own in split.items()) / len(split), 4),
            "precision": round(len(right_groups) / max(len(merged), 1), 4),
        },
        "personal_data": result(
            plant.truth["personal_data"],
            found["personal_data"],
            lambda row: bool(EMAIL.search(texts[row]) or PHONE.search(texts[row])) and row not in plant.decoys,
            texts,
            args,
        ),
    }


def result(
    planted: set[int], found: set[int], confirmed: Callable[[int], bool], texts: Sequence[str], args: argparse.Namespace
) -> dict[str, Any]:
    beyond = sorted(found - planted)
    wrong = [row for row in beyond if not confirmed(row)]
    missed = sorted(planted - found)
    listed = {"missed": [texts[row] for row in missed], "wrong": [texts[row] for row in wrong]} if args.wrong else {}
    return {
        "planted": len(planted),
        "found": len(found),
        "natural": len(beyond) - len(wrong),
        "recall": round(1 - len(missed) / len(planted), 4),
        "precision": round(1 - len(wrong) / max(len(found), 1), 4),
        **listed,
    }


def written(rows: Sequence[Row], folder: Path) -> Upload:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("text", "label"), *rows])
    return receive_upload(io.BytesIO(buffer.getvalue().encode()), "planted.csv", folder)


class Plant:
    """The table with faults, and which rows (counted from 0) they are in."""

    def __init__(self, rows: Sequence[Row], draw: random.Random) -> None:
        self.rows, self.draw = list(rows), draw
        self.labels = sorted({label for _, label in rows})
        self.chinese = sum(any("\u4e00" <= char <= "\u9fff" for char in text) for text, _ in rows) > len(rows) / 2
        self.language = "zh" if self.chinese else "en"
        self.truth: dict[str, set[int]] = {"conflicts": set(), "near_duplicates": set(), "personal_data": set()}
        self.decoys: set[int] = set()
        self.spellings: dict[str, str] = {}  # second spelling -> first
        counts: dict[str, int] = {}
        for text, _ in rows:
            counts[plain(text)] = counts.get(plain(text), 0) + 1
        once = [row for row, (text, _) in enumerate(rows) if counts[plain(text)] == 1]
        draw.shuffle(once)
        self.free = once
        self.n = max(int(len(rows) * SHARE), 10)

    def conflicts(self) -> None:
        for row in self._taken(self.n):
            text, label = self.rows[row]
            self.truth["conflicts"] |= {row, len(self.rows)}
            self.rows.append((text, self.draw.choice([other for other in self.labels if other != label])))

    def near_duplicates(self) -> None:
        kinds = (self._slip, self._case, self._punctuation, self._greeting, self._swap)
        for place, row in enumerate(self._taken(self.n, MIN_LETTERS[self.language])):
            text, label = self.rows[row]
            self.truth["near_duplicates"].add(len(self.rows))
            self.rows.append((kinds[place % len(kinds)](text), label))

    def personal_data(self) -> None:
        for place, row in enumerate(self._taken(self.n)):
            kind = PERSONAL[place % len(PERSONAL)]
            self.truth["personal_data"].add(row)
            self._append(row, kind(self.draw))
        for place, row in enumerate(self._taken(self.n)):
            self.decoys.add(row)
            self._append(row, DECOYS[place % len(DECOYS)](self.draw))

    def categories(self) -> None:
        spellings = ZH_SPELLINGS if not self.labels[0].isascii() else EN_SPELLINGS
        first = unicodedata.normalize("NFC", "é " + self.labels[0])  # an accent, for a second spelling in two signs
        self.rows = [(text, first if label == self.labels[0] else label) for text, label in self.rows]
        self.labels[0] = first
        for place in range(10):
            own = self.labels[place % len(self.labels)]
            others = [spell(own) for spell in (*spellings[place % len(spellings) :], *spellings)]
            other = next(name for name in others if name != own and name not in self.spellings)
            of_label = [row for row in self.free if self.rows[row][1] == own]  # rows with other faults keep theirs
            for row in self.draw.sample(of_label, max(len(of_label) // 5, 2)):
                self.rows[row] = (self.rows[row][0], other)
            self.spellings[other] = own

    def _taken(self, n: int, min_letters: int = 0) -> list[int]:
        fitting = [row for row in self.free if sum(map(str.isalpha, self.rows[row][0])) >= min_letters][:n]
        self.free = [row for row in self.free if row not in set(fitting)]
        return fitting

    def _append(self, row: int, words: str) -> None:
        text, label = self.rows[row]
        self.rows[row] = (f"{text} {words}", label)

    def _slip(self, text: str) -> str:
        places = [place for place, char in enumerate(text[:-1]) if char.isalpha() and text[place + 1].isalpha()]
        place = self.draw.choice(places)
        kind = self.draw.randrange(4)
        if kind == 0:
            return text[:place] + text[place + 1 :]
        if kind == 1:
            return text[:place] + text[place] + text[place:]
        if kind == 2:
            other = "的" if self.chinese and text[place] != "的" else "x"
            return text[:place] + other + text[place + 1 :]
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    def _case(self, text: str) -> str:
        return text.upper() if text.upper() != text else text + "！"

    def _punctuation(self, text: str) -> str:
        bare = "".join(char for char in text if unicodedata.category(char)[0] != "P")
        return bare + "!!" if bare != text else text + "..."

    def _greeting(self, text: str) -> str:
        before, after = self.draw.choice(GREETINGS[self.language])
        return before + text + after

    def _swap(self, text: str) -> str:
        parts = list(text) if self.chinese else text.split(" ")
        places = [i for i in range(len(parts) - 1) if parts[i].isalpha() and parts[i + 1].isalpha()]
        places = [i for i in places if parts[i] != parts[i + 1]]
        if not places:
            return text + "."
        place = self.draw.choice(places)
        parts[place], parts[place + 1] = parts[place + 1], parts[place]
        return ("" if self.chinese else " ").join(parts)


def with_check(draw: random.Random, start: str, length: int) -> str:
    """A card number that passes the Luhn check."""
    digits = start + "".join(draw.choice("0123456789") for _ in range(length - len(start) - 1))
    total = sum(sum(divmod(int(digit) * (2 - i % 2), 10)) for i, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def resident_id(draw: random.Random) -> str:
    place = draw.choice(("110105", "310104", "440305", "510107", "330106"))
    born = f"{draw.randint(1950, 2005)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
    start = f"{place}{born}{draw.randint(1, 999):03d}"
    factors = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return start + "10X98765432"[sum(int(a) * b for a, b in zip(start, factors, strict=True)) % 11]


def digits(draw: random.Random, n: int) -> str:
    return "".join(draw.choice("23456789") for _ in range(n))


PERSONAL: tuple[Callable[[random.Random], str], ...] = (
    lambda draw: f"anna.lee{draw.randint(1, 999)}@example.com",
    lambda draw: f"zhang_{draw.randint(1, 999)}@mail.example.cn",
    lambda draw: f"1{draw.choice('3589')}{digits(draw, 9)}",
    lambda draw: f"+86 138 {digits(draw, 4)} {digits(draw, 4)}",
    lambda draw: f"010-6{digits(draw, 7)}",
    lambda draw: f"({draw.randint(2, 9)}15) {draw.randint(2, 9)}55-{digits(draw, 4)}",
    lambda draw: f"+44 20 7946 {digits(draw, 4)}",
    lambda draw: with_check(draw, "4", 16),
    lambda draw: " ".join(re.findall("....", with_check(draw, "53", 16))),
    lambda draw: with_check(draw, "622202", 19),
    resident_id,
    lambda draw: resident_id(draw)[:6] + resident_id(draw)[8:17],
    lambda draw: f"{draw.randint(100, 600)}-{draw.randint(10, 99)}-{draw.randint(1000, 9999)}",
    lambda draw: f"AB {draw.randint(10, 99)} {draw.randint(10, 99)} {draw.randint(10, 99)} C",
)
#: Numbers of everyday texts; the last ones have the shape of personal data and fail its check.
DECOYS: tuple[Callable[[random.Random], str], ...] = (
    lambda draw: f"order {digits(draw, 8)}",
    lambda draw: f"2024-0{draw.randint(1, 9)}-1{draw.randint(0, 9)} 12:30",
    lambda draw: f"${draw.randint(1, 9)},{digits(draw, 3)}.{digits(draw, 2)}",
    lambda draw: f"订单号 20240{digits(draw, 11)}",
    lambda draw: f"version {draw.randint(1, 9)}.{draw.randint(1, 99)}.{draw.randint(1, 9999)}",
    lambda draw: f"{draw.randint(2001, 2020)}-{draw.randint(2021, 2030)}",
    lambda draw: (card := with_check(draw, "4", 16))[:-1] + str((int(card[-1]) + 1) % 10),
    lambda draw: resident_id(draw)[:10] + "13" + resident_id(draw)[12:],  # month 13
    lambda draw: f"@user{draw.randint(1, 999)} 5@home",
)


def in_two_signs(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def wide(name: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)


EN_SPELLINGS: tuple[Callable[[str], str], ...] = (
    in_two_signs,
    str.upper,
    lambda name: name.replace("_", "  ") if "_" in name else name[:3] + " " + name[3:],
    wide,
    lambda name: name[:2] + "\u200b" + name[2:],
    str.swapcase,
    lambda name: name + "\ufeff",
)
ZH_SPELLINGS: tuple[Callable[[str], str], ...] = (
    in_two_signs,
    lambda name: name[:-1] + " " + name[-1:],
    lambda name: name[:-1] + "\u200b" + name[-1:],
    lambda name: name[:-1] + "\u3000" + name[-1:],
    wide,
    lambda name: name + "\ufeff",
    lambda name: "\u200b" + name,
    lambda name: name[:-1] + "  " + name[-1:],
)


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


class Judge:
    """Confirms a near text by plain means: every other found text is a candidate."""

    def __init__(self, rows: Sequence[Row], found: set[int]) -> None:
        self.bare = {row: bare(rows[row][0]) for row in found}
        self.bags = {row: sorted(words.replace(" ", "")) for row, words in self.bare.items()}
        self.by_length: dict[int, list[int]] = {}
        for row, words in self.bare.items():
            self.by_length.setdefault(len(words.replace(" ", "")), []).append(row)

    def confirms(self, row: int) -> bool:
        own = self.bare[row]
        n = len(own.replace(" ", ""))
        reach = max(int(0.18 * n), 2)
        others = [other for size in range(n - reach, n + reach + 1) for other in self.by_length.get(size, ())]
        return any(self._near(own, row, other) for other in others if other != row)

    def _near(self, own: str, row: int, other: int) -> bool:
        words = self.bare[other]
        if re.findall(r"\d+", own) != re.findall(r"\d+", words):
            return False
        if sorted(own.split()) == sorted(words.split()) or self.bags[row] == self.bags[other]:
            return True
        one, two = own.replace(" ", ""), words.replace(" ", "")
        limit = int(0.15 * max(len(one), len(two)))
        return distance(one, two, limit) <= limit


def bare(text: str) -> str:
    """Without case, accents, signs and greetings."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).lower())
    words = "".join(char if char.isalnum() else " " for char in folded if not unicodedata.combining(char))
    words = " ".join(words.split())
    for before, after in (*GREETINGS["en"], *GREETINGS["zh"]):
        start, end = (" ".join(re.sub(r"\W", " ", part.lower()).split()) for part in (before, after))
        words = words.removeprefix(start).removesuffix(end).strip() if words not in (start, end) else words
    return words


def distance(one: str, two: str, limit: int) -> int:
    """Levenshtein's; more than `limit` where it is."""
    if abs(len(one) - len(two)) > limit:
        return limit + 1
    last = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(two, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b)))
        if min(row) > limit:
            return limit + 1
        last = row
    return last[-1]


if __name__ == "__main__":
    main()
