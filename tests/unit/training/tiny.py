"""A real BERT, small enough to train in a second, and texts that can be learned."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from core.base_models.tokenizer import load_tokenizer
from core.domain.message import Message
from core.domain.recipe import SettingValue, TrainingRecipe
from core.domain.run import MetricPoint
from core.tasks import TASKS
from core.techniques import rewordings_for
from core.techniques.protocol import Technique
from core.training.batches import TokenizedExamples, seen_ids, tokenize
from core.training.checkpoints import Checkpoints
from core.training.loop import LoopResult, Outlets, train
from core.training.model import Classifier, finished_classifier, training_classifier
from core.training.types import Examples, ShouldStop, TrainingData

WORDS = {
    "card": ["card", "plastic", "chip", "visa"],
    "refund": ["refund", "money", "back", "return"],
    "login": ["login", "password", "account", "locked"],
}
FILLERS = [
    "where",
    "is",
    "my",
    "the",
    "please",
    "i",
    "need",
    "to",
    "get",
    "help",
    "with",
    "now",
    "today",
    "when",
    "will",
    "it",
    "arrive",
]
LABELS = tuple(WORDS)
CPU = torch.device("cpu")


def examples(n: int, seed: int) -> Examples:
    """`n` short texts whose category shows in one word among fillers."""
    draw = torch.Generator().manual_seed(seed)

    def pick(words: list[str], k: int) -> list[str]:
        return [words[i] for i in torch.randint(0, len(words), (k,), generator=draw).tolist()]

    texts, targets = [], []
    for i in range(n):
        target = i % len(LABELS)
        n_before, n_after = torch.randint(0, 5, (2,), generator=draw).tolist()
        texts.append(" ".join([*pick(FILLERS, n_before), *pick(WORDS[LABELS[target]], 1), *pick(FILLERS, n_after + 1)]))
        targets.append(target)
    return Examples(texts=texts, targets=targets)


def tiny_data() -> TrainingData:
    return TrainingData(
        labels=LABELS, practice=examples(90, 1), checkup=examples(30, 2), exam=examples(30, 3), language="en"
    )


def build_base(folder: Path) -> Path:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    words = sorted({*FILLERS, *(word for group in WORDS.values() for word in group)})
    unused = [f"unused{i}" for i in range(40)]  # rows of the word embedding that no text needs
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *unused]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        initializer_range=0.1,
        max_position_embeddings=64,
    )
    folder.mkdir(parents=True)
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def tiny_recipe(**changes: SettingValue) -> TrainingRecipe:
    usual: dict[str, SettingValue] = {
        "epochs": 6,
        "batch_size": 8,
        "learning_rate": 1e-2,
        "max_length": 32,
        "precision": "fp32",
        "patience": 0,
    }
    return TrainingRecipe(**(usual | changes))


@dataclass
class Heard:
    """Everything that a loop told."""

    points: list[MetricPoint]
    said: list[Message]

    def curve(self, name: str) -> list[float]:
        return [point.value for point in self.points if point.name == name]


@dataclass
class TinyRun:
    """One fine-tuning on the tiny base model, wired as the pipeline wires it."""

    base_dir: Path
    recipe: TrainingRecipe
    technique: Technique
    folder: Path
    fingerprint: str = "same"

    def __post_init__(self) -> None:
        data = tiny_data()
        tokenizer = load_tokenizer(self.base_dir, self.recipe.max_length)
        self.practice: TokenizedExamples = tokenize(tokenizer, data.practice.texts, data.practice.targets)
        rewordings = rewordings_for(self.recipe, self.base_dir, self.practice.ids, self.practice.offsets)
        self.practice = replace(self.practice, rewordings=rewordings)
        self.checkup: TokenizedExamples = tokenize(tokenizer, data.checkup.texts, data.checkup.targets)
        self.seen = seen_ids([self.practice, self.checkup], 0)
        self.heard = Heard([], [])
        self.checkpoints = Checkpoints(self.folder, self.fingerprint)

    def classifier(self) -> Classifier:
        return training_classifier(self.base_dir, self.recipe, self.technique, len(LABELS), self.seen)

    def train(
        self,
        *,
        should_stop: ShouldStop | None = None,
        report: Callable[[MetricPoint], None] | None = None,
        precision: str = "fp32",
    ) -> LoopResult:
        outlets = Outlets(report=report or self.heard.points.append, say=self.heard.said.append)
        if should_stop is not None:
            outlets.should_stop = should_stop
        return train(
            self.classifier(),
            self.practice,
            self.checkup,
            recipe=self.recipe,
            task=TASKS["text_classification"],
            technique=self.technique,
            precision=precision,
            device=CPU,
            pad_id=0,
            checkpoints=self.checkpoints,
            outlets=outlets,
        )

    def finished(self, result: LoopResult) -> Classifier:
        return finished_classifier(self.base_dir, self.recipe, self.technique, len(LABELS), self.seen, result.best)


def same_tensors(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)
