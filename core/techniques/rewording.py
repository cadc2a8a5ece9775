"""What may stand for the words of the data: found once before a run, drawn from anew for every row and pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np

from core.base_models.words import Span, Words
from core.domain.recipe import TrainingRecipe
from core.techniques.protocol import Extra, Running

N_WORDS = 5_000  # the most frequent words of the data get others; rare ones are left as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewordings:
    """`others` holds for a word of the data what may stand in its place."""

    words: Words
    others: Mapping[Span, Sequence[Span]]

    def ids(self) -> np.ndarray:
        """All token ids that may come in."""
        found = {token for others in self.others.values() for other in others for token in other}
        return np.array(sorted(found), dtype=np.int32)

    def reworded(self, ids: np.ndarray, share: float, draw: np.random.Generator) -> np.ndarray:
        """A row with about `share` of its words that have others exchanged for one of them."""
        starts = self.words.starts(ids)
        hits = np.flatnonzero(draw.random(len(starts)) < share)
        if not len(hits):
            return ids
        edges, tokens = [*starts.tolist(), len(ids)], ids.tolist()
        pieces: list[Sequence[int]] = []
        done = 0
        for hit in hits.tolist():
            start, end = edges[hit], edges[hit + 1]
            if others := self.others.get(tuple(tokens[start:end])):
                pieces += [tokens[done:start], others[int(draw.integers(len(others)))]]
                done = end
        pieces.append(tokens[done:])
        return np.array([token for piece in pieces for token in piece], dtype=ids.dtype)

    def reworded_text(self, text: str, share: float, draw: np.random.Generator) -> str:
        """A text with words exchanged likewise; all between them stays as it was written."""
        encoded = self.words.tokenizer.encode(text, add_special_tokens=False)
        ids, places = np.array(encoded.ids, dtype=np.int64), encoded.offsets
        edges = [*self.words.starts(ids).tolist(), len(ids)]
        pieces, done = [], 0
        for start, end in pairwise(edges):
            if draw.random() >= share or not (others := self.others.get(tuple(encoded.ids[start:end]))):
                continue
            first, behind = places[start][0], places[end - 1][1]
            first += len(text[first:behind]) - len(text[first:behind].lstrip())  # some count the space to the word
            other = self.words.text(others[int(draw.integers(len(others)))])
            pieces += [text[done:first], other.capitalize() if text[first].isupper() else other]
            done = behind
        return "".join([*pieces, text[done:]])


class Rewording(Extra):
    """Exchanges words of each text anew in every pass. Who derives from it says which words may come in.

    No text becomes longer than the longest of the data: one that would is left as it is.
    """

    rewrites = True
    share_setting: ClassVar[str]  #: the recipe's setting with the share of words that are exchanged

    @classmethod
    def others(cls, words: Words, spans: Sequence[Span], recipe: TrainingRecipe) -> dict[Span, list[Span]]:
        """What may stand for those of `spans` that have others; equal arguments give equal answers."""
        raise NotImplementedError

    def begin(self, running: Running) -> None:
        self.rewordings = running.rewordings.get(self.name)
        self.longest = int(np.diff(running.offsets).max())
        self.share = float(getattr(self.recipe, self.share_setting))

    def rewrite(self, ids: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        if self.rewordings is None:
            return ids
        changed = self.rewordings.reworded(ids, self.share, draw)
        return changed if len(changed) <= self.longest else ids
