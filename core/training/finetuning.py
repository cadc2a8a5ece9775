"""Fine-tuning as the pipeline needs it: tokenize, choose device and number format, run the loop, finish the model."""

import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base_models.architecture import architecture_of
from core.base_models.tokenizer import load_tokenizer
from core.domain.recipe import TrainingRecipe
from core.files import written_aside
from core.tasks.protocol import Task
from core.techniques.protocol import Technique
from core.training.batches import TokenizedExamples, seen_ids, tokenize
from core.training.speed import record_speed
from core.training.types import TrainingData

if TYPE_CHECKING:
    from core.training.loop import LoopResult, Outlets
    from core.training.model import Classifier

CHOICES = "choices.json"  # what was measured at the first start; a resumed run must not measure something else


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

    def tokenize(self) -> Tokens:
        architecture = architecture_of(self.base_dir)
        pad_id = architecture.pad_id
        max_length = min(self.recipe.max_length, architecture.max_tokens or self.recipe.max_length)
        tokenizer = load_tokenizer(self.base_dir, max_length)
        practice = tokenize(tokenizer, self.data.practice.texts, self.data.practice.targets)
        checkup = tokenize(tokenizer, self.data.checkup.texts, self.data.checkup.targets)
        seen = seen_ids([practice, checkup], pad_id)
        return Tokens(practice=practice, checkup=checkup, seen=seen, pad_id=pad_id, max_length=max_length)

    def train(
        self, tokens: Tokens, outlets: "Outlets", tell_environment: Callable[[dict[str, Any]], None]
    ) -> "LoopResult":
        """Run the loop, from its newest checkpoint where one is left.

        Raises:
            Cancelled
        """
        import torch

        from core.training.checkpoints import Checkpoints
        from core.training.loop import train
        from core.training.model import training_classifier
        from core.training.probe import choose_device, measure

        device = choose_device(self.recipe.device)
        classifier = training_classifier(self.base_dir, self.recipe, self.technique, self.n_outputs, tokens.seen)
        choices = self._choices()
        if choices is None:
            probe = measure(
                classifier, tokens.practice, recipe=self.recipe, task=self.task, device=device, pad_id=tokens.pad_id
            )
            choices = {"precision": probe.precision, "n_threads": torch.get_num_threads(), "device": device.type}
            with written_aside(self.work_dir / CHOICES) as aside:
                aside.write_text(json.dumps(choices))
            plain = replace(self.recipe, extras=())  # the probe's steps are those of the technique alone
            record_speed(self.base_models_dir, plain, device.type, probe.tokens_per_second)
        torch.set_num_threads(int(choices["n_threads"]))
        tell_environment(choices | _versions(device))
        result = train(
            classifier,
            tokens.practice,
            tokens.checkup,
            recipe=self.recipe,
            task=self.task,
            technique=self.technique,
            precision=str(choices["precision"]),
            device=device,
            pad_id=tokens.pad_id,
            checkpoints=Checkpoints(self.work_dir / "checkpoints", self._fingerprint(tokens)),
            outlets=outlets,
        )
        if result.tokens_per_second:
            record_speed(self.base_models_dir, self.recipe, device.type, result.tokens_per_second)
        return result

    def finish(self, tokens: Tokens, result: "LoopResult") -> "Classifier":
        """The whole fp32 model of the best check-up, on the CPU."""
        from core.training.model import finished_classifier

        return finished_classifier(self.base_dir, self.recipe, self.technique, self.n_outputs, tokens.seen, result.best)

    def checkup_proba(self, tokens: Tokens, classifier: "Classifier") -> np.ndarray:
        """Its answers on the check-up in fp32, the format that serves."""
        import torch

        from core.training.loop import answer_logits

        logits = answer_logits(classifier, tokens.checkup, tokens.pad_id, torch.device("cpu"))
        return self.task.probabilities(logits)

    def _choices(self) -> dict[str, Any] | None:
        try:
            values = json.loads((self.work_dir / CHOICES).read_text())
        except (OSError, ValueError):
            return None
        return values if isinstance(values, dict) else None

    def _fingerprint(self, tokens: Tokens) -> str:
        """Of all that decides the weights: checkpoints of anything else are not used."""
        digest = hashlib.sha256(json.dumps(self.recipe.deciding(), sort_keys=True).encode())
        digest.update(self.base_dir.name.encode())
        for part in (tokens.practice, tokens.checkup):
            for array in (part.ids, part.offsets, part.targets):
                digest.update(array.tobytes())
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
