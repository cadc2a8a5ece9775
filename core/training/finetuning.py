"""Fine-tuning as the pipeline needs it: tokenize, choose device and number format, run the loop, finish the model."""

import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base_models.architecture import architecture_of
from core.base_models.long_texts import Reader
from core.domain.job import Wish
from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.domain.task import reads_pairs
from core.files import written_aside
from core.tasks.protocol import Task
from core.techniques import rewordings_for
from core.techniques.protocol import Technique
from core.training.batches import PassLimit, TokenizedExamples, read_examples, seen_ids
from core.training.busy import Stopwatch
from core.training.finding import PASS_ROWS, RATE, find
from core.training.memory import free_unused, is_out_of_memory
from core.training.speed import record_speed
from core.training.types import Cancelled, TrainingData

if TYPE_CHECKING:
    import torch

    from core.training.loop import LoopResult, Outlets
    from core.training.model import Classifier

PRACTICE_IDS = "practice.i32"  # token ids of practice, where they are too many for the memory
CHOICES = "choices.json"  # what was measured at the first start; a resumed run must not measure something else
TRUNK = "trunk"  # true in it where what frozen layers give is computed once
HALVED = "halved_for_memory"  # true in it once the memory was not enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    practice: TokenizedExamples
    checkup: TokenizedExamples
    seen: np.ndarray  #: token ids that occur, sorted
    pad_id: int
    max_length: int  #: the recipe's, or what the base model can read if that is less


class FineTuner:
    """The fine-tuning of one run, from texts to a finished classifier."""

    def __init__(
        self,
        data: TrainingData,
        recipe: TrainingRecipe,
        task: Task,
        technique: Technique,
        *,
        base_dir: Path,
        base_models_dir: Path,
        work_dir: Path,
    ) -> None:
        self.data, self.recipe, self.task, self.technique = data, recipe, task, technique
        self.base_dir, self.base_models_dir, self.work_dir = base_dir, base_models_dir, work_dir
        self.n_outputs = task.n_outputs(len(data.labels))
        self.is_resumed = False  #: whether an earlier attempt had begun the loop
        self.loop_watch = Stopwatch()  #: of the loop, once it has run

    def tokenize(self) -> Tokens:
        architecture = architecture_of(self.base_dir)
        pad_id = architecture.pad_id
        n_taken = self.technique.n_positions(self.recipe)
        max_length = min(
            self.recipe.max_length, (architecture.max_tokens or self.recipe.max_length + n_taken) - n_taken
        )
        pairs = reads_pairs(self.task.name)
        reader = Reader.load(self.base_dir, max_length, self.recipe.long_texts, pairs=pairs)
        known, asked = self.data.practice, self.data.checkup
        self.work_dir.mkdir(parents=True, exist_ok=True)
        practice = read_examples(reader, known.texts, known.targets, path=self.work_dir / PRACTICE_IDS)
        rewordings = rewordings_for(self.recipe, self.base_dir, practice.ids, practice.offsets)
        practice = replace(practice, rewordings=rewordings)
        checkup = read_examples(reader, asked.texts, asked.targets)
        seen = seen_ids([practice, checkup], pad_id)
        return Tokens(practice=practice, checkup=checkup, seen=seen, pad_id=pad_id, max_length=max_length)

    def train(
        self, tokens: Tokens, outlets: "Outlets", tell_environment: Callable[[dict[str, Any]], None]
    ) -> "LoopResult":
        """Run the loop, from its newest checkpoint where one is left. When the memory is not enough it goes on from
        there once more, in passes of half the size: the steps stay what they are.

        Raises:
            Cancelled
        """
        import torch

        from core.training.probe import choose_device

        device = choose_device(self.recipe.device)
        classifier = self._classifier(tokens)
        choices = self._choices()
        self.is_resumed = choices is not None
        if choices is None:
            choices = self._measured(classifier, tokens, device, outlets)
            self._keep(choices)
        torch.set_num_threads(int(choices["n_threads"]))
        tell_environment(choices | _versions(device))
        try:
            return self._loop(classifier, tokens, device, choices, outlets)
        except Exception as error:
            if choices.get(HALVED) or not is_out_of_memory(error):
                raise
        del classifier  # here, beyond the handler, nor does the error hold on to what the loop had
        choices[HALVED] = True
        self._keep(choices)
        free_unused()
        tell_environment(choices | _versions(device))
        outlets.say(
            msg("The memory was not enough: it goes on with half as many examples at once, in twice as many passes.")
        )
        return self._loop(self._classifier(tokens), tokens, device, choices, outlets)

    def _measured(
        self, classifier: "Classifier", tokens: Tokens, device: "torch.device", outlets: "Outlets"
    ) -> dict[str, Any]:
        """What is settled by trying before the first step."""
        import torch

        from core.training.probe import measure

        watch = Stopwatch()
        probe = measure(
            classifier, tokens.practice, recipe=self.recipe, task=self.task, device=device, pad_id=tokens.pad_id
        )
        plain = replace(self.recipe, extras=())  # the probe's steps are those of the technique alone
        record_speed(self.base_models_dir, plain, device.type, probe.tokens_per_second / watch.share)
        found = find(
            classifier,
            tokens.practice,
            recipe=self.recipe,
            task=self.task,
            technique=self.technique,
            precision=probe.precision,
            device=device,
            pad_id=tokens.pad_id,
            outlets=outlets,
        )
        measured = {"precision": probe.precision, "n_threads": torch.get_num_threads(), "device": device.type}
        return measured | found | self._trunk_choice(classifier, tokens, device, outlets)

    def _trunk_choice(
        self, classifier: "Classifier", tokens: Tokens, device: "torch.device", outlets: "Outlets"
    ) -> dict[str, Any]:
        """Whether the frozen layers are computed once; empty where none are frozen."""
        if not self.recipe.frozen_layers:
            return {}
        from core.training.trunk import why_not

        reason = why_not(classifier, self.recipe, [tokens.practice, tokens.checkup], self.work_dir, device)
        if reason is not None:
            outlets.say(reason)
        return {TRUNK: reason is None}

    def _loop(
        self,
        classifier: "Classifier",
        tokens: Tokens,
        device: "torch.device",
        choices: Mapping[str, Any],
        outlets: "Outlets",
    ) -> "LoopResult":
        from core.training.checkpoints import Checkpoints
        from core.training.loop import train

        limit = PassLimit(n_rows=int(choices.get(PASS_ROWS, self.recipe.batch_size)))
        recipe = replace(self.recipe, learning_rate=choices.get(RATE, self.recipe.learning_rate))
        fingerprint = self._fingerprint(tokens, recipe)
        self.loop_watch = Stopwatch()
        practice, checkup = tokens.practice, tokens.checkup
        if choices.get(TRUNK):
            fingerprint += "-trunk"
            practice, checkup = self._put_trunk(classifier, tokens, fingerprint, outlets)
        result = train(
            classifier,
            practice,
            checkup,
            recipe=recipe,
            task=self.task,
            technique=self.technique,
            precision=str(choices["precision"]),
            device=device,
            pad_id=tokens.pad_id,
            checkpoints=Checkpoints(self.work_dir / "checkpoints", fingerprint),
            outlets=outlets,
            limit=limit.halved() if choices.get(HALVED) else limit,
        )
        self.loop_watch.stop()
        if result.tokens_per_second:
            quiet = result.tokens_per_second / self.loop_watch.share
            record_speed(self.base_models_dir, self.recipe, device.type, quiet)
        return result

    def _put_trunk(
        self, classifier: "Classifier", tokens: Tokens, fingerprint: str, outlets: "Outlets"
    ) -> list[TokenizedExamples]:
        """Let `classifier` begin above its frozen layers; gives practice and check-up as it then reads them.

        Raises:
            Cancelled
        """
        from core.training.trunk import compute_trunk

        def obey() -> None:
            if outlets.should_stop() == Wish.CANCEL:
                raise Cancelled

        parts = [tokens.practice, tokens.checkup]
        classifier.trunk = compute_trunk(
            classifier.backbone, parts, work_dir=self.work_dir, fingerprint=fingerprint, obey=obey
        )
        return classifier.trunk.examples(parts)

    def _classifier(self, tokens: Tokens) -> "Classifier":
        from core.training.model import training_classifier

        classifier = training_classifier(self.base_dir, self.recipe, self.technique, self.n_outputs, tokens.seen)
        if (bias := self.task.first_bias(tokens.practice.targets)) is not None:
            classifier.start_at(bias)
        if self.recipe.head_start == "fitted":
            self._fit_head(classifier, tokens)
        return classifier

    def _fit_head(self, classifier: "Classifier", tokens: Tokens) -> None:
        from core.training.head_start import fit_head
        from core.training.probe import choose_device

        fit_head(
            classifier,
            tokens.practice,
            class_weights=self.recipe.class_weights,
            seed=self.recipe.seed,
            pad_id=tokens.pad_id,
            device=choose_device(self.recipe.device),
        )

    def finish(self, tokens: Tokens, result: "LoopResult") -> "Classifier":
        """The whole fp32 model of the best check-up, on the CPU."""
        from core.training.model import finished_classifier

        return finished_classifier(self.base_dir, self.recipe, self.technique, self.n_outputs, tokens.seen, result.best)

    def checkup_proba(self, tokens: Tokens, classifier: "Classifier") -> np.ndarray:
        """Its answers on the check-up in fp32, the format that serves."""
        import torch

        from core.training.loop import answer_logits

        logits = answer_logits(classifier, tokens.checkup, tokens.pad_id, torch.device("cpu"))
        return self.task.answers(logits)

    def _choices(self) -> dict[str, Any] | None:
        try:
            values = json.loads((self.work_dir / CHOICES).read_text())
        except (OSError, ValueError):
            return None
        return values if isinstance(values, dict) else None

    def _keep(self, choices: Mapping[str, Any]) -> None:
        with written_aside(self.work_dir / CHOICES) as aside:
            aside.write_text(json.dumps(choices))

    def _fingerprint(self, tokens: Tokens, recipe: TrainingRecipe) -> str:
        """Of all that decides the weights: checkpoints of anything else are not used."""
        digest = hashlib.sha256(json.dumps(recipe.deciding(), sort_keys=True).encode())
        digest.update(self.base_dir.name.encode())
        for part in (tokens.practice, tokens.checkup):
            for array in (part.ids, part.offsets, part.targets):
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def readable(recipe: TrainingRecipe, max_length: int) -> TrainingRecipe:
    """The recipe with the text length that the base model can really read."""
    return replace(recipe, max_length=max(8, max_length))


def _versions(device: Any) -> dict[str, Any]:
    import torch
    import transformers

    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "device_name": name,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "python": platform.python_version(),
    }
