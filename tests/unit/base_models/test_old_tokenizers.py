"""Models that come without tokenizer.json: it is made of the older files, and cuts texts into the same tokens."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from core.base_models.sources import fetch
from core.errors import WeightsUnavailable
from tests.contracts.tiny_families import CHINESE, FAMILIES, Family

TEXTS = ["where is my card", "i need help with the login now", *CHINESE[:2]]
NAMES = {"ALBERT": "spiece.model", "DeBERTa-v3": "spm.model", "XLM-R": "sentencepiece.bpe.model"}
BY_NAME = {family.name: family for family in FAMILIES}
NORMAL, UNKNOWN, CONTROL = 1, 2, 3  # kinds of pieces in a SentencePiece file


def write_vocabulary(folder: Path, tokenizer: dict[str, Any]) -> None:
    vocabulary = tokenizer["model"]["vocab"]
    (folder / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.get)) + "\n")


def write_merges(folder: Path, tokenizer: dict[str, Any]) -> None:
    added = {one["content"]: one["id"] for one in tokenizer["added_tokens"]}
    (folder / "vocab.json").write_text(json.dumps(tokenizer["model"]["vocab"] | added))
    merges = [" ".join(pair) for pair in tokenizer["model"]["merges"]]
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]))


def write_sentencepiece(folder: Path, tokenizer: dict[str, Any], family: Family) -> None:
    from transformers.utils import sentencepiece_model_pb2_new as protocol

    special = set(family.special.values())
    kinds = {family.special["unk"]: UNKNOWN}
    pieces = [(p, score, kinds.get(p, CONTROL if p in special else NORMAL)) for p, score in tokenizer["model"]["vocab"]]
    if family.name == "XLM-R":  # its file begins otherwise than its vocabulary
        pieces = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL)] + [
            piece for piece in pieces if piece[2] == NORMAL
        ]
    model = protocol.ModelProto()
    for text, score, kind in pieces:
        model.pieces.add(piece=text, score=score, type=kind)
    model.trainer_spec.model_type = protocol.TrainerSpec.UNIGRAM
    model.trainer_spec.unk_id = next(i for i, piece in enumerate(pieces) if piece[2] == UNKNOWN)
    (folder / NAMES[family.name]).write_bytes(model.SerializeToString())


def without_tokenizer_json(family: Family, folder: Path) -> tuple[Path, Tokenizer]:
    source = family.build(folder / "model")
    path = source / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    expected = Tokenizer.from_str(path.read_text())
    path.unlink()
    if family.name in NAMES:
        write_sentencepiece(source, tokenizer, family)
    elif "merges" in tokenizer["model"]:
        write_merges(source, tokenizer)
    else:
        write_vocabulary(source, tokenizer)
    return source, expected


@pytest.mark.parametrize(
    "name", ["BERT", "DistilBERT", "ELECTRA", "MPNet", "ERNIE", "RoBERTa", "GPT-2", "Qwen2", *NAMES]
)
def test_older_files_make_the_same_tokens(name: str, tmp_path: Path) -> None:
    source, expected = without_tokenizer_json(BY_NAME[name], tmp_path)
    made = Tokenizer.from_file(str(fetch(str(source), tmp_path / "cache") / "tokenizer.json"))
    for text in TEXTS:
        assert made.encode(text).ids == expected.encode(text).ids, text


def test_settings_beside_a_sentencepiece_file_are_heeded(tmp_path: Path) -> None:
    source, _ = without_tokenizer_json(BY_NAME["DeBERTa-v3"], tmp_path)
    (source / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, "vocab_type": "spm"}))
    made = Tokenizer.from_file(str(fetch(str(source), tmp_path / "cache") / "tokenizer.json"))
    assert made.encode("WHERE IS MY CARD").ids == made.encode("where is my card").ids


def test_damaged_sentencepiece_file_is_named(tmp_path: Path) -> None:
    source, _ = without_tokenizer_json(BY_NAME["DeBERTa-v3"], tmp_path)
    (source / "spm.model").write_bytes(b"not it")
    with pytest.raises(WeightsUnavailable, match="tokenizer"):
        fetch(str(source), tmp_path / "cache")
