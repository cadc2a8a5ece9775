"""The draft of a run: vectors of the frozen encoder, the linear model on them, and what it scores. Kept in the work folder,
so that a run that was killed does not compute it again."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.base_models.encoder import FrozenEncoder, Interrupted
from core.base_models.pair_vectors import vectors_of
from core.domain.job import Wish
from core.domain.recipe import TrainingRecipe
from core.domain.run import AnyScore
from core.domain.task import AnswerKind, reads_pairs
from core.files import folder_aside, is_whole, sweep, written_aside
from core.tasks.protocol import Task
from core.tasks.several_categories import several_score
from core.training.balance import label_weights
from core.training.busy import Stopwatch
from core.training.draft import Draft
from core.training.number_draft import fit_number_draft
from core.training.several_choice import several_draft_choice
from core.training.several_draft import fit_several_draft, rarest_category
from core.training.types import Cancelled, Examples, ShouldStop, TrainingData

VECTORS = "vectors.safetensors"
FOLDS = "draft-folds.safetensors"
MOST_ROWS = 30_000  # that a draft learns from: embedding and fitting them takes minutes, of a million rows hours
LEAST_PER_LABEL = 20  # rows of a category that are among them, where it has as many


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDraft:
    """A draft that learned from practice only, and its answers on the check-up and the exam."""

    draft: Draft
    rows: np.ndarray  #: of practice, that it learned from
    vectors: np.ndarray  #: of those texts, then of the check-up texts
    checkup_proba: np.ndarray
    exam_score: AnyScore
    exam_answers: np.ndarray  #: places in the labels; they say nothing but where a text has exactly one


class Drafter:
    """Makes drafts of one run. `progress` is told the share that is done."""

    def __init__(
        self,
        data: TrainingData,
        recipe: TrainingRecipe,
        task: Task,
        *,
        encoder_dir: Path,
        work_dir: Path,
        should_stop: ShouldStop,
        progress: Callable[[float], None],
    ) -> None:
        self.data, self.recipe, self.task = data, recipe, task
        self.pairs = reads_pairs(task.name)
        self.encoder_dir, self.work_dir, self.progress = encoder_dir, work_dir, progress
        self.rows = drawn(data.practice, seed=recipe.seed)  #: of practice, that the draft learns from
        self.is_partial = len(self.rows) < len(data.practice.texts)
        self.practice = _chosen(data.practice, self.rows) if self.is_partial else data.practice
        #: what was computed here took so long on a quiet machine; None where an earlier attempt had done it
        self.embedding_seconds: float | None = None
        self.fitting_seconds: float | None = None  #: of the first fit
        self.cancelled = lambda: should_stop() == Wish.CANCEL  # stopping early keeps the draft, so it is made first

    def first(self) -> FirstDraft:
        """The draft that the run shows at once.

        Raises:
            Cancelled
        """
        from safetensors.numpy import load_file, save_file

        folder = self.work_dir / "draft"
        if self.work_dir.is_dir():
            sweep(self.work_dir)
        if not is_whole(folder):
            data = self.data
            practice = self.practice
            vectors = self._embed([*practice.texts, *data.checkup.texts, *data.exam.texts])
            n_practice, n_known = len(practice.texts), len(practice.texts) + len(data.checkup.texts)
            draft = self._fit(practice, vectors[:n_practice])
            found = {
                "known": vectors[:n_known],
                "checkup": draft.predict_proba(data.checkup.texts, vectors[n_practice:n_known]),
                "exam": draft.predict_proba(data.exam.texts, vectors[n_known:]),
            }
            with folder_aside(folder) as aside:
                draft.save(aside)
                save_file({name: np.ascontiguousarray(value) for name, value in found.items()}, aside / VECTORS)
        found = load_file(folder / VECTORS)
        self.progress(1.0)
        return FirstDraft(
            draft=Draft.load(folder),
            rows=self.rows,
            vectors=found["known"],
            checkup_proba=found["checkup"],
            exam_score=self._score(found["checkup"], found["exam"]),
            exam_answers=found["exam"].argmax(axis=1),
        )

    def _score(self, checkup: np.ndarray, exam: np.ndarray) -> AnyScore:
        truth = self.data.exam.array
        if self.task.answer_kind is AnswerKind.CATEGORIES:
            return several_score(exam >= several_draft_choice(checkup, self.data.checkup.array).thresholds, truth)
        return self.task.score(exam, truth, self.data.scale)

    def final(self, first: FirstDraft) -> Draft:
        """The draft again, from practice and check-up together: what is published where it stands alone.

        Its probabilities are calibrated on rows left out while fitting, so they stay honest.
        """
        return self._fit(self._known(), first.vectors) if self.data.checkup.texts else first.draft

    def _known(self) -> Examples:
        practice, checkup = self.practice, self.data.checkup
        return Examples(
            texts=[*practice.texts, *checkup.texts], targets=np.concatenate([practice.array, checkup.array])
        )

    def out_of_fold(self, first: FirstDraft, fold_of_row: np.ndarray) -> np.ndarray:
        """Answers on practice and check-up, (n, n_labels), each by a draft that did not know the row's fold.

        Raises:
            Cancelled
        """
        from safetensors.numpy import load_file, save_file

        kept = self.work_dir / FOLDS
        if not kept.exists():
            known = self._known()
            texts, targets = known.texts, known.array
            proba = np.zeros((len(texts), len(self.data.labels)))
            for fold in range(int(fold_of_row.max()) + 1):
                others, asked = np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)
                examples = Examples(texts=[texts[i] for i in others], targets=targets[others])
                draft = self._fit(examples, first.vectors[others])
                proba[asked] = draft.predict_proba([texts[i] for i in asked], first.vectors[asked])
            with written_aside(kept) as aside:
                save_file({"proba": proba}, aside)
        found: np.ndarray = load_file(kept)["proba"]
        return found

    def _embed(self, texts: list[str]) -> np.ndarray:
        embed = partial(
            FrozenEncoder.load(self.encoder_dir).embed,
            long_texts=self.recipe.long_texts,
            progress=lambda share: self.progress(0.8 * share),
            should_stop=self.cancelled,
        )
        watch = Stopwatch()
        try:
            vectors = vectors_of(embed, texts, pairs=self.pairs)
        except Interrupted:
            raise Cancelled from None
        self.embedding_seconds = watch.quiet_seconds
        return vectors

    def _fit(self, examples: Examples, vectors: np.ndarray) -> Draft:
        watch = Stopwatch()
        try:
            draft = self._fitted(examples, vectors)
        except Interrupted:
            raise Cancelled from None
        self.fitting_seconds = self.fitting_seconds or watch.quiet_seconds
        return draft

    def _fitted(self, examples: Examples, vectors: np.ndarray) -> Draft:
        targets, n_labels = examples.array, len(self.data.labels)
        if self.task.answer_kind is AnswerKind.NUMBER:
            return fit_number_draft(
                examples.texts,
                targets,
                vectors,
                seed=self.recipe.seed,
                language=self.data.language,
                should_stop=self.cancelled,
                long_texts=self.recipe.long_texts,
                pairs=self.pairs,
            )
        if self.task.answer_kind is AnswerKind.CATEGORIES:
            return fit_several_draft(
                examples.texts,
                targets,
                vectors,
                seed=self.recipe.seed,
                language=self.data.language,
                should_stop=self.cancelled,
                long_texts=self.recipe.long_texts,
            )
        return Draft.fit(
            examples.texts,
            targets,
            vectors,
            n_labels=n_labels,
            seed=self.recipe.seed,
            language=self.data.language,
            class_weight=label_weights(targets, n_labels, self.recipe.class_weights),
            should_stop=self.cancelled,
            long_texts=self.recipe.long_texts,
            pairs=self.pairs,
        )


def drawn(practice: Examples, *, seed: int) -> np.ndarray:
    """All rows of `practice` up to MOST_ROWS; of more, as large a share of every category, but at least LEAST_PER_LABEL."""
    n = len(practice.texts)
    if n <= MOST_ROWS:
        return np.arange(n)
    targets = practice.array
    order = np.random.default_rng(seed).permutation(n)
    if targets.ndim == 2:
        targets = rarest_category(targets)
    if targets.dtype.kind == "f":  # numbers: there are no categories to be fair to
        return np.sort(order[:MOST_ROWS])
    order = order[np.argsort(targets[order], kind="stable")]
    sizes = np.bincount(targets)
    place = np.arange(n) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # 0, 1, .. within each category
    wanted = np.maximum(LEAST_PER_LABEL, np.ceil(sizes * (MOST_ROWS / n)))
    return np.sort(order[place < np.repeat(wanted, sizes)])


def _chosen(practice: Examples, rows: np.ndarray) -> Examples:
    return Examples(texts=[practice.texts[row] for row in rows], targets=practice.array[rows])
