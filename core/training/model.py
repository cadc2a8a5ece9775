"""The network that is fine-tuned: a pretrained encoder, pooling, dropout and a linear head.

While it trains it is smaller than the base model: the word embedding holds only the rows of tokens that occur in this
run's texts. AdamW without weight decay leaves every other row as it was, so scattering the rows back at the end
(`finished_classifier`) gives exactly what training the whole table would have given.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from core.base_models.backbone import layers_of, load_backbone
from core.base_models.pooling import pool
from core.domain.recipe import TrainingRecipe
from core.techniques.adapters import load_adapters
from core.techniques.prefix import load_prefixes
from core.techniques.protocol import Technique
from core.training.packed import can_pack, on_device, packed_hidden, packs_on

if TYPE_CHECKING:
    from core.training.trunk import Trunk

FINAL_NORMS = ("final_norm", "ln_f", "norm")  # what families call the one behind the last layer
WORDS = "backbone_words.weight"  #: name of the compact word embedding in a trained state


class CompactEmbedding(nn.Module):
    """Rows of a word embedding that a run needs. `lookup` maps token ids of the base model to them."""

    lookup: torch.Tensor

    def __init__(self, whole: nn.Embedding, seen_ids: np.ndarray) -> None:
        super().__init__()
        rows = torch.as_tensor(seen_ids, dtype=torch.int64)
        lookup = torch.zeros(whole.num_embeddings, dtype=torch.int64)
        lookup[rows] = torch.arange(len(rows))
        self.weight = nn.Parameter(whole.weight.detach()[rows].clone())
        self.register_buffer("lookup", lookup, persistent=False)
        padding = whole.padding_idx
        self.padding_row = int(lookup[padding]) if padding is not None and padding in seen_ids else None
        self.scale = float(getattr(whole, "scalar_embed_scale", 1.0))  #: Gemma's family multiplies its word rows
        self.output_dtype = torch.float32  #: the word rows stay fp32: sums of many small gradients need it

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        words = functional.embedding(self.lookup[ids], self.weight, padding_idx=self.padding_row)
        if self.scale != 1.0:
            words = words * self.scale
        return words.to(self.output_dtype)


class Classifier(nn.Module):
    """Logits of shape (batch, n_outputs) for ids and mask of shape (batch, length).

    Where texts have several rows (windows of a long one), `counts` says how many, and the vectors of each text's rows are
    averaged. The head is linear, so averaging the logits of the windows gives the same: that is how a bundle answers.
    """

    def __init__(self, backbone: nn.Module, *, n_outputs: int, pooling: str, dropout: float) -> None:
        super().__init__()
        self.backbone: Any = backbone
        hidden_size = int(self.backbone.config.hidden_size)  # type: ignore[union-attr,arg-type]
        self.trunk: Trunk | None = None  #: what frozen layers gave for every token; ids are then numbers of its rows
        self.packs = False  #: can leave out the padding, see `core.training.packed`
        self.pooling = pooling
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_size, n_outputs)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def start_at(self, bias: np.ndarray) -> None:
        """Let the head, which has learned nothing yet, answer with this, (n_outputs,)."""
        with torch.no_grad():
            self.head.bias.copy_(torch.from_numpy(bias))

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        lengths: np.ndarray | None = None,
        counts: np.ndarray | None = None,
    ) -> torch.Tensor:
        return self.answer(self.vectors(input_ids, attention_mask, lengths, counts))

    def vectors(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        lengths: np.ndarray | None = None,
        counts: np.ndarray | None = None,
    ) -> torch.Tensor:
        """One fp32 vector per text, of shape (texts, hidden). `lengths` of the rows spare a GPU from telling them."""
        vectors = pool(self.hidden(input_ids, attention_mask, lengths).float(), attention_mask, self.pooling)
        return vectors if counts is None else _shares(counts, vectors.device) @ vectors

    def hidden(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, lengths: np.ndarray | None = None
    ) -> torch.Tensor:
        """One vector per token, of shape (batch, length, hidden)."""
        if self.packs and packs_on(self.backbone, input_ids.device):
            return packed_hidden(self.backbone, input_ids, attention_mask, lengths, self.trunk)
        hidden: torch.Tensor = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return hidden

    def answer(self, vectors: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.dropout(vectors))
        return logits


def _shares(counts: np.ndarray, device: torch.device) -> torch.Tensor:
    """What each window counts in its text's mean, of shape (texts, windows): one product, the same in every run."""
    owner = torch.from_numpy(np.repeat(np.arange(len(counts)), counts))
    shares = functional.one_hot(owner, len(counts)).T / torch.from_numpy(counts)[:, None]
    return on_device(shares.float(), device)


def _freeze(backbone: Any, n_layers: int) -> None:
    """Keep everything below layer `n_layers` as it is. No gradient flows there, so those layers cost a third."""
    owner, _, layers = layers_of(backbone)
    behind = [module for name, module in owner.named_children() if name in FINAL_NORMS]
    learning = {id(p) for module in [*layers[n_layers:], *behind] for p in module.parameters()}
    for parameter in backbone.parameters():
        parameter.requires_grad = id(parameter) in learning


def training_classifier(
    base_dir: Path, recipe: TrainingRecipe, technique: Technique, n_outputs: int, seen_ids: np.ndarray
) -> Classifier:
    """A classifier ready to train: head drawn from the recipe's seed, word embedding compact, technique applied."""
    classifier = _new_classifier(base_dir, recipe, n_outputs)
    whole = classifier.backbone.get_input_embeddings()
    classifier.backbone.set_input_embeddings(CompactEmbedding(whole, seen_ids))
    if recipe.frozen_layers:
        _freeze(classifier.backbone, recipe.frozen_layers)
    technique.prepare(classifier, recipe)
    classifier.packs = can_pack(classifier.backbone)
    return classifier


def finished_classifier(
    base_dir: Path,
    recipe: TrainingRecipe,
    technique: Technique,
    n_outputs: int,
    seen_ids: np.ndarray,
    state: Mapping[str, torch.Tensor],
) -> Classifier:
    """The whole fp32 classifier with a trained state in it, as it is published: technique merged, nothing compact."""
    classifier = _new_classifier(base_dir, recipe, n_outputs)
    technique.prepare(classifier, recipe)
    whole = classifier.backbone.get_input_embeddings()
    parameters = dict(classifier.named_parameters())
    with torch.no_grad():
        for name, value in state.items():
            if name == WORDS:
                whole.weight[torch.as_tensor(seen_ids, dtype=torch.int64)] = value
            else:
                parameters[name].copy_(value)
    technique.merge(classifier)
    return classifier.eval()


def trainable(classifier: Classifier) -> dict[str, nn.Parameter]:
    """Parameters that training changes, by the names a trained state uses."""
    words = classifier.backbone.get_input_embeddings().weight
    named = classifier.named_parameters()
    return {WORDS if value is words else name: value for name, value in named if value.requires_grad}


def depths(classifier: Classifier) -> dict[str, int]:
    """How deep each trained parameter lies: 0 before the first layer, 1 to n in a layer, n + 1 behind the last one."""
    _, _, layers = layers_of(classifier.backbone)
    layer_of = {id(p): i for i, layer in enumerate(layers, start=1) for p in layer.parameters()}
    words = classifier.backbone.get_input_embeddings().weight
    found: dict[int, int] = {}
    depth = 0
    for parameter in classifier.parameters():  # in the order in which they were built
        depth = layer_of.get(id(parameter), len(layers) + 1 if depth else 0)
        found[id(parameter)] = 0 if parameter is words else depth
    return {name: found[id(parameter)] for name, parameter in trainable(classifier).items()}


def _new_classifier(base_dir: Path, recipe: TrainingRecipe, n_outputs: int) -> Classifier:
    backbone = load_backbone(base_dir, recipe.n_layers)
    torch.manual_seed(recipe.seed)
    return Classifier(backbone, n_outputs=n_outputs, pooling=recipe.pooling, dropout=recipe.dropout)


def save_classifier(classifier: Classifier, folder: Path) -> None:
    """Write `model.safetensors` and `config.json` (an ordinary Hugging Face folder) and `head.safetensors`."""
    from safetensors.torch import save_file

    classifier.backbone.save_pretrained(folder)
    save_file(
        {"weight": classifier.head.weight.detach().contiguous(), "bias": classifier.head.bias.detach().contiguous()},
        folder / "head.safetensors",
    )


def load_classifier(folder: Path, *, pooling: str) -> Classifier:
    """What `save_classifier` wrote, ready to answer."""
    from safetensors.torch import load_file

    head = load_file(folder / "head.safetensors")
    backbone = load_backbone(folder)
    load_adapters(backbone, folder)
    load_prefixes(backbone, folder)
    classifier = Classifier(backbone, n_outputs=len(head["bias"]), pooling=pooling, dropout=0.0)
    classifier.head.load_state_dict(head)
    return classifier.eval()
