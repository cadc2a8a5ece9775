"""Texts as token ids: tokenized once, kept flat, served in passes of similar length that are padded no further than needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.files import written_aside
from core.training.types import as_array

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

    from core.base_models.long_texts import Reader
    from core.techniques.rewording import Rewordings

N_STEPS_SORTED_TOGETHER = 50  # rows of this many steps are drawn at random, then sorted by length among themselves
TOKENS_AT_ONCE = 16_384  # padded tokens of one training pass; longer steps run in several passes
ANSWER_TOKENS_AT_ONCE = 4_096  # the same without gradients, where small passes stay in the processor's cache
CHARS_IN_MEMORY = 20_000_000  # about 5 million tokens; of longer texts the ids lie in a file
TEXTS_WRITTEN_TOGETHER = 16_384
IDS_LOOKED_AT_ONCE = 1 << 22


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
    """`ids[offsets[i]:offsets[i + 1]]` are the tokens of example i; `targets[i]` is its label's index.

    With a `window`, an example with more tokens than that is several full windows end to end (`core.base_models.long_texts`).
    """

    ids: np.ndarray  #: int32; mapped from a file where they are many
    offsets: np.ndarray  #: int64, one more than there are examples
    targets: np.ndarray  #: as the task made them
    window: int = 0  #: tokens of a full window; 0: every example is read as one
    rewordings: "Mapping[str, Rewordings]" = field(default_factory=dict)  #: what extras may put in the place of words
    lengths: np.ndarray = field(init=False, repr=False)  #: tokens of each example, all its windows together

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", np.diff(self.offsets))

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What a model reads as one row each: the windows of some examples, one after the other."""

    starts: np.ndarray  #: in `TokenizedExamples.ids`
    lengths: np.ndarray
    counts: np.ndarray | None  #: how many each example has; None where every one has one


def windows_of(examples: TokenizedExamples, rows: np.ndarray) -> Windows:
    starts, lengths, window = examples.offsets[rows], examples.lengths[rows], examples.window
    if not window or lengths.max(initial=0) <= window:
        return Windows(starts=starts, lengths=lengths, counts=None)
    counts = -(-lengths // window)
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)  # 0, 1, .. within each example
    return Windows(
        starts=np.repeat(starts, counts) + window * place,
        lengths=np.minimum(np.repeat(lengths, counts) - window * place, window),
        counts=counts,
    )


def tokenize(tokenizer: "Tokenizer", texts: Sequence[str], targets: "Sequence[int] | np.ndarray") -> TokenizedExamples:
    """Token ids of every text, cut where `tokenizer` truncates. A text without any token gets id 0 as its only one."""
    from core.base_models.long_texts import Reader

    assert tokenizer.truncation is not None, "load_tokenizer sets it"
    return read_examples(Reader(tokenizer, tokenizer.truncation["max_length"]), texts, targets)


def read_examples(
    reader: "Reader", texts: Sequence[str], targets: "Sequence[int] | np.ndarray", *, path: Path | None = None
) -> TokenizedExamples:
    """Token ids of what `reader` reads of every text. Where there are many they are written to `path` and mapped."""
    lengths = np.empty(len(texts), dtype=np.int64)
    chunks = _read_chunks(reader, texts, lengths)
    if path is None or sum(map(len, texts)) <= CHARS_IN_MEMORY:
        ids = np.concatenate([np.zeros(0, dtype=np.int32), *chunks])
    else:
        with written_aside(path) as aside, aside.open("wb") as file:
            for chunk in chunks:
                file.write(chunk.data)
        ids = np.memmap(path, dtype=np.int32, mode="r")
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return TokenizedExamples(ids=ids, offsets=offsets, targets=as_array(targets), window=reader.window)


def _read_chunks(reader: "Reader", texts: Sequence[str], lengths: np.ndarray) -> Iterator[np.ndarray]:
    """The ids of some thousand texts at once, end to end; how many each text has goes to `lengths`."""
    start, unread = 0, reader.read(texts)
    while together := list(islice(unread, TEXTS_WRITTEN_TOGETHER)):
        lengths[start : start + len(together)] = [len(ids) for ids in together]
        start += len(together)
        yield np.concatenate(together).astype(np.int32)


def seen_ids(parts: Sequence[TokenizedExamples], pad_id: int) -> np.ndarray:
    """The sorted token ids that occur or may come in anywhere in `parts`, and the padding."""
    found = [np.asarray([pad_id], dtype=np.int32)]
    for part in parts:
        starts = range(0, len(part.ids), IDS_LOOKED_AT_ONCE)
        found += [np.unique(part.ids[start : start + IDS_LOOKED_AT_ONCE]) for start in starts]
        found += [rewordings.ids() for rewordings in part.rewordings.values()]
    return np.unique(np.concatenate(found)).astype(np.int64)


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
    """`rows` as examples of their own, each changed by every rewriter in turn, and their numbers among themselves.

    One of several windows stays as it is: they must stay full.
    """
    window, pieces = examples.window, []
    for row in rows:
        ids = examples.ids[examples.offsets[row] : examples.offsets[row + 1]]
        if not window or len(ids) <= window:
            for number, rewriter in enumerate(rewriters):
                other = rewriter.rewrite(ids, np.random.default_rng([seed, epoch, int(row), number]))
                ids = other if not window or len(other) <= window else ids
        pieces.append(ids)
    offsets = np.cumsum([0, *map(len, pieces)])
    ids, targets = np.concatenate(pieces), examples.targets[rows]
    return TokenizedExamples(ids=ids, offsets=offsets, targets=targets, window=window), np.arange(len(rows))


def padded(examples: TokenizedExamples, rows: np.ndarray, pad_id: int) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Ids and mask (int64) of shape (windows of the rows, longest of them), padded on the right. See `windows_of`."""
    import torch

    windows = windows_of(examples, rows)
    ids = np.full((len(windows.lengths), int(windows.lengths.max())), pad_id, dtype=np.int64)
    for i, (start, length) in enumerate(zip(windows.starts, windows.lengths, strict=True)):
        ids[i, :length] = examples.ids[start : start + length]
    mask = (np.arange(ids.shape[1]) < windows.lengths[:, None]).astype(np.int64)
    return torch.from_numpy(ids), torch.from_numpy(mask)


def subset(examples: TokenizedExamples, rows: np.ndarray) -> TokenizedExamples:
    """`rows` (numbers, in this order) as examples of their own."""
    pieces = [examples.ids[examples.offsets[row] : examples.offsets[row + 1]] for row in rows]
    return TokenizedExamples(
        ids=np.concatenate([np.zeros(0, dtype=examples.ids.dtype), *pieces]),
        offsets=np.cumsum([0, *map(len, pieces)], dtype=np.int64),
        targets=examples.targets[rows],
        window=examples.window,
        rewordings=examples.rewordings,
    )


def joined(first: TokenizedExamples, second: TokenizedExamples) -> TokenizedExamples:
    """One after the other; words are exchanged as in the first."""
    return TokenizedExamples(
        ids=np.concatenate([first.ids, second.ids]),
        offsets=np.concatenate([first.offsets, second.offsets[1:] + first.offsets[-1]]),
        targets=np.concatenate([first.targets, second.targets]),
        window=first.window,
        rewordings=first.rewordings,
    )
