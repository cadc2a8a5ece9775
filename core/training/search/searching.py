"""Successive halving inside a budget of seconds: try, compare, give up what is behind, keep the best."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.domain.job import Wish
from core.domain.message import Message, nmsg
from core.domain.recipe import TrainingRecipe
from core.domain.search import SearchRecord, Trial, TrialEnd
from core.training.search.book import Book
from core.training.search.judging import Judge
from core.training.search.proposing import Proposal, propose
from core.training.search.space import Space, Values, space_of
from core.training.types import ShouldStop

MAX_TRIALS = 100
Clock = Callable[[], float]


class Search:
    """One search. `tell` is given the share of it that is done and the seconds left of its budget."""

    def __init__(
        self,
        recipe: TrainingRecipe,
        judge: Judge,
        *,
        folder: Path,
        say: Callable[[Message], None],
        tell: Callable[[float, float], None],
        record: Callable[[SearchRecord], None],
        should_stop: ShouldStop,
        clock: Clock = time.monotonic,
    ) -> None:
        if recipe.search_minutes:
            recipe = replace(recipe, find_learning_rate="off")  # the search itself tries several
        self.recipe, self.judge = recipe, judge
        self.space: Space = space_of(recipe)
        self.book = Book(folder)
        self.say, self.tell, self.record = say, tell, record
        self.should_stop, self.clock = should_stop, clock
        self.budget = 60.0 * recipe.search_minutes

    def run(self) -> SearchRecord:
        """Search until the budget is spent, nothing is left to try or the person stops it.

        Raises:
            Cancelled: by the loop of a trial.
        """
        trials = self.book.trials()
        began = self.clock() - sum(trial.seconds for trial in trials)
        while self.book.chosen() is None:
            proposal = self._next(trials, self.budget - (self.clock() - began))
            if proposal is None:
                self.book.choose(_best(trials))
                break
            trials.append(self._made(len(trials) + 1, proposal, trials, began))
            self._keep_slim(trials)
            self.record(self._record(trials, _best(trials)))
            self._say(trials)
        record = self._record(trials, self.book.chosen() or 0)
        self.record(record)
        return record

    def recipe_of(self, number: int) -> TrainingRecipe:
        """The recipe of a trial on record."""
        return self.space.recipe_of(dict(self.book.trials()[number - 1].settings))

    def _next(self, trials: list[Trial], seconds_left: float) -> Proposal | None:
        """The first trial is always made; any other only if its expected time is left."""
        if trials:
            stopped = self.should_stop() == Wish.STOP or trials[-1].end in (TrialEnd.STOPPED, TrialEnd.OUT_OF_TIME)
            if stopped or seconds_left <= 0 or len(trials) >= MAX_TRIALS:
                return None

        def fits(values: Values) -> bool:
            return self.space.cost(values) / self.space.cost(self.space.own) * trials[0].seconds <= seconds_left

        return propose(self.space, trials, seed=self.recipe.seed, fits=fits)

    def _made(self, number: int, proposal: Proposal, trials: list[Trial], began: float) -> Trial:
        started = self.clock()
        watch = _Watch(self, proposal, began, is_first=number == 1)
        watch.progress(0.0)
        judged = self.judge.run(self.space.recipe_of(proposal.values), self.book.work_dir(number), watch)
        gained, lost = self._against_first(judged.right) if trials else (None, None)
        trial = Trial(
            number=number,
            settings=proposal.values,
            end=judged.end,
            seconds=round(self.clock() - started, 2),
            n_asked=int((judged.right >= 0).sum()),
            accuracy=judged.accuracy,
            loss=judged.loss,
            scores=judged.scores,
            n_gained=gained,
            n_lost=lost,
        )
        self.book.add(trial, judged.proba, judged.right)
        return trial

    def _against_first(self, right: np.ndarray) -> tuple[int | None, int | None]:
        first = self.book.right(1)
        both = (right >= 0) & (first >= 0)
        if not both.any():
            return None, None
        return int((right[both] > first[both]).sum()), int((right[both] < first[both]).sum())

    def _keep_slim(self, trials: list[Trial]) -> None:
        """Weights are kept of the best trial only; of the first one while no trial finished."""
        for trial in trials:
            if trial.number != (_best(trials) or 1):
                self.judge.slim(self.book.work_dir(trial.number))

    def _record(self, trials: list[Trial], best: int) -> SearchRecord:
        return SearchRecord(trials=tuple(trials), best=best, budget_seconds=self.budget, folds=self.judge.n_folds)

    def _say(self, trials: list[Trial]) -> None:
        best = next((trial for trial in trials if trial.number == _best(trials)), None)
        if best is not None:
            self.say(
                nmsg(
                    "Tried {n} setting; it is right on {right} of 100 check-up examples.",
                    "Tried {n} settings; the best is right on {right} of 100 check-up examples.",
                    len(trials),
                    right=round(100 * best.accuracy),
                )
            )


class _Watch:
    """What one trial tells and asks."""

    def __init__(self, search: Search, proposal: Proposal, began: float, *, is_first: bool) -> None:
        self.search, self.proposal, self.began, self.is_first = search, proposal, began, is_first
        self.is_behind = proposal.is_behind

    def progress(self, share: float) -> None:
        """Of a search with minutes the clock tells how far it is, else the one trial."""
        budget, gone = self.search.budget, self.search.clock() - self.began
        left = gone * (1 / share - 1) if self.is_first and share > 0 else 0.0
        done = gone / max(budget, gone + left) if gone + left + budget > 0 else 0.0
        self.search.tell(min(1.0, done), max(budget - gone, left))

    def should_stop(self) -> Wish:
        wish = self.search.should_stop()
        return Wish.STOP if wish == Wish.NONE and self._is_over() else wish

    def why_stopped(self) -> TrialEnd:
        return TrialEnd.STOPPED if self.search.should_stop() == Wish.STOP else TrialEnd.OUT_OF_TIME

    def _is_over(self) -> bool:
        return not self.is_first and self.search.clock() - self.began > self.search.budget


def _best(trials: list[Trial]) -> int:
    """The number of the best finished trial, the earlier one among equals; 0 where none finished."""
    finished = [trial for trial in trials if trial.counts]
    return max(finished, key=lambda trial: (trial.scores[-1], -trial.number)).number if finished else 0
