"""The frozen base model as a function from texts to vectors, on onnxruntime: the same one trains drafts and serves them.

One path for both makes their features identical. It is also the fastest that is safe everywhere: measured on one core
with AVX2, MiniLM on banking77 costs 4.9 ms a row here, 5.7 in torch fp32, 40 in torch bf16; int8 kernels saturate on
processors without VNNI, so their answers would depend on the machine. Word embeddings are kept in fp16.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.base_models.architecture import architecture_of
from core.base_models.bert_graph import write_bert_encoder
from core.base_models.cache import build_once, content_of, fingerprint, link_or_copy
from core.base_models.long_texts import START, Reader, averaged, spread
from core.base_models.onnx_export import export_onnx
from core.base_models.runtime import open_session
from core.base_models.sources import about
from core.base_models.tokenizer import load_tokenizer, pad, pieces
from core.domain.message import msg
from core.errors import WeightsUnavailable
from core.files import MANIFEST, sha256_of

if TYPE_CHECKING:
    import torch
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

EXPORT = "2"  #: raise when the exported graph changes, so that folders made by the old one are not used
OUTPUT = "vectors"
MAX_LENGTH = 256  # tokens of a text that the draft reads
TOKENS_PER_BATCH = 1024  # small enough for the processor's cache: 2,048 cost 20% more a row

FloatArray = NDArray[np.float32]


class Interrupted(Exception):
    """`should_stop` asked for it; nothing was computed to the end."""


class FrozenEncoder:
    """Texts to vectors of length 1, pooled as the base model was made for."""

    def __init__(
        self,
        session: "InferenceSession",
        tokenizer: "Tokenizer",
        *,
        prefix: str,
        hidden: int,
        pad_id: int,
        max_length: int = MAX_LENGTH,
    ) -> None:
        self.hidden = hidden  #: length of a vector
        self.max_length = max_length  #: tokens that it reads at once
        self._session = session
        self._tokenizer = tokenizer
        self._prefix = prefix
        self._pad_id = pad_id

    @staticmethod
    def prepare(base_dir: Path, cache_dir: Path, *, n_layers: int = 0) -> Path:
        """The folder of the exported encoder, made when new: encoder.onnx, tokenizer.json, encoder.json.

        `n_layers` uses only the first layers of the base model; 0 uses as many as its catalog entry says is enough.

        Raises:
            WeightsUnavailable: the base model is no text encoder.
        """
        identity = content_of(base_dir) if (base_dir / MANIFEST).is_file() else sha256_of(base_dir / "config.json")
        n_layers = n_layers or about(base_dir).draft_layers
        final = cache_dir / f"{base_dir.name}-encoder-{fingerprint(identity, EXPORT, str(n_layers))}"
        return build_once(final, lambda folder: _export(base_dir, folder, n_layers))

    @classmethod
    def load(cls, folder: Path, *, n_threads: int = 0) -> "FrozenEncoder":
        """Ready to embed in about half a second, without torch. `n_threads` 0 takes every core.

        Raises:
            WeightsUnavailable: a file is missing or damaged.
        """
        try:
            options = json.loads((folder / "encoder.json").read_text())
            session = open_session(folder / "encoder.onnx", n_threads=n_threads)
        except Exception as error:  # onnxruntime raises its own bare exceptions for damaged files
            raise WeightsUnavailable(
                msg("The encoder in {name} is missing or damaged.", name=folder.name),
                hint=msg("Delete the base model's folder and start again: it is built anew."),
            ) from error
        tokenizer = load_tokenizer(folder, options["max_length"])
        facts = {name: options[name] for name in ("prefix", "hidden", "pad_id", "max_length")}
        return cls(session, tokenizer, **facts)

    def embed(
        self,
        texts: Sequence[str],
        *,
        max_length: int = MAX_LENGTH,
        long_texts: str = START,
        progress: Callable[[float], None] | None = None,
        should_stop: Callable[[], object] | None = None,
    ) -> FloatArray:
        """Vectors of shape (len(texts), hidden), in the order of `texts`. Equal texts are computed once.

        What is read of a text longer than `max_length` is said by `long_texts`: where that is windows, its vector is the mean
        of theirs, brought to length 1. `progress` gets the share of tokens done; `should_stop` is asked before every batch.

        Raises:
            Interrupted: `should_stop` gave something true.
        """
        place: dict[str, int] = {}
        rows = np.fromiter((place.setdefault(text, len(place)) for text in texts), dtype=np.int64, count=len(texts))
        reader = self.reader(max_length, long_texts)
        ids, counts = spread(list(reader.read(list(place))), reader.window)
        vectors = np.empty((len(ids), self.hidden), dtype=np.float32)
        n_tokens, n_done = sum(map(len, ids)), 0
        for batch in _batches([len(i) for i in ids]):
            if should_stop is not None and should_stop():
                raise Interrupted
            input_ids, attention_mask = pad([ids[i] for i in batch], self._pad_id)
            (vectors[batch],) = self._session.run(None, {"input_ids": input_ids, "attention_mask": attention_mask})
            n_done += int(attention_mask.sum())
            if progress is not None:
                progress(n_done / n_tokens)
        if len(counts) < len(vectors):
            vectors = averaged(vectors, counts)
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors[rows]

    def reader(self, max_length: int, long_texts: str) -> Reader:
        """What reads texts for this encoder; at most `max_length` tokens at once."""
        limit = min(max_length, self.max_length)
        return Reader(self._tokenizer, limit, long_texts, prefix=self._prefix, empty_id=self._pad_id)

    def pieces(self, text: str) -> list[tuple[int, int]]:
        """Start and end of every token, in characters of `text`."""
        return pieces(self._tokenizer, text)


def copy_encoder(folder: Path, target: Path) -> None:
    """Put a prepared encoder into a bundle, hard-linked where the file system allows it."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("encoder.onnx", "tokenizer.json", "encoder.json"):
        link_or_copy(folder / name, target / name)


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Places of texts, longest batch first (so that memory is claimed once), each within the token budget."""
    batches: list[list[int]] = []
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True):
        if batch and (len(batch) + 1) * lengths[batch[0]] > TOKENS_PER_BATCH:
            batches.append(batch)
            batch = []
        batch.append(place)
    return [*batches, batch] if batch else batches


def _export(base_dir: Path, folder: Path, n_layers: int) -> None:
    known, architecture = about(base_dir), architecture_of(base_dir)
    path = folder / "encoder.onnx"
    if not write_bert_encoder(base_dir, path, output_name=OUTPUT, pooling=known.pooling, n_layers=n_layers):
        _export_through_torch(base_dir, path, n_layers, known.pooling)
    load_tokenizer(base_dir, MAX_LENGTH).save(str(folder / "tokenizer.json"), pretty=False)
    facts = {
        "prefix": known.prefix,
        "hidden": architecture.hidden,
        "max_length": min(MAX_LENGTH, architecture.max_tokens or MAX_LENGTH),
        "pad_id": architecture.pad_id,
        "n_layers": n_layers,
        "base_model": known.name,
    }
    (folder / "encoder.json").write_text(json.dumps(facts, indent=1))


def _export_through_torch(base_dir: Path, path: Path, n_layers: int, pooling: str) -> None:
    """For every architecture that transformers knows; slower, once."""
    import torch
    from transformers.utils import logging

    from core.base_models.backbone import load_backbone

    logging.set_verbosity_error()
    model = load_backbone(base_dir, n_layers)
    generator = torch.Generator().manual_seed(0)
    example = torch.randint(0, int(model.config.vocab_size), (3, 9), generator=generator)
    limit = architecture_of(base_dir).max_tokens or MAX_LENGTH
    export_onnx(_pooled(model, pooling), example, path, output_name=OUTPUT, max_length=min(MAX_LENGTH, limit))


def _pooled(model: "torch.nn.Module", pooling: str) -> "torch.nn.Module":
    """One vector of length 1 for every text."""
    import torch

    from core.base_models.pooling import pool

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return torch.nn.functional.normalize(pool(states, attention_mask, pooling), dim=-1)

    return Pooled()
