"""Records of models that answer with a number: a score, a rating, a grade."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.message import Message, nmsg

POINT, COMMA = ".", ","
#: by decimal sign the numbers whose thousands are set apart by the other one: 1,250.5 and 1.250,5; "0,125" is an eighth
THOUSANDS = {
    POINT: re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"),
    COMMA: re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?"),
}
EITHER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")  # 1,250 and 1.250: thousands or decimals, as the column has it
PLAIN = re.compile(r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberProfile:
    """The numbers of all rows in use. `edges` are one more than `counts`; a bin holds its lower edge."""

    n: int
    low: float
    high: float
    mean: float
    median: float
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberScale:
    """How a model's own numbers become those of the table: number * std + mean, kept within low and high.

    `mean` and `std` are those of the practice rows, `low` and `high` the least and the most among them.
    """

    mean: float
    std: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberScore:
    """The short form of a result, in the unit of the table."""

    mae: float  #: mean absolute error
    r2: float  #: 1 - squared errors / those of always answering the exam's mean; below 0 it is worse than that
    n: int  #: examples asked

    @property
    def words(self) -> Message:
        return nmsg(
            "off by {mae} on average on {n} unseen example (R² {r2})",
            "off by {mae} on average on {n} unseen examples (R² {r2})",
            self.n,
            mae=shown(self.mae),
            r2=f"{self.r2:.2f}",
        )

    @property
    def short(self) -> str:
        return f"R² {self.r2:.2f}"

    def to_json(self) -> dict[str, Any]:
        return {"mae": self.mae, "r2": self.r2, "n": self.n}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "NumberScore":
        return cls(mae=value["mae"], r2=value["r2"], n=value["n"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBand:
    """Exam rows whose true number lies in one part of the range: where the model is good and where it is not."""

    low: float
    high: float
    n: int
    mae: float
    bias: float  #: mean of answer - truth: above 0 it answers too high


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReport:
    """The exam's result of a model that answers with a number. All errors in the unit of the table."""

    score: NumberScore
    rmse: float  #: root of the mean squared error
    spearman: float  #: how well the order of the texts is met: 1 all right, 0 by chance
    middle: NumberScore  #: always answering `middle_answer`
    middle_answer: float  #: the median of the practice rows
    draft: NumberScore | None
    gain: tuple[float, float]  #: 95% interval of how much smaller the mean error is than that of `middle`
    range: tuple[float, float]  #: least and greatest number of the practice rows
    half_width: float  #: answers are given as answer ± this
    coverage: float  #: share of exam rows whose truth lies within it
    promised: float  #: share that it was made for
    bands: tuple[ErrorBand, ...]
    errors: tuple[float, ...]  #: 19 quantiles of answer - truth: 5%, 10% .. 95%
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPrediction:
    """An answer for one text; the truth lies from `low` to `high` for about 90 of 100 texts."""

    text: str
    value: float
    low: float
    high: float


def shown(value: float) -> str:
    """A number with three digits that count: 0.0123, 4.27, 186."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def number_of(cell: str, decimal: str = "") -> float | None:
    """The number a cell shows: "4.27", "4,27", "1,200.5", "1.200,5", "85 %", "４". None when it shows none.

    Args:
        decimal: the sign before decimals in its column, POINT or COMMA, where that is known. It decides about "1,250" and
            "1.250" alone, which are 1250 and 1.25 otherwise.
    """
    plain = _plain(cell)
    if EITHER.fullmatch(plain):
        sign = decimal or POINT
    else:
        sign = next((sign for sign, grouped in THOUSANDS.items() if grouped.fullmatch(plain)), "")
    if sign:
        return float(plain.replace(COMMA if sign == POINT else POINT, "").replace(sign, POINT))
    return float(plain.replace(COMMA, POINT)) if PLAIN.fullmatch(plain) else None


def decimal_sign_in(cell: str) -> str:
    """POINT or COMMA where the cell itself tells which stands before its decimals; "" where it does not."""
    plain = _plain(cell)
    if EITHER.fullmatch(plain):
        return ""
    for sign, grouped in THOUSANDS.items():
        if grouped.fullmatch(plain):
            return sign
    if not PLAIN.fullmatch(plain):
        return ""
    return next((sign for sign in (POINT, COMMA) if sign in plain), "")


def is_either(cell: str) -> bool:
    """Whether the cell is 1250 with one decimal sign and 1.25 with the other."""
    return EITHER.fullmatch(_plain(cell)) is not None


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().removesuffix("%").rstrip().replace("−", "-")
