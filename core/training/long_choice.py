"""Which part of long texts is worth reading: tried on some of them with the frozen encoder, before anything learns.

A linear model tells the categories of long practice texts from the encoder's vectors, once for each way of reading. Every
text is answered by a model that does not know it. With vectors of n texts, and a 1 behind each, as the rows of X, K = X X^T,
G = (K + lambda I)^-1 and targets Y (1 for a text's category, 0 else), the answers of ridge regression without row i are
exactly y_i - (G Y)_i / G_ii (Allen, 1974): n models cost one inverse. The start stays what is read unless another way is
better by more than chance; windows, which take longest, must beat what was chosen before them.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from core.base_models.encoder import FrozenEncoder
from core.base_models.long_texts import START, START_AND_END, WAYS, WINDOWS
from core.domain.message import Message, msg
from core.files import written_aside
from core.training.types import Examples

KEPT = "long_texts.json"
LOOKED_AT = 2_000  # practice texts whose tokens are counted
RELEVANT_SHARE = 0.05  # of the texts; fewer long ones are not worth the time
FEWEST, MOST = 40, 300  # long texts that are compared
MOST_TOKENS = 200_000  # of them, as windows: about half a minute on two cores
STRENGTHS = (0.001, 0.01, 0.1, 1.0)  # lambda; the best one for each way
NEAR = 0.5  # standard deviations of the numbers
BETTER = 1.0  # standard errors of the difference

HARDLY_ANY = msg("Hardly a text is longer than what the model reads at once: such texts are cut at their end.")
TOO_FEW = msg("Too few examples are that long to try what to read of them: such texts are cut at their end.")
TOLD = {
    START: msg(
        "{share} of 100 texts are longer than what is read at once. Their start is read: when tried it was right on {start} of 100, start and end on {start_and_end}, the whole in parts on {windows}."
    ),
    START_AND_END: msg(
        "{share} of 100 texts are longer than what is read at once. Their start and end are read: when tried right on {start_and_end} of 100, the start alone on {start}, the whole in parts on {windows}."
    ),
    WINDOWS: msg(
        "{share} of 100 texts are longer than what is read at once. They are read whole, in parts that overlap: when tried right on {windows} of 100, the start alone on {start}, start and end on {start_and_end}."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LongChoice:
    """The way of reading that was chosen, and how many long texts each way got right."""

    way: str
    share: float  #: of the texts that are longer than what is read at once
    n_asked: int = 0  #: long texts; 0 where they are too few to compare
    n_right: dict[str, int]  #: by way

    @property
    def told(self) -> Message:
        if not self.n_asked:
            return HARDLY_ANY if self.share < RELEVANT_SHARE else TOO_FEW
        right = {way: round(100 * n / self.n_asked) for way, n in self.n_right.items()}
        return replace(TOLD[self.way], params={"share": round(100 * self.share), **right})


def choose_way(
    practice: Examples,
    encoder_dir: Path,
    *,
    max_length: int,
    seed: int,
    work_dir: Path,
    should_stop: Callable[[], object],
    progress: Callable[[float], None],
) -> LongChoice:
    """Try, or take what an earlier attempt found. `max_length` tokens are read at once. Same arguments, same choice.

    Raises:
        Interrupted: `should_stop` gave something true.
    """
    kept = work_dir / KEPT
    if not kept.exists():
        found = _tried(practice, FrozenEncoder.load(encoder_dir), max_length, seed, should_stop, progress)
        with written_aside(kept) as aside:
            aside.write_text(json.dumps(asdict(found)))
    return LongChoice(**json.loads(kept.read_text()))


def _tried(
    practice: Examples,
    encoder: FrozenEncoder,
    max_length: int,
    seed: int,
    should_stop: Callable[[], object],
    progress: Callable[[float], None],
) -> LongChoice:
    rows = np.random.default_rng(seed).permutation(len(practice.texts))[:LOOKED_AT]
    reader = encoder.reader(max_length, WINDOWS)
    lengths = np.array([len(ids) for ids in reader.read([practice.texts[row] for row in rows])])
    is_long = lengths > reader.max_length
    share = float(is_long.mean()) if len(rows) else 0.0
    asked = rows[is_long][:MOST]
    asked = asked[np.cumsum(lengths[is_long][:MOST]) <= MOST_TOKENS]
    if share < RELEVANT_SHARE or len(asked) < FEWEST:
        return LongChoice(way=START, share=share, n_right={})
    texts, targets = [practice.texts[row] for row in asked], practice.array[asked]
    right = {}
    for number, way in enumerate(WAYS):
        vectors = encoder.embed(texts, max_length=max_length, long_texts=way, should_stop=should_stop)
        right[way] = left_out_right(vectors, targets)
        progress((number + 1) / len(WAYS))
    n_right = {way: int(which.sum()) for way, which in right.items()}
    return LongChoice(way=clearly_best(right), share=share, n_asked=len(asked), n_right=n_right)


def left_out_right(vectors: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Which of n texts, by their vectors (n, hidden), a linear model answers right that knows all the others; bool (n,).

    A number is right within NEAR standard deviations of all of them; of several categories the likeliest must be one of
    the text's own, and none likely where it has none.
    """
    x = np.hstack([vectors, np.ones((len(vectors), 1))]).astype(np.float64)
    wanted = targets.reshape(len(x), -1)
    if targets.dtype.kind != "f":
        labels, y = np.unique(targets, return_inverse=True)
        wanted = np.eye(len(labels))[y]
    found = []
    for strength in STRENGTHS:
        inverse = np.linalg.inv(x @ x.T + strength * np.eye(len(x)))
        answers = wanted - inverse @ wanted / np.diag(inverse)[:, None]
        if targets.ndim == 1 and targets.dtype.kind == "f":
            found.append(np.abs(answers - wanted)[:, 0] <= NEAR * wanted[:, 0].std())
        else:
            likeliest = answers.argmax(axis=1)
            has = wanted[np.arange(len(x)), likeliest] > 0.5
            found.append(np.where(wanted.any(axis=1), has, answers.max(axis=1) < 0.5))
    return max(found, key=np.sum)


def clearly_best(right: dict[str, np.ndarray]) -> str:
    """The way that gets more right than those before it, by more than chance does (McNemar, 1947)."""
    best = START
    for way in WAYS[1:]:
        gained, lost = int((right[way] & ~right[best]).sum()), int((right[best] & ~right[way]).sum())
        if gained - lost > BETTER * (gained + lost) ** 0.5:
            best = way
    return best
