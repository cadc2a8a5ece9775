"""Kinds of messages with which the model does significantly worse: short or long ones, a language, a value, range or month
of another column, a word. Found in the exam without anybody asking for them.

Each kind is tested with Fisher's exact test (1922): of N exam rows W are wrong; that at least w of the n rows of the kind are
wrong by chance has the probability P(X >= w), X hypergeometric. Many kinds are tried, so that p is corrected (Benjamini and
Hochberg, 1995): of the kinds that are told at most 5 in 100 are expected to be chance. Rows of a dataset and words count
as independent; they are not quite.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma

import numpy as np
import numpy.typing as npt

from core.domain.message import Message, msg, nmsg
from core.evaluation.column_parts import parts_of
from core.evaluation.verdict import percent

FALSE_SHARE = 0.05  # of the kinds that are told
MIN_ROWS, MIN_WRONG = 10, 4
MOST_SHARE = 0.6  # of the exam: more is no special kind
MAX_TOLD = 8
SAME = 0.6  # share of rows that two kinds have in common (Jaccard), from which only the clearer is told
_WORD = re.compile(r"[a-z][a-z'’\-]+|[\u3400-\u9fff]+")
_DIGIT, _LINK = re.compile(r"\d"), re.compile(r"https?://|www\.")

Mask = npt.NDArray[np.bool_]


class SliceKind(StrEnum):
    SHORT = "short"  #: `value` is the most characters
    LONG = "long"  #: `value` is the fewest characters
    LANGUAGE = "language"  #: `value` is "en", "zh" or "other"
    NUMBERS = "numbers"  #: a digit stands in the text
    LINKS = "links"
    COLUMN = "column"  #: `column` has `value`
    RANGE = "range"  #: `column` holds numbers, and this one is in the range `value`
    PERIOD = "period"  #: `column` holds days, and this one is in the month, quarter or year `value`
    WORD = "word"  #: `value` stands in the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A kind of messages with more mistakes than the others."""

    kind: SliceKind
    column: str
    value: str
    rows: tuple[int, ...]  #: places in the exam, from 0
    n: int
    n_wrong: int
    right_elsewhere: float  #: share of right answers among all other rows
    p: float  #: of chance, before the correction

    @property
    def right(self) -> float:
        return 1 - self.n_wrong / self.n

    @property
    def key(self) -> str:
        """Names it in an address."""
        return f"{self.kind}:{self.column}:{self.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    kind: SliceKind
    column: str
    value: str
    mask: Mask


def kind_words(one: Slice) -> Message:
    """Which messages these are."""
    return {
        SliceKind.SHORT: msg("Texts of at most {n} characters", n=one.value),
        SliceKind.LONG: msg("Texts of {n} characters or more", n=one.value),
        SliceKind.LANGUAGE: _LANGUAGES.get(one.value, msg("Texts in other languages")),
        SliceKind.NUMBERS: msg("Texts with numbers"),
        SliceKind.LINKS: msg("Texts with links"),
        SliceKind.COLUMN: msg("“{column}” is “{value}”", column=one.column, value=one.value),
        SliceKind.RANGE: msg("“{column}” {range}", column=one.column, range=one.value),
        SliceKind.PERIOD: msg("“{column}” in {period}", column=one.column, period=one.value),
        SliceKind.WORD: msg("Texts with “{word}”", word=one.value),
    }[one.kind]


def numbers_words(one: Slice) -> Message:
    return nmsg(
        "right on {n_right} of {n} ({share}); elsewhere {elsewhere}",
        "right on {n_right} of {n} ({share}); elsewhere {elsewhere}",
        one.n,
        n_right=one.n - one.n_wrong,
        share=percent(one.right),
        elsewhere=percent(one.right_elsewhere),
    )


_LANGUAGES = {"en": msg("Texts in English"), "zh": msg("Texts in Chinese")}


def find_slices(
    texts: Sequence[str], right: Mask, columns: Mapping[str, Sequence[str]], languages: Sequence[str]
) -> list[Slice]:
    """The kinds with significantly more mistakes, the clearest first.

    Args:
        right: whether each text was answered right.
        columns: further columns of the table, each as long as `texts`.
        languages: of each text, "" where it cannot be told.
    """
    n_all, n_wrong = len(texts), int((~right).sum())
    if n_all < 2 * MIN_ROWS or n_wrong < MIN_WRONG:
        return []
    tried = [one for one in _candidates(texts, columns, languages) if _is_kind(one.mask)]
    tested = []
    for one in tried:
        n, wrong = int(one.mask.sum()), int((one.mask & ~right).sum())
        tested.append((tail_of(wrong, n, n_wrong, n_all), n, wrong, one))
    tested.sort(key=lambda found: (found[0], -found[1]))
    told: list[Slice] = []
    masks: list[Mask] = []
    for p, n, wrong, one in tested[: n_significant([found[0] for found in tested])]:
        if wrong < MIN_WRONG or len(told) == MAX_TOLD or any(_alike(one.mask, mask) for mask in masks):
            continue
        masks.append(one.mask)
        told.append(
            Slice(
                kind=one.kind,
                column=one.column,
                value=one.value,
                rows=tuple(np.flatnonzero(one.mask).tolist()),
                n=n,
                n_wrong=wrong,
                right_elsewhere=float(right[~one.mask].mean()),
                p=p,
            )
        )
    return told


def tail_of(wrong: int, n: int, n_wrong: int, n_all: int) -> float:
    """P(X >= wrong) where n of n_all rows are drawn, of which n_wrong are wrong."""
    highest = min(n, n_wrong)
    total = _log_choose(n_all, n)
    return min(
        1.0,
        sum(
            exp(_log_choose(n_wrong, k) + _log_choose(n_all - n_wrong, n - k) - total)
            for k in range(max(wrong, n - (n_all - n_wrong)), highest + 1)
        ),
    )


def n_significant(ps: Sequence[float]) -> int:
    """How many of the ascending `ps` pass: the largest i with p_i <= FALSE_SHARE * i / m (Benjamini and Hochberg, 1995)."""
    passing = [i for i, p in enumerate(ps, start=1) if p <= FALSE_SHARE * i / len(ps)]
    return max(passing, default=0)


def _candidates(
    texts: Sequence[str], columns: Mapping[str, Sequence[str]], languages: Sequence[str]
) -> Iterator[_Candidate]:
    lengths = np.array([len(text) for text in texts])
    short, long = (int(limit) for limit in np.quantile(lengths, [0.2, 0.8], method="nearest"))
    yield _Candidate(kind=SliceKind.SHORT, column="", value=str(short), mask=lengths <= short)
    yield _Candidate(kind=SliceKind.LONG, column="", value=str(long), mask=lengths >= long)
    for kind, pattern in ((SliceKind.NUMBERS, _DIGIT), (SliceKind.LINKS, _LINK)):
        found = np.array([pattern.search(text) is not None for text in texts])
        yield _Candidate(kind=kind, column="", value="", mask=found)
    array = np.array(languages, dtype=object)
    for language in sorted(set(languages) - {""}):
        yield _Candidate(kind=SliceKind.LANGUAGE, column="", value=language, mask=array == language)
    for name, values in columns.items():
        for part in parts_of(values):
            yield _Candidate(kind=SliceKind(part.kind), column=name, value=part.name, mask=part.mask)
    yield from _words(texts)


def _words(texts: Sequence[str]) -> Iterator[_Candidate]:
    """Words of Latin letters; for Chinese pairs of characters, which most of its words are."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        for word in _terms(text):
            rows[word].append(row)
    for word, places in rows.items():
        if len(places) >= MIN_ROWS:
            mask = np.zeros(len(texts), dtype=bool)
            mask[places] = True
            yield _Candidate(kind=SliceKind.WORD, column="", value=word, mask=mask)


def _terms(text: str) -> set[str]:
    found: set[str] = set()
    for match in _WORD.findall(text.lower()[:2000]):
        if match[0] < "\u3400":
            found.add(match)
        else:
            found.update(match[i : i + 2] for i in range(max(1, len(match) - 1)))
    return found


def _is_kind(mask: Mask) -> bool:
    return MIN_ROWS <= int(mask.sum()) <= MOST_SHARE * len(mask)


def _alike(first: Mask, second: Mask) -> bool:
    return int((first & second).sum()) >= SAME * int((first | second).sum())


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
