"""The one training loop. It knows no database and no page: it reports points and asks whether to stop.

Everything that decides the next step is in the recipe, the data and the checkpoint, so a run that was killed and goes on
from its checkpoint ends with the very bytes of one that was not (on a CPU with the same number of threads).
"""

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch

from core.domain.job import Wish
from core.domain.message import Message
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, GRADIENT_NORM, LEARNING_RATE, PRACTICE_LOSS, MetricPoint
from core.domain.task import AnswerKind
from core.tasks.protocol import Task
from core.techniques import chosen_extras
from core.techniques.protocol import Pass, Running, Signal, Technique
from core.training import coach
from core.training.balance import label_weights
from core.training.batches import (
    PassLimit,
    TokenizedExamples,
    answer_passes,
    padded,
    passes_of,
    rewritten,
    steps_of_epoch,
    windows_of,
)
from core.training.checkpoints import Checkpoints, Position, Tensors, random_states, restore_random_states
from core.training.head_start import fit_head
from core.training.model import Classifier
from core.training.optimizer import FlatAdamW, fp32_state, in_precision, learning_rate_at
from core.training.packed import SHORT_LENGTH, on_device
from core.training.types import Cancelled, ShouldStop

MAX_POINTS = 600  # practice points of a whole run: more than a chart can show
SYNC_STEPS = 16  # on a GPU losses are read back this often; reading each would make the GPU wait for us


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopResult:
    best: Tensors  #: trained state of the best check-up; empty when no finite model was reached
    position: Position
    n_steps: int  #: planned updates

    @property
    def tokens_per_second(self) -> float | None:
        return self.position.tokens / self.position.seconds if self.position.seconds else None


class _Unread(NamedTuple):
    """What a step gave, still on the device."""

    step: int
    loss: torch.Tensor
    norm: torch.Tensor  #: of the gradient
    signals: dict[str, Signal]


@dataclass(slots=True, kw_only=True)
class Outlets:
    """Where the loop tells what it sees. Each may be left as it is: then nobody listens."""

    report: Callable[[MetricPoint], None] = lambda point: None
    say: Callable[[Message], None] = lambda sentence: None
    progress: Callable[[float, float], None] = lambda fraction, seconds_left: None  #: of this loop
    should_stop: ShouldStop = lambda: Wish.NONE


def train(
    classifier: Classifier,
    practice: TokenizedExamples,
    checkup: TokenizedExamples,
    *,
    recipe: TrainingRecipe,
    task: Task,
    technique: Technique,
    precision: str,
    device: torch.device,
    pad_id: int,
    checkpoints: Checkpoints,
    outlets: Outlets,
    limit: PassLimit | None = None,
) -> LoopResult:
    """Train until the recipe's end, an early stop, a wish, or a loss that is no number.

    `classifier` comes from `training_classifier` in fp32 and is changed. What counts is `LoopResult.best`: the weights of
    the best check-up, or those of the last step where `checkup` is empty. `limit` cuts
    steps into passes; without it a pass has the recipe's batch size.

    Raises:
        Cancelled: the person threw the work away.
    """
    loop = Loop(
        classifier, practice, checkup, recipe, task, technique, precision, device, pad_id, checkpoints, outlets, limit
    )
    return loop.run()


class Loop:
    def __init__(
        self,
        classifier: Classifier,
        practice: TokenizedExamples,
        checkup: TokenizedExamples,
        recipe: TrainingRecipe,
        task: Task,
        technique: Technique,
        precision: str,
        device: torch.device,
        pad_id: int,
        checkpoints: Checkpoints,
        outlets: Outlets,
        limit: PassLimit | None = None,
    ) -> None:
        self.practice, self.checkup, self.recipe = practice, checkup, recipe
        self.task, self.technique, self.device, self.pad_id = task, technique, device, pad_id
        self.checkpoints, self.out = checkpoints, outlets
        self.classifier = classifier.to(device)
        masters = fp32_state(self.classifier)
        in_precision(self.classifier, precision)
        self.extras = chosen_extras(recipe)
        self.layered = [extra for extra in self.extras if extra.layered]
        self.rewriters = [extra for extra in self.extras if extra.rewrites]
        self.optimizer = FlatAdamW(self.classifier, recipe, masters, layered=bool(self.layered))
        self.n_labels = n_labels = classifier.head.out_features
        self.limit = limit or PassLimit(n_rows=recipe.batch_size)
        self.rows_per_step = recipe.batch_size * recipe.gradient_accumulation
        self.steps_per_epoch = math.ceil(len(practice) / self.rows_per_step)
        self.n_steps = self.steps_per_epoch * recipe.epochs
        self.check_every = max(1, math.ceil(self.steps_per_epoch / recipe.checks_per_epoch))
        self.point_every = max(1, self.n_steps // MAX_POINTS)
        is_sorting = task.answer_kind is AnswerKind.CATEGORY
        weights = label_weights(practice.targets, n_labels, recipe.class_weights) if is_sorting else None
        for extra in self.extras:
            own = extra.label_weights(practice.targets, n_labels)
            weights = weights if own is None else own
        self.row_weights = np.ones(len(practice)) if weights is None else weights[practice.targets]
        self.label_weights = None if weights is None else torch.tensor(weights, dtype=torch.float32, device=device)
        self.sync_every = 1 if device.type == "cpu" else SYNC_STEPS
        self.unread: list[_Unread] = []
        self.guess_loss = _guess_loss(task.answer_kind, practice.targets, n_labels)
        self.check_seconds = 0.0
        self.position = Position(fingerprint=checkpoints.fingerprint)
        self.best: Tensors = {}
        running = Running(
            classifier=self.classifier,
            weights=self.optimizer,
            ids=practice.ids,
            offsets=practice.offsets,
            targets=practice.targets,
            n_labels=n_labels,
            fit_head=self._fit_head,
            rewordings=practice.rewordings,
        )
        for extra in self.extras:
            extra.begin(running)

    def run(self) -> LoopResult:
        torch.manual_seed(self.recipe.seed)
        self._resume()
        was_finished = self.position.finished
        while self._goes_on():
            epoch, first = divmod(self.position.step, self.steps_per_epoch)
            for rows in self.steps(epoch, self.recipe.seed)[first:]:
                self._obey()
                if not self._goes_on():
                    break
                self._step(rows, epoch)
        if not was_finished and self.position.stopped != "diverged":
            self._last_tries()
        self.checkpoints.save(self.position, self.best, {})
        return LoopResult(best=self.best, position=self.position, n_steps=self.n_steps)

    def steps(self, epoch: int, seed: int) -> list[np.ndarray]:
        """The rows of every step of an epoch. Depends on data, recipe and arguments alone."""
        for number, extra in enumerate(self.extras):
            draw = np.random.default_rng([seed, epoch, number])
            dealt = extra.deal(self.practice.targets, self.steps_per_epoch, self.rows_per_step, draw)
            if dealt is not None:
                return dealt
        return steps_of_epoch(self.practice.lengths, self.rows_per_step, seed, epoch)

    def _goes_on(self) -> bool:
        return not self.position.finished

    def _resume(self) -> None:
        found = self.checkpoints.newest()
        if found is None:
            return
        self.position, self.best = found.position, found.best
        if not self.position.finished:
            restore_random_states(found.optimizer, self.device)
            self.optimizer.restore(found.optimizer)
            self.technique.restore(self.classifier, _part_of(found.optimizer, "technique."))
            for extra in self.extras:
                extra.restore(_part_of(found.optimizer, f"{extra.name}."))

    def _state(self) -> Tensors:
        """All that the next step depends on."""
        parts = {"technique": self.technique.state(self.classifier)}
        parts |= {extra.name: extra.state() for extra in self.extras}
        own = {f"{owner}.{name}": value for owner, part in parts.items() for name, value in part.items()}
        return self.optimizer.state() | random_states(self.device) | own

    def _obey(self) -> None:
        wish = self.out.should_stop()
        if wish == Wish.CANCEL:
            raise Cancelled
        if wish == Wish.STOP:
            self._read_losses()
            if not self.position.finished and self.position.checked_step < self.position.step:
                self._check_up()
            self._finish("by_person")

    def _finish(self, stopped: str) -> None:
        if not self.position.finished:
            self.position = self.position.at(finished=True, stopped=stopped)

    # -- one update --------------------------------------------------------------------------------------------------

    def _step(self, rows: np.ndarray, epoch: int) -> None:
        started = time.perf_counter()
        step = self.position.step + 1
        loss, norm = self.gradients(rows, epoch, step)
        if self.device.type == "cpu" and not self._is_finite(float(loss), float(norm)):
            self._diverged(step)  # before the update: the weights are still finite
            return
        self.update(step, learning_rate_at(step, self.n_steps, self.recipe), norm)
        self.unread.append(_Unread(step, loss, norm, self._signals() if self._is_point(step) else {}))
        is_check = step % self.check_every == 0 or step == self.n_steps
        n_tokens = int(self.practice.lengths[rows].sum())
        seconds = self.position.seconds + time.perf_counter() - started
        self.position = self.position.at(step=step, tokens=self.position.tokens + n_tokens, seconds=seconds)
        if is_check or len(self.unread) >= self.sync_every:
            self._read_losses()
        if self.position.finished:
            return
        if is_check:
            self._check_up()
            self._judge()
        self._save_if_due(after_check=is_check)
        self._tell_progress()
        if step == self.n_steps:
            self._finish("")

    def gradients(self, rows: np.ndarray, epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The gradients of update `step`, pass by pass. Gives the step's mean loss and their length."""
        self.classifier.train()
        self._begin_step(step)
        total = float(self.row_weights[rows].sum())
        loss = torch.zeros((), device=self.device)
        for part in passes_of(rows, self.practice.lengths, self.limit.n_rows, self.limit.n_tokens):
            loss += self._backward(part, epoch, total)
        for extra in self.extras:
            extra.after_backward(self.optimizer)
        return loss, self.optimizer.gradient_norm()

    def update(self, step: int, learning_rate: float, norm: torch.Tensor) -> None:
        """Move the weights along the gradients of length `norm`, and empty them."""
        self.optimizer.step(learning_rate, norm)
        self.technique.after_step(self.classifier, self.optimizer, step, self.n_steps, learning_rate)
        for extra in self.extras:
            extra.after_step(self.optimizer, step, learning_rate)
        self.optimizer.clear()

    def _begin_step(self, step: int) -> None:
        if self.layered:
            done, n_layers = (step - 1) / self.n_steps, self.optimizer.n_layers
            self.optimizer.at_depths(
                lambda depth: math.prod(extra.layer_rate(depth, n_layers, done) for extra in self.layered)
            )
        for extra in self.extras:
            extra.before_step(self.optimizer)

    def _backward(self, rows: np.ndarray, epoch: int, total: float) -> torch.Tensor:
        """Gradients of one pass; the loss is a mean over the whole step, so accumulated passes equal one big batch."""
        examples = self.practice
        if self.rewriters:
            examples, rows = rewritten(examples, rows, self.rewriters, self.recipe.seed, epoch)
        ids, mask = (on_device(t, self.device) for t in padded(examples, rows, self.pad_id))
        labels = on_device(torch.from_numpy(examples.targets[rows]), self.device)
        windows = windows_of(examples, rows)
        batch = Pass(
            ids=ids,
            mask=mask,
            lengths=windows.lengths,
            counts=windows.counts,
            labels=labels,
            targets=labels,
            label_weights=self.label_weights,
            n_labels=self.n_labels,
            total=total,
        )
        for extra in self.extras:
            extra.on_tokens(batch)
        with _attention(self.device, ids.shape[1]):
            for extra in self.extras:
                if (own := extra.learn(batch, self)) is not None:
                    return own.detach()
            loss = self.loss_of(batch)
            self.backward(loss)
        return loss.detach()

    def loss_of(self, batch: Pass) -> torch.Tensor:
        batch.vectors = self.classifier.vectors(batch.ids, batch.mask, batch.lengths, batch.counts)
        for extra in self.extras:
            extra.on_vectors(batch)
        batch.logits = self.classifier.answer(batch.vectors)
        loss = self.task.loss(batch.logits, batch.targets, self.label_weights)
        for extra in self.extras:
            loss = extra.on_loss(batch, loss)
        return loss / (batch.total * batch.copies)

    def backward(self, loss: torch.Tensor) -> None:
        self.scaled(loss).backward()  # type: ignore[no-untyped-call]
        self.optimizer.collect()

    def scaled(self, loss: torch.Tensor) -> torch.Tensor:
        return self.optimizer.scaler.scale(loss)

    # -- what was seen -----------------------------------------------------------------------------------------------

    def _is_finite(self, loss: float, norm: float) -> bool:
        scaled = self.optimizer.scaler.is_enabled()  # then an infinite gradient is ordinary: the scaler skips the step
        return math.isfinite(loss) and (scaled or math.isfinite(norm))

    def _read_losses(self) -> None:
        unread, self.unread = self.unread, []
        for step, loss, norm, signals in unread:
            loss_value, norm_value = float(loss), float(norm)
            if not self._is_finite(loss_value, norm_value):
                self._diverged(step)
                return
            at = self.position
            self.position = at.at(
                loss_sum=at.loss_sum + loss_value,
                loss_count=at.loss_count + 1,
                since_sum=at.since_sum + loss_value,
                since_count=at.since_count + 1,
            )
            if self._is_point(step):
                self._point(PRACTICE_LOSS, step, self.position.loss_sum / self.position.loss_count)
                self._point(LEARNING_RATE, step, learning_rate_at(step, self.n_steps, self.recipe))
                self._point(GRADIENT_NORM, step, norm_value)
                for name, value in signals.items():
                    self._point(name, step, float(value))
                self.position = self.position.at(loss_sum=0.0, loss_count=0)

    def _is_point(self, step: int) -> bool:
        return step % self.point_every == 0 or step in (1, self.n_steps)

    def _signals(self) -> dict[str, Signal]:
        """What technique and extras tell of the step just made; still on the device."""
        found = dict(self.technique.signals(self.classifier))
        for extra in self.extras:
            found |= extra.signals(self.optimizer)
        return found

    def _point(self, name: str, step: int, value: float) -> None:
        if math.isfinite(value):
            self.out.report(MetricPoint(name=name, step=step, value=value))

    def _diverged(self, step: int) -> None:
        if not self.best and self.position.step:
            self._check_up()
        self.out.say(coach.diverged(step, self.position.best_step if self.best else None))
        self._finish("diverged")

    def _check_up(self) -> None:
        if not len(self.checkup):
            self._keep_last()
            return
        for extra in self.extras:
            extra.before_check(self.optimizer)
        started = time.perf_counter()
        accuracy, loss = self._asked()
        self.check_seconds = time.perf_counter() - started
        step = self.position.step
        self.position = self.position.at(checked_step=step)
        if math.isfinite(loss):
            self._point(CHECKUP_LOSS, step, loss)
            self._point(CHECKUP_ACCURACY, step, accuracy)
            for extra in self.extras:
                extra.checked(self.optimizer.weights_by_name, accuracy, loss)
            self._note(step, loss, accuracy)
            if self._is_better(accuracy, loss):
                self._keep(accuracy, loss, best_step=step)
            else:
                self.position = self.position.at(n_worse=self.position.n_worse + 1)
        for extra in self.extras:
            extra.after_check(self.optimizer)

    def _note(self, step: int, loss: float, accuracy: float) -> None:
        """For the coach."""
        at = self.position
        practice = at.since_sum / at.since_count if at.since_count else math.nan
        check = coach.CheckUp(step=step, practice_loss=practice, loss=loss, accuracy=accuracy)
        self.position = at.at(checks=(*at.checks, check), since_sum=0.0, since_count=0)

    def _fit_head(self) -> None:
        """The head is fp32 in every precision: what is written to it are the weights that learn."""
        fit_head(
            self.classifier,
            self.practice,
            class_weights=self.recipe.class_weights,
            seed=self.recipe.seed,
            pad_id=self.pad_id,
            device=self.device,
        )

    def _keep_last(self) -> None:
        """Without check-up examples the weights of the very last step are what counts."""
        if self.position.step < self.n_steps:
            return
        for extra in self.extras:
            extra.before_check(self.optimizer)
        self._keep(0.0, 0.0, best_step=self.position.step)
        for extra in self.extras:
            extra.after_check(self.optimizer)

    def _asked(self) -> tuple[float, float]:
        """Goodness (accuracy, R², macro F1) and loss on the check-up examples with the weights as they are."""
        logits = answer_logits(self.classifier, self.checkup, self.pad_id, self.device)
        targets = torch.from_numpy(self.checkup.targets)
        loss = float(self.task.loss(torch.from_numpy(logits), targets, None)) / len(self.checkup)
        if not math.isfinite(loss):
            return 0.0, loss
        return self.task.goodness(self.task.answers(logits), self.checkup.targets), loss

    def _is_better(self, accuracy: float, loss: float) -> bool:
        return (accuracy, -loss) > (self.position.best_accuracy, -self.position.best_loss)

    def _keep(self, accuracy: float, loss: float, *, best_step: int) -> None:
        self.best = self.optimizer.weights_by_name()
        self.position = self.position.at(best_step=best_step, best_accuracy=accuracy, best_loss=loss, n_worse=0)

    def _last_tries(self) -> None:
        """Weights that extras made of several check-ups are kept where they answer better than the best one."""
        for extra in self.extras:
            if (weights := extra.last_try()) is None:
                continue
            self.optimizer.put(weights)
            accuracy, loss = self._asked()
            if self._is_better(accuracy, loss):
                self._keep(accuracy, loss, best_step=self.position.best_step)
                self.out.say(coach.averaged(accuracy, self.task.answer_kind))

    def _judge(self) -> None:
        """End a run that gets no better; otherwise say how it goes."""
        at, patience = self.position, self.recipe.patience
        if at.finished or not at.checks:
            return
        if patience and at.n_worse >= patience and at.step < self.n_steps:
            self.out.say(coach.stopped_early(at.n_worse, at.best_step))
            self._finish("early")
        else:
            curve = coach.Curve(
                checks=at.checks,
                guess_loss=self.guess_loss,
                n_steps=self.n_steps,
                answers=self.task.answer_kind,
            )
            self.out.say(coach.advice(curve, patience=patience))

    def _tell_progress(self) -> None:
        at = self.position
        checks_left = (self.n_steps - at.step) / self.check_every
        seconds_left = at.seconds / at.step * (self.n_steps - at.step) + checks_left * self.check_seconds
        self.out.progress(at.step / self.n_steps, seconds_left)

    def _save_if_due(self, *, after_check: bool) -> None:
        n_bytes = 4 * sum(g.master.numel() for g in self.optimizer.groups) * (4 if after_check else 3)
        if self.position.finished or not self.checkpoints.is_due(n_bytes):
            return
        self._read_losses()  # what is saved must be known to be finite
        if not self.position.finished:
            self.checkpoints.save(self.position, self.best, self._state())


def _guess_loss(answers: AnswerKind, targets: np.ndarray, n_labels: int) -> float:
    """The loss of a text for who knows only how often each answer is right."""
    if answers is AnswerKind.CATEGORY:
        return coach.guessing_loss(np.bincount(targets, minlength=n_labels).tolist())
    if answers is AnswerKind.NUMBER:
        return float(targets.var()) / 2  # always the mean
    n_having = targets.sum(axis=0).astype(int)
    return sum(coach.guessing_loss((n, len(targets) - n)) for n in n_having.tolist())


def answer_logits(classifier: Classifier, examples: TokenizedExamples, pad_id: int, device: torch.device) -> np.ndarray:
    """Logits of shape (n, n_outputs) in fp32, in the order of `examples`."""
    logits = np.zeros((len(examples), classifier.head.out_features), dtype=np.float32)
    was_training = classifier.training
    classifier.eval()
    with torch.inference_mode():
        for rows in answer_passes(examples):
            ids, mask = (on_device(t, device) for t in padded(examples, rows, pad_id))
            windows = windows_of(examples, rows)
            with _attention(device, ids.shape[1]):
                logits[rows] = classifier(ids, mask, windows.lengths, windows.counts).float().cpu().numpy()
    classifier.train(was_training)
    return logits


def _part_of(tensors: Tensors, prefix: str) -> Tensors:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _attention(device: torch.device, length: int) -> AbstractContextManager[None]:
    if device.type == "cpu" and length <= SHORT_LENGTH:
        from torch.nn.attention import SDPBackend, sdpa_kernel

        return sdpa_kernel(SDPBackend.MATH)
    return nullcontext()
