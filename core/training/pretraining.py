"""Let a base model read texts without categories: it learns their language by guessing hidden words.

Domain-adaptive pretraining with a masked language model (Gururangan et al., 2020, arXiv:2004.10964). Some texts are held
out; how often the hidden words of those are guessed is measured before and after. A base model without a head for
guessing first gets one: it is taught alone while the base model rests, so that it does no harm with random gradients, and
so that "before" speaks of the base model, not of an untaught head.

Base models that were made for comparing texts lose that by guessing alone: on banking77 the draft fell from 0.859 to
0.803. So the pooled vector v of a text with hidden words is held near the vector p that the parent gives to the whole text:

    loss = cross entropy of the hidden words + 10 (1 - cos(v, p))

As in `core.training.loop` everything that decides the next step is in the settings, the texts and the checkpoint: a run
that was killed ends with the very bytes of one that was not.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base_models.architecture import architecture_of
from core.base_models.own import cannot_guess
from core.base_models.sources import about
from core.base_models.tokenizer import load_tokenizer
from core.domain.job import Wish
from core.domain.message import msg
from core.domain.pretraining import MIN_TEXTS, Guesses, PretrainingSettings
from core.errors import NotPossible
from core.files import folder_aside, is_whole
from core.training.batches import TOKENS_AT_ONCE, TokenizedExamples, passes_of, seen_ids, steps_of_epoch, tokenize
from core.training.masking import Vocabulary, can_be_asked, masked_rows
from core.training.types import Cancelled, ShouldStop

if TYPE_CHECKING:
    import torch

    from core.training.checkpoints import Tensors
    from core.training.masking import MaskedRows

HELD_OUT_SHARE, MIN_HELD_OUT, MAX_HELD_OUT = 0.1, 20, 1_000
CHECKS = 6  # of a run, the last one at its end
HEAD_STEPS, HEAD_RATE = 400, 1e-3  # of a fresh head, taught alone
HEAD_EPOCH, HELD_OUT_EPOCH = 1_000_000, 1_000_001  # their masks are drawn as in passes that never come
HOLD = 10.0  # weight of how far text vectors move away from the parent's
HEAD_SHARE_OF_STEP = 0.4  # what a step of the head alone costs: no gradients for the base model


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Tokenized texts, and which of them are held out."""

    read: TokenizedExamples
    held_out: TokenizedExamples
    seen: np.ndarray  #: token ids that occur or may be shown, sorted
    vocabulary: Vocabulary
    pad_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingResult:
    state: "Tensors"  #: the trained state of the best check; empty where none guessed better than before
    seen: np.ndarray
    before: Guesses
    after: Guesses  #: of the best check
    n_read: int  #: texts that were learned from
    n_steps: int  #: updates really made
    stopped: bool  #: by the person


@dataclass(slots=True, kw_only=True)
class Listener:
    """Where a run tells how far it is. `progress` gets share, seconds left (None: unknown) and updates made."""

    progress: Callable[[float, float | None, int], None] = lambda share, seconds_left, step: None
    guessed: Callable[[Guesses, Guesses], None] = lambda before, now: None
    should_stop: ShouldStop = lambda: Wish.NONE


def prepare_texts(base_dir: Path, texts: list[str], settings: PretrainingSettings) -> Texts:
    """Tokenize distinct texts and hold some out.

    Raises:
        NotPossible: too few texts, or the base model was not made to guess words.
    """
    architecture = architecture_of(base_dir)
    if architecture.is_decoder:
        raise cannot_guess(settings.base_model)
    tokenizer = load_tokenizer(base_dir, min(settings.max_length, architecture.max_tokens or settings.max_length))
    config = json.loads((base_dir / "config.json").read_text(encoding="utf-8"))
    vocabulary = Vocabulary.of(tokenizer, int(config["vocab_size"]), settings.base_model)
    all_of_them = tokenize(tokenizer, texts, [0] * len(texts))
    rows = np.flatnonzero(can_be_asked(all_of_them, vocabulary))
    if len(rows) < MIN_TEXTS:
        raise NotPossible(
            msg("Only {n} texts can be read; it takes at least {least}.", n=len(rows), least=MIN_TEXTS),
            hint=msg("Some thousands are good. Add a file with more texts; they need no categories."),
        )
    rows = np.random.default_rng([settings.seed, 0]).permutation(rows)
    n_held_out = min(MAX_HELD_OUT, max(MIN_HELD_OUT, int(HELD_OUT_SHARE * len(rows))))
    pad_id = architecture.pad_id
    seen = seen_ids([all_of_them], pad_id)
    seen = np.union1d(seen, [vocabulary.mask_id])
    return Texts(
        read=_rows_of(all_of_them, rows[n_held_out:]),
        held_out=_rows_of(all_of_them, rows[:n_held_out]),
        seen=seen,
        vocabulary=vocabulary,
        pad_id=pad_id,
    )


def pretrain(
    base_dir: Path, texts: Texts, settings: PretrainingSettings, *, work_dir: Path, listener: Listener
) -> PretrainingResult:
    """Read the texts, from the newest checkpoint in `work_dir` where one is left.

    Raises:
        Cancelled: the person threw the work away.
    """
    return _Pretraining(base_dir, texts, settings, work_dir, listener).run()


class _Pretraining:
    def __init__(
        self, base_dir: Path, texts: Texts, settings: PretrainingSettings, work_dir: Path, listener: Listener
    ) -> None:
        import torch

        from core.training.checkpoints import Checkpoints
        from core.training.guessing import word_guesser
        from core.training.probe import choose_device

        self.texts, self.settings, self.work_dir, self.out = texts, settings, work_dir, listener
        self.device = choose_device("auto")
        self.recipe = settings.recipe()
        self.pooling = about(base_dir).pooling
        self.guesser, self.has_own_head = word_guesser(base_dir, texts.seen, settings.seed)
        self.compact = np.zeros(int(texts.seen[-1]) + 1, dtype=np.int64)  # token id -> place among the seen ones
        self.compact[texts.seen] = np.arange(len(texts.seen))
        self.guesser.to(self.device)
        self.steps_per_epoch = math.ceil(len(texts.read) / settings.batch_size)
        self.n_steps = self.steps_per_epoch * settings.epochs
        self.n_head_steps = 0 if self.has_own_head else min(HEAD_STEPS, self.steps_per_epoch)
        self.check_every = max(1, math.ceil(self.n_steps / CHECKS))
        self.checkpoints = Checkpoints(work_dir / "checkpoints", self._fingerprint(base_dir))
        self.half = self.device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)

    def run(self) -> PretrainingResult:
        import torch

        from core.training.checkpoints import Position
        from core.training.optimizer import FlatAdamW, fp32_state, in_precision

        before, self.parent_vectors = self._before()
        masters = fp32_state(self.guesser)
        in_precision(self.guesser, "bf16" if self.half else "fp32")
        self.optimizer = FlatAdamW(self.guesser, self.recipe, masters)
        self.position = Position(fingerprint=self.checkpoints.fingerprint, best_loss=before.loss)
        self.best: Tensors = {}
        self.before = before
        self.now = before
        torch.manual_seed(self.settings.seed)
        self._resume()
        while self._goes_on():
            epoch, first = divmod(self.position.step, self.steps_per_epoch)
            steps = steps_of_epoch(self.texts.read.lengths, self.settings.batch_size, self.settings.seed, epoch)
            for rows in steps[first:]:
                self._obey()
                if not self._goes_on():
                    break
                self._step(rows, epoch)
        self.checkpoints.save(self.position, self.best, {})
        after = Guesses(ratio=self.position.best_accuracy, loss=self.position.best_loss, n=before.n)
        return PretrainingResult(
            state=self.best,
            seen=self.texts.seen,
            before=before,
            after=after if self.best else before,
            n_read=len(self.texts.read),
            n_steps=self.position.step,
            stopped=self.position.stopped == "by_person",
        )

    def _goes_on(self) -> bool:
        return not self.position.finished

    # -- before ------------------------------------------------------------------------------------------------------

    def _before(self) -> "tuple[Guesses, torch.Tensor]":
        """How well the base model guesses as it came, and its vectors of the texts it will read, of shape (n, hidden) and
        length 1. Kept with its head in the work folder, so it is found once."""
        from safetensors.torch import load_file, save_file

        folder = self.work_dir / f"before-{self.checkpoints.fingerprint[:12]}"
        names = dict(self.guesser.named_parameters())
        head = {name: value for name, value in names.items() if not name.startswith("backbone.")}
        if not is_whole(folder):
            if self.n_head_steps:
                self._teach_head()
            found = self._ask()
            with folder_aside(folder) as aside:
                save_file({name: value.detach().cpu().contiguous() for name, value in head.items()}, aside / "head.st")
                save_file({"vectors": self._vectors()}, aside / "vectors.st")
                (aside / "guesses.json").write_text(json.dumps(asdict(found)))
        for name, value in load_file(folder / "head.st").items():
            head[name].data.copy_(value)
        found = Guesses(**json.loads((folder / "guesses.json").read_text()))
        return found, load_file(folder / "vectors.st")["vectors"]

    def _vectors(self) -> "torch.Tensor":
        import torch
        from torch.nn import functional

        from core.base_models.pooling import pool
        from core.training.batches import answer_passes, padded

        read = self.texts.read
        vectors = torch.zeros(len(read), int(self.guesser.backbone.config.hidden_size), dtype=torch.float16)
        self.guesser.eval()
        with torch.inference_mode():
            for rows in answer_passes(read):
                self._obey_cancel()
                ids, mask = (tensor.to(self.device) for tensor in padded(read, rows, self.texts.pad_id))
                found = pool(self.guesser.hidden(ids, mask).float(), mask, self.pooling)
                vectors[torch.from_numpy(rows)] = functional.normalize(found, dim=-1).half().cpu()
        return vectors

    def _teach_head(self) -> None:
        import torch
        from torch.nn import functional

        self.guesser.eval()
        own = self.guesser.head_parameters()
        adamw = torch.optim.AdamW(own, lr=HEAD_RATE, weight_decay=0.0)
        steps = steps_of_epoch(self.texts.read.lengths, self.settings.batch_size, self.settings.seed, HEAD_EPOCH)
        words = self.guesser.backbone.get_input_embeddings().weight
        words.requires_grad_(False)
        started = time.perf_counter()
        for done, rows in enumerate(steps[: self.n_head_steps]):
            self._obey_cancel()
            asked = self._masked(self.texts.read, rows, HEAD_EPOCH)
            for part in self._passes(asked):
                with torch.no_grad():
                    ids, mask, places, targets = self._to_device(asked, part)
                    hidden = self.guesser.hidden(ids, mask).flatten(0, 1)[places].float()
                loss = functional.cross_entropy(self.guesser.scores(hidden), targets, reduction="sum") / asked.n_hidden
                loss.backward()  # type: ignore[no-untyped-call]
            for options in adamw.param_groups:
                options["lr"] = HEAD_RATE * (1 - done / self.n_head_steps)
            adamw.step()
            adamw.zero_grad()
            self._tell_head(done + 1, time.perf_counter() - started)
        words.requires_grad_(True)

    # -- one update --------------------------------------------------------------------------------------------------

    def _step(self, rows: np.ndarray, epoch: int) -> None:
        import torch
        from torch.nn import functional

        from core.base_models.pooling import pool
        from core.training.optimizer import learning_rate_at

        started = time.perf_counter()
        step = self.position.step + 1
        self.guesser.train()
        asked = self._masked(self.texts.read, rows, epoch)
        for part in self._passes(asked):
            ids, mask, places, targets = self._to_device(asked, part)
            hidden = self.guesser.hidden(ids, mask).float()
            scores = self.guesser.scores(hidden.flatten(0, 1)[places])
            loss = functional.cross_entropy(scores, targets, reduction="sum") / asked.n_hidden
            own = self.parent_vectors[torch.from_numpy(rows[part])].to(self.device).float()
            away = 1 - functional.cosine_similarity(pool(hidden, mask, self.pooling), own, dim=-1)
            loss = loss + HOLD * away.sum() / len(rows)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.collect()
        self.optimizer.step(learning_rate_at(step, self.n_steps, self.recipe), self.optimizer.gradient_norm())
        self.optimizer.clear()
        seconds = self.position.seconds + time.perf_counter() - started
        self.position = self.position.at(step=step, seconds=seconds)
        is_check = step % self.check_every == 0 or step == self.n_steps
        if is_check:
            self._check()
        if step == self.n_steps:
            self.position = self.position.at(finished=True)
        n_bytes = 4 * sum(group.master.numel() for group in self.optimizer.groups) * (4 if is_check else 3)
        if not self.position.finished and self.checkpoints.is_due(n_bytes):
            self.checkpoints.save(self.position, self.best, self._state())
        self._tell()

    def _check(self) -> None:
        """Ask the held-out texts and keep the weights where they guess better than ever."""
        now = self._ask()
        self.now = now
        self.position = self.position.at(checked_step=self.position.step)
        if now.loss < self.position.best_loss:
            self.best = self.optimizer.weights_by_name()
            self.position = self.position.at(
                best_step=self.position.step, best_accuracy=now.ratio, best_loss=now.loss, n_worse=0
            )
        self.out.guessed(self.before, now)

    def _ask(self) -> Guesses:
        """The held-out texts with the same words hidden every time."""
        import torch
        from torch.nn import functional

        self.guesser.eval()
        held_out = self.texts.held_out
        order = np.argsort(-held_out.lengths, kind="stable")
        asked = self._masked(held_out, order, HELD_OUT_EPOCH)
        loss, n_right = 0.0, 0
        with torch.inference_mode():
            for part in self._passes(asked):
                ids, mask, places, targets = self._to_device(asked, part)
                scores = self.guesser.guess(ids, mask, places)
                loss += float(functional.cross_entropy(scores, targets, reduction="sum"))
                n_right += int((scores.argmax(1) == targets).sum())
        return Guesses(ratio=n_right / asked.n_hidden, loss=loss / asked.n_hidden, n=asked.n_hidden)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _masked(self, examples: TokenizedExamples, rows: np.ndarray, epoch: int) -> "MaskedRows":
        return masked_rows(examples, rows, self.texts.vocabulary, seed=self.settings.seed, epoch=epoch)

    def _passes(self, asked: "MaskedRows") -> list[np.ndarray]:
        lengths = asked.examples.lengths
        return list(passes_of(np.arange(len(lengths)), lengths, self.settings.batch_size, TOKENS_AT_ONCE))

    def _to_device(self, asked: "MaskedRows", part: np.ndarray) -> "tuple[torch.Tensor, ...]":
        """Ids and mask of some masked rows, the flat places of the hidden tokens, and which of the seen ids they were."""
        import torch

        from core.training.batches import padded

        ids, mask = padded(asked.examples, part, self.texts.pad_id)
        offsets, width = asked.examples.offsets, ids.shape[1]
        places, words = [], []
        for number, row in enumerate(part):
            own = slice(int(offsets[row]), int(offsets[row + 1]))
            hits = np.flatnonzero(asked.hidden[own])
            places.append(hits + number * width)
            words.append(asked.words[own][hits])
        targets = self.compact[np.concatenate(words)]
        tensors = (ids, mask, torch.from_numpy(np.concatenate(places)), torch.from_numpy(targets))
        return tuple(tensor.to(self.device) for tensor in tensors)

    # -- wishes, checkpoints, telling --------------------------------------------------------------------------------

    def _obey(self) -> None:
        wish = self.out.should_stop()
        if wish == Wish.CANCEL:
            raise Cancelled
        if wish == Wish.STOP:
            if self.position.checked_step < self.position.step:
                self._check()
            self.position = self.position.at(finished=True, stopped="by_person")

    def _obey_cancel(self) -> None:
        if self.out.should_stop() == Wish.CANCEL:
            raise Cancelled

    def _resume(self) -> None:
        from core.training.checkpoints import restore_random_states

        found = self.checkpoints.newest()
        if found is None:
            return
        self.position, self.best = found.position, found.best
        if not self.position.finished:
            restore_random_states(found.optimizer, self.device)
            self.optimizer.restore(found.optimizer)

    def _state(self) -> "Tensors":
        from core.training.checkpoints import random_states

        return self.optimizer.state() | random_states(self.device)

    def _tell_head(self, n_done: int, seconds: float) -> None:
        per_step = seconds / n_done
        left = per_step * (self.n_head_steps - n_done) + per_step / HEAD_SHARE_OF_STEP * self.n_steps
        self.out.progress(HEAD_SHARE_OF_STEP * n_done / self._n_units(), left, 0)

    def _tell(self) -> None:
        step = self.position.step
        left = self.position.seconds / step * (self.n_steps - step)
        done = HEAD_SHARE_OF_STEP * self.n_head_steps + step
        self.out.progress(done / self._n_units(), left, self.n_head_steps + step)

    def _n_units(self) -> float:
        return HEAD_SHARE_OF_STEP * self.n_head_steps + self.n_steps

    def _fingerprint(self, base_dir: Path) -> str:
        digest = hashlib.sha256(json.dumps(asdict(self.settings), sort_keys=True).encode())
        digest.update(f"{base_dir.name} {self.device.type}".encode())
        for part in (self.texts.read, self.texts.held_out):
            digest.update(part.ids.tobytes())
            digest.update(part.offsets.tobytes())
        return digest.hexdigest()


def _rows_of(examples: TokenizedExamples, rows: np.ndarray) -> TokenizedExamples:
    pieces = [examples.ids[examples.offsets[row] : examples.offsets[row + 1]] for row in rows]
    offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
    return TokenizedExamples(ids=np.concatenate(pieces), offsets=offsets, targets=examples.targets[rows])
