"""Writes `bundle_v1/` and what it answers, `bundle_v1.json`: a tiny model in format 1, kept in git as released.

Every later version must open it and give the same probabilities (`test_bundle_v1.py`). It is never written again:
a new format gets a folder of its own. Run as `python -m tests.golden.make_bundle_v1 FOLDER` to see how it was made.
"""

import json
import sys
from pathlib import Path

import numpy as np

from core.base_models.encoder import FrozenEncoder
from core.domain.recipe import TrainingRecipe
from core.files import write_manifest
from core.prediction.predictor import Predictor
from core.training.bundle import Choice, write_draft, write_encoder, write_fine_tuned, write_model_json
from core.training.draft import Draft
from core.training.model import Classifier, load_backbone
from core.training.types import Examples, TrainingData

LABELS = ("refund", "delivery", "退款")
FILLERS = [
    "hello",
    "please",
    "my",
    "order",
    "from",
    "monday",
    "the",
    "one",
    "with",
    "blue",
    "ribbon",
    "thanks",
    "您好",
    "订单",
    "谢谢",
    "周一",
]
KEYWORDS = ({"refund", "money"}, {"parcel", "arrive"}, {"退款", "退钱"})  # what decides; the rest is the same for all


def practice(n: int = 120) -> list[tuple[str, int]]:
    generator = np.random.default_rng(0)
    rows = []
    for i in range(n):
        words = [*generator.choice(FILLERS, 5), generator.choice(sorted(KEYWORDS[i % 3]))]
        rows.append((" ".join(generator.permutation(words)), i % 3))
    return rows


PRACTICE = practice()
ASKED = [
    "my money please",
    "when does it arrive",
    "我要退款",
    "",
    "nothing that it knows",
    "the parcel from monday " * 60,
]


def tiny_bert(folder: Path) -> Path:
    """An ordinary Hugging Face folder with 16-wide random weights and a vocabulary of characters."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    characters = sorted(
        {c for text, _target in PRACTICE for c in text if c.strip()} | set("abcdefghijklmnopqrstuvwxyz")
    )
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *("##" + c for c in characters)]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    torch.manual_seed(0)
    model = BertModel(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
        )
    )
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def write_bundle(bundle_dir: Path, work_dir: Path, long_texts: str = "start") -> None:
    """A draft that learned and a classifier with random weights, mixed 3 to 2."""
    import torch

    texts, targets = [text for text, _target in PRACTICE], [target for _text, target in PRACTICE]
    base_dir = tiny_bert(work_dir / "tiny-bert")
    encoder_dir = FrozenEncoder.prepare(base_dir, work_dir / "cache")
    vectors = FrozenEncoder.load(encoder_dir).embed(texts, max_length=32, long_texts=long_texts)
    draft = Draft.fit(texts, targets, vectors, n_labels=len(LABELS), seed=0, language="en", long_texts=long_texts)
    torch.manual_seed(1)
    classifier = Classifier(load_backbone(base_dir), n_outputs=len(LABELS), pooling="mean", dropout=0.0).eval()
    torch.nn.init.normal_(classifier.head.weight, std=0.5)
    recipe = TrainingRecipe(base_model="tiny-bert", max_length=32, long_texts=long_texts)
    none = Examples(texts=[], targets=[])
    data = TrainingData(
        labels=LABELS, practice=Examples(texts=texts, targets=targets), checkup=none, exam=none, language="en"
    )
    bundle_dir.mkdir(parents=True)
    write_draft(bundle_dir, draft)
    write_encoder(bundle_dir, encoder_dir)
    write_fine_tuned(bundle_dir, classifier, base_dir, recipe.max_length)
    choice = Choice(kept="mix", draft_weight=0.6, temperature=0.8, threshold=0.5)
    write_model_json(bundle_dir, data, recipe, choice)
    write_manifest(bundle_dir)


def main(folder: Path) -> None:
    write_bundle(folder / "bundle_v1", folder / "work")
    proba = Predictor.load(folder / "bundle_v1").predict_proba(ASKED)
    answers = {"texts": ASKED, "labels": list(LABELS), "proba": np.round(proba, 9).tolist()}
    (folder / "bundle_v1.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
