"""Texts as token ids: tokenized once, kept flat, served in passes of similar length that are padded no further than needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

N_STEPS_SORTED_TOGETHER = 50  # rows of this many steps are drawn at random, then sorted by length among themselves
TOKENS_AT_ONCE = 16_384  # padded tokens of one training pass; longer steps run in several passes
ANSWER_TOKENS_AT_ONCE = 4_096  # the same without gradients, where small passes stay in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLimit:
    """How much one forward and backward pass may hold; a step has as many passes as it needs."""

    n_rows: int
    n_tokens: int = TOKENS_AT_ONCE  #: padded

    def halved(self) -> "PassLimit":
        """A step then takes about twice as many passes, each with about half the memory, and learns the same."""
        return PassLimit(n_rows=max(1, self.n_rows // 2), n_tokens=max(1, self.n_tokens // 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizedExamples:
    """`ids[offsets[i]:offsets[i + 1]]` are the tokens of example i; `targets[i]` is its label's index."""

    ids: np.ndarray  #: int32
    offsets: np.ndarray  #: int64, one more than there are examples
    targets: np.ndarray  #: int64

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)


def tokenize(tokenizer: "Tokenizer", texts: Sequence[str], targets: Sequence[int]) -> TokenizedExamples:
    """Token ids of every text, cut where `tokenizer` truncates. A text without any token gets id 0 as its only one."""
    from core.base_models.tokenizer import encode

    pieces = [np.asarray(ids if len(ids) else [0], dtype=np.int32) for ids in encode(tokenizer, texts)]
    offsets = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(p) for p in pieces], out=offsets[1:])
    ids = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int32)
    return TokenizedExamples(ids=ids, offsets=offsets, targets=np.asarray(targets, dtype=np.int64))


def seen_ids(parts: Sequence[TokenizedExamples], pad_id: int) -> np.ndarray:
    """The sorted token ids that occur anywhere in `parts`, and the padding."""
    present = [part.ids for part in parts]
    return np.unique(np.concatenate([*present, np.asarray([pad_id], dtype=np.int32)])).astype(np.int64)


def steps_of_epoch(lengths: np.ndarray, rows_per_step: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The rows of every step of an epoch: each row once, similar lengths together, steps in random order.

    Depends on nothing but its arguments, so a resumed run goes on with the very same order.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(len(lengths))
    n_together = rows_per_step * N_STEPS_SORTED_TOGETHER
    steps: list[np.ndarray] = []
    for start in range(0, len(order), n_together):
        group = order[start : start + n_together]
        group = group[np.argsort(lengths[group], kind="stable")]
        steps += [group[i : i + rows_per_step] for i in range(0, len(group), rows_per_step)]
    return [steps[i] for i in rng.permutation(len(steps))]


def passes_of(rows: np.ndarray, lengths: np.ndarray, n_rows: int, n_tokens: int) -> Iterator[np.ndarray]:
    """Cut `rows` into passes of at most `n_rows` rows and `n_tokens` padded tokens (always at least one row)."""
    start = 0
    while start < len(rows):
        stop, longest = start, 0
        while stop < len(rows) and stop - start < n_rows:
            longest = max(longest, int(lengths[rows[stop]]))
            if stop > start and longest * (stop - start + 1) > n_tokens:
                break
            stop += 1
        yield rows[start:stop]
        start = stop


def answer_passes(examples: TokenizedExamples) -> Iterator[np.ndarray]:
    """Every row once for answering, longest first, as many together as the token budget allows."""
    order = np.argsort(-examples.lengths, kind="stable")
    return passes_of(order, examples.lengths, ANSWER_TOKENS_AT_ONCE, ANSWER_TOKENS_AT_ONCE)


class Rewriter(Protocol):
    def rewrite(self, ids: np.ndarray, draw: np.random.Generator) -> np.ndarray: ...


def rewritten(
    examples: TokenizedExamples, rows: np.ndarray, rewriters: Sequence[Rewriter], seed: int, epoch: int
) -> tuple[TokenizedExamples, np.ndarray]:
    """`rows` as examples of their own, each changed by every rewriter in turn, and their numbers among themselves."""
    pieces = []
    for row in rows:
        ids = examples.ids[examples.offsets[row] : examples.offsets[row + 1]]
        for number, rewriter in enumerate(rewriters):
            ids = rewriter.rewrite(ids, np.random.default_rng([seed, epoch, int(row), number]))
        pieces.append(ids)
    offsets = np.cumsum([0, *map(len, pieces)])
    changed = TokenizedExamples(ids=np.concatenate(pieces), offsets=offsets, targets=examples.targets[rows])
    return changed, np.arange(len(rows))


def padded(examples: TokenizedExamples, rows: np.ndarray, pad_id: int) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Ids and mask (int64) of shape (rows, longest of them), padded on the right."""
    import torch

    lengths = examples.lengths[rows]
    ids = np.full((len(rows), int(lengths.max())), pad_id, dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, : lengths[i]] = examples.ids[examples.offsets[row] : examples.offsets[row + 1]]
    mask = (np.arange(ids.shape[1]) < lengths[:, None]).astype(np.int64)
    return torch.from_numpy(ids), torch.from_numpy(mask)


def subset(examples: TokenizedExamples, rows: np.ndarray) -> TokenizedExamples:
    """`rows` (numbers, in this order) as examples of their own."""
    pieces = [examples.ids[examples.offsets[row] : examples.offsets[row + 1]] for row in rows]
    return TokenizedExamples(
        ids=np.concatenate([np.zeros(0, dtype=examples.ids.dtype), *pieces]),
        offsets=np.cumsum([0, *map(len, pieces)], dtype=np.int64),
        targets=examples.targets[rows],
    )


def joined(first: TokenizedExamples, second: TokenizedExamples) -> TokenizedExamples:
    return TokenizedExamples(
        ids=np.concatenate([first.ids, second.ids]),
        offsets=np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
        targets=np.concatenate([first.targets, second.targets]),
    )
