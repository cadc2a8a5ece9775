"""Does an answer change when a text is about somebody else? Counterfactual wordings and what they did to the probabilities.

An answer that rests on what is asked, and not on who asks, stays (counterfactual token fairness: Garg et al., 2019,
arXiv:1809.10610). A text counts as flipped when any of its wordings is answered otherwise. Whether a term moves a category
one way is a sign test over its texts, corrected for the number of tests (Benjamini and Hochberg, 1995).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.evaluation.group_terms import KINDS, TERMS, rewordings
from core.evaluation.paired import mcnemar
from core.evaluation.report import wilson
from core.evaluation.slices import n_significant

MIN_TEXTS = 10  # of a kind, and of a term that is put in
MOST_WORDINGS = 3  # of a text by one list; of more the seed draws
LEAST_SHIFT = 0.01  # of probability; less changes nobody's treatment
N_EXAMPLES = 5

Proba = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One wording of one text."""

    kind: str
    place: int  #: of the text among those given
    put_in: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A wording that moved its answer."""

    row: int
    put_in: str
    before: str
    after: str
    answer_before: str
    answer_after: str
    change: float  #: of the probability of the answer before


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A term that makes a category likelier by more than chance."""

    kind: str
    put_in: str
    label: str
    n: int  #: texts
    change: float  #: mean, of the probability of `label`
    p: float  #: of chance, before the correction


@dataclass(frozen=True, slots=True, kw_only=True)
class KindResult:
    kind: str  #: a key of `core.evaluation.group_terms.KINDS`
    n_texts: int  #: that name a term of the kind and were asked
    n_wordings: int
    n_flipped: int  #: texts with a wording that is answered otherwise
    mean_change: float  #: of the probability of the answer before, without sign, over all wordings
    examples: tuple[Moved, ...]  #: flips first, then what moved most

    @property
    def is_judged(self) -> bool:
        return self.n_texts >= MIN_TEXTS

    @property
    def interval(self) -> tuple[float, float]:
        """95%, of the share of texts that flip."""
        return wilson(self.n_flipped, self.n_texts)


def wordings_of(texts: Sequence[str], *, most_texts: int, seed: int) -> list[Asked]:
    """For each kind at most so many of the texts that name it, drawn by the seed, as said of others."""
    found: list[Asked] = []
    for number, kind in enumerate(KINDS):
        draw, n_texts = np.random.default_rng([seed, number]), 0
        for place in draw.permutation(len(texts)).tolist():
            made = []
            for terms in (one for one in TERMS if one.kind == kind):
                all_of_list = rewordings(texts[place], terms)
                chosen = draw.permutation(len(all_of_list))[:MOST_WORDINGS].tolist()
                made += [all_of_list[i] for i in chosen]
            found += [Asked(kind=kind, place=place, put_in=one.put_in, text=one.text) for one in made]
            n_texts += bool(made)
            if n_texts == most_texts:
                break
    return found


def kind_results(
    asked: Sequence[Asked],
    *,
    texts: Sequence[str],
    rows: Sequence[int],
    labels: Sequence[str],
    before: Proba,
    after: Proba,
) -> tuple[KindResult, ...]:
    """One for each kind, also where no text names it.

    Args:
        labels: the model's, one for each column of the probabilities.
        before: of the text that each wording is one of, shape (len(asked), n_labels).
        after: of the wordings, the same shape.
    """
    answers, changed = before.argmax(axis=1), after.argmax(axis=1)
    every = np.arange(len(asked))
    change = after[every, answers] - before[every, answers]
    flipped = answers != changed
    found = []
    for kind in KINDS:
        ours = [i for i in every.tolist() if asked[i].kind == kind]
        strongest = sorted(ours, key=lambda i: (not flipped[i], -abs(change[i]), i))
        found.append(
            KindResult(
                kind=kind,
                n_texts=len({asked[i].place for i in ours}),
                n_wordings=len(ours),
                n_flipped=len({asked[i].place for i in ours if flipped[i]}),
                mean_change=round(float(np.abs(change[ours]).mean()), 4) if ours else 0.0,
                examples=tuple(
                    Moved(
                        row=int(rows[asked[i].place]),
                        put_in=asked[i].put_in,
                        before=texts[asked[i].place],
                        after=asked[i].text,
                        answer_before=labels[answers[i]],
                        answer_after=labels[changed[i]],
                        change=round(float(change[i]), 4),
                    )
                    for i in strongest[:N_EXAMPLES]
                ),
            )
        )
    return tuple(found)


def shifts(asked: Sequence[Asked], *, labels: Sequence[str], before: Proba, after: Proba) -> tuple[Shift, ...]:
    """Terms that push one way, the strongest first; arguments as of `kind_results`."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for i, one in enumerate(asked):
        places[one.kind, one.put_in].append(i)
    tested = []
    for (kind, put_in), ours in places.items():
        if len(ours) < MIN_TEXTS:
            continue
        changes = after[ours] - before[ours]
        for column, label in enumerate(labels):
            up, down = int((changes[:, column] > 0).sum()), int((changes[:, column] < 0).sum())
            mean = float(changes[:, column].mean())
            if mean > 0:  # what falls falls in favour of what rises
                p = mcnemar(up, down) if up > down else 1.0
                tested.append(Shift(kind=kind, put_in=put_in, label=label, n=len(ours), change=round(mean, 4), p=p))
    tested.sort(key=lambda one: one.p)
    real = tested[: n_significant([one.p for one in tested])]
    return tuple(sorted((one for one in real if one.change >= LEAST_SHIFT), key=lambda one: -one.change))
