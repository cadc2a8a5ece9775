"""Learn from texts that nobody sorted: the draft answers them, and answers it is sure of join practice.

Pseudo-labels (Lee, 2013) with a confidence threshold as in FixMatch (Sohn et al., 2020, arXiv:2001.07685). Two gates hold
wrong answers off. The threshold is the lowest one above which the draft's check-up answers are right about 95 times in
100; where there is none, or hardly a text passes it, nothing is used. And what was fine-tuned with them must beat the
draft, which never saw them, on the check-up (`core.training.choosing.choose`).

Of a category at most as many texts join as practice holds of it, the surest first: its share cannot explode.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base_models.encoder import FrozenEncoder, Interrupted
from core.base_models.pair_vectors import vectors_of
from core.domain.message import Message, msg, nmsg
from core.files import written_aside
from core.training.calibration import PSEUDO_EXAMPLES, SURE_ACCURACY, Proba
from core.training.draft import Draft
from core.training.types import Cancelled, Examples, TrainingData

ASKED_PER_ROW, MIN_ASKED, MAX_ASKED = 4, 2_000, 20_000  # texts that the draft answers, for each row of practice
MIN_JUDGED = 5  # check-up answers above the threshold; fewer tell nothing
MIN_ACCEPTED = 20  # texts; fewer change nothing
FILE = "pseudo_labels.json"

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Texts of `TrainingData.unlabeled` that join practice, and what the run says about it."""

    rows: list[int]
    targets: list[int]
    n_asked: int
    told: Message

    def joined(self, data: TrainingData) -> TrainingData:
        """`data` with these texts as further practice."""
        texts = [*data.practice.texts, *(data.unlabeled[row] for row in self.rows)]
        return replace(data, practice=Examples(texts=texts, targets=[*data.practice.targets, *self.targets]))


def accept(
    data: TrainingData,
    draft: Draft,
    checkup_proba: Proba,
    *,
    seed: int,
    encoder_dir: Path,
    work_dir: Path,
    should_cancel: Callable[[], bool],
    progress: Callable[[float], None],
) -> Accepted:
    """Let the draft answer the unlabeled texts; found once and kept in `work_dir`.

    Raises:
        Cancelled
    """
    path = work_dir / FILE
    if path.is_file():
        values = json.loads(path.read_text(encoding="utf-8"))
        return Accepted(**values | {"told": Message.from_json(values["told"])})
    asked = _asked(len(data.unlabeled), len(data.practice.texts), seed)
    texts = [data.unlabeled[row] for row in asked]
    try:
        encoder = FrozenEncoder.load(encoder_dir)
        embed = partial(encoder.embed, long_texts=draft.long_texts, progress=progress, should_stop=should_cancel)
        vectors = vectors_of(embed, texts, pairs=draft.pairs)
    except Interrupted:
        raise Cancelled from None
    proba = draft.predict_proba(texts, vectors)
    threshold = confident_threshold(checkup_proba, data.checkup.array)
    chosen = [] if threshold is None else surest(proba, threshold, data.practice.array)
    found = Accepted(
        rows=[int(asked[i]) for i in chosen] if len(chosen) >= MIN_ACCEPTED else [],
        targets=[int(proba[i].argmax()) for i in chosen] if len(chosen) >= MIN_ACCEPTED else [],
        n_asked=len(asked),
        told=_sentence(threshold, len(chosen), len(asked)),
    )
    with written_aside(path) as aside:
        values = {"rows": found.rows, "targets": found.targets, "n_asked": found.n_asked, "told": found.told.to_json()}
        aside.write_text(json.dumps(values), encoding="utf-8")
    return found


def confident_threshold(proba: Proba, targets: Rows) -> float | None:
    """The lowest probability at and above which check-up answers are right about 95 times in 100; None where even the
    surest are not, or too few are that sure.

    With k answers above it, r of them right and their mean probability p, accuracy is taken as (r + 10 p) / (k + 10): where
    examples are few, the draft's calibrated probabilities decide.
    """
    if len(proba) < MIN_JUDGED:
        return None
    confidence = proba.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    confidence, is_right = confidence[order], (proba.argmax(axis=1) == targets)[order]
    k = np.arange(1, len(order) + 1)
    accuracy = (np.cumsum(is_right) + PSEUDO_EXAMPLES * np.cumsum(confidence) / k) / (k + PSEUDO_EXAMPLES)
    is_last_so_sure = np.append(confidence[1:] < confidence[:-1], True)
    enough = np.flatnonzero((accuracy >= SURE_ACCURACY) & (k >= MIN_JUDGED) & is_last_so_sure)
    return float(confidence[enough[-1]]) if len(enough) else None


def surest(proba: Proba, threshold: float, practice_targets: Rows) -> list[int]:
    """Rows of `proba` at or above the threshold, in their order; of each category the surest, at most as many as practice
    holds of it."""
    confidence, answers = proba.max(axis=1), proba.argmax(axis=1)
    room = np.bincount(practice_targets, minlength=proba.shape[1])
    chosen: list[int] = []
    for label in range(proba.shape[1]):
        rows = np.flatnonzero((answers == label) & (confidence >= threshold))
        rows = rows[np.argsort(-confidence[rows], kind="stable")]
        chosen += rows[: room[label]].tolist()
    return sorted(chosen)


def won_with(n_joined: int) -> Message:
    """For a run that keeps what was fine-tuned with them. The check-up compared it with the draft, with nothing else."""
    return nmsg(
        "On the check-up the model that also learned from {n} text without a category beats the quick model: it is kept.",
        "On the check-up the model that also learned from {n} texts without a category beats the quick model: it is kept.",
        n_joined,
    )


def _asked(n_unlabeled: int, n_practice: int, seed: int) -> list[int]:
    n = min(n_unlabeled, MAX_ASKED, max(MIN_ASKED, ASKED_PER_ROW * n_practice))
    return sorted(np.random.default_rng([seed, n_unlabeled]).permutation(n_unlabeled)[:n].tolist())


def _sentence(threshold: float | None, n_accepted: int, n_asked: int) -> Message:
    if threshold is None:
        return msg(
            "The quick model's answers are not sure enough to learn from: texts without a category are left out."
        )
    if n_accepted < MIN_ACCEPTED:
        return nmsg(
            "Only {n} of {asked} texts without a category was answered surely enough: they are left out.",
            "Only {n} of {asked} texts without a category were answered surely enough: they are left out.",
            n_accepted,
            asked=n_asked,
        )
    return nmsg(
        "{n} of {asked} texts without a category is answered surely enough ({sure}% sure or more) and joins practice.",
        "{n} of {asked} texts without a category are answered surely enough ({sure}% sure or more) and join practice.",
        n_accepted,
        asked=n_asked,
        sure=int(100 * threshold),
    )
