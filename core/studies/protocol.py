"""What a study is, and what it holds while it works."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.damage import reading_model
from core.domain.dataset import Dataset
from core.domain.job import Wish
from core.domain.message import Message
from core.domain.model import EvaluationReport, ModelVersion
from core.domain.recipe import TrainingRecipe
from core.domain.task import reads_pairs
from core.training.types import Cancelled, ShouldStop

if TYPE_CHECKING:
    import numpy as np
    import pandas
    from numpy.typing import NDArray

    from core.prediction.predictor import Predictor
    from core.training.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The model that is studied, with all that is on record of it."""

    model: ModelVersion
    report: EvaluationReport
    dataset: Dataset
    recipe: TrainingRecipe


class Study(Protocol):
    """One kind of study. Importing its file must be cheap: what computes is imported by the method that needs it."""

    @property
    def name(self) -> str:
        """Stored; stays for ever."""
        ...

    @property
    def title(self) -> Message: ...

    @property
    def help(self) -> Message:
        """What it tells, in one sentence."""
        ...

    @property
    def options(self) -> type[Any]:
        """A frozen record, every field with a default, of what can be asked for."""
        ...

    @property
    def result(self) -> type[Any]:
        """The frozen record that `run` gives; `core.domain.plain` must be able to rebuild it."""
        ...

    def refusal(self, subject: Subject) -> Message | None:
        """Why this model cannot be studied so; None where it can."""
        ...

    def seconds(self, subject: Subject, options: Any, machine: "Machine") -> float:
        """What it takes on a quiet machine, by a formula; what earlier studies really took corrects it."""
        ...

    def run(self, context: "StudyContext", options: Any) -> Any:
        """Work the result out. May be killed at any moment and started again.

        Raises:
            Cancelled: the person wished so.
        """
        ...

    def sentences(self, result: Any) -> Sequence[Message]:
        """The result in words, the most important first: what the terminal shows."""
        ...


def _never() -> Wish:
    return Wish.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContext:
    """A model's files, a place to work in, and the ear for progress. Needs neither a job nor a database."""

    subject: Subject
    model_dir: Path
    dataset_dir: Path
    base_models_dir: Path
    uploads_dir: Path
    tables_dir: Path
    work_dir: Path  #: its own; kept when the study is killed, removed after its end
    told: Callable[[float], None] = field(default=lambda share: None)  #: told the share of the work that is done
    should_stop: ShouldStop = _never

    def progress(self, share: float) -> None:
        """Tell the share of the work that is done, 0 to 1.

        Raises:
            Cancelled: the person wishes no more of it.
        """
        if self.should_stop():
            raise Cancelled
        self.told(share)

    def part(self, start: float, end: float) -> "StudyContext":
        """The same, for a piece of the work: its progress from 0 to 1 is ours from `start` to `end`."""
        return replace(self, told=lambda share: self.told(start + (end - start) * share))

    def rows(self, dataset_id: str = "") -> "pandas.DataFrame":
        """Every row of the dataset, or of another version of it: row, file, text, label, split, set_aside.

        Raises:
            NotFound: that version is gone.
        """
        from core.datasets.rows import load_rows

        return load_rows(self.dataset_dir.parent / dataset_id if dataset_id else self.dataset_dir)

    def exam(self) -> "pandas.DataFrame":
        """The exam as the model answered it: row, text, label, predicted, probability, in newer bundles familiar. Raises
        DamagedModel."""
        import pandas

        with reading_model(self.model_dir):
            return pandas.read_parquet(self.model_dir / "exam.parquet")

    def exam_columns(self) -> "pandas.DataFrame":
        """The other columns of the upload for the exam rows, in their order; see `core.datasets.other_columns`.

        Raises:
            NotFound: the rows or the upload are gone.
        """
        from core.datasets.other_columns import exam_columns

        return exam_columns(
            self.subject.dataset, self.dataset_dir, uploads_dir=self.uploads_dir, tables_dir=self.tables_dir
        )

    def predictor(self) -> "Predictor":
        from core.prediction.predictor import Predictor

        return Predictor.load(self.model_dir)

    def kept(self, name: str, make: "Callable[[], NDArray[np.generic]]") -> "NDArray[Any]":
        """The array that `make` gives, computed once however often the study is killed and started again."""
        import numpy as np

        from core.files import written_aside

        path = self.work_dir / f"{name}.npy"
        if not path.exists():
            with written_aside(path) as aside:
                np.save(aside, make(), allow_pickle=False)
        found: NDArray[Any] = np.load(path, allow_pickle=False)
        return found

    def vectors(self, name: str, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Frozen embeddings of the model's base model, shape (n, hidden), of pairs (n, 2 hidden), rows of length 1; kept
        under `name`.

        Raises:
            WeightsUnavailable: the base model is gone and cannot be had again.
            Cancelled
        """
        return self.kept(name, lambda: self._embedded(texts))

    def _embedded(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        from core.base_models.encoder import FrozenEncoder, Interrupted
        from core.base_models.pair_vectors import vectors_of
        from core.base_models.sources import fetch

        folder = self.model_dir / "encoder"
        if not folder.is_dir():  # the model was kept without its draft
            base_dir = fetch(self.subject.recipe.base_model, self.base_models_dir)
            folder = FrozenEncoder.prepare(base_dir, self.base_models_dir)
        with reading_model(self.model_dir):
            encoder = FrozenEncoder.load(folder)
        recipe = self.subject.recipe
        embed = partial(encoder.embed, long_texts=recipe.long_texts, progress=self.told, should_stop=self.should_stop)
        try:
            return vectors_of(embed, texts, pairs=reads_pairs(recipe.task))
        except Interrupted:
            raise Cancelled from None
