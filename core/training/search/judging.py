"""How a trial is made and judged: on the check-up examples, or by cross-validation where those are too few.

What is judged is what would be published: the fine-tuned model mixed with the draft as the judging examples like it best.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from core.domain.job import Wish
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, MetricPoint
from core.domain.search import TrialEnd
from core.files import written_aside
from core.training.batches import TokenizedExamples, joined, subset
from core.training.calibration import fit_mix, fit_temperature, log_loss, sharpen
from core.training.finetuning import CHOICES, FineTuner, Tokens

if TYPE_CHECKING:
    from core.training.loop import LoopResult

LOSS_SHARE = 0.1  # a loss lower by 0.1 counts as much as one more right answer in 100: few examples tell more by both
WORST_LOSS = 10.0
N_POINTS = 2  # of comparison where the check-up judges: half way, and the end; earlier, slow starters look bad
SHARED_CHOICES = (
    "precision",
    "n_threads",
    "device",
    "pass_rows",
    "learning_rate",
)  # measured by the first trial, the same in all

FineTunerFor = Callable[[TrainingRecipe, Path], FineTuner]
TellEnvironment = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of a trial."""

    end: TrialEnd
    scores: tuple[float, ...]  #: one a point of comparison
    accuracy: float = 0.0
    loss: float = 0.0
    proba: np.ndarray  #: answers of the fine-tuned model, (n, n_labels); nan for examples it was not asked
    right: np.ndarray  #: of the mix, (n,): 1 right, 0 wrong, -1 not asked


class Watch(Protocol):
    """What a trial tells while it runs, and asks."""

    def is_behind(self, step: int, score: float) -> bool: ...

    def should_stop(self) -> Wish:
        """STOP also when the time is over."""

    def progress(self, share: float) -> None: ...

    def why_stopped(self) -> TrialEnd: ...


class Judge(Protocol):
    n_folds: int  #: 0 where the check-up examples judge
    targets: np.ndarray  #: of the examples that judge
    draft_proba: np.ndarray  #: the draft's answers on them

    def run(self, recipe: TrainingRecipe, folder: Path, watch: Watch) -> Judged:
        """Make one trial in `folder`, or go on with it."""

    def slim(self, folder: Path) -> None:
        """Remove what only a chosen trial needs."""


def score_of(accuracy: float, loss: float) -> float:
    """One number to compare trials by, higher is better."""
    return accuracy - LOSS_SHARE * min(loss, WORST_LOSS)


def judged_mix(draft: np.ndarray, tuned: np.ndarray, targets: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Accuracy, calibrated loss and which answers are right, of the mix that these examples like best."""
    weight = fit_mix(targets, draft, tuned)
    proba = weight * draft + (1 - weight) * tuned
    right = proba.argmax(axis=1) == targets
    return float(right.mean()), log_loss(sharpen(proba, fit_temperature(proba, targets)), targets), right


class FoldJudge:
    """Every example of practice and check-up is answered by a model that did not learn from its fold. No check-up decides
    when a fold's training ends, so what is judged is what the last training, on all examples, will do."""

    def __init__(
        self,
        tokens: Tokens,
        fold_of_row: np.ndarray,
        draft_proba: np.ndarray,
        tuner_for: FineTunerFor,
        tell_environment: TellEnvironment,
    ) -> None:
        self.all = joined(tokens.practice, tokens.checkup)
        self.tokens, self.fold_of_row, self.draft_proba = tokens, fold_of_row, draft_proba
        self.tuner_for, self.tell_environment = tuner_for, tell_environment
        self.n_folds = int(fold_of_row.max()) + 1
        self.targets = self.all.targets

    def tokens_without(self, fold: int | None) -> Tokens:
        """What learns when `fold` is left out (None: nothing is); no check-up examples."""
        rows = np.flatnonzero(self.fold_of_row != (-1 if fold is None else fold))
        return self._tokens(subset(self.all, rows))

    def run(self, recipe: TrainingRecipe, folder: Path, watch: Watch) -> Judged:
        proba = np.full(self.draft_proba.shape, np.nan)
        scores: list[float] = []
        accuracy = loss = 0.0
        right = np.full(len(self.targets), -1, dtype=np.int8)
        end = TrialEnd.FINISHED
        for fold in range(self.n_folds):
            held_out = self.fold_of_row == fold
            answers = self._answers(recipe, folder, fold, watch)
            if isinstance(answers, TrialEnd):
                end = answers
                break
            proba[held_out] = answers
            asked = self.fold_of_row <= fold
            accuracy, loss, right[asked] = judged_mix(self.draft_proba[asked], proba[asked], self.targets[asked])
            scores.append(score_of(accuracy, loss))
            is_last = fold == self.n_folds - 1
            if not is_last and watch.is_behind(len(scores), scores[-1]):
                end = TrialEnd.BEHIND
                break
        return Judged(end=end, scores=tuple(scores), accuracy=accuracy, loss=loss, proba=proba, right=right)

    def first_fold(self, recipe: TrainingRecipe, folder: Path) -> "tuple[FineTuner, Tokens, LoopResult]":
        """The finished training of a trial's first fold, as it lies in its folder."""
        from core.training.loop import Outlets

        tuner, tokens = self.tuner_for(recipe, folder / "fold-0"), self.tokens_without(0)
        return tuner, tokens, tuner.train(tokens, Outlets(), self.tell_environment)

    def slim(self, folder: Path) -> None:
        shutil.rmtree(folder / "fold-0", ignore_errors=True)

    def _answers(self, recipe: TrainingRecipe, folder: Path, fold: int, watch: Watch) -> np.ndarray | TrialEnd:
        """On the examples that were left out: of a training made now, or by an attempt that died later."""
        import torch
        from safetensors.numpy import load_file, save_file

        from core.training.loop import Outlets, answer_logits

        kept = folder / f"fold-{fold}.safetensors"
        if kept.exists():
            proba: np.ndarray = load_file(kept)["proba"]
            return proba
        tuner, tokens = self.tuner_for(recipe, folder / f"fold-{fold}"), self.tokens_without(fold)
        outlets = Outlets(
            progress=lambda share, _left: watch.progress((fold + share) / self.n_folds), should_stop=watch.should_stop
        )
        with shared_choices(tuner.work_dir, folder.parent):
            loop = tuner.train(tokens, outlets, self.tell_environment)
        if not loop.best:
            return watch.why_stopped() if loop.position.stopped == "by_person" else TrialEnd.DIVERGED
        classifier = tuner.finish(tokens, loop)
        asked = subset(self.all, np.flatnonzero(self.fold_of_row == fold))
        logits = answer_logits(classifier, asked, tokens.pad_id, torch.device("cpu"))
        proba = tuner.task.answers(logits)
        with written_aside(kept) as aside:
            save_file({"proba": proba}, aside)
        if fold:
            shutil.rmtree(tuner.work_dir, ignore_errors=True)  # the first one's weights are there for who cannot wait
        return proba

    def _tokens(self, practice: TokenizedExamples) -> Tokens:
        known = self.tokens
        nothing = subset(self.all, np.zeros(0, dtype=np.int64))
        return Tokens(
            practice=practice, checkup=nothing, seen=known.seen, pad_id=known.pad_id, max_length=known.max_length
        )


class CheckupJudge:
    """The check-up examples judge, as in a run without a search; trials are compared half way and at their end."""

    n_folds = 0

    def __init__(
        self, tokens: Tokens, draft_proba: np.ndarray, tuner_for: FineTunerFor, tell_environment: TellEnvironment
    ) -> None:
        self.tokens, self.draft_proba = tokens, draft_proba
        self.tuner_for, self.tell_environment = tuner_for, tell_environment
        self.targets = tokens.checkup.targets

    def run(self, recipe: TrainingRecipe, folder: Path, watch: Watch) -> Judged:
        from core.training.loop import Outlets

        tuner = self.tuner_for(recipe, folder)
        rows_per_step = recipe.batch_size * recipe.gradient_accumulation
        n_steps = -(-len(self.tokens.practice) // rows_per_step) * recipe.epochs
        curve = _Curve(folder / "curve.json", n_steps, watch)
        outlets = Outlets(
            report=curve.report, progress=lambda share, _left: watch.progress(share), should_stop=curve.should_stop
        )
        with shared_choices(folder, folder.parent):
            loop = tuner.train(self.tokens, outlets, self.tell_environment)
        curve.keep()
        end = self._end(loop, curve, watch)
        nobody = np.full(len(self.targets), -1, dtype=np.int8)
        if not loop.best or end is TrialEnd.BEHIND:
            none = np.full(self.draft_proba.shape, np.nan)
            at = loop.position
            accuracy, loss = max(at.best_accuracy, 0.0), min(at.best_loss, WORST_LOSS)
            return Judged(end=end, scores=tuple(curve.scores), accuracy=accuracy, loss=loss, proba=none, right=nobody)
        proba = tuner.checkup_proba(self.tokens, tuner.finish(self.tokens, loop))
        accuracy, loss, right = judged_mix(self.draft_proba, proba, self.targets)
        scores = (*curve.scores[: N_POINTS - 1], score_of(accuracy, loss))
        return Judged(end=end, scores=scores, accuracy=accuracy, loss=loss, proba=proba, right=right.astype(np.int8))

    def trained(self, recipe: TrainingRecipe, folder: Path) -> "tuple[FineTuner, LoopResult, list[MetricPoint]]":
        """A finished trial as it lies in its folder, and its curve."""
        from core.training.loop import Outlets

        tuner = self.tuner_for(recipe, folder)
        loop = tuner.train(self.tokens, Outlets(), self.tell_environment)
        return tuner, loop, _points(folder / "curve.json")

    def slim(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def _end(self, loop: "LoopResult", curve: "_Curve", watch: Watch) -> TrialEnd:
        if curve.behind:
            return TrialEnd.BEHIND
        if loop.position.stopped == "by_person":
            return watch.why_stopped()
        return TrialEnd.FINISHED if loop.best else TrialEnd.DIVERGED


class _Curve:
    """Listens to a loop: keeps its points for the chart, and compares half way."""

    def __init__(self, path: Path, n_steps: int, watch: Watch) -> None:
        self.path, self.n_steps, self.watch = path, n_steps, watch
        self.points: dict[tuple[str, int], float] = {}
        self.scores: list[float] = []
        self.behind = False
        self._losses: dict[int, float] = {}
        for point in _points(path):  # of an attempt that died; what its loop does again comes again
            self._hear(point)

    def report(self, point: MetricPoint) -> None:
        self._hear(point)
        if point.name == CHECKUP_ACCURACY:
            self.keep()

    def _hear(self, point: MetricPoint) -> None:
        self.points[point.name, point.step] = point.value
        if point.name == CHECKUP_LOSS:
            self._losses[point.step] = point.value
        elif point.name == CHECKUP_ACCURACY:
            step = N_POINTS * point.step // self.n_steps
            if len(self.scores) < step < N_POINTS:  # the end is judged by what would be published
                score = score_of(point.value, self._losses[point.step])
                self.scores += [score] * (step - len(self.scores))
                self.behind = self.watch.is_behind(step, score) or self.behind

    def should_stop(self) -> Wish:
        wish = self.watch.should_stop()
        return Wish.STOP if self.behind and wish is Wish.NONE else wish

    def keep(self) -> None:
        rows = [[name, step, value] for (name, step), value in self.points.items()]
        with written_aside(self.path) as aside:
            aside.write_text(json.dumps(rows))


def _points(path: Path) -> list[MetricPoint]:
    if not path.exists():
        return []
    return [MetricPoint(name=name, step=step, value=value) for name, step, value in json.loads(path.read_text())]


@contextmanager
def shared_choices(folder: Path, search_dir: Path) -> Iterator[None]:
    """What the first training of a search measured about the machine holds for all: they differ by their settings only."""
    shared, own = search_dir / CHOICES, folder / CHOICES
    if shared.exists() and not own.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(shared, own)
    yield
    if not shared.exists() and own.exists():
        values = json.loads(own.read_text())
        with written_aside(shared) as aside:
            aside.write_text(json.dumps({name: values[name] for name in SHARED_CHOICES if name in values}))
