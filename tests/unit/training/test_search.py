"""The search itself, with a judge that needs no model: what is tried, given up, chosen, and repeated."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.domain.job import Wish
from core.domain.recipe import TrainingRecipe
from core.domain.search import SearchRecord, TrialEnd
from core.training.search.folds import fold_of_rows
from core.training.search.judging import Judged, Watch, score_of
from core.training.search.searching import Search
from core.training.search.space import space_of

RECIPE = TrainingRecipe(search_minutes=6, epochs=4)
N_ASKED = 200
TRIAL_SECONDS = 60.0


class Killed(BaseException):
    pass


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class PretendedJudge:
    """Settings are right on a share of the examples that `worth` tells; every pass over the data takes a while."""

    clock: Clock
    worth: dict[object, float] = field(default_factory=lambda: {"contrastive": 0.05, "fitted": 0.03})
    n_folds: int = 0
    dies_in: int | None = None
    ran: list[TrainingRecipe] = field(default_factory=list)
    slimmed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.targets, self.draft_proba = np.zeros(N_ASKED, dtype=np.int64), np.ones((N_ASKED, 2)) / 2

    def accuracy(self, recipe: TrainingRecipe) -> float:
        return 0.7 + sum(self.worth.get(value, 0.0) for value in (*recipe.extras, recipe.head_start))

    def run(self, recipe: TrainingRecipe, folder: Path, watch: Watch) -> Judged:
        self.ran.append(recipe)
        if len(self.ran) == self.dies_in:
            raise Killed
        accuracy = self.accuracy(recipe)
        right = (np.arange(N_ASKED) < accuracy * N_ASKED).astype(np.int8)
        scores, end = [], TrialEnd.FINISHED
        for step in (1, 2):
            for _second in range(int(TRIAL_SECONDS * recipe.epochs / RECIPE.epochs / 2)):
                self.clock.now += 1.0
                if watch.should_stop() == Wish.STOP:
                    return self._judged(watch.why_stopped(), scores, 0.0, np.full(N_ASKED, -1, dtype=np.int8))
            scores.append(score_of(accuracy, 0.0))
            if step == 1 and watch.is_behind(step, scores[-1]):
                end = TrialEnd.BEHIND
                break
        return self._judged(end, scores, accuracy, right)

    def slim(self, folder: Path) -> None:
        self.slimmed.add(folder.name)

    def _judged(self, end: TrialEnd, scores: list[float], accuracy: float, right: np.ndarray) -> Judged:
        return Judged(end=end, scores=tuple(scores), accuracy=accuracy, proba=self.draft_proba, right=right)


def a_search(folder: Path, judge: PretendedJudge, recipe: TrainingRecipe = RECIPE, wish: Wish = Wish.NONE) -> Search:
    said: list[object] = []
    return Search(
        recipe,
        judge,
        folder=folder,
        say=said.append,
        tell=lambda share, left: None,
        record=lambda record: None,
        should_stop=lambda: wish,
        clock=judge.clock,
    )


def found_in(folder: Path, recipe: TrainingRecipe = RECIPE, **about: object) -> tuple[SearchRecord, PretendedJudge]:
    judge = PretendedJudge(Clock(), **about)  # type: ignore[arg-type]
    return a_search(folder, judge, recipe).run(), judge


def test_the_recommended_recipe_comes_first_and_better_settings_win(tmp_path: Path) -> None:
    record, judge = found_in(tmp_path)
    assert judge.ran[0] == RECIPE
    assert record.trials[0].end is TrialEnd.FINISHED
    assert record.chosen is not None and record.chosen.accuracy > record.trials[0].accuracy
    assert {trial.end for trial in record.trials} >= {TrialEnd.FINISHED, TrialEnd.BEHIND}
    gained = record.chosen.n_gained, record.chosen.n_lost
    assert gained == (round((record.chosen.accuracy - 0.7) * N_ASKED), 0)


def test_nothing_better_leaves_the_recommended_recipe(tmp_path: Path) -> None:
    record, _ = found_in(tmp_path, worth={})
    assert record.best == 1 and len(record.trials) > 5


def test_the_minutes_are_kept_and_whoever_needs_more_is_not_begun(tmp_path: Path) -> None:
    record, judge = found_in(tmp_path)
    assert judge.clock.now <= record.budget_seconds == 360
    assert TrialEnd.OUT_OF_TIME not in {trial.end for trial in record.trials}
    assert len({tuple(sorted(trial.settings.items())) for trial in record.trials}) == len(record.trials)


def test_without_minutes_the_recipe_alone_is_judged_however_long_it_takes(tmp_path: Path) -> None:
    record, judge = found_in(tmp_path, RECIPE.changed({"search_minutes": 0}))
    assert len(record.trials) == 1 and judge.clock.now == TRIAL_SECONDS and record.best == 1


@pytest.mark.parametrize("dies_in", [1, 2, 5])
def test_a_killed_search_makes_no_finished_trial_again_and_tries_the_same(tmp_path: Path, dies_in: int) -> None:
    whole, uninterrupted = found_in(tmp_path / "whole")
    judge = PretendedJudge(Clock(), dies_in=dies_in)
    with pytest.raises(Killed):
        a_search(tmp_path / "killed", judge).run()
    again = PretendedJudge(Clock())
    assert a_search(tmp_path / "killed", again).run() == whole
    assert judge.ran[:-1] + again.ran == uninterrupted.ran
    after = PretendedJudge(Clock())
    assert a_search(tmp_path / "killed", after).run() == whole and not after.ran


def test_a_stop_ends_it_with_the_best_so_far(tmp_path: Path) -> None:
    judge = PretendedJudge(Clock())
    wishes = iter([Wish.NONE] * 200)
    search = a_search(tmp_path, judge)
    search.should_stop = lambda: next(wishes, Wish.STOP)
    record = search.run()
    assert record.trials[-1].end is TrialEnd.STOPPED and not record.trials[-1].counts
    assert 1 <= record.best < len(record.trials)


def test_weights_are_kept_of_the_best_trial_alone(tmp_path: Path) -> None:
    record, judge = found_in(tmp_path)
    assert judge.slimmed == {f"work-{t.number:04d}" for t in record.trials if t.number != record.best}


def test_what_is_tried_never_contradicts_the_recipe() -> None:
    lora = space_of(TrainingRecipe(technique="lora", extras=("soup", "r_drop")))
    assert not {"layer_decay", "ema", "r_drop"} & set(lora.choices["extras"])
    assert space_of(TrainingRecipe(base_model="e5-small-zh-en", n_layers=6)).choices["n_layers"] == (6, 0)
    for recipe in (TrainingRecipe(dropout=0.0), TrainingRecipe(learning_rate=1.0, epochs=100), RECIPE):
        space = space_of(recipe)
        assert space.first()[0] == space.own and space.recipe_of(space.own) == recipe
        for name, values in space.choices.items():
            assert len(set(values)) == len(values) >= 1
            for value in values:
                space.recipe_of(space.own | {name: value})


def test_folds_hold_near_copies_together_and_deal_every_category_out() -> None:
    texts = [
        f"{'where is order' if i % 2 else 'cancel my account'} {'abcdefghijklmnopqrst'[i // 2] * 7} now"
        for i in range(40)
    ]
    texts += ["Where is order aaaaaaa  now!", "where is order bbbbbbb now"]
    targets = np.array([i % 2 for i in range(40)] + [1, 1])
    fold = fold_of_rows(texts, targets, 4, seed=0)
    assert np.array_equal(fold, fold_of_rows(texts, targets, 4, seed=0))
    assert not np.array_equal(fold, fold_of_rows(texts, targets, 4, seed=1))
    assert (fold[40], fold[41]) == (fold[1], fold[3])
    for label in (0, 1):
        counts = np.bincount(fold[:40][targets[:40] == label], minlength=4)
        assert counts.min() >= 4
