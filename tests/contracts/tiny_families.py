"""One tiny model with random weights per family of base models, and a tokenizer of the kind that the family uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tests.unit.training.tiny import FILLERS, WORDS

HIDDEN, LAYERS, HEADS, POSITIONS = 32, 2, 4, 64
CHINESE = ("我的银行卡在哪里", "请把钱退给我", "密码错了，登录不上")
CORPUS = (" ".join(FILLERS), *(" ".join(words) for words in WORDS.values()), *CHINESE)

Special = dict[
    str, str
]  #: what the tokenizer calls its tokens: "pad", "unk", "first" and "last" of a text; any may be absent


def wordpiece(special: Special) -> Tokenizer:
    words = sorted({word for text in CORPUS for word in text.split() if word.isascii()})
    characters = sorted({c for text in CHINESE for c in text})
    tokens = [*dict.fromkeys(special.values()), *words, *characters]
    tokenizer = Tokenizer(models.WordPiece({t: i for i, t in enumerate(tokens)}, unk_token=special["unk"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def byte_level(special: Special) -> Tokenizer:
    """Its special tokens stand behind the vocabulary, as in GPT-2, Qwen, Llama and ModernBERT."""
    return _byte_level([])


def byte_level_special_first(special: Special) -> Tokenizer:
    return _byte_level(list(special.values()))


def _byte_level(special_tokens: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=special_tokens,
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def unigram(special: Special) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=150,
        special_tokens=list(dict.fromkeys(special.values())),
        unk_token=special["unk"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How a model of the family is built, and what is particular about it."""

    name: str
    kind: str  #: the class of transformers, without "Model"
    tokenizer: Callable[[Special], Tokenizer]
    special: Special
    sizes: dict[str, Any] = field(default_factory=dict)  #: beyond the usual names of the sizes
    is_decoder: bool = False
    n_reserved: int = 0  #: positions that no token of a text can take
    texts: Sequence[str] = ()

    def build(self, folder: Path) -> Path:
        """An ordinary Hugging Face folder with random weights."""
        import torch
        import transformers

        folder.mkdir(parents=True)
        tokenizer = self.tokenizer(self.special)
        tokenizer.add_special_tokens(list(dict.fromkeys(self.special.values())))
        ids = {role: tokenizer.token_to_id(token) for role, token in self.special.items()}
        around = [self.special.get("first"), "$A", self.special.get("last")]
        if "first" in self.special:
            tokenizer.post_processor = processors.TemplateProcessing(
                single=[part for part in around if part],
                special_tokens=[(self.special[role], ids[role]) for role in ids],
            )
        tokenizer.save(str(folder / "tokenizer.json"))
        usual = {
            "vocab_size": tokenizer.get_vocab_size(),
            "hidden_size": HIDDEN,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "intermediate_size": 2 * HIDDEN,
            "max_position_embeddings": POSITIONS,
            "initializer_range": 0.1,
            "pad_token_id": ids.get("pad"),
            "bos_token_id": ids.get("first"),
            "eos_token_id": ids.get("last"),
            "cls_token_id": ids.get("first"),
            "sep_token_id": ids.get("last"),
        }
        torch.manual_seed(0)
        config = getattr(transformers, f"{self.kind}Config")(**(usual | self.sizes))
        model = getattr(transformers, f"{self.kind}Model")(config)
        model.save_pretrained(folder)
        return folder


BERT = {"pad": "[PAD]", "unk": "[UNK]", "first": "[CLS]", "last": "[SEP]"}
ROBERTA = {"first": "<s>", "pad": "<pad>", "last": "</s>", "unk": "<unk>"}
GROUPED = {"num_key_value_heads": 2, "head_dim": 8}

FAMILIES = (
    Family(name="BERT", kind="Bert", tokenizer=wordpiece, special=BERT),
    Family(name="RoBERTa", kind="Roberta", tokenizer=byte_level_special_first, special=ROBERTA, n_reserved=2),
    Family(name="DistilBERT", kind="DistilBert", tokenizer=wordpiece, special=BERT),
    Family(
        name="ALBERT",
        kind="Albert",
        tokenizer=unigram,
        special={"pad": "<pad>", "unk": "<unk>", "first": "[CLS]", "last": "[SEP]"},
        sizes={"embedding_size": 16, "num_hidden_groups": 1},
    ),
    Family(
        name="DeBERTa-v3",
        kind="DebertaV2",
        tokenizer=unigram,
        special=BERT,
        sizes={
            "relative_attention": True,
            "position_buckets": 8,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "layer_norm_eps": 1e-7,
            "max_relative_positions": -1,
            "position_biased_input": False,
            "type_vocab_size": 0,
        },
    ),
    Family(name="ELECTRA", kind="Electra", tokenizer=wordpiece, special=BERT, sizes={"embedding_size": 16}),
    Family(
        name="ModernBERT",
        kind="ModernBert",
        tokenizer=byte_level,
        special=BERT,
        sizes={"local_attention": 8, "global_attn_every_n_layers": 2},
    ),
    Family(name="XLM-R", kind="XLMRoberta", tokenizer=unigram, special=ROBERTA, n_reserved=2),
    Family(
        name="MPNet",
        kind="MPNet",
        tokenizer=wordpiece,
        special={"first": "<s>", "pad": "<pad>", "last": "</s>", "unk": "[UNK]"},
        n_reserved=2,
    ),
    Family(name="ERNIE", kind="Ernie", tokenizer=wordpiece, special=BERT, sizes={"use_task_id": True}),
    Family(name="GPT-2", kind="GPT2", tokenizer=byte_level, special={"end": "<|endoftext|>"}, is_decoder=True),
    Family(
        name="Qwen2",
        kind="Qwen2",
        tokenizer=byte_level,
        special={"pad": "<|endoftext|>"},
        sizes=GROUPED,
        is_decoder=True,
    ),
    Family(
        name="Qwen3",
        kind="Qwen3",
        tokenizer=byte_level,
        special={"pad": "<|endoftext|>"},
        sizes=GROUPED,
        is_decoder=True,
    ),
    Family(
        name="Llama",
        kind="Llama",
        tokenizer=byte_level,
        special={"first": "<|begin_of_text|>"},
        sizes=GROUPED,
        is_decoder=True,
    ),
    Family(
        name="Gemma",
        kind="Gemma",
        tokenizer=unigram,
        special={"pad": "<pad>", "first": "<bos>", "unk": "<unk>"},
        sizes=GROUPED,
        is_decoder=True,
    ),
    Family(
        name="Gemma 3",
        kind="Gemma3Text",
        tokenizer=unigram,
        special={"pad": "<pad>", "first": "<bos>", "unk": "<unk>"},
        sizes=GROUPED | {"sliding_window": 8, "layer_types": ["sliding_attention", "full_attention"]},
        is_decoder=True,
    ),
)
