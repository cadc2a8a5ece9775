"""The application in the user's verbs. Pages, the terminal and services call this and nothing below it.

A `Workspace` wires the store and the engine of one folder once. It is thread-safe: every store call is one short
transaction of its own. Nothing here imports torch: what computes runs in a job's child process, except `evaluate`,
`predict` and `explain`, which use onnxruntime. Engine modules are imported by the verb that needs them, so that a page or
`python -m core --help` starts without pandas, numpy and the rest.
"""

import shutil
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.dataset import TableFormat, Upload
from core.domain.job import Job, JobKind, JobStatus, Wish
from core.domain.message import msg
from core.domain.model import BaseModel, EvaluationReport, ModelVersion, Prediction
from core.domain.number import NumberPrediction, NumberReport
from core.domain.recipe import Plan, Preset, SettingValue, TrainingRecipe
from core.domain.run import MetricPoint, Run
from core.domain.several import SeveralPrediction, SeveralReport
from core.domain.task import AnswerKind
from core.errors import BadData, NotFound, NotPossible
from core.workspace.advice import AdviceVerbs
from core.workspace.explaining import ExplainingVerbs
from core.workspace.judging import JudgingVerbs
from core.workspace.label_mistakes import LabelMistakeVerbs
from core.workspace.matching import MatchingVerbs
from core.workspace.pretraining import PretrainingVerbs
from core.workspace.weaknesses import WeaknessVerbs

if TYPE_CHECKING:
    import pandas

LOG_TAIL_BYTES = 64 * 1024
WORKER_CHECK_SECONDS = 2.0
#: a worker started by the terminal ends after this long without work; the server keeps its own alive
TERMINAL_WORKER_IDLE_SECONDS = 20.0


class Workspace(
    LabelMistakeVerbs, PretrainingVerbs, ExplainingVerbs, MatchingVerbs, JudgingVerbs, WeaknessVerbs, AdviceVerbs
):
    """One folder with its database, uploads, models and queue."""

    # -- plan ----------------------------------------------------------------------------------------------------

    def base_models(self) -> list[BaseModel]:
        from core.base_models.catalog import list_base_models

        return list(list_base_models(self.settings.base_models_dir))

    def base_model(self, name: str) -> BaseModel:
        """The record of a catalog name, a folder, a Hugging Face id, or one's own; also of one that is not here."""
        from core.base_models.sources import describe

        return describe(name, self.settings.base_models_dir)

    def plan(
        self,
        dataset_id: str,
        preset: Preset = Preset.BALANCED,
        *,
        base_model: str | None = None,
        overrides: Mapping[str, SettingValue] | None = None,
    ) -> Plan:
        """The recipe for this data on this machine, with minutes and memory. Fast enough for a page (no torch)."""
        from core.training.busy import free_share_of
        from core.training.forecasting import forecast
        from core.training.machine import detect_machine
        from core.training.recommend import recommend, with_overrides

        dataset = self.dataset(dataset_id)
        machine = detect_machine()
        recipe, reasons, recommended = recommend(
            dataset.profile, preset, machine=machine, base_model=base_model, task=dataset.task
        )
        recipe = with_overrides(recipe, overrides or {})
        free_share = free_share_of(machine, self.jobs())
        return Plan(
            recipe=recipe,
            forecast=forecast(dataset.profile, recipe, machine, self.settings.base_models_dir, free_share=free_share),
            reasons=reasons,
            recommended=recommended,
        )

    # -- jobs ----------------------------------------------------------------------------------------------------

    def start_training(
        self,
        dataset_id: str,
        recipe: TrainingRecipe,
        *,
        name: str | None = None,
        trackers: Sequence[str] | None = None,
    ) -> Job:
        """Queue a run. The same recipe on the same data that is already queued or running gives that job.

        Args:
            trackers: names of `core.tracking.TRACKERS` that record it too; None takes those of TUNEDESK_TRACKERS.

        Raises:
            BadData: the dataset has blocking findings; all are named.
            NotFound: there is no such dataset or tracker.
        """
        dataset = self.dataset(dataset_id)
        if dataset.blocking_findings:
            problems = " ".join(str(finding.message) for finding in dataset.blocking_findings)
            raise BadData(
                msg("Training cannot start: {problems}", problems=problems),
                hint=dataset.blocking_findings[0].advice or msg("Mend the file and upload it again."),
            )
        if recipe.task != dataset.task:
            raise BadData(
                msg("The recipe is for another task than the data set."),
                hint=msg("Plan the training for this data set, or set task = {task}.", task=dataset.task),
            )
        if trackers is None:
            chosen = self.settings.trackers
        else:
            from core.tracking import TRACKERS

            chosen = tuple(dict.fromkeys(TRACKERS[tracker].name for tracker in trackers))
        return self._store.start_training(dataset, recipe, name=name or dataset.name, trackers=chosen)

    def start_scoring(
        self,
        model_id: int,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_column: str | None = None,
        text_columns: Sequence[str] = (),
        suffix: str = ".xlsx",
        language: str = "en",
    ) -> Job:
        """Queue the scoring of a whole file.

        Args:
            text_columns: several columns that are read as one text; `text_column` names a single one. Without either the
                model's own are read.
            suffix: ".xlsx" or ".csv".
            language: that of the added columns' names.
        """
        if suffix not in (".xlsx", ".csv"):
            raise NotPossible(msg("Files are written as .xlsx or .csv, not as {suffix}.", suffix=suffix))
        payload = {
            "model_id": self.model(model_id).id,
            "upload": asdict(upload),
            "format": asdict(format or TableFormat()),
            "text_columns": list(text_columns) or ([text_column] if text_column else []),
            "suffix": suffix,
            "language": language,
        }
        key = "score:" + ":".join(str(payload[k]) for k in payload if k != "upload") + f":{upload.sha256}"
        return self._store.jobs.enqueue(JobKind.SCORE, payload, upload.filename, dedupe_key=key)

    def job(self, job_id: int) -> Job:
        return self._store.jobs.get(job_id)

    def jobs(self, kind: JobKind | None = None) -> list[Job]:
        """Newest first."""
        return self._store.jobs.list(kind)

    def cancel(self, job_id: int) -> Job:
        """Stop and throw the work away. A queued job is cancelled at once.

        Raises:
            NotPossible: the job has ended.
        """
        return self._store.jobs.set_wish(job_id, Wish.CANCEL)

    def stop(self, job_id: int) -> Job:
        """Stop and keep the best so far.

        Raises:
            NotPossible: the job is not running.
        """
        return self._store.jobs.set_wish(job_id, Wish.STOP)

    def resume(self, job_id: int) -> Job:
        """Queue a failed or cancelled job again; it goes on from its last checkpoint where one is left."""
        return self._store.jobs.resume(job_id)

    def delete_job(self, job_id: int) -> None:
        """Remove an ended job's entry, log and work files. Its run and model stay."""
        self._store.jobs.delete(job_id)
        shutil.rmtree(self._job_dir(job_id), ignore_errors=True)

    def wait(self, job_id: int, *, poll_seconds: float = 0.2) -> Job:
        """Block until the job has ended, keeping a worker alive meanwhile."""
        next_check = 0.0
        while (job := self.job(job_id)).status.is_active:
            if time.monotonic() >= next_check:
                self.ensure_worker()
                next_check = time.monotonic() + WORKER_CHECK_SECONDS
            time.sleep(poll_seconds)
        return job

    def job_log(self, job_id: int) -> str:
        """The last 64 kB of the job's log, for "Details"."""
        path = self._job_dir(self.job(job_id).id) / "log.txt"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")

    def scored_file(self, job_id: int) -> tuple[Path, str]:
        """The finished table of a scoring job and the file name to offer it under."""
        job = self.job(job_id)
        if job.kind is not JobKind.SCORE or job.status is not JobStatus.DONE:
            raise NotPossible(
                msg("Job {job_id} has no finished table.", job_id=job_id),
                hint=msg("Wait until it is done, or start it again."),
            )
        path = self._job_dir(job_id) / str(job.result["file"])
        if not path.exists():
            raise NotFound(
                msg("The scored file of job {job_id} was deleted.", job_id=job_id), hint=msg("Score the file again.")
            )
        return path, f"{Path(job.title).stem}-scored{path.suffix}"

    # -- runs ----------------------------------------------------------------------------------------------------

    def run(self, run_id: int) -> Run:
        return self._store.runs.get(run_id)

    def runs(self) -> list[Run]:
        """Newest first."""
        return self._store.runs.list()

    def metric_points(self, run_id: int, *, after: int = 0) -> tuple[int, list[MetricPoint]]:
        """Points written after cursor `after`, and the new cursor. What the live chart polls."""
        return self._store.runs.points(run_id, after=after)

    def sparklines(self, run_ids: Sequence[int]) -> dict[int, list[float]]:
        """The check-up loss of each run, for the history table."""
        return self._store.runs.sparklines(run_ids)

    def rename_run(self, run_id: int, name: str) -> Run:
        """Renames its model too."""
        name = " ".join(name.split())[:120]
        if not name:
            raise NotPossible(msg("A name needs at least one character."), hint=msg("Type a name and save again."))
        return self._store.runs.rename(run_id, name)

    def delete_run(self, run_id: int) -> None:
        """Delete the run with its curves, its job's files and its model.

        Raises:
            NotPossible: it is still queued or running.
        """
        run = self.run(run_id)
        if run.status.is_active:
            raise NotPossible(msg("Run {run_id} is still at work.", run_id=run_id), hint=msg("Cancel its job first."))
        if run.model_id is not None:
            self._cancel_studies(run.model_id)
        self._store.runs.delete(run_id)
        if run.model_id is not None:
            shutil.rmtree(self._model_dir(run.model_id), ignore_errors=True)
        if run.job_id is not None:
            shutil.rmtree(self._job_dir(run.job_id), ignore_errors=True)

    # -- models --------------------------------------------------------------------------------------------------

    def models(self) -> list[ModelVersion]:
        """Newest first."""
        return self._store.models.list()

    def model(self, model_id: int) -> ModelVersion:
        return self._store.models.get(model_id)

    def delete_model(self, model_id: int) -> None:
        """The run stays on record; the weights, the report and its studies are gone."""
        self._cancel_studies(model_id)
        self._store.models.delete(self.model(model_id).id)
        shutil.rmtree(self._model_dir(model_id), ignore_errors=True)

    def report(self, model_id: int) -> EvaluationReport:
        """Of a model whose `answers` are categories.

        Raises:
            NotPossible: it answers with something else.
        """
        self._answers_with(model_id, AnswerKind.CATEGORY)
        return self._store.models.report(model_id)

    def number_report(self, model_id: int) -> NumberReport:
        """Of a model whose `answers` are numbers. Raises as `report`."""
        self._answers_with(model_id, AnswerKind.NUMBER)
        return self._store.models.number_report(model_id)

    def several_report(self, model_id: int) -> SeveralReport:
        """Of a model whose `answers` are several categories at once. Raises as `report`."""
        self._answers_with(model_id, AnswerKind.CATEGORIES)
        return self._store.models.several_report(model_id)

    def exam_rows(
        self, model_id: int, *, label: str | None = None, predicted: str | None = None, wrong_only: bool = False
    ) -> "pandas.DataFrame":
        """Columns row, text, label, predicted, probability; familiar too, but in models of earlier versions. Raises NotFound or
        DamagedModel: the model's files are gone or damaged."""
        rows = self._exam(model_id)
        if label is not None:
            rows = rows[rows["label"] == label]
        if predicted is not None:
            rows = rows[rows["predicted"] == predicted]
        if wrong_only:
            rows = rows[rows["label"] != rows["predicted"]]
        return rows.reset_index(drop=True)

    def exam_numbers(self, model_id: int) -> "pandas.DataFrame":
        """Columns row, text, label, predicted, the last two numbers. Raises as `number_report`."""
        self._answers_with(model_id, AnswerKind.NUMBER)
        return self._exam(model_id)

    def exam_several(self, model_id: int) -> "pandas.DataFrame":
        """Columns row, text, label, predicted, missed, added (labels as in `core.domain.several`; "" for nothing missed or
        added) and probability, of the least sure category given. Raises as `several_report`."""
        self._answers_with(model_id, AnswerKind.CATEGORIES)
        return self._exam(model_id)

    def predict(self, model_id: int, texts: Sequence[str]) -> list[Prediction]:
        """Answers in the order of `texts`, pairs as `core.domain.pairs.joined` joins them. The loaded model is cached in this
        process. Raises as `report`, and for half a pair."""
        self._answers_with(model_id, AnswerKind.CATEGORY)
        self._whole(model_id, texts)
        return self._predictor(model_id).predict(texts)

    def predict_numbers(self, model_id: int, texts: Sequence[str]) -> list[NumberPrediction]:
        """The same of a model whose `answers` are numbers."""
        from core.prediction.numbers import predict_numbers

        self._answers_with(model_id, AnswerKind.NUMBER)
        self._whole(model_id, texts)
        return predict_numbers(self._predictor(model_id), texts)

    def predict_several(self, model_id: int, texts: Sequence[str]) -> list[SeveralPrediction]:
        """The same of a model whose `answers` are several categories at once."""
        from core.prediction.several import predict_several

        self._answers_with(model_id, AnswerKind.CATEGORIES)
        return predict_several(self._predictor(model_id), texts)

    def score_now(
        self,
        model_id: int,
        upload: Upload,
        out_path: Path,
        *,
        format: TableFormat | None = None,
        text_columns: Sequence[str] = (),
    ) -> Mapping[str, Any]:
        """Score a file in this process, without the queue: what `predict --file` does."""
        from core.prediction.scoring import score_any

        return score_any(
            self._predictor(model_id),
            path=self._upload_path(upload),
            filename=upload.filename,
            format=format or TableFormat(),
            text_columns=text_columns,
            out_path=out_path,
        )

    def evaluate(
        self,
        model_id: int,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_columns: Sequence[str] = (),
        label_column: str | None = None,
    ) -> EvaluationReport:
        """The report of a model on another labeled file.

        Raises:
            BadData: no text or label column can be found, or no row has both.
        """
        from core.prediction.table import evaluate_file

        self._answers_with(model_id, AnswerKind.CATEGORY)
        dataset = self.dataset(self.model(model_id).dataset_id)
        return evaluate_file(
            self._predictor(model_id),
            path=self._upload_path(upload),
            filename=upload.filename,
            format=format or TableFormat(),
            text_columns=text_columns,
            label_column=label_column,
            usual_label_column=dataset.label_column,
            majority_label=max(dataset.label_counts, key=lambda label: dataset.label_counts[label], default=None),
        )

    def evaluate_numbers(
        self,
        model_id: int,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_columns: Sequence[str] = (),
        label_column: str | None = None,
    ) -> NumberReport:
        """The same of a model whose `answers` are numbers, on a table with true ones."""
        from core.prediction.numbers import evaluate_file_numbers

        self._answers_with(model_id, AnswerKind.NUMBER)
        dataset = self.dataset(self.model(model_id).dataset_id)
        return evaluate_file_numbers(
            self._predictor(model_id),
            path=self._upload_path(upload),
            filename=upload.filename,
            format=format or TableFormat(),
            text_columns=text_columns,
            label_column=label_column,
            usual_label_column=dataset.label_column,
            middle=self._store.models.number_report(model_id).middle_answer,
        )

    def evaluate_several(
        self,
        model_id: int,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_columns: Sequence[str] = (),
        label_columns: Sequence[str] = (),
    ) -> SeveralReport:
        """The same of a model whose `answers` are several categories at once.

        Args:
            label_columns: one whose cells name the categories, or several of 0 and 1; those of its own data if none are named.
        """
        from core.prediction.several_table import evaluate_file_several

        self._answers_with(model_id, AnswerKind.CATEGORIES)
        dataset = self.dataset(self.model(model_id).dataset_id)
        return evaluate_file_several(
            self._predictor(model_id),
            path=self._upload_path(upload),
            filename=upload.filename,
            format=format or TableFormat(),
            text_columns=text_columns,
            label_columns=label_columns,
            usual_label_columns=dataset.learned_columns,
            separator=dataset.label_separator,
            usual_label=self._store.models.several_report(model_id).usual_label,
        )

    # -- machine -------------------------------------------------------------------------------------------------

    def device(self) -> Mapping[str, Any]:
        """{"kind": "cpu"|"cuda"|"mps", "name", "n_cores", "memory_bytes"}: what jobs will run on."""
        from core.training.machine import detect_machine

        return asdict(detect_machine())

    def ensure_worker(self) -> None:
        """Start a worker process in its own session unless one holds the worker lock."""
        from core.jobs.supervisor import ensure_worker

        ensure_worker(self.settings, exit_when_idle_seconds=TERMINAL_WORKER_IDLE_SECONDS)

    def doctor(self) -> Mapping[str, Any]:
        """Python, packages, devices, models with hashes, disk, database, and how good forecasts were."""
        from core.diagnosis import diagnose

        found = diagnose(self.settings, self._store, device=self.device(), base_models=self.base_models())
        return found | {"forecasts": self.forecast_errors()}

    def forecast_errors(self) -> Mapping[str, Any]:
        """How good the minutes foreseen were over the runs on record: {"n_runs", "median_error", "n_within_range"}.
        `median_error` is the median distance as a share of what a run took; None without runs to tell by."""
        known = [run for run in self.runs() if run.forecast_error is not None]
        errors = [abs(run.forecast_error) for run in known if run.forecast_error is not None]
        return {
            "n_runs": len(known),
            "median_error": round(statistics.median(errors), 3) if errors else None,
            "n_within_range": sum(_is_within(run) for run in known),
        }


def _is_within(run: Run) -> bool:
    low, high = run.forecast_seconds or (0.0, 0.0)
    return low <= sum(run.seconds.values()) <= high
