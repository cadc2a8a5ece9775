"""Fine-tuning with a search before it: the pipeline's own steps, with the settings and the judges that the search found.

Where the check-up examples judged, the weights of the best trial are the result: nothing is trained twice. Where
cross-validation judged, the model is trained once more with the chosen settings on practice and check-up together; mix,
temperature and threshold come from the answers that were given out of fold.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.domain.search import SearchRecord, TrialEnd
from core.training.drafting import Drafter, FirstDraft
from core.training.finetuning import FineTuner, Tokens
from core.training.search.folds import fold_of_rows
from core.training.search.judging import CheckupJudge, FoldJudge, shared_choices
from core.training.search.searching import Clock, Search
from core.training.types import Reporter, ShouldStop, TrainingData

if TYPE_CHECKING:
    from core.training.draft import Draft
    from core.training.loop import LoopResult, Outlets
    from core.training.model import Classifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The settings that won, and the answers that were judged: what the model is chosen, mixed and calibrated by."""

    number: int  #: of the trial
    recipe: TrainingRecipe
    draft_proba: np.ndarray
    tuned_proba: np.ndarray
    targets: np.ndarray
    rows: tuple[int, ...]  #: numbers of the examples that judged


class SearchedTraining:
    def __init__(
        self,
        data: TrainingData,
        recipe: TrainingRecipe,
        tokens: Tokens,
        drafter: Drafter,
        first: FirstDraft,
        *,
        tuner_for: Callable[[TrainingRecipe, Path], FineTuner],
        work_dir: Path,
        reporter: Reporter,
        tell: Callable[[float, float], None],
        tell_environment: Callable[[dict[str, Any]], None],
        should_stop: ShouldStop,
        clock: Clock = time.monotonic,
    ) -> None:
        """`tell` is given the share of the search that is done and the seconds left until the model can be written."""
        self.data, self.recipe, self.tokens, self.drafter, self.first = data, recipe, tokens, drafter, first
        self.tuner_for, self.work_dir, self.reporter = tuner_for, work_dir, reporter
        self.tell, self.tell_environment, self.should_stop, self.clock = tell, tell_environment, should_stop, clock
        self.folder = work_dir / "search"
        self.last_seconds = 0.0  #: that the training after the search will take, once a trial has told

    def search(self) -> Found | None:
        """Find the settings; None where no trial left anything to keep.

        Raises:
            Cancelled
        """
        self.judge = self._judge()
        search = self.searching = Search(
            self.recipe,
            self.judge,
            folder=self.folder,
            say=self.reporter.say,
            tell=lambda share, left: self.tell(share, left + self.last_seconds),
            record=self._record,
            should_stop=self.should_stop,
            clock=self.clock,
        )
        if self.recipe.search_minutes and not search.book.trials():
            self.reporter.say(msg("The recommended settings come first; others have to beat them."))
        record = search.run()
        number = record.best
        if not number:  # stopped in the first trial: its best check-up so far, where there is one
            stopped = isinstance(self.judge, CheckupJudge) and record.trials[0].end is TrialEnd.STOPPED
            number = 1 if stopped and record.trials[0].n_asked else 0
        if not number:
            return None
        return Found(
            number=number,
            recipe=search.recipe_of(number),
            draft_proba=self.judge.draft_proba,
            tuned_proba=search.book.proba(number),
            targets=self.judge.targets,
            rows=self.data.checkup.rows
            if self.judge.n_folds == 0
            else self.data.practice.rows + self.data.checkup.rows,
        )

    def train(self, found: Found, outlets: "Outlets") -> "tuple[Classifier, LoopResult]":
        """The model with the settings found, whole and in fp32.

        Raises:
            Cancelled
        """
        folder = self.searching.book.work_dir(found.number)
        if isinstance(self.judge, CheckupJudge):
            tuner, loop, curve = self.judge.trained(found.recipe, folder)
            self.reporter.planned(loop.n_steps)
            for point in curve:
                outlets.report(point)
            return tuner.finish(self.tokens, loop), loop
        tuner, tokens = self.tuner_for(found.recipe, self.work_dir / "final"), self.judge.tokens_without(None)
        rows_per_step = found.recipe.batch_size * found.recipe.gradient_accumulation
        self.reporter.planned(-(-len(tokens.practice) // rows_per_step) * found.recipe.epochs)
        with shared_choices(tuner.work_dir, self.folder):
            loop = tuner.train(tokens, outlets, self.tell_environment)
        if not loop.best:  # stopped by the person, or no finite loss: the part of the trial that is there
            tuner, tokens, loop = self.judge.first_fold(found.recipe, folder)
        return tuner.finish(tokens, loop), loop

    def draft(self) -> "Draft":
        """The one to mix with: it knows what the fine-tuned model knows."""
        return self.first.draft if isinstance(self.judge, CheckupJudge) else self.drafter.final(self.first)

    def _judge(self) -> CheckupJudge | FoldJudge:
        if not self.recipe.folds or self.drafter.is_partial:  # so many rows need no cross-check
            return CheckupJudge(self.tokens, self.first.checkup_proba, self.tuner_for, self.tell_environment)
        data = self.data
        targets = np.concatenate([data.practice.array, data.checkup.array])
        texts = [*data.practice.texts, *data.checkup.texts]
        fold_of_row = fold_of_rows(texts, targets, self.recipe.folds, self.recipe.seed)
        if not fold_of_row.any():  # all texts are near copies of one another
            return CheckupJudge(self.tokens, self.first.checkup_proba, self.tuner_for, self.tell_environment)
        draft_proba = self.drafter.out_of_fold(self.first, fold_of_row)
        return FoldJudge(self.tokens, fold_of_row, draft_proba, self.tuner_for, self.tell_environment)

    def _record(self, record: SearchRecord) -> None:
        if record.folds and record.trials[0].end is TrialEnd.FINISHED:
            self.last_seconds = record.trials[0].seconds / (record.folds - 1)
        self.reporter.search(record)
