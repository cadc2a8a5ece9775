"""The parts of a bundle that answer: the draft and the fine-tuned model. Neither needs torch."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from core.base_models.long_texts import START, Reader, averaged, spread
from core.base_models.pair_vectors import vectors_of
from core.domain.message import msg
from core.domain.task import reads_pairs
from core.errors import UserError
from core.prediction.batches import token_batches
from core.tasks import TASKS
from core.training.types import Cancelled, ShouldStop

Answers = npt.NDArray[np.float64]

if TYPE_CHECKING:
    from core.base_models.encoder import FrozenEncoder

Span = tuple[int, int]  #: start and end in characters
Tick = Callable[[int], None]  #: told how many more texts are answered; may raise to end the work


class Member(Protocol):
    def answers(self, texts: Sequence[str], tick: Tick) -> Answers:
        """Shape (n, n_outputs), in the order of `texts`: as the task's `answers` makes them of logits."""
        ...

    def pieces(self, text: str) -> list[Span]:
        """Where its tokenizer cuts the text."""
        ...


def load_member(kind: str, model_dir: Path, about: Mapping[str, Any]) -> Member:
    """The member that `model.json` names, read from the bundle. `about` is that file's content.

    Raises:
        UserError: a newer version wrote a kind of member that this one does not know.
    """
    try:
        load = _LOADERS[kind]
    except KeyError:
        raise UserError(
            msg("This model has a part “{kind}” that this version of Tunedesk does not know.", kind=kind),
            hint=msg("Known parts: {known}. Update Tunedesk.", known=", ".join(_LOADERS)),
        ) from None
    return load(model_dir, about)


class RememberingEncoder:
    """The frozen encoder, with the vectors of the texts it read last: the draft and the comparing with practice ask for
    the same ones. Of a pair it knows each text by itself. Thread-safe."""

    REMEMBERED = 8192  # texts: 12 MB

    def __init__(self, encoder: "FrozenEncoder", *, pairs: bool = False) -> None:
        self._encoder, self._pairs = encoder, pairs
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str], long_texts: str, should_stop: ShouldStop | None = None) -> np.ndarray:
        """Vectors of length 1 in the order of `texts`, shape (n, hidden), of pairs (n, 2 hidden).

        Raises:
            Cancelled: `should_stop` asked for an end; it is asked before every batch.
        """
        embed = partial(self.embed_texts, long_texts=long_texts, should_stop=should_stop)
        return vectors_of(embed, texts, pairs=self._pairs)

    def embed_texts(self, texts: Sequence[str], long_texts: str, should_stop: ShouldStop | None = None) -> np.ndarray:
        """Vectors of single texts, (n, hidden). Raises as `embed`."""
        with self._lock:  # what is known now is kept: another thread may push it out while this one computes
            known = {text: self._known[text] for text in texts if text in self._known}
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            found = dict(zip(new, self._compute(new, long_texts, should_stop), strict=True))
            known |= found
            with self._lock:
                self._known |= found
                while len(self._known) > self.REMEMBERED:
                    self._known.popitem(last=False)
        return np.stack([known[text] for text in texts])

    def _compute(self, texts: Sequence[str], long_texts: str, should_stop: ShouldStop | None) -> np.ndarray:
        from core.base_models.encoder import Interrupted

        try:
            return self._encoder.embed(texts, long_texts=long_texts, should_stop=should_stop)
        except Interrupted:
            raise Cancelled from None

    def pieces(self, text: str) -> list[Span]:
        return self._encoder.pieces(text)


class DraftMember:
    """Linear model on TF-IDF and on the embeddings of the frozen encoder that lies beside it."""

    CHUNK = 1024  # texts between two ticks

    def __init__(self, model_dir: Path) -> None:
        from core.base_models.encoder import FrozenEncoder
        from core.training.draft import Draft

        self._draft = Draft.load(model_dir / "draft")
        self.encoder = RememberingEncoder(FrozenEncoder.load(model_dir / "encoder"), pairs=self._draft.pairs)

    def answers(self, texts: Sequence[str], tick: Tick) -> Answers:
        parts = []
        for start in range(0, len(texts), self.CHUNK):
            chunk = list(texts[start : start + self.CHUNK])
            vectors = self.encoder.embed(chunk, self._draft.long_texts)
            parts.append(self._draft.predict_proba(chunk, vectors))
            tick(len(chunk))
        return np.concatenate(parts).astype(np.float64)

    def pieces(self, text: str) -> list[Span]:
        return self.encoder.pieces(text)


class FineTunedMember:
    """`fine_tuned/classifier.onnx` under onnxruntime. Of a text that is read in several windows the logits are averaged."""

    def __init__(self, model_dir: Path, *, task: str, max_length: int, prefix: str, long_texts: str = START) -> None:
        from core.base_models.architecture import architecture_of
        from core.base_models.runtime import open_session

        folder = model_dir / "fine_tuned"
        self._session = open_session(folder / "classifier.onnx")
        self._reader = Reader.load(folder, max_length, long_texts, prefix=prefix, pairs=reads_pairs(task))
        self._task = TASKS[task]
        self._pad_id = architecture_of(folder).pad_id

    def answers(self, texts: Sequence[str], tick: Tick) -> Answers:
        from core.base_models.tokenizer import pad

        ids, counts = spread(list(self._reader.read(texts)), self._reader.window)
        owner = np.repeat(np.arange(len(texts)), counts)
        done = np.zeros(len(texts), dtype=bool)
        logits: np.ndarray | None = None
        for batch in token_batches([len(one) for one in ids]):
            input_ids, attention_mask = pad([ids[i] for i in batch], self._pad_id)
            (found,) = self._session.run(None, {"input_ids": input_ids, "attention_mask": attention_mask})
            if logits is None:
                logits = np.empty((len(ids), found.shape[1]), dtype=found.dtype)
            logits[batch] = found
            begun = np.unique(owner[batch])
            tick(int((~done[begun]).sum()))
            done[begun] = True
        assert logits is not None, "never asked without texts"
        return self._task.answers(averaged(logits, counts))

    def pieces(self, text: str) -> list[Span]:
        return self._reader.pieces(text)


_LOADERS: dict[str, Callable[[Path, Mapping[str, Any]], Member]] = {
    "draft": lambda model_dir, about: DraftMember(model_dir),
    "fine_tuned": lambda model_dir, about: FineTunedMember(
        model_dir,
        task=about["task"],
        max_length=about["max_length"],
        prefix=about.get("prefix", ""),
        long_texts=about.get("long_texts", START),
    ),
}
