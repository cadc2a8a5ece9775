"""The words that token ids make up, and what stands near them in a base model's own word vectors. Of torch only what half-precision tables need.

A word is a piece that begins one and the pieces that go on with it; a piece of Chinese letters is a word of its own.
In vocabularies of bytes (GPT-2, RoBERTa) Chinese letters are not pieces, so Chinese text has no words there.
"""

import re
from collections import Counter
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Span = tuple[int, ...]  #: token ids of a word

GOES_ON = "##"  # of vocabularies that mark what goes on with a word
BEGINS = ("▁", "Ġ")  # of those that mark what begins one
HAN = re.compile(r"[\u4e00-\u9fff]+")
N_TEXTS = 20_000  # words are counted in as many texts at most
WORD_TABLES = ("word_embeddings.weight", "tok_embeddings.weight", "embed_tokens.weight", "wte.weight")


class Words:
    """`begins[id]`: whether a piece begins a word; `alone[id]`: whether it is one (Chinese, special tokens)."""

    def __init__(self, tokenizer: "Tokenizer", base_dir: Path) -> None:
        self.tokenizer, self.base_dir = tokenizer, base_dir
        vocabulary = tokenizer.get_vocab(with_added_tokens=True)
        pieces = [""] * (max(vocabulary.values()) + 1)
        for piece, number in vocabulary.items():
            pieces[number] = piece
        self.pieces = pieces
        n_marked = {mark: sum(piece.startswith(mark) for piece in pieces) for mark in (GOES_ON, *BEGINS)}
        self.mark = max(n_marked, key=lambda mark: n_marked[mark])
        marked = np.array([piece.startswith(self.mark) for piece in pieces])
        self.begins = ~marked if self.mark == GOES_ON else marked
        self.han = np.array([bool(HAN.fullmatch(self.bare(piece))) for piece in pieces])
        self.special = np.zeros(len(pieces), dtype=bool)
        self.special[list(tokenizer.get_added_tokens_decoder())] = True
        self.alone = self.han | self.special

    def bare(self, piece: str) -> str:
        """A piece without its mark."""
        return piece.removeprefix(self.mark)

    def starts(self, ids: np.ndarray) -> np.ndarray:
        """Where words begin in a row of token ids."""
        edge = self.begins[ids] | self.alone[ids]
        edge[1:] |= self.alone[ids[:-1]]
        edge[:1] = True
        return np.flatnonzero(edge)

    def common(self, ids: np.ndarray, offsets: np.ndarray, n: int) -> list[Span]:
        """The `n` most frequent words of some texts that lie end to end, the first first among equals."""
        counts: Counter[Span] = Counter()
        every = max(1, -(-(len(offsets) - 1) // N_TEXTS))
        for i in range(0, len(offsets) - 1, every):
            row = ids[offsets[i] : offsets[i + 1]]
            edges = [*self.starts(row).tolist(), len(row)]
            tokens = row.tolist()
            counts.update(tuple(tokens[a:b]) for a, b in pairwise(edges))
        return [span for span, _ in counts.most_common(n)]

    def text(self, span: Span) -> str:
        """As it reads, without the space before it; "" for special tokens."""
        if self.special[list(span)].any():
            return ""
        found: str = self.tokenizer.decode(list(span), skip_special_tokens=False)
        return found.strip()

    def spans(self, texts: list[str], like: Span) -> list[Span]:
        """Token ids of `texts` as they would stand in the place of the word `like`."""
        first = self.pieces[like[0]]
        lead = " " if self.mark == "Ġ" and first.startswith("Ġ") else ""
        encoded = self.tokenizer.encode_batch_fast([lead + text for text in texts], add_special_tokens=False)
        takes_off = self.mark == "▁" and not first.startswith("▁")  # it encodes every text as if a space came before
        return [tuple(self._inside(one.ids) if takes_off else one.ids) for one in encoded]

    def _inside(self, ids: list[int]) -> list[int]:
        return ids[1:] if ids and self.pieces[ids[0]] == "▁" else ids

    @cached_property
    def vectors(self) -> np.ndarray | None:
        """One vector of length 1 per token id, their common part taken off, (n, width) in fp32; None where the weights do
        not lie in one file or their table has no known name."""
        from safetensors import safe_open

        path = self.base_dir / "model.safetensors"
        if not path.exists():
            return None
        with safe_open(path, framework="np") as weights:
            name = next((name for name in weights.keys() if name.endswith(WORD_TABLES)), None)  # noqa: SIM118
            if name is None:
                return None
            is_known = weights.get_slice(name).get_dtype() != "BF16"
            table: Any = weights.get_tensor(name) if is_known else None
        if table is None:  # numpy has no such numbers
            with safe_open(path, framework="pt") as weights:
                table = weights.get_tensor(name).float().numpy()
        table = table[: len(self.pieces)].astype(np.float32)
        table = table - table.mean(axis=0)
        lengths = np.linalg.norm(table, axis=1, keepdims=True)
        units: np.ndarray = table / np.maximum(lengths, 1e-9)
        return units
