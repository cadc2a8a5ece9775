"""The picture of a dataset: what a person should know about its texts before training on them.

Lengths are counted over all rows in use. Languages and words are worked out on a bounded sample that the dataset's seed
decides. Words are ranked by the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008,
"Fightin' Words", eq. 16, 18, 20 and 22): for a term w in category i, with y the texts that contain it, and prior a_w,

    delta = ln((y_wi + a_w) / (n_i + a_0 - y_wi - a_w)) - ln((y_wj + a_w) / (n_j + a_0 - y_wj - a_w))
    variance = 1 / (y_wi + a_w) + 1 / (y_wj + a_w)          z = delta / sqrt(variance)

where j is every other category together. We count texts, not tokens, so that one text that repeats a word tells no more
than another; n is the sum of these counts, and a_w is in proportion to the term's share of all texts looked at.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.datasets.comparing import compared
from core.datasets.findings.texts import READ_CHARS
from core.datasets.row_view import Numbers, RowView, open_view
from core.datasets.terms import terms_of_texts
from core.datasets.text_languages import LANGUAGES, text_languages
from core.domain.picture import DatasetPicture, LabelWords, Lengths, TellingWord
from core.domain.several import categories_of

N_BINS = 40
N_LANGUAGE_TEXTS = 20_000
N_WORD_TEXTS = 8_000
MIN_TEXTS_OF_LABEL = 40  # of the sample, so that many categories still have words of their own
N_LABELS, N_WORDS = 100, 12
LEAST_TEXTS = 3  # that a term must stand in
PRIOR = 500.0  # a_0: how many counts the prior weighs
MIN_Z = 1.96
PIECE_RATIO = 0.7  # a term is a piece of a longer one that has at least this share of its texts
CUT_CHARS = 2_000  # of a text are looked at, however long it is


def picture_of(dataset_dir: Path, *, language: str, seed: int, several: bool = False) -> DatasetPicture:
    """What the rows in use look like. A million rows take about two seconds.

    Args:
        several: whether a row may have several categories; then each is told from the texts without it.

    Raises:
        NotFound: the dataset's folder is gone.
    """
    view = open_view(dataset_dir)
    used = np.flatnonzero(view.codes["set_aside"] == view.code("set_aside", "")).astype(np.int32)
    draw = np.random.default_rng(seed)
    languages = _languages(view, _sample(draw, used, N_LANGUAGE_TEXTS))
    return DatasetPicture(
        n_texts=len(used),
        lengths=_lengths(view.lengths[used], READ_CHARS[language]),
        languages=languages,
        n_language_texts=sum(languages.values()),
        words=_words(view, used, draw, categories_of if several else _itself),
    )


def _lengths(lengths: Numbers, limit: int) -> Lengths:
    """Bins of equal, round width up to the 99th percentile; what is longer stands in the last one."""
    top = int(np.percentile(lengths, 99)) if len(lengths) else 1
    width = max(1, -(-max(top, 1) // N_BINS))
    n_bins = max(1, top // width + 1)
    counts = np.bincount(np.minimum(lengths // width, n_bins), minlength=n_bins + 1)
    return Lengths(
        starts=tuple(int(start) for start in np.arange(n_bins + 1) * width),
        counts=tuple(counts.tolist()),
        median=int(np.median(lengths)) if len(lengths) else 0,
        p95=int(np.percentile(lengths, 95)) if len(lengths) else 0,
        longest=int(lengths.max(initial=0)),
        limit=limit,
        n_cut=int((lengths > limit).sum()),
    )


def _sample(draw: np.random.Generator, positions: Numbers, n: int) -> Numbers:
    """At most `n` of them, in their order."""
    if len(positions) <= n:
        return positions
    chosen: Numbers = np.sort(draw.choice(positions, n, replace=False))
    return chosen


def _texts(view: RowView, positions: Numbers) -> list[str]:
    texts: list[str] = view.take(positions)["text"].to_pylist()
    return [text[:CUT_CHARS] for text in texts]


def _languages(view: RowView, positions: Numbers) -> dict[str, int]:
    codes = text_languages(pa.chunked_array([view.take(positions)["text"].combine_chunks()]))
    counts = dict(zip(LANGUAGES, np.bincount(codes, minlength=len(LANGUAGES)).tolist(), strict=True))
    return {name: n for name, n in sorted(counts.items(), key=lambda item: -item[1]) if n}


def _itself(label: str) -> tuple[str, ...]:
    return (label,)


def _words(
    view: RowView, used: Numbers, draw: np.random.Generator, parts_of: Callable[[str], tuple[str, ...]]
) -> tuple[LabelWords, ...]:
    """`parts_of` gives the categories that rows with a label have."""
    codes = view.codes["label"][used]
    of_label = np.bincount(codes, minlength=len(view.names["label"])).tolist()
    counts: Counter[str] = Counter()
    having: dict[str, list[int]] = {}  # category -> the labels that have it
    for code, label in enumerate(view.names["label"]):
        for name in parts_of(label) if of_label[code] else ():
            counts[name] += of_label[code]
            having.setdefault(name, []).append(code)
    biggest = [name for name, _n in counts.most_common(N_LABELS)]
    if len(biggest) < 2:
        return ()
    least = min(MIN_TEXTS_OF_LABEL, N_WORD_TEXTS // len(biggest))
    n_all = max(len(used), counts.total())
    sizes = {name: max(least, int(N_WORD_TEXTS * counts[name] / n_all)) for name in biggest}
    drawn = [_sample(draw, used[np.isin(codes, having[name])], size) for name, size in sizes.items()]
    positions = np.concatenate(drawn) if parts_of is _itself else np.unique(np.concatenate(drawn))
    texts: Sequence[str] = compared(pa.array(_texts(view, positions), pa.large_string())).to_pylist()
    terms = terms_of_texts(texts, LEAST_TEXTS)
    labels = [parts_of(view.names["label"][code]) for code in view.codes["label"][positions].tolist()]
    looked_at = Counter(name for of_text in labels for name in of_text)
    return tuple(
        LabelWords(label=name, n_texts=looked_at[name], words=words)
        for name, words in telling_words(terms, labels, biggest).items()
    )


def telling_words(
    terms: Sequence[set[str]], labels: Sequence[Collection[str]], wanted: Sequence[str]
) -> Mapping[str, tuple[TellingWord, ...]]:
    """For each of `wanted`, the terms that tell its texts from all others; the most telling first.

    Args:
        labels: the categories of each text; one, where a text has but one.
    """
    names = sorted({term for of_text in terms for term in of_text})
    if not names:
        return dict.fromkeys(wanted, ())
    column = {name: i for i, name in enumerate(names)}
    ends = np.array([len(of_text) for of_text in terms])
    columns = np.array([column[term] for of_text in terms for term in of_text], dtype=np.int64)
    text_of_term = np.repeat(np.arange(len(labels)), ends)
    total = np.bincount(columns, minlength=len(names)).astype(np.float64)
    prior = PRIOR * total / total.sum()
    found = {}
    for label in wanted:
        has_it = np.array([label in of_text for of_text in labels], dtype=bool)
        inside = np.bincount(columns[has_it[text_of_term]], minlength=len(names)).astype(np.float64)
        z = _log_odds(inside, total - inside, prior)
        n_inside = int(has_it.sum())
        n_outside = max(1, len(labels) - n_inside)
        order = [int(i) for i in np.lexsort((np.arange(len(names)), -z)) if z[i] > MIN_Z and inside[i] >= LEAST_TEXTS]
        counts = {names[i]: int(inside[i]) for i in order}
        found[label] = tuple(
            TellingWord(
                word=names[i],
                z=round(float(z[i]), 2),
                ratio=round(float(inside[i] / n_inside), 4),
                ratio_elsewhere=round(float((total[i] - inside[i]) / n_outside), 4),
            )
            for i in (column[name] for name in _whole(counts))
        )
    return found


def _log_odds(inside: Any, outside: Any, prior: Any) -> Any:
    weight = prior.sum()
    here, there = inside + prior, outside + prior
    delta = np.log(here / (inside.sum() + weight - here)) - np.log(there / (outside.sum() + weight - there))
    return delta / np.sqrt(1 / here + 1 / there)


def _whole(counts: Mapping[str, int]) -> list[str]:
    """The first N_WORDS of `counts` without pieces of longer terms, and without terms that overlap with one before them."""
    pieces: set[str] = set()
    for term, n in counts.items():
        for piece in _within(term):
            if n >= PIECE_RATIO * counts.get(piece, n + 1):
                pieces.add(piece)
    chosen: list[str] = []
    for term in counts:
        if term not in pieces and not any(_overlap(term, one) for one in chosen):
            chosen.append(term)
        if len(chosen) == N_WORDS:
            break
    return chosen


def _within(term: str) -> list[str]:
    """The terms that a term is made of: its words, or its shorter runs of characters."""
    if " " in term:
        return term.split(" ")
    return [
        term[start:end]
        for start in range(len(term))
        for end in range(start + 2, len(term) + 1)
        if end - start < len(term)
    ]


def _overlap(term: str, other: str) -> bool:
    """Whether they share a word, or two characters of Chinese in a row."""
    if " " in term or " " in other or term.isascii() or other.isascii():
        return bool(set(term.split(" ")) & set(other.split(" ")))
    return any(term[i : i + 2] in other for i in range(len(term) - 1))
