"""Write a model bundle (docs/architecture.md). The exam's rows and the manifest are added by who publishes it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.base_models.bert_graph import write_bert_encoder
from core.base_models.cache import link_or_copy
from core.base_models.encoder import copy_encoder
from core.base_models.long_texts import START
from core.base_models.onnx_export import check_onnx, export_onnx
from core.base_models.tokenizer import load_tokenizer
from core.domain.recipe import TrainingRecipe
from core.training.types import TrainingData

if TYPE_CHECKING:
    from core.training.draft import Draft
    from core.training.model import Classifier

FORMAT = 1
LONG_TEXTS_FORMAT = (
    2  # of a model that reads more of long texts than their start: older readers would not, and refuse it
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the check-up chose, and how its probabilities are read."""

    kept: str  #: "draft", "fine_tuned" or "mix"
    draft_weight: float  #: 1 for the draft alone, 0 for the fine-tuned model alone
    temperature: float
    threshold: float  #: of several categories the common one, where a category has none of its own
    thresholds: tuple[float, ...] = ()  #: of several categories: that of each, in the order of the labels
    half_width: float | None = (
        None  #: of an answer that is a number, on the model's scale: the truth lies within answer ± this
    )


def write_model_json(bundle_dir: Path, data: TrainingData, recipe: TrainingRecipe, choice: Choice) -> None:
    shares = {"draft": choice.draft_weight, "fine_tuned": 1 - choice.draft_weight}
    about = {
        "format": FORMAT if recipe.long_texts == START else LONG_TEXTS_FORMAT,
        "task": recipe.task,
        "labels": list(data.labels),
        "language": data.language,
        "base_model": recipe.base_model,
        "recipe": recipe.to_json(),
        "text_column": data.text_column,
        "text_columns": list(data.text_columns or (data.text_column,)),
        "members": [{"kind": kind, "weight": weight} for kind, weight in shares.items() if weight > 0],
        "temperature": choice.temperature,
        "threshold": choice.threshold,
        "max_length": recipe.max_length,
        "long_texts": recipe.long_texts,
        "prefix": "",  # of the fine-tuned member: it learned without one
        "kept": choice.kept,
    }
    if choice.thresholds:
        about["thresholds"] = dict(zip(data.labels, choice.thresholds, strict=True))
    if data.scale is not None:
        about |= {"scale": asdict(data.scale), "half_width": choice.half_width}
    text = json.dumps(about, ensure_ascii=False, indent=1)
    (bundle_dir / "model.json").write_text(text, encoding="utf-8")


def write_draft(bundle_dir: Path, draft: "Draft") -> None:
    draft.save(bundle_dir / "draft")


def write_encoder(bundle_dir: Path, encoder_dir: Path) -> None:
    copy_encoder(encoder_dir, bundle_dir / "encoder")


def write_fine_tuned(bundle_dir: Path, classifier: "Classifier", base_dir: Path, max_length: int) -> None:
    """`classifier` is whole and merged, in fp32 on the CPU (`finished_classifier`)."""
    import torch

    from core.training.model import save_classifier

    folder = bundle_dir / "fine_tuned"
    folder.mkdir()
    save_classifier(classifier, folder)
    tokenizer = load_tokenizer(base_dir, max_length)
    link_or_copy(base_dir / "tokenizer.json", folder / "tokenizer.json")
    n_tokens = min(int(classifier.backbone.config.vocab_size), tokenizer.get_vocab_size())
    example = torch.randint(0, n_tokens, (3, 9), generator=torch.Generator().manual_seed(0))
    path, longest = folder / "classifier.onnx", max(max_length, 32)
    head = {"weight": classifier.head.weight.detach().numpy(), "bias": classifier.head.bias.detach().numpy()}
    if write_bert_encoder(folder, path, output_name="logits", pooling=classifier.pooling, head=head):
        check_onnx(classifier, path, example, longest)
    else:
        export_onnx(classifier, example, path, output_name="logits", max_length=longest)
