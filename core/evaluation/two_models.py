"""Two models on the same exam: who is better where, which answers changed, and whether the difference is more than chance.

Only examples that both exams asked count: equal texts with the same true category, so models of different versions of a table
can be compared on what is left of the exam in both. Pure: lists of answers in, a record out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.domain.message import Message, msg, nmsg
from core.evaluation.paired import Paired, compare_paired


class Change(StrEnum):
    """What became of an example from the first model to the second."""

    GAINED = "gained"  #: only the second is right
    LOST = "lost"  #: only the first is right
    OTHER = "other"  #: both are wrong, each in its own way


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamAnswer:
    """One exam example and a model's answer to it."""

    row: int
    text: str
    label: str  #: the true category
    predicted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    row: int  #: in the first model's table
    text: str
    label: str
    first: str  #: what the first model answered
    second: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelComparison:
    """Of the `n` shared examples that truly belong to `label`: how many each model answered right."""

    label: str
    n: int
    n_first: int
    n_second: int

    @property
    def more(self) -> int:
        """Examples that the second is right on more often."""
        return self.n_second - self.n_first


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelComparison:
    first: str  #: name of the model
    second: str
    n_first_exam: int
    n_second_exam: int
    n_relabeled: int  #: texts of both exams whose true category differs: they are left out
    n_first_right: int  #: of the shared examples
    n_second_right: int
    paired: Paired
    labels: tuple[LabelComparison, ...]  #: where the second gained most first, where it lost most last
    changed: tuple[ChangedAnswer, ...]  #: in the order of the first exam

    @property
    def n(self) -> int:
        """Examples that both were asked."""
        return self.paired.n


def compare_answers(
    first: Sequence[ExamAnswer], second: Sequence[ExamAnswer], *, names: tuple[str, str]
) -> ModelComparison:
    """`names` are those of the two models. A text that stands several times in both exams counts as often as in the smaller."""
    others = dict(zip(_keys(second), second, strict=True))
    pairs = [(one, others[key]) for key, one in zip(_keys(first), first, strict=True) if key in others]
    shared = [(one, other) for one, other in pairs if one.label == other.label]
    rights = np.array([(a.predicted == a.label, b.predicted == b.label) for a, b in shared], dtype=bool).reshape(-1, 2)
    return ModelComparison(
        first=names[0],
        second=names[1],
        n_first_exam=len(first),
        n_second_exam=len(second),
        n_relabeled=len(pairs) - len(shared),
        n_first_right=int(rights[:, 0].sum()),
        n_second_right=int(rights[:, 1].sum()),
        paired=compare_paired(rights[:, 0], rights[:, 1]),
        labels=_by_label(shared),
        changed=tuple(_changed(one, other) for one, other in shared if one.predicted != other.predicted),
    )


def verdict(found: ModelComparison) -> Message:
    """Who is better, and whether it may be chance."""
    more = found.n_second_right - found.n_first_right
    if not more:
        return msg(
            "Both are right on {right} of the {n} examples that both were asked.", right=found.n_first_right, n=found.n
        )
    who = msg(
        "“{name}” is right on {right} of the {n} examples that both were asked, the other on {other}.",
        name=found.second if more > 0 else found.first,
        right=max(found.n_first_right, found.n_second_right),
        other=min(found.n_first_right, found.n_second_right),
        n=found.n,
    )
    return msg("{first} {second}", first=who, second=_chance(found.paired))


def where(found: ModelComparison, n: int = 3) -> list[Message]:
    """The categories in which the two differ most: where the second is better, then where the first is."""
    better = [one for one in found.labels if one.more > 0][:n]
    worse = [one for one in reversed(found.labels) if one.more < 0][:n]
    sentences = []
    for name, ones in ((found.second, better), (found.first, worse)):
        if ones:
            listed = ", ".join(f"{one.label} (+{abs(one.more)})" for one in ones)
            sentences.append(msg("“{name}” is better at: {listed}.", name=name, listed=listed))
    return sentences


def _chance(paired: Paired) -> Message:
    n_only = paired.n_first + paired.n_second
    if paired.p < 0.01:
        return msg("That is no accident: equally good models would differ so much in fewer than 1 of 100 exams.")
    share = round(100 * paired.p)
    if paired.is_real:
        return msg(
            "That is hardly chance: equally good models would differ so much in {share} of 100 exams.", share=share
        )
    return nmsg(
        "That may be chance: only {n} example tells them apart, and equally good models would differ so much in {share} of "
        "100 exams.",
        "That may be chance: only {n} examples tell them apart, and equally good models would differ so much in {share} of "
        "100 exams.",
        n_only,
        share=share,
    )


def _keys(answers: Sequence[ExamAnswer]) -> list[tuple[str, int]]:
    """Each text with how often it stood before."""
    seen: Counter[str] = Counter()
    keys = []
    for answer in answers:
        keys.append((answer.text, seen[answer.text]))
        seen[answer.text] += 1
    return keys


def _by_label(shared: Sequence[tuple[ExamAnswer, ExamAnswer]]) -> tuple[LabelComparison, ...]:
    asked, first, second = Counter[str](), Counter[str](), Counter[str]()
    for one, other in shared:
        asked[one.label] += 1
        first[one.label] += one.predicted == one.label
        second[one.label] += other.predicted == other.label
    found = [LabelComparison(label=name, n=n, n_first=first[name], n_second=second[name]) for name, n in asked.items()]
    return tuple(sorted(found, key=lambda one: (-one.more, one.label)))


def _changed(one: ExamAnswer, other: ExamAnswer) -> ChangedAnswer:
    change = Change.OTHER
    if other.predicted == one.label:
        change = Change.GAINED
    elif one.predicted == one.label:
        change = Change.LOST
    return ChangedAnswer(
        row=one.row, text=one.text, label=one.label, first=one.predicted, second=other.predicted, change=change
    )
