"""A tokenizer made of a SentencePiece file alone, as DeBERTa-v3 and older models are published.

transformers hold what each family adds to the file, but want the sentencepiece library to read it; its format is a
protocol buffer, which onnx's own reader understands.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILES = ("sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model")
_CONVERTERS = {
    "albert": "AlbertConverter",
    "camembert": "CamembertConverter",
    "deberta-v2": "DebertaV2Converter",
    "xlm-roberta": "XLMRobertaConverter",
}


def read_sentencepiece(folder: Path) -> "Tokenizer | None":
    """The tokenizer of the SentencePiece file in `folder`; None without such a file, or for another family.

    Raises:
        Exception: the file is damaged; the libraries raise what they like.
    """
    from transformers import convert_slow_tokenizer

    kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    path = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if path is None or kind not in _CONVERTERS:
        return None
    settings: dict[str, Any] = {"do_lower_case": kind == "albert", "keep_accents": False, "split_by_punct": False}
    if (folder / "tokenizer_config.json").is_file():
        given = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        settings |= {name: given[name] for name in settings if name in given}
    original = SimpleNamespace(vocab_file=str(path), **settings)  # what the converters ask of an older tokenizer
    converter = getattr(convert_slow_tokenizer, _CONVERTERS[kind])(original)
    ids = {piece: i for i, (piece, _) in enumerate(converter.vocab(converter.proto))}
    original.convert_tokens_to_ids = ids.__getitem__
    tokenizer: Tokenizer = converter.converted()
    return tokenizer
