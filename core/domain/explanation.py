"""Why a model answered as it did: hints that were measured by asking it again, not proof."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.model import Prediction
from core.domain.number import NumberPrediction
from core.domain.several import SeveralPrediction

Answer = Prediction | NumberPrediction | SeveralPrediction
VALUE = ""  #: stands for the category where a model answers with a number
_TINY = 1e-6  # probabilities nearer to 0 or 1 are not told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word, a Chinese segment, or a stretch of several that were left out together."""

    text: str
    start: int  #: characters of the explained text
    end: int
    without: Mapping[str, float]  #: label -> probability when the text is asked without it; VALUE -> the number


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A practice row that the base model reads much like the explained text."""

    row: int
    file: str
    text: str
    label: str
    similarity: float  #: cosine, 1 for the same meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    prediction: Answer
    words: tuple[Word, ...]  #: in the order of the text
    neighbours: tuple[Neighbour, ...] | None  #: nearest first; None where the model keeps no practice rows
    seconds: float

    @property
    def whole(self) -> Mapping[str, float]:
        """What `Word.without` is compared with."""
        if isinstance(self.prediction, NumberPrediction):
            return {VALUE: self.prediction.value}
        return self.prediction.probabilities

    def effects(self, label: str, against: str | None = None) -> list[float]:
        """What each word moved towards `label`, in log-odds: above 0 it speaks for it.

        Against everything else that is ln(p / (1 - p)) of the whole text less that without the word; against one other
        category ln(p / p_against) less the same without it. Of a number, VALUE, it is the number less that without the word.
        """
        height = _height_of_number if label == VALUE else _odds
        whole = height(self.whole, label, against)
        return [whole - height(word.without, label, against) for word in self.words]

    def strongest(self, label: str, against: str | None = None, n: int = 3) -> list[tuple[Word, float]]:
        """The words that speak most for `label`, the strongest first; none that speaks against it."""
        found = sorted(zip(self.words, self.effects(label, against), strict=True), key=lambda pair: -pair[1])
        return [(word, effect) for word, effect in found[:n] if effect > 0]


def _height_of_number(values: Mapping[str, float], label: str, against: str | None) -> float:
    return values[label]


def _odds(probabilities: Mapping[str, float], label: str, against: str | None) -> float:
    p = max(probabilities[label], _TINY)
    rest = 1 - p if against is None else probabilities[against]
    return math.log(p / max(rest, _TINY))
