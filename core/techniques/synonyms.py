"""Synonyms: in every pass a few words of each text become words that the base model holds for near ones."""

from collections.abc import Sequence

import numpy as np

from core.base_models.words import Span, Words
from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.rewording import Rewording

NEAR = 0.5  # cosine of two words: below it stand words of the same field rather than of the same meaning
N_OTHERS = 3
AT_ONCE = 512  # words compared in one product
N_LETTERS = {False: 3, True: 2}  # of a Latin and of a Chinese word at least: shorter ones mean too many things
_KEPT = """not no nor never none nothing without cannot isn don doesn didn won wasn ain couldn wouldn shouldn hasn haven hadn
    weren aren mustn the and with for this that these those was were are been being has have had having does did can could
    will would should may might must you your yours his her hers him she they them their its one ones all any both every
    each who whom which what when where why how than then there here from into onto over under above below but also just
    only more most less least about first second third two three four five"""
KEPT = frozenset(_KEPT.split())  #: what turns a sentence round, counts or holds it together is left alone
KEPT_HAN = frozenset("不没无非未别莫否勿反一二三四五六七八九十百千万两几半")
#: word vectors put opposites near each other; none of a line stands for one of the other half
OPPOSITES = tuple(
    tuple(frozenset(half.split()) for half in line.split("|"))
    for line in (
        "good great excellent nice fine better best|bad worse worst poor terrible horrible awful",
        "happy glad pleased satisfied|sad unhappy upset angry disappointed",
        "love like enjoy|hate dislike",
        "easy simple|hard difficult",
        "fast quick quickly|slow slowly",
        "cheap|expensive",
        "high higher highest|low lower lowest",
        "big large long many much|small little short few",
        "old|new",
        "open|closed close",
        "buy|sell",
        "before|after",
        "early|late",
        "left|right",
        "right correct true|wrong false",
        "increase rise up|decrease fall down",
        "accept|reject refuse decline",
        "win|lose",
        "start begin|stop end finish",
        "send|receive",
        "deposit|withdraw withdrawal",
        "credit|debit",
        "inside|outside",
        "hot warm|cold cool",
        "strong|weak",
        "safe|dangerous",
        "clean|dirty",
        "full|empty",
        "positive|negative",
        "male man|female woman",
        "满意 好吃 喜欢 便宜 方便 新鲜 干净 热情|难吃 讨厌 贵 麻烦 脏 冷淡 失望",
    )
)
NEGATING = ("un", "in", "im", "ir", "il", "dis", "non", "mis")


class Synonyms(Rewording):
    """With unit word vectors e, their mean taken off, the others of word w are the up to three words v of the vocabulary
    with e_v . e_w >= 0.5 and the same script (simplified Chinese stays simplified). Word vectors put opposites near each
    other too: known ones, negating prefixes and words that turn a sentence round are left out.

    It departs from the paper, which looks words up in WordNet: no thesaurus of both languages may be shipped, and the
    base model's own table knows the words of its own vocabulary.
    """

    name = "synonyms"
    title = msg("Synonyms")
    help = msg(
        "Exchanges words for near ones anew in every pass: for few examples and many passes; on two small English sets it made no sure difference."
    )
    cost = msg("Costs next to nothing.")
    paper = "Wei & Zou, 2019, arXiv:1901.11196"
    share_setting = "synonym_share"

    @classmethod
    def others(cls, words: Words, spans: Sequence[Span], recipe: TrainingRecipe) -> dict[Span, list[Span]]:
        if words.vectors is None:
            return {}
        asked = np.array([span[0] for span in spans if len(span) == 1 and _may_change(words, span[0])], dtype=np.int64)
        return {(int(token),): [(other,) for other in near] for token, near in _near(words, asked) if near}


def _may_change(words: Words, token: int) -> bool:
    bare = words.bare(words.pieces[token]).lower()
    if words.special[token] or not bare.isalpha() or len(bare) < N_LETTERS[bool(words.han[token])]:
        return False
    if words.han[token]:
        return not KEPT_HAN.intersection(bare)
    return bool(words.begins[token]) and bare not in KEPT


def _near(words: Words, asked: np.ndarray) -> list[tuple[int, list[int]]]:
    """For each token the near ones, the nearest first."""
    vectors = words.vectors
    assert vectors is not None
    candidates = np.array([t for t in range(len(vectors)) if _may_change(words, t)], dtype=np.int64)
    found: list[tuple[int, list[int]]] = []
    for start in range(0, len(asked), AT_ONCE):
        part = asked[start : start + AT_ONCE]
        cosines = vectors[part] @ vectors[candidates].T
        for token, row in zip(part.tolist(), cosines, strict=True):
            near = np.flatnonzero(row >= NEAR)
            ordered = candidates[near[np.argsort(-row[near], kind="stable")]].tolist()
            found.append((token, [other for other in ordered if _can_stand_for(words, token, other)][:N_OTHERS]))
    return found


def _can_stand_for(words: Words, token: int, other: int) -> bool:
    if words.han[token] != words.han[other] or words.begins[token] != words.begins[other]:
        return False
    one, two = (words.bare(words.pieces[t]).lower() for t in (token, other))
    if words.han[token] and (one in two or two in one or _is_simplified(one) > _is_simplified(two)):
        return False  # 还可以 and 可以 are not two words
    return one != two and not _are_opposite(one, two)


def _are_opposite(one: str, two: str) -> bool:
    if any(longer.startswith(prefix + word[:4]) for word, longer in ((one, two), (two, one)) for prefix in NEGATING):
        return True  # “unhappy” and “unhappiness” of “happy”
    return any((one in a and two in b) or (one in b and two in a) for a, b in OPPOSITES)


def _is_simplified(text: str) -> bool:
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False
