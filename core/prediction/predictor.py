"""A finished model that answers. It reads a bundle (docs/architecture.md) with onnxruntime + tokenizers, never torch."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base_models.long_texts import START
from core.damage import damaged, reading_model
from core.domain.goal import Use
from core.domain.message import msg
from core.domain.model import Prediction
from core.domain.policy import Policy
from core.domain.task import AnswerKind, reads_pairs
from core.errors import UserError
from core.files import is_whole
from core.prediction.members import Member, Span, load_member
from core.prediction.practice import Practice
from core.tasks import TASKS
from core.training.calibration import Proba, sharpen
from core.training.familiarity import PracticeRows
from core.training.several_choice import sharpen_each
from core.training.types import Cancelled, ShouldStop

BUNDLE_FORMATS = (1, 2)  # 2 may read more of long texts than their start

Progress = Callable[[float], None]  #: told the share of the work that is done, 0 to 1


class Predictor:
    """Answers for texts: every member's probabilities mixed by weight, sharpened by the temperature.

    With members m of weight w_m and temperature T: p = sum_m w_m p_m, then p^(1/T) / sum p^(1/T). Thread-safe.
    """

    def __init__(
        self, about: Mapping[str, Any], members: Sequence[tuple[float, Member]], folder: Path | None = None
    ) -> None:
        self.about = about  #: the content of model.json
        self.labels: tuple[str, ...] = tuple(about["labels"])
        self._obey(Policy(threshold=float(about["threshold"])), Use.FILL)
        self._temperature = float(about["temperature"])
        self._members = members
        self.reads_pairs = reads_pairs(about["task"])
        self._practice = Practice(folder, [member for _weight, member in members], pairs=self.reads_pairs)
        task = TASKS[about["task"]]
        self.answer_kind = task.answer_kind
        self._n_outputs = task.n_outputs(len(self.labels))

    @classmethod
    def load(cls, model_dir: Path) -> "Predictor":
        """Open a bundle, after comparing every file with its manifest.

        Raises:
            DamagedModel: the folder is no whole bundle.
            UserError: its format is newer than this version.
        """
        with reading_model(model_dir):
            about = json.loads((model_dir / "model.json").read_text(encoding="utf-8"))
        if about.get("format") not in BUNDLE_FORMATS:
            raise UserError(
                msg(
                    "This model has format {found}, and this version of Tunedesk reads format {known}.",
                    found=str(about.get("format")),
                    known=BUNDLE_FORMATS[-1],
                ),
                hint=msg("Open it with the version of Tunedesk that made it, or update Tunedesk."),
            )
        if not is_whole(model_dir):
            raise damaged(model_dir)
        members = [(float(m["weight"]), load_member(m["kind"], model_dir, about)) for m in about["members"]]
        return cls(about, members, model_dir)

    @property
    def threshold(self) -> float:
        """Of every category that has none of its own."""
        return self.policy.threshold

    def obeying(self, policy: Policy, use: Use) -> "Predictor":
        """The same model under another policy; it shares everything that is big."""
        other = copy.copy(self)
        other._obey(policy, use)
        return other

    def _obey(self, policy: Policy, use: Use) -> None:
        self.policy, self.use = policy, use
        self._thresholds = np.array([policy.threshold_of(label) for label in self.labels])

    def is_sure(self, answers: npt.ArrayLike, confidences: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether answers (places in `labels`) of these probabilities reach the threshold of their category."""
        sure: npt.NDArray[np.bool_] = np.asarray(confidences) >= self._thresholds[np.asarray(answers)]
        return sure

    def predict_proba(
        self, texts: Sequence[str], *, progress: Progress | None = None, should_stop: ShouldStop | None = None
    ) -> Proba:
        """Calibrated probabilities, shape (n, n_labels), in the order of `texts`; of several categories each by itself.
        Raises as `mixed_proba`."""
        return self.sharpened(self.mixed_proba(texts, progress=progress, should_stop=should_stop))

    def sharpened(self, mixed: Proba) -> Proba:
        """What `mixed_proba` gave, as it is shown."""
        if not len(mixed):
            return mixed
        by_itself = self.answer_kind is AnswerKind.CATEGORIES
        return (sharpen_each if by_itself else sharpen)(mixed, self._temperature)

    def mixed_proba(
        self, texts: Sequence[str], *, progress: Progress | None = None, should_stop: ShouldStop | None = None
    ) -> Proba:
        """The members' answers mixed, before the temperature: (n, n_outputs), in the order of `texts`. Equal texts are
        computed once. Numbers, of a model that answers with those, on its own scale.

        Raises:
            Cancelled: `should_stop` asked for an end; it is asked after every batch.
        """
        if not texts:
            return np.zeros((0, self._n_outputs))
        distinct = list(dict.fromkeys(texts))
        n_done = 0

        def tick(n: int) -> None:
            nonlocal n_done
            n_done += n
            if should_stop is not None and should_stop():
                raise Cancelled
            if progress is not None:
                progress(n_done / (len(distinct) * len(self._members)))

        mixed = np.zeros((len(distinct), self._n_outputs))
        for weight, member in self._members:
            mixed += weight * member.answers(distinct, tick)
        place = {text: i for i, text in enumerate(distinct)}
        return mixed[[place[text] for text in texts]] if len(distinct) < len(texts) else mixed

    def pieces(self, text: str) -> list[Span]:
        """Where the tokenizer of the weightiest member cuts a text."""
        _weight, member = max(self._members, key=lambda one: one[0])
        return member.pieces(text)

    @property
    def practice(self) -> PracticeRows | None:
        """Vectors of the rows it learned from; None in bundles that keep none."""
        return self._practice.rows

    def embed(self, texts: Sequence[str], should_stop: ShouldStop | None = None) -> npt.NDArray[np.float32]:
        """Vectors of length 1 as those of `practice`, (n, hidden), of pairs (n, 2 hidden). The first call may open the encoder.

        Raises:
            Cancelled: `should_stop` asked for an end; it is asked before every batch.
        """
        return self._practice.encoder.embed(texts, self.about.get("long_texts", START), should_stop)

    def embed_texts(self, texts: Sequence[str], should_stop: ShouldStop | None = None) -> npt.NDArray[np.float32]:
        """Vectors of single texts of pairs, (n, hidden). Raises as `embed`."""
        return self._practice.encoder.embed_texts(texts, START, should_stop)

    def familiarity(
        self, texts: Sequence[str], proba: Proba, should_stop: ShouldStop | None = None
    ) -> npt.NDArray[np.float64]:
        """How like those it learned from each text is, (n,); `proba` are its answers. Only of bundles with `practice`.
        Raises as `embed`."""
        assert self.practice is not None, "the caller has looked"
        if not len(texts):
            return np.zeros(0)
        return self.practice.familiarity(self.embed(texts, should_stop), proba.max(axis=1))

    def is_familiar(
        self, texts: Sequence[str], proba: Proba, should_stop: ShouldStop | None = None
    ) -> npt.NDArray[np.bool_]:
        """Whether each is familiar enough, (n,), as strict as the policy says. True where it cannot be told. Raises as
        `embed`."""
        if self.practice is None or not self.practice.can_tell or not len(texts):
            return np.ones(len(texts), dtype=bool)
        familiar = self.familiarity(texts, proba, should_stop)
        is_familiar: npt.NDArray[np.bool_] = familiar >= self.practice.threshold_at(self.policy.keeps)
        return is_familiar

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One answer per text, with every label's probability, highest first. An unfamiliar one is never sure."""
        answers = []
        proba = self.predict_proba(texts)
        for text, row, familiar in zip(texts, proba, self.is_familiar(texts, proba), strict=True):
            order = np.argsort(-row, kind="stable")
            best = order[0]
            answers.append(
                Prediction(
                    text=text,
                    label=self.labels[best],
                    probability=float(row[best]),
                    sure=bool(familiar and self.is_sure(best, row[best])),
                    familiar=bool(familiar),
                    probabilities={self.labels[i]: float(row[i]) for i in order},
                )
            )
        return answers
