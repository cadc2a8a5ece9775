"""Which words of a text are hidden, drawn anew in every pass (Devlin et al., 2018; Liu et al., 2019).

About 15% of a text's words: of their tokens 80% become the mask, 10% any other token of the texts, 10% stay as they
are. Where the tokenizer marks the pieces of a word ("##"), whole words are hidden (Cui et al., 2019); else single tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.domain.message import msg
from core.errors import NotPossible
from core.training.batches import TokenizedExamples

if TYPE_CHECKING:
    from tokenizers import Tokenizer

HIDDEN_SHARE = 0.15  # of the words of a text, at least one
MASKED, EXCHANGED = 0.8, 0.9  # of the hidden tokens the first 0.8 become the mask, those up to 0.9 another token
MASKS = ("[MASK]", "<mask>")
UNKNOWN = ("[UNK]", "<unk>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What masking knows of token ids. Arrays are indexed by them."""

    mask_id: int
    is_hideable: np.ndarray  #: no special token, and not the one for what is unknown
    continues: np.ndarray  #: whether it is a further piece of a word

    @classmethod
    def of(cls, tokenizer: "Tokenizer", n_ids: int, name: str) -> "Vocabulary":
        """`n_ids` rows has the base model's word embedding.

        Raises:
            NotPossible: its tokenizer knows no mask, so it was never made to guess.
        """
        mask_id = next((i for token in MASKS if (i := tokenizer.token_to_id(token)) is not None), None)
        if mask_id is None or mask_id >= n_ids:
            raise NotPossible(
                msg("{name} has no sign for a hidden word, so it cannot learn by guessing words.", name=name),
                hint=msg("Choose a base model such as MiniLM, E5, BERT or RoBERTa."),
            )
        special = {mask_id, *tokenizer.encode("").ids}
        special |= {i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special}
        special |= {i for token in UNKNOWN if (i := tokenizer.token_to_id(token)) is not None}
        is_hideable = np.ones(n_ids, dtype=bool)
        is_hideable[[i for i in special if i < n_ids]] = False
        continues = np.zeros(n_ids, dtype=bool)
        pieces = [i for token, i in tokenizer.get_vocab().items() if token.startswith("##") and i < n_ids]
        continues[pieces] = True
        return cls(mask_id=mask_id, is_hideable=is_hideable, continues=continues)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedRows:
    """Some rows with hidden words. `hidden[i]` tells for each token whether it is to be guessed, and `words` what it was."""

    examples: TokenizedExamples
    hidden: np.ndarray  #: bool, of the length of `examples.ids`
    words: np.ndarray  #: the ids as they were

    @property
    def n_hidden(self) -> int:
        return int(self.hidden.sum())


def masked_rows(
    examples: TokenizedExamples, rows: Sequence[int] | np.ndarray, vocabulary: Vocabulary, *, seed: int, epoch: int
) -> MaskedRows:
    """`rows` as examples of their own. What a text becomes depends on seed, epoch and row alone.

    Exchanged tokens are drawn as often as they occur in all `examples`.
    """
    pieces, hits, words = [], [], []
    for row in rows:
        ids = examples.ids[examples.offsets[row] : examples.offsets[row + 1]]
        draw = np.random.default_rng([seed, epoch, int(row)])
        hit = _hidden(ids, vocabulary, draw)
        changed, fate = ids.copy(), draw.random(len(ids))
        changed[hit & (fate < MASKED)] = vocabulary.mask_id
        exchanged = np.flatnonzero(hit & (fate >= MASKED) & (fate < EXCHANGED))
        others = examples.ids[draw.integers(len(examples.ids), size=len(exchanged))]
        changed[exchanged] = np.where(vocabulary.is_hideable[others], others, ids[exchanged])
        pieces.append(changed)
        hits.append(hit)
        words.append(ids)
    offsets = np.cumsum([0, *map(len, pieces)])
    targets = np.zeros(len(pieces), dtype=np.int64)
    changed_rows = TokenizedExamples(ids=np.concatenate(pieces), offsets=offsets, targets=targets)
    return MaskedRows(examples=changed_rows, hidden=np.concatenate(hits), words=np.concatenate(words))


def can_be_asked(examples: TokenizedExamples, vocabulary: Vocabulary) -> np.ndarray:
    """Per row whether it holds a word that can be hidden."""
    hideable = vocabulary.is_hideable[examples.ids]
    return np.add.reduceat(hideable, examples.offsets[:-1]) > 0 if len(examples) else np.zeros(0, dtype=bool)


def _hidden(ids: np.ndarray, vocabulary: Vocabulary, draw: np.random.Generator) -> np.ndarray:
    word = np.cumsum(~vocabulary.continues[ids])
    hideable = vocabulary.is_hideable[ids]
    words = np.unique(word[hideable])
    n = max(1, round(HIDDEN_SHARE * len(words)))
    chosen: np.ndarray = np.isin(word, draw.permutation(words)[:n]) & hideable
    return chosen
