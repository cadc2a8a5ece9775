"""A base model with a head that guesses hidden words, over the words of one run's texts only.

    h = LayerNorm(gelu(W hidden + b)),   scores = h E^T + c

E is the compact word embedding itself (tied, Press and Wolf, 2017), so the softmax runs over the tokens that occur in
the texts: a few thousand instead of tens of thousands, and all other word rows stay exactly as they were. A base model
that was published with such a head brings it; another one gets a fresh head, see `core.training.pretraining`.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from core.base_models.backbone import load_backbone
from core.training.model import Classifier, CompactEmbedding
from core.training.packed import can_pack

#: what families call the parts of their head: the linear map, the norm, and the bias of the scores
HEADS = (
    ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.bias"),
    ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias"),
    ("vocab_transform", "vocab_layer_norm", "vocab_projector.bias"),
    ("predictions.dense", "predictions.LayerNorm", "predictions.bias"),
    ("head.dense", "head.norm", "decoder.bias"),
)
_OLD_NAMES = {"weight": "gamma", "bias": "beta"}  # of a norm, in files of 2019
_EPS = ("layer_norm_eps", "norm_eps")
INITIAL_STD = 0.02


class WordGuesser(Classifier):
    """`head`, `norm` and `bias` are what guesses; `backbone` is what shall learn the language of the texts."""

    def __init__(self, backbone: Any, seen_ids: np.ndarray, seed: int) -> None:
        whole = backbone.get_input_embeddings()
        torch.manual_seed(seed)
        super().__init__(backbone, n_outputs=whole.embedding_dim, pooling="mean", dropout=0.0)
        backbone.set_input_embeddings(CompactEmbedding(whole, seen_ids))
        eps = next((value for name in _EPS if (value := getattr(backbone.config, name, None))), 1e-12)
        self.norm = nn.LayerNorm(whole.embedding_dim, eps=float(eps))
        self.bias = nn.Parameter(torch.zeros(len(seen_ids)))
        self.packs = can_pack(backbone)

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """`hidden` of shape (n, hidden) to scores of shape (n, n_seen), in the order of the seen ids."""
        words: torch.Tensor = self.backbone.get_input_embeddings().weight
        return functional.linear(self.norm(functional.gelu(self.head(hidden))), words, self.bias)

    def guess(self, ids: torch.Tensor, mask: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Scores at `places`, counted in the flattened batch."""
        hidden = self.hidden(ids, mask).flatten(0, 1)[places]
        return self.scores(hidden.float())

    def head_parameters(self) -> list[nn.Parameter]:
        return [*self.head.parameters(), *self.norm.parameters(), self.bias]


def word_guesser(base_dir: Path, seen_ids: np.ndarray, seed: int) -> tuple[WordGuesser, bool]:
    """The base model with a head in fp32, and whether the head is its own (not a fresh one)."""
    guesser = WordGuesser(load_backbone(base_dir), seen_ids, seed)
    return guesser, _take_own_head(guesser, base_dir, seen_ids)


def _take_own_head(guesser: WordGuesser, base_dir: Path, seen_ids: np.ndarray) -> bool:
    from safetensors import safe_open

    place: dict[str, Path] = {}
    for path in sorted(base_dir.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            place |= dict.fromkeys(file.keys(), path)

    def tensor(*names: str) -> torch.Tensor | None:
        name = next((name for name in names if name in place), None)
        if name is None:
            return None
        with safe_open(place[name], "pt") as file:
            found: torch.Tensor = file.get_tensor(name).float()
        return found

    for linear, norm, bias in HEADS:
        weights = {
            "head.weight": tensor(f"{linear}.weight"),
            "norm.weight": tensor(f"{norm}.weight", f"{norm}.{_OLD_NAMES['weight']}"),
        }
        if any(value is None for value in weights.values()):
            continue
        biases = {
            "head.bias": tensor(f"{linear}.bias"),
            "norm.bias": tensor(f"{norm}.bias", f"{norm}.{_OLD_NAMES['bias']}"),
            "bias": tensor(bias),
        }
        if biases["bias"] is not None:
            biases["bias"] = biases["bias"][torch.as_tensor(seen_ids)]
        own = dict(guesser.named_parameters())
        found = {name: value for name, value in (weights | biases).items() if value is not None}
        if any(value.shape != own[name].shape for name, value in found.items()):
            continue
        with torch.no_grad():
            for name in weights | biases:
                own[name].copy_(found[name]) if name in found else own[name].zero_()
        return True
    return False


def whole_backbone(base_dir: Path, seen_ids: np.ndarray, state: dict[str, torch.Tensor]) -> Any:
    """The base model in fp32 with a trained state of a `WordGuesser` in it; word rows of unseen tokens are its own."""
    from core.training.model import WORDS

    backbone = load_backbone(base_dir)
    parameters = {f"backbone.{name}": value for name, value in backbone.named_parameters()}
    with torch.no_grad():
        backbone.get_input_embeddings().weight[torch.as_tensor(seen_ids)] = state[WORDS]
        for name, parameter in parameters.items():
            if name in state:
                parameter.copy_(state[name])
    return backbone
