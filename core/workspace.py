"""The application in the user's verbs. Pages, the terminal and services call this and nothing below it.

A `Workspace` wires the store and the engine of one folder once. It is thread-safe: every store call is one short
transaction of its own. Nothing here imports torch; what computes runs in a job's child process, except `evaluate` and
`predict`, which use onnxruntime.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from core.domain.dataset import Dataset, Sample, Split, TableFormat, TablePreview, Upload
from core.domain.job import Job, JobKind
from core.domain.model import BaseModel, EvaluationReport, ModelVersion, Prediction
from core.domain.recipe import Plan, Preset, TrainingRecipe
from core.domain.run import MetricPoint, Run
from core.settings import Settings

if TYPE_CHECKING:
    import pandas


class Workspace:
    """One folder with its database, uploads, models and queue."""

    @classmethod
    def open(cls, settings: Settings | None = None) -> "Workspace":
        """Open (and create or migrate, if need be) the workspace that `settings` or TUNEDESK_HOME names."""
        raise NotImplementedError

    settings: Settings

    # -- data ----------------------------------------------------------------------------------------------------

    def receive_upload(self, stream: BinaryIO, filename: str) -> Upload:
        """Stream a file into the workspace, hashed; nothing is parsed yet."""
        raise NotImplementedError

    def preview(self, upload: Upload, format: TableFormat | None = None) -> TablePreview:
        """The first rows as read with `format`, unset parts guessed. Runs in a limited child process.

        Raises:
            UnreadableFile: says what was found and the way out.
        """
        raise NotImplementedError

    def add_dataset(
        self,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_column: str | None = None,
        label_column: str | None = None,
        exam_upload: Upload | None = None,
        exam_format: TableFormat | None = None,
        name: str | None = None,
        sample: str | None = None,
    ) -> Dataset:
        """Read, check, split and freeze. The same content twice gives the same dataset.

        Datasets with blocking findings are kept too, so that the person sees them; training refuses them.
        """
        raise NotImplementedError

    def dataset(self, dataset_id: str) -> Dataset:
        raise NotImplementedError

    def datasets(self) -> list[Dataset]:
        """Newest first."""
        raise NotImplementedError

    def delete_dataset(self, dataset_id: str) -> None:
        """Raises NotPossible while runs rest on it."""
        raise NotImplementedError

    def dataset_rows(
        self,
        dataset_id: str,
        *,
        split: Split | None = None,
        label: str | None = None,
        row_numbers: Sequence[int] | None = None,
        set_aside: bool | None = None,
        limit: int | None = 1000,
    ) -> "pandas.DataFrame":
        """Columns row, file, text, label, split, set_aside."""
        raise NotImplementedError

    def samples(self) -> list[Sample]:
        raise NotImplementedError

    def open_sample(self, name: str) -> Dataset:
        raise NotImplementedError

    def template_xlsx(self) -> bytes:
        """A small Excel file that shows the expected columns."""
        raise NotImplementedError

    # -- plan ----------------------------------------------------------------------------------------------------

    def base_models(self) -> list[BaseModel]:
        raise NotImplementedError

    def plan(
        self,
        dataset_id: str,
        preset: Preset = Preset.BALANCED,
        *,
        base_model: str | None = None,
        overrides: Mapping[str, str | int | float] | None = None,
    ) -> Plan:
        """The recipe for this data on this machine, with minutes and memory. Fast enough for a page (no torch)."""
        raise NotImplementedError

    # -- jobs ----------------------------------------------------------------------------------------------------

    def start_training(self, dataset_id: str, recipe: TrainingRecipe, *, name: str | None = None) -> Job:
        """Queue a run. The same recipe on the same data that is already queued or running gives that job.

        Raises:
            BadData: the dataset has blocking findings; all are named.
        """
        raise NotImplementedError

    def start_scoring(
        self,
        model_id: int,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_column: str | None = None,
        suffix: str = ".xlsx",
    ) -> Job:
        """Queue the scoring of a whole file. `suffix` is ".xlsx" or ".csv"."""
        raise NotImplementedError

    def job(self, job_id: int) -> Job:
        raise NotImplementedError

    def jobs(self, kind: JobKind | None = None) -> list[Job]:
        """Newest first."""
        raise NotImplementedError

    def cancel(self, job_id: int) -> Job:
        """Stop and throw the work away. A queued job is cancelled at once."""
        raise NotImplementedError

    def stop(self, job_id: int) -> Job:
        """Stop and keep the best so far."""
        raise NotImplementedError

    def resume(self, job_id: int) -> Job:
        """Queue a failed or cancelled job again; it goes on from its last checkpoint where one is left."""
        raise NotImplementedError

    def delete_job(self, job_id: int) -> None:
        """Remove an ended job's entry, log and work files. Its run and model stay."""
        raise NotImplementedError

    def wait(self, job_id: int, *, poll_seconds: float = 0.2) -> Job:
        """Block until the job has ended, keeping a worker alive meanwhile."""
        raise NotImplementedError

    def job_log(self, job_id: int) -> str:
        """The last 64 kB of the job's log, for "Details"."""
        raise NotImplementedError

    def scored_file(self, job_id: int) -> tuple[Path, str]:
        """The finished table of a scoring job and the file name to offer it under."""
        raise NotImplementedError

    # -- runs ----------------------------------------------------------------------------------------------------

    def run(self, run_id: int) -> Run:
        raise NotImplementedError

    def runs(self) -> list[Run]:
        """Newest first."""
        raise NotImplementedError

    def metric_points(self, run_id: int, *, after: int = 0) -> tuple[int, list[MetricPoint]]:
        """Points written after cursor `after`, and the new cursor. What the live chart polls."""
        raise NotImplementedError

    def sparklines(self, run_ids: Sequence[int]) -> dict[int, list[float]]:
        """The check-up loss of each run, for the history table."""
        raise NotImplementedError

    def rename_run(self, run_id: int, name: str) -> Run:
        """Renames its model too."""
        raise NotImplementedError

    def delete_run(self, run_id: int) -> None:
        """Deletes the run with its curves, its job's files and its model. Raises NotPossible while it is active."""
        raise NotImplementedError

    # -- models --------------------------------------------------------------------------------------------------

    def models(self) -> list[ModelVersion]:
        """Newest first."""
        raise NotImplementedError

    def model(self, model_id: int) -> ModelVersion:
        raise NotImplementedError

    def delete_model(self, model_id: int) -> None:
        """The run and its report stay on record; the weights are gone."""
        raise NotImplementedError

    def report(self, model_id: int) -> EvaluationReport:
        raise NotImplementedError

    def exam_rows(
        self, model_id: int, *, label: str | None = None, predicted: str | None = None, wrong_only: bool = False
    ) -> "pandas.DataFrame":
        """Columns row, text, label, predicted, probability."""
        raise NotImplementedError

    def predict(self, model_id: int, texts: Sequence[str]) -> list[Prediction]:
        """Answers in the order of `texts`. The loaded model is cached in this process."""
        raise NotImplementedError

    def evaluate(
        self,
        model_id: int,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_column: str | None = None,
        label_column: str | None = None,
    ) -> EvaluationReport:
        """The report of a model on another labeled file."""
        raise NotImplementedError

    # -- machine -------------------------------------------------------------------------------------------------

    def device(self) -> Mapping[str, Any]:
        """{"kind": "cpu"|"cuda"|"mps", "name", "n_cores", "memory_bytes"}: what jobs will run on; never imports torch."""
        raise NotImplementedError

    def ensure_worker(self) -> None:
        """Start a worker process in its own session unless one holds the worker lock."""
        raise NotImplementedError

    def doctor(self) -> Mapping[str, Any]:
        """Python, packages, devices, models with hashes, disk, database."""
        raise NotImplementedError
