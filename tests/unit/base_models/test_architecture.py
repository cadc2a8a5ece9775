"""Configs as the hub holds them: names differ by family, and what is usual is left out."""

import json
from pathlib import Path

import pytest
import torch

from core.base_models.advice import advice_for
from core.base_models.architecture import read_architecture
from core.base_models.pooling import pool


@pytest.mark.parametrize(
    ("config", "hidden", "max_tokens", "pad_id", "is_decoder"),
    [
        (
            {"model_type": "bert", "hidden_size": 768, "max_position_embeddings": 512, "pad_token_id": 0},
            768,
            512,
            0,
            False,
        ),
        ({"model_type": "roberta", "hidden_size": 768, "max_position_embeddings": 514}, 768, 512, 1, False),
        (
            {"model_type": "mpnet", "hidden_size": 768, "max_position_embeddings": 514, "pad_token_id": 1},
            768,
            512,
            1,
            False,
        ),
        ({"model_type": "distilbert", "dim": 768, "max_position_embeddings": 512}, 768, 512, 0, False),
        ({"model_type": "gpt2", "n_embd": 768, "n_positions": 1024, "pad_token_id": None}, 768, 1024, 0, True),
        ({"model_type": "llama", "hidden_size": 576, "pad_token_id": -1}, 576, None, 0, True),
        ({"model_type": "gemma3_text", "hidden_size": 768, "use_bidirectional_attention": True}, 768, None, 0, False),
    ],
    ids=lambda value: value["model_type"] if isinstance(value, dict) else "",
)
def test_configs_are_read(config, hidden, max_tokens, pad_id, is_decoder) -> None:
    found = read_architecture(config)
    assert (found.hidden, found.max_tokens, found.pad_id, found.is_decoder) == (hidden, max_tokens, pad_id, is_decoder)


@pytest.mark.parametrize(
    ("config", "technique", "pooling", "learning_rate"),
    [
        ({"model_type": "bert", "hidden_size": 384}, "full", "mean", 2e-4),
        ({"model_type": "roberta", "hidden_size": 768}, "full", "mean", 5e-5),
        ({"model_type": "qwen2", "hidden_size": 896}, "lora", "last", 1e-4),
    ],
    ids=["small", "base", "decoder"],
)
def test_folder_of_ones_own_is_trained_as_its_kind_needs(
    tmp_path: Path, config, technique, pooling, learning_rate
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    advice = advice_for(str(tmp_path))
    assert (advice.technique, advice.pooling, advice.learning_rate) == (technique, pooling, learning_rate)


@pytest.mark.parametrize("damage", ["{", "[]", '"bert"'])
def test_what_cannot_be_read_is_taken_for_an_encoder(tmp_path: Path, damage: str) -> None:
    (tmp_path / "config.json").write_text(damage)
    for name in (str(tmp_path), "someone/unlisted", str(tmp_path / "nothing")):
        assert advice_for(name) == advice_for("google-bert/bert-base-uncased")


def test_pooling_never_looks_at_padding() -> None:
    hidden = torch.arange(12.0).view(2, 3, 2)
    mask = torch.tensor([[1, 1, 1], [1, 0, 0]])
    assert pool(hidden, mask, "mean").tolist() == [[2.0, 3.0], [6.0, 7.0]]
    assert pool(hidden, mask, "last").tolist() == [[4.0, 5.0], [6.0, 7.0]]
    assert pool(hidden, mask, "cls").tolist() == [[0.0, 1.0], [6.0, 7.0]]
