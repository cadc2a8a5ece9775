"""What is read of a text that is longer than a model can read. The one place that cuts: learning and serving read alike.

    start           its first tokens
    start_and_end   a quarter of the room for its start, the rest for its end (Sun et al., 2019, arXiv:1905.05583)
    windows         up to 8 overlapping windows, spread evenly from its start to its end; what the model makes of them is
                    averaged, so that the whole text counts

Every window begins and ends with what the tokenizer puts around a text. A pair of texts is read as the tokenizer joins
two, the start of each: of the longer one is cut first. The windows of one text lie end to end in one
array of ids: all of them are full, so the window's length alone tells them apart. No torch here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base_models.tokenizer import encode, load_tokenizer, pieces
from core.domain.pairs import SIGN, parts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

START, START_AND_END, WINDOWS = "start", "start_and_end", "windows"  # stored in recipes and bundles
WAYS = (START, START_AND_END, WINDOWS)
MEASURED = "measured"  # in recipes only: one of the ways, settled when the run starts

START_SHARE = 0.25  # of the room, in `start_and_end`
MAX_WINDOWS = 8  # bounds the cost of a text; those of an even longer one leave gaps
OVERLAP = 0.25  # of the room, at least, while there are not too many windows
#: letters and digits as Chinese input methods write them; most vocabularies know none. Of punctuation Chinese ones know both forms
_FULL_WIDTH = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_NARROW = {code: code - 0xFEE0 for part in ("０９", "ＡＺ", "ａｚ") for code in range(ord(part[0]), ord(part[1]) + 1)}
TEXTS_AT_ONCE, CHARS_AT_ONCE = 16_384, 2_000_000  # tokenized in one call: bounds memory

Ids = NDArray[np.int64]


class Reader:
    """Turns texts into the token ids that a model reads of them. It sets how `tokenizer` truncates, so that serves no other."""

    def __init__(
        self,
        tokenizer: "Tokenizer",
        max_length: int,
        way: str = START,
        *,
        prefix: str = "",
        empty_id: int = 0,
        pairs: bool = False,
    ) -> None:
        """`max_length` is that of a window, all included; `prefix` stands before every text; a text of which the
        tokenizer leaves nothing gets `empty_id` as its only token. Of `pairs` (`core.domain.pairs`) only the start is read."""
        if pairs and way != START:
            raise ValueError(f"pairs are not read by {way}")  # recipes refuse it
        self.max_length, self.way = max_length, way
        self._tokenizer, self._prefix, self._empty_id = tokenizer, prefix, empty_id
        self._pairs, self._between = pairs, "" if pairs and _separates(tokenizer) else f"{SIGN} "
        self._front, self._back = _surroundings(tokenizer, prefix) if way != START else (0, 0)
        self._cut = _CUTS[way]

    @classmethod
    def load(
        cls,
        folder: Path,
        max_length: int,
        way: str = START,
        *,
        prefix: str = "",
        empty_id: int = 0,
        pairs: bool = False,
    ) -> "Reader":
        """With the tokenizer of a base model folder or bundle.

        Raises:
            WeightsUnavailable: tokenizer.json is missing or damaged.
        """
        tokenizer = load_tokenizer(folder, max_length)
        return cls(tokenizer, max_length, way, prefix=prefix, empty_id=empty_id, pairs=pairs)

    @property
    def window(self) -> int:
        """Tokens of a full window where a text can have several; 0 where it has one."""
        return self.max_length if self.way == WINDOWS else 0

    def pieces(self, text: str) -> list[tuple[int, int]]:
        """Start and end of every token it makes of a text, in characters."""
        return pieces(self._tokenizer, text)

    def read(self, texts: Sequence[str]) -> Iterator[Ids]:
        """The ids of every text, in the order given, a bounded number of texts at once."""
        if self.way == START:
            self._tokenizer.enable_truncation(self.max_length)
        else:
            self._tokenizer.no_truncation()
        for chunk in _chunks(texts):
            for ids in encode(self._tokenizer, self._inputs(chunk)):
                if not len(ids):
                    yield np.array([self._empty_id], dtype=np.int64)
                else:
                    yield self._cut(ids, self.max_length, self._front, self._back)

    def _inputs(self, texts: Sequence[str]) -> list[str] | list[tuple[str, str]]:
        if not self._pairs:
            return [self._prefix + narrowed(text) for text in texts]
        pairs = (parts(narrowed(text)) for text in texts)
        return [(self._prefix + first, self._between + second) for first, second in pairs]


def spread(texts: Sequence[Ids], window: int) -> tuple[list[Ids], NDArray[np.int64]]:
    """Every window as a row of its own, and how many each text has; `window` is that of the reader."""
    if not window:
        return list(texts), np.ones(len(texts), dtype=np.int64)
    rows = [ids[start : start + window] for ids in texts for start in range(0, len(ids), window)]
    return rows, np.array([-(-len(ids) // window) for ids in texts], dtype=np.int64)


def averaged(rows: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[Any]:
    """The mean of each text's windows, of shape (len(counts), ...), for values (windows, ...)."""
    if len(rows) == len(counts):
        return rows
    means: NDArray[Any] = np.add.reduceat(rows, np.cumsum(counts) - counts, axis=0)
    means /= counts[:, None].astype(rows.dtype)
    return means


def narrowed(text: str) -> str:
    """With letters and digits of full width as ordinary ones."""
    return text.translate(_NARROW) if not text.isascii() and _FULL_WIDTH.search(text) else text


def read_chars(text: str, n_chars: int, way: str) -> str:
    """The characters that count of a text, for what reads no tokens: `n_chars`, of windows as many times more."""
    room = n_chars * (MAX_WINDOWS if way == WINDOWS else 1)
    if way == START or len(text) <= room:
        return text[:room]
    n_start = room // 2 if way == WINDOWS else int(room * START_SHARE)
    return f"{text[:n_start]} {text[n_start - room :]}"


def window_starts(n_content: int, room: int) -> list[int]:
    """Where windows of `room` tokens begin in a longer text of `n_content`: evenly, the first at its start, the last
    ends with it."""
    fresh = room - int(room * OVERLAP)
    n = min(MAX_WINDOWS, 1 + -(-(n_content - room) // fresh))
    return [round(i * (n_content - room) / (n - 1)) for i in range(n)]


def _first(ids: Ids, max_length: int, front: int, back: int) -> Ids:
    return ids  # the tokenizer truncates


def _start_and_end(ids: Ids, max_length: int, front: int, back: int) -> Ids:
    if len(ids) <= max_length:
        return ids
    n_start = front + int((max_length - front - back) * START_SHARE)
    return np.concatenate([ids[:n_start], ids[n_start - max_length :]])


def _windows(ids: Ids, max_length: int, front: int, back: int) -> Ids:
    if len(ids) <= max_length:
        return ids
    room = max_length - front - back
    before, content, after = ids[:front], ids[front : len(ids) - back], ids[len(ids) - back :]
    starts = window_starts(len(content), room)
    return np.concatenate([part for i in starts for part in (before, content[i : i + room], after)])


_CUTS: dict[str, Callable[[Ids, int, int, int], Ids]] = {
    START: _first,
    START_AND_END: _start_and_end,
    WINDOWS: _windows,
}


def _surroundings(tokenizer: "Tokenizer", prefix: str) -> tuple[int, int]:
    """How many tokens stand before and behind every text: special ones, and those of the prefix."""
    whole = tokenizer.encode("a")
    n_content = len(tokenizer.encode("a", add_special_tokens=False).ids)
    mask = whole.special_tokens_mask
    front = next((i for i, special in enumerate(mask) if not special), 0)
    n_prefix = len(tokenizer.encode(prefix.strip(), add_special_tokens=False).ids) if prefix else 0
    return front + n_prefix, len(whole.ids) - n_content - front


def _separates(tokenizer: "Tokenizer") -> bool:
    """Whether a token of its own stands between the two texts of a pair; in models made to write none does."""
    owners: list[int | None] = tokenizer.encode("a", "a").sequence_ids
    return 1 not in owners or owners[owners.index(1) - 1] is None


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    n_chars = 0
    for text in texts:
        chunk.append(text)
        n_chars += len(text)
        if len(chunk) == TEXTS_AT_ONCE or n_chars >= CHARS_AT_ONCE:
            yield chunk
            chunk, n_chars = [], 0
    if chunk:
        yield chunk
