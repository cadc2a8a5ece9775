"""Records of best matches: of many texts those that go best with one."""

from dataclasses import dataclass

N_MATCHES, MOST_MATCHES = 5, 50  #: of a text, usually and at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A candidate, and what the model says of the pair of both texts."""

    text: str
    row: int  #: of the candidates' table as the spreadsheet shows it: the first row that holds the text
    value: float  #: probability of the category asked for, or the score
    low: float | None = None  #: of a score: the truth likely lies from here
    high: float | None = None  #: to here
    sure: bool = False  #: whether the pair is surely of that category; scores have no such thing
    cosine: float = 0.0  #: of both texts' vectors, by which it came among those that were asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    text: str
    label: str  #: the category whose probability is compared; "" where pairs get scores
    matches: tuple[Match, ...]  #: the best first
    n_candidates: int  #: different texts
    n_asked: int  #: of them, those that the model was asked about
    seconds: float
