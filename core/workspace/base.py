"""What all verbs of the workspace rest on: its store, and where its files are."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from core.damage import reading_model
from core.domain.dataset import Upload
from core.domain.message import msg
from core.domain.pairs import joined, parts
from core.domain.task import AnswerKind, reads_pairs
from core.errors import NotFound, NotPossible
from core.settings import Settings, load
from core.store import Store

if TYPE_CHECKING:
    import pandas


class WorkspaceBase:
    """One folder with its database, uploads, models and queue."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self._store = store

    @classmethod
    def open(cls, settings: Settings | None = None) -> Self:
        """Open (and create or migrate, if need be) the workspace that `settings` or TUNEDESK_HOME names."""
        settings = settings or load()
        settings.home.mkdir(parents=True, exist_ok=True)
        return cls(settings, Store.open(settings.database_path))

    def close(self) -> None:
        """Let go of the database file. Tests and short-lived commands call it; servers live on."""
        self._store.close()

    def _answers_with(self, model_id: int, kind: AnswerKind) -> None:
        """Raises NotPossible for a model whose answers are of another kind."""
        if self._store.models.get(model_id).answers is not kind:
            raise NotPossible(
                msg("Model {model_id} does not answer that way.", model_id=model_id),
                hint=msg("Use the page or command for models of its task."),
            )

    def _whole(self, model_id: int, texts: Sequence[str]) -> None:
        """Raises NotPossible where a model of pairs is asked about half of one."""
        if reads_pairs(self._store.models.get(model_id).task) and not all(joined(*parts(text)) for text in texts):
            raise NotPossible(
                msg("Model {model_id} compares two texts, and one is missing.", model_id=model_id),
                hint=msg("Give both texts."),
            )

    def _upload_path(self, upload: Upload) -> Path:
        return self.settings.uploads_dir / upload.sha256

    def _dataset_dir(self, dataset_id: str) -> Path:
        return self.settings.datasets_dir / dataset_id

    def _job_dir(self, job_id: int) -> Path:
        return self.settings.jobs_dir / str(job_id)

    def _model_dir(self, model_id: int) -> Path:
        return self.settings.models_dir / str(model_id)

    def _exam_path(self, model_id: int) -> Path:
        """The exam as the model answered it, for those who read it.

        Raises:
            NotFound: there is no such model, or its files are gone, as in a backup of the database alone.
        """
        path = self._model_dir(self._store.models.get(model_id).id) / "exam.parquet"
        if not path.exists():
            raise NotFound(
                msg("What model {model_id} answered in its exam is gone.", model_id=model_id),
                hint=msg("Train it again."),
            )
        return path

    def _exam(self, model_id: int, columns: Sequence[str] | None = None) -> "pandas.DataFrame":
        """Its rows. Raises as `_exam_path`, and DamagedModel where the file cannot be read."""
        import pandas

        path = self._exam_path(model_id)
        with reading_model(path.parent):
            return pandas.read_parquet(path, columns=columns and list(columns))


def need_label(label: str, known: Sequence[str]) -> None:
    """Raises NotFound for a category that is not among the known ones."""
    if label not in known:
        raise NotFound(
            msg("There is no category “{label}”.", label=label),
            hint=msg("Its categories: {known}.", known=", ".join(known[:20])),
        )
