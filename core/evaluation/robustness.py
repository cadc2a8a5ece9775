"""Ways in which real texts differ from those a model was examined on, and what they do to its answers.

Each way is a pure function of text and draw; a text that it does not fit comes back unchanged and is not counted. All but
negation leave the meaning, so the answer should stay. The random draw of a text depends on the seed, the way and the row.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.han_scripts import in_other_script
from core.datasets.typos import HAN, with_typos
from core.domain.message import Message, msg
from core.domain.pairs import in_halves

if TYPE_CHECKING:
    from numpy.typing import NDArray

Change = Callable[[str, np.random.Generator], str]

TYPO_SHARE = 0.3  # of the longer words
N_FLIPS = 5  # shown of each way
SHORTEST = 6  # letters and words: shorter texts are not cut
ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；\n])")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
HALF_WIDTH = {wide: narrow for narrow, wide in FULL_WIDTH.items()} | {ord("。"): ".", ord("、"): ","}
EMOJI = "🙂🙏👋✨📌"  # none of them praises or complains
BOILERPLATE = {
    False: "\nSent from my phone. This message is confidential and meant for its recipient only.",
    True: "\n发自我的手机。本邮件含有保密信息，仅供收件人阅读。",
}
#: what turns a sentence round, tried in this order; the first that fits is made once
NEGATIONS = (
    (re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|could|would|should)n['’]t\b", re.I), r"\1"),
    (re.compile(r"\bcan['’]t\b|\bcannot\b", re.I), "can"),
    (re.compile(r"\bwon['’]t\b", re.I), "will"),
    (re.compile(r"\b(am|is|are|was|were|can|could|will|would|should|do|does|did|has|have|had)\b(?! not\b)", re.I), r"\1 not"),
    (re.compile(r" not\b", re.I), ""),
    (re.compile(r"(?:很|非常|挺|特别|真)(?=好|快|满意|喜欢|不错|方便|便宜|新鲜|好吃|热情|干净)"), "不"),
    (re.compile(r"不(?=是|能|会|好|想|要|喜欢|满意|推荐|方便|新鲜|可以)|没(?=有|收到)"), ""),
    (re.compile(r"(?=是|能|会|想|要|喜欢|满意|推荐|可以|收到)"), "不"),
)  # fmt: skip


def changed_case(text: str, draw: np.random.Generator) -> str:
    shouted = text.upper()
    return text.lower() if shouted == text or (draw.random() < 0.5 and text.lower() != text) else shouted


def without_punctuation(text: str, draw: np.random.Generator) -> str:
    text = re.sub(r"(?<=[^\W\d_])['’](?=[^\W\d_])", "", text)  # “isnt”, as people leave it out
    kept = "".join(" " if unicodedata.category(letter).startswith("P") else letter for letter in text)
    return " ".join(kept.split()) or text


def changed_width(text: str, draw: np.random.Generator) -> str:
    """Full-width signs, letters and digits become half-width; where there are none, the other way round."""
    half = text.translate(HALF_WIDTH)
    return half if half != text else text.translate(FULL_WIDTH)


def with_emoji(text: str, draw: np.random.Generator) -> str:
    return f"{text} {EMOJI[int(draw.integers(len(EMOJI)))]}"


def first_half(text: str, draw: np.random.Generator) -> str:
    words = text.split(" ")
    parts, glue = (list(text), "") if HAN.search(text) else (words, " ")
    return text if len(parts) < SHORTEST else glue.join(parts[: (len(parts) + 1) // 2])


def other_order(text: str, draw: np.random.Generator) -> str:
    sentences = [sentence for sentence in ENDS.split(text) if sentence.strip()]
    if len(sentences) < 2:
        return text
    turn = int(draw.integers(1, len(sentences)))
    glue = "" if HAN.search(text) else " "
    return glue.join([*sentences[turn:], *sentences[:turn]])


def with_boilerplate(text: str, draw: np.random.Generator) -> str:
    return text + BOILERPLATE[bool(HAN.search(text))]


def negated(text: str, draw: np.random.Generator) -> str:
    """The meaning turned round by one small word more or less; unchanged where no simple rule fits."""
    for pattern, instead in NEGATIONS:
        if pattern.search(text):
            return pattern.sub(instead, text, count=1)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`technique` names the extra that teaches against it; "" where none does."""

    name: str  #: stored; stays for ever
    title: Message
    help: Message
    change: Change | None = None  #: None: made from the words that the model knows
    technique: str = ""
    keeps_meaning: bool = True


WAYS = (
    Way(
        name="typos",
        title=msg("Typing errors"),
        help=msg("A wrong key in about every third longer word; in Chinese letters that sound alike."),
        change=lambda text, draw: with_typos(text, draw, TYPO_SHARE),
        technique="typos",
    ),
    Way(name="case", title=msg("Capital letters"), help=msg("All in capitals, or none."), change=changed_case),
    Way(
        name="punctuation",
        title=msg("No punctuation"),
        help=msg("All punctuation is left out."),
        change=without_punctuation,
    ),
    Way(
        name="width",
        title=msg("Full-width and half-width"),
        help=msg("Signs, letters and digits in their other width: ， and ,"),
        change=changed_width,
    ),
    Way(
        name="script",
        title=msg("Traditional and simplified"),
        help=msg("Chinese in the other letters."),
        change=lambda text, draw: in_other_script(text) if HAN.search(text) else text,
    ),
    Way(name="emoji", title=msg("An emoji"), help=msg("One neutral emoji at the end."), change=with_emoji),
    Way(
        name="synonyms",
        title=msg("Synonyms"),
        help=msg("About every third word that has a near one becomes it."),
        technique="synonyms",
    ),
    Way(
        name="truncation",
        title=msg("Cut in half"),
        help=msg("Only the first half of the text. It may lose what the answer depends on."),
        change=first_half,
        technique="word_noise",
    ),
    Way(
        name="order",
        title=msg("Sentences in another order"),
        help=msg("The text begins with a later sentence."),
        change=other_order,
        technique="word_noise",
    ),
    Way(
        name="boilerplate",
        title=msg("A signature below"),
        help=msg("What mail programs add: where it was sent from, and that it is confidential."),
        change=with_boilerplate,
    ),
    Way(
        name="negation",
        title=msg("Meaning turned round"),
        help=msg(
            "One “not” more or less. Opinions should then be answered otherwise, topics as before: look at the examples."
        ),
        change=negated,
        keeps_meaning=False,
    ),
)
BY_NAME = {way.name: way for way in WAYS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer that changed with its text; under negation, one that stayed."""

    row: int
    before: str
    after: str
    label: str  #: the right one
    answer_before: str
    answer_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayResult:
    name: str  #: of the way
    n: int  #: texts that it changes
    n_right_before: int
    n_right_after: int
    n_flipped: int  #: answers that changed
    examples: tuple[Flip, ...]

    @property
    def points_lost(self) -> float:
        """Right answers lost, in percent of the texts."""
        return 100 * (self.n_right_before - self.n_right_after) / self.n


def changed_texts(
    texts: Sequence[str], rows: Sequence[int], way: Way, change: Change, seed: int, *, pairs: bool = False
) -> list[str]:
    """Of `pairs` both texts are changed."""
    number = WAYS.index(way)

    def changed(text: str, row: int) -> str:
        draw = np.random.default_rng([seed, number, row])
        return in_halves(lambda half: change(half, draw))(text) if pairs else change(text, draw)

    return [changed(text, row) for text, row in zip(texts, rows, strict=True)]


def result_of(
    way: Way,
    *,
    rows: Sequence[int],
    before: Sequence[str],
    after: Sequence[str],
    labels: Sequence[str],
    answers_before: Sequence[str],
    answers_after: Sequence[str],
) -> WayResult:
    """What became of texts that the way changed; all sequences of one length. Wrong new answers are shown first."""
    truth, old, new = (np.array(list(names), dtype=object) for names in (labels, answers_before, answers_after))
    flipped: NDArray[np.bool_] = old != new
    shown = np.flatnonzero(flipped if way.keeps_meaning else ~flipped)
    worst = sorted(shown.tolist(), key=lambda i: (old[i] != truth[i], i))[:N_FLIPS]
    return WayResult(
        name=way.name,
        n=len(before),
        n_right_before=int((old == truth).sum()),
        n_right_after=int((new == truth).sum()),
        n_flipped=int(flipped.sum()),
        examples=tuple(
            Flip(
                row=int(rows[i]),
                before=before[i],
                after=after[i],
                label=labels[i],
                answer_before=answers_before[i],
                answer_after=answers_after[i],
            )
            for i in worst
        ),
    )
