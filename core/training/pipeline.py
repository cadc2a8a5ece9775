"""One training job from rows to a bundle: draft, fine-tune, and keep what the check-up examples say is best.

Everything that took long is kept in the work folder as it is finished, so a job that was killed goes on where it was:
the draft, checkpoints of the loop, and what was measured at the start. The exam is only asked, never learned from and
never used to choose.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base_models.encoder import FrozenEncoder, Interrupted
from core.base_models.long_texts import MEASURED
from core.base_models.sources import fetch
from core.domain.dataset import DatasetProfile
from core.domain.job import Stage, Wish
from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.domain.task import AnswerKind
from core.tasks import TASKS
from core.techniques import TECHNIQUES
from core.training.answers import CHECKUP, Answers, save_baselines
from core.training.bundle import Choice, write_draft, write_encoder, write_fine_tuned, write_model_json
from core.training.busy import Stopwatch
from core.training.calibration import sharpen
from core.training.choosing import choose, draft_choice
from core.training.drafting import Drafter, FirstDraft
from core.training.familiarity import PracticeRows
from core.training.finetuning import FineTuner, Tokens, readable
from core.training.keywords import keyword_answers
from core.training.long_choice import choose_way
from core.training.machine import detect_machine
from core.training.number_choice import choose_number, number_draft_choice
from core.training.parts import PartTimes
from core.training.pseudo_labels import accept, won_with
from core.training.searched import Found, SearchedTraining
from core.training.several_choice import choose_several, several_draft_choice
from core.training.types import Cancelled, Reporter, ShouldStop, TrainingData, TrainingResult

if TYPE_CHECKING:
    from core.training.draft import Draft
    from core.training.loop import LoopResult, Outlets
    from core.training.model import Classifier

LOOP_SHARE = 0.94  # of the training stage; the rest is choosing and writing the bundle
FINISHING_RANGE = (6.0, 25.0)  # seconds for choosing, export, exam and publishing
TRAINING_RANGE = (0.85, 1.25)  # real steps were measured: little uncertainty is left

#: by what is answered: how draft, fine-tuned model or both are chosen, and how the draft is read where it stands alone
_CHOOSERS = {
    AnswerKind.CATEGORY: (choose, draft_choice),
    AnswerKind.NUMBER: (choose_number, number_draft_choice),
    AnswerKind.CATEGORIES: (choose_several, several_draft_choice),
}


def train_model(
    data: TrainingData,
    recipe: TrainingRecipe,
    *,
    base_models_dir: Path,
    work_dir: Path,
    bundle_dir: Path,
    reporter: Reporter,
    should_stop: ShouldStop,
    clock: Callable[[], float] = time.monotonic,
    free_share: float = 1.0,
) -> TrainingResult:
    """Train by `recipe` and write a bundle into the existing, empty `bundle_dir`.

    `work_dir` is this job's own; call again with the same arguments to go on after a crash. It is left as it is, to be
    removed once the bundle is published. `clock` counts the seconds of a search; `free_share` of the processors seems
    free for this job (`core.training.busy`).

    Raises:
        WeightsUnavailable: the base model cannot be had.
        Cancelled: the person threw the work away.
    """
    pipeline = _Pipeline(data, recipe, base_models_dir, work_dir, bundle_dir, reporter, should_stop, clock, free_share)
    return pipeline.run()


class _Pipeline:
    def __init__(
        self,
        data: TrainingData,
        recipe: TrainingRecipe,
        base_models_dir: Path,
        work_dir: Path,
        bundle_dir: Path,
        reporter: Reporter,
        should_stop: ShouldStop,
        clock: Callable[[], float],
        free_share: float,
    ) -> None:
        self.data, self.recipe, self.clock = data, recipe, clock
        self.taught = data  #: with the texts that the draft sorted
        self.base_models_dir, self.work_dir, self.bundle_dir = base_models_dir, work_dir, bundle_dir
        self.reporter, self.should_stop = reporter, should_stop
        self.task, self.technique = TASKS[recipe.task], TECHNIQUES[recipe.technique]
        self.seconds: dict[str, float] = {}
        self.environment: dict[str, Any] = {}
        self.started = time.monotonic()
        self.times = PartTimes(_profile(data), recipe, detect_machine(), free_share)
        work_dir.mkdir(parents=True, exist_ok=True)
        self.forecast = self._forecast()

    def run(self) -> TrainingResult:
        with self._stage(Stage.PREPARING):
            self.base_dir = fetch(self.recipe.base_model, self.base_models_dir)
            self._tell(Stage.PREPARING, 0.5)
            self.encoder_dir = FrozenEncoder.prepare(self.base_dir, self.base_models_dir)
            self._obey_cancel()
        with self._stage(Stage.DRAFTING):
            self._settle_long_texts()
            drafter = Drafter(
                self.data,
                self.recipe,
                self.task,
                encoder_dir=self.encoder_dir,
                work_dir=self.work_dir,
                should_stop=self.should_stop,
                progress=lambda share: self._tell(Stage.DRAFTING, 0.95 * share),
            )
            if drafter.is_partial:
                self.reporter.say(
                    msg(
                        "So that the first answer comes soon, the quick model learns from {n} of {all} practice examples, some of every category.",
                        n=len(drafter.practice.texts),
                        all=len(self.data.practice.texts),
                    )
                )
            first = drafter.first()
            self.reporter.draft(first.exam_score)
            self._obey_cancel()
        if not self._can_fine_tune():
            watch = Stopwatch()
            result = self._publish_draft(drafter, first, None)
            self.seconds[Stage.DRAFTING.value] += watch.seconds
        else:
            result = self._fine_tune(drafter, first)
        self._tell_memory()
        self.times.add_draft(drafter.embedding_seconds, drafter.fitting_seconds)
        self.times.keep(self.base_models_dir)
        return replace(result, seconds={name: round(value, 2) for name, value in self.seconds.items()})

    def _settle_long_texts(self) -> None:
        """Where the recipe leaves it to a measurement, decide which part of long texts is read from here on.

        Raises:
            Cancelled
        """
        if self.recipe.long_texts != MEASURED:
            return
        try:
            choice = choose_way(
                self.data.practice,
                self.encoder_dir,
                max_length=self.recipe.max_length,
                seed=self.recipe.seed,
                work_dir=self.work_dir,
                should_stop=lambda: self.should_stop() == Wish.CANCEL,
                progress=lambda share: self._tell(Stage.DRAFTING, 0.3 * share),
            )
        except Interrupted:
            raise Cancelled from None
        self.recipe = self.times.recipe = replace(self.recipe, long_texts=choice.way)
        self.reporter.say(choice.told)
        tried = {f"long_texts_right_{way}": f"{n} of {choice.n_asked}" for way, n in choice.n_right.items()}
        self._tell_environment({"long_texts": choice.way, "share_of_long_texts": round(choice.share, 3)} | tried)

    def _can_fine_tune(self) -> bool:
        if not self.technique.changes_weights:
            return False
        if not self.data.checkup.texts:
            self.reporter.say(msg("There are no check-up examples to judge fine-tuning by: the quick model is kept."))
            return False
        return self.should_stop() != Wish.STOP

    # -- fine-tuning -----------------------------------------------------------------------------------------------

    def _fine_tune(self, drafter: Drafter, first: FirstDraft) -> TrainingResult:
        with self._stage(Stage.TOKENIZING):
            self._join_pseudo_labels(first)
            tuner = self._tuner(self.recipe, self.work_dir)
            tokens = tuner.tokenize()
        if self.recipe.search_minutes or self.recipe.folds:
            return self._search_and_fine_tune(drafter, first, tokens)
        with self._stage(Stage.TRAINING):
            watch = Stopwatch()
            loop = self._train(tuner, tokens)
            if not tuner.is_resumed:
                self.times.add_loop(loop, tuner.loop_watch)
            if not loop.best:
                self.reporter.say(msg("Fine-tuning gave nothing to keep: the quick model is kept."))
                return self._publish_draft(drafter, first, loop)
            classifier = tuner.finish(tokens, loop)
            tuned_proba = tuner.checkup_proba(tokens, classifier)
            self._tell(Stage.TRAINING, 0.96, FINISHING_RANGE)
            choice = self._choose(first.checkup_proba, tuned_proba, self.data.checkup.array)
            if choice.kept == "draft":
                self.reporter.say(msg("The fine-tuned model was no better than the quick one: the quick one is kept."))
                return self._publish_draft(drafter, first, loop)
            self._keep_answers(first, first.checkup_proba, tuned_proba, choice)
            result = self._publish_tuned(first, first.draft, classifier, choice, tokens, loop)
            self.times.add_finishing(watch.quiet_seconds - tuner.loop_watch.quiet_seconds)
            return result

    def _search_and_fine_tune(self, drafter: Drafter, first: FirstDraft, tokens: Tokens) -> TrainingResult:
        searched = SearchedTraining(
            self.data,
            self.recipe,
            tokens,
            drafter,
            first,
            tuner_for=self._tuner,
            work_dir=self.work_dir,
            reporter=self.reporter,
            tell=lambda share, left: self._tell(Stage.SEARCHING, share, _finished_in(left)),
            tell_environment=self._tell_environment,
            should_stop=self.should_stop,
            clock=self.clock,
        )
        with self._stage(Stage.SEARCHING):
            found = searched.search()
        with self._stage(Stage.TRAINING):
            if found is None:
                self.reporter.say(msg("Fine-tuning gave nothing to keep: the quick model is kept."))
                return self._publish_draft(drafter, first, None)
            choice = self._choose(found.draft_proba, found.tuned_proba, found.targets)
            if choice.kept == "draft":
                self.reporter.say(msg("The fine-tuned model was no better than the quick one: the quick one is kept."))
                return self._publish_draft(drafter, first, None, found)
            self.recipe = found.recipe
            self._keep_answers(first, found.draft_proba, found.tuned_proba, choice, found)
            classifier, loop = searched.train(found, self._outlets())
            self._tell(Stage.TRAINING, 0.96, FINISHING_RANGE)
            return self._publish_tuned(first, searched.draft(), classifier, choice, tokens, loop)

    def _join_pseudo_labels(self, first: FirstDraft) -> None:
        """Let texts that the draft sorts surely join what is practiced on. In a cross-check all of practice judges, and
        those must not."""
        if self.recipe.pseudo_labels == "off" or self.recipe.folds or not self.data.unlabeled:
            return
        accepted = accept(
            self.data,
            first.draft,
            first.checkup_proba,
            seed=self.recipe.seed,
            encoder_dir=self.encoder_dir,
            work_dir=self.work_dir,
            should_cancel=lambda: self.should_stop() == Wish.CANCEL,
            progress=lambda share: self._tell(Stage.TOKENIZING, 0.9 * share),
        )
        self.reporter.say(accepted.told)
        self._tell_environment({"pseudo_labels": len(accepted.rows), "unlabeled_asked": accepted.n_asked})
        self.taught = accepted.joined(self.data)

    def _tuner(self, recipe: TrainingRecipe, work_dir: Path) -> FineTuner:
        return FineTuner(
            self.taught,
            recipe,
            self.task,
            self.technique,
            base_dir=self.base_dir,
            base_models_dir=self.base_models_dir,
            work_dir=work_dir,
        )

    def _train(self, tuner: FineTuner, tokens: Tokens) -> "LoopResult":
        rows_per_step = self.recipe.batch_size * self.recipe.gradient_accumulation
        self.reporter.planned(-(-len(tokens.practice) // rows_per_step) * self.recipe.epochs)
        return tuner.train(tokens, self._outlets(), self._tell_environment)

    def _outlets(self) -> "Outlets":
        from core.training.loop import Outlets

        def progress(fraction: float, seconds_left: float) -> None:
            self._tell(Stage.TRAINING, LOOP_SHARE * fraction, _finished_in(seconds_left))

        return Outlets(
            report=self.reporter.point, say=self.reporter.say, progress=progress, should_stop=self.should_stop
        )

    def _choose(self, draft: np.ndarray, tuned: np.ndarray, targets: np.ndarray) -> Choice:
        chooser, _of_draft = _CHOOSERS[self.task.answer_kind]
        return chooser(draft, tuned, targets)

    # -- publishing ------------------------------------------------------------------------------------------------

    def _publish_draft(
        self, drafter: Drafter, first: FirstDraft, loop: "LoopResult | None", found: Found | None = None
    ) -> TrainingResult:
        """The draft alone: learned again from practice and check-up together, read with the threshold that the check-up,
        or what a cross-check asked, set for a draft that did not know it."""
        proba = found.draft_proba if found else first.checkup_proba
        targets = found.targets if found else self.data.checkup.array
        _chooser, of_draft = _CHOOSERS[self.task.answer_kind]
        choice = of_draft(proba, targets)
        self._keep_answers(first, proba, proba, choice, found)
        write_draft(self.bundle_dir, drafter.final(first))
        return self._result(choice, first, loop)

    def _publish_tuned(
        self,
        first: FirstDraft,
        draft: "Draft",
        classifier: "Classifier",
        choice: Choice,
        tokens: Tokens,
        loop: "LoopResult",
    ) -> TrainingResult:
        write_fine_tuned(self.bundle_dir, classifier, self.base_dir, tokens.max_length)
        if choice.draft_weight > 0:
            write_draft(self.bundle_dir, draft)
            self.reporter.say(msg("The fine-tuned model and the quick one answer best together: both are kept."))
        if n_joined := len(self.taught.practice.texts) - len(self.data.practice.texts):
            self.reporter.say(won_with(n_joined))
        self.recipe = readable(self.recipe, tokens.max_length)
        return self._result(choice, first, loop)

    def _keep_answers(
        self,
        first: FirstDraft,
        draft_proba: np.ndarray,
        tuned_proba: np.ndarray,
        choice: Choice,
        found: Found | None = None,
    ) -> None:
        """What the choice was made by goes into the bundle: answers of models that did not know the rows."""
        checkup = self.data.checkup
        targets, rows = (found.targets, found.rows) if found else (checkup.targets, checkup.rows)
        mixed = choice.draft_weight * draft_proba + (1 - choice.draft_weight) * tuned_proba
        Answers.of(mixed, targets, rows).save(self.bundle_dir, CHECKUP)
        known, asked = np.split(first.vectors, [len(first.rows)])
        numbers = self.data.practice.rows
        kept = PracticeRows.of(known, [numbers[i] for i in first.rows] if numbers else (), seed=self.recipe.seed)
        if self.task.answer_kind is AnswerKind.CATEGORY:
            confidences = sharpen(mixed, choice.temperature).max(axis=1)
            kept = kept.fitted(
                asked, confidences[len(mixed) - len(asked) :]
            )  # check-up rows come last in a cross-check
        kept.save(self.bundle_dir)

    def _result(self, choice: Choice, first: FirstDraft, loop: "LoopResult | None") -> TrainingResult:
        write_model_json(self.bundle_dir, self.data, self.recipe, choice)
        if self.task.answer_kind is AnswerKind.CATEGORY:
            rivals = {"draft": first.exam_answers, "keywords": keyword_answers(self.data, self.recipe.seed)}
            save_baselines(self.bundle_dir, rivals)
        write_encoder(self.bundle_dir, self.encoder_dir)  # the draft needs it, and so does the comparing with practice
        position = loop.position if loop else None
        by_person = self.technique.changes_weights and loop is None and self.should_stop() == Wish.STOP
        return TrainingResult(
            kept=choice.kept,
            threshold=choice.threshold,
            draft_score=first.exam_score,
            best_step=(position.best_step or None) if position else None,
            n_steps=position.step if position else 0,
            stopped=position.stopped if position else "by_person" if by_person else "",
        )

    # -- telling ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _stage(self, stage: Stage) -> Iterator[None]:
        started = time.monotonic()
        self._tell(stage, 0.0)
        try:
            yield
        finally:
            self.seconds[stage.value] = time.monotonic() - started
        self._tell(stage, 1.0)

    def _tell(self, stage: Stage, fraction: float, seconds_left: tuple[float, float] | None = None) -> None:
        self.reporter.stage(stage, fraction, seconds_left or self._forecast_left())

    def _forecast_left(self) -> tuple[float, float]:
        low, high = self.forecast
        gone = time.monotonic() - self.started
        return max(low - gone, 1.0), max(high - gone, 3.0)

    def _forecast(self) -> tuple[float, float]:
        """Seconds of the whole job as the plan's page would say at its first start, from these very texts."""
        low, high, memory_bytes = self.times.forecast(self.base_models_dir, self.work_dir)
        self.environment |= {"forecast_seconds": [low, high], "forecast_memory_bytes": memory_bytes}
        return low, high

    def _tell_environment(self, values: dict[str, Any]) -> None:
        self.environment |= values
        self.reporter.environment(dict(self.environment))

    def _tell_memory(self) -> None:
        unit = 1 if sys.platform == "darwin" else 1024
        values: dict[str, Any] = {"peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}
        values["processor_share"] = self.times.processor_share
        if self.environment.get("device") == "cuda":
            import torch

            values["peak_gpu_memory_bytes"] = torch.cuda.max_memory_allocated()
        self._tell_environment(values)

    def _obey_cancel(self) -> None:
        if self.should_stop() == Wish.CANCEL:
            raise Cancelled


def _finished_in(seconds_left: float) -> tuple[float, float]:
    low, high = (share * seconds_left + rest for share, rest in zip(TRAINING_RANGE, FINISHING_RANGE, strict=True))
    return low, high


def _profile(data: TrainingData) -> DatasetProfile:
    texts = [*data.practice.texts, *data.checkup.texts, *data.exam.texts]
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    return DatasetProfile(
        n_rows=len(texts),
        n_labels=max(1, len(data.labels)),
        language=data.language,
        mean_chars=float(lengths.mean()),
        p95_chars=int(np.quantile(lengths, 0.95)),
        max_chars=int(lengths.max()),
        imbalance=1.0,
        n_own_exam=len(data.exam.texts) if data.has_own_exam else 0,
    )
