from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = [
    "where",
    "is",
    "my",
    "card",
    "please",
    "i",
    "need",
    "help",
    "with",
    "the",
    "refund",
    "money",
    "login",
    "password",
    "now",
    "today",
]


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ordinary Hugging Face folder of a two-layer BERT."""
    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    vocab = {token: i for i, token in enumerate(SPECIAL + WORDS)}
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocab),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])]
    )
    tokenizer.enable_padding(length=32)  # as some published tokenizers do; `fetch` must undo it
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
