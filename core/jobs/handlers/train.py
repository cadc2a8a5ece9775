"""Train a model, let it sit the exam, publish it.

Every part that took long is kept in the job's work folder, whole or absent, so that this handler can be killed at any
moment and started again: the pipeline's own folder, then the trained bundle, then `models/<id>`, then one transaction.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core import files
from core.datasets.operations.base import NONE_OF_THESE
from core.domain.dataset import Dataset, Split
from core.domain.job import Job, JobKind, Stage
from core.domain.model import EvaluationReport
from core.domain.number import NumberReport
from core.domain.run import STARTING, Run, score_from_json
from core.domain.several import SeveralReport, categories_of, label_of
from core.domain.task import AnswerKind
from core.jobs.context import JobContext
from core.store import Store
from core.tasks import TASKS
from core.training.types import Examples, TrainingData, TrainingResult

if TYPE_CHECKING:
    import pandas as pd

    from core.prediction.familiarity import Familiarity
    from core.training.answers import Answers

_WEIGHTS = {
    Stage.PREPARING: 3,
    Stage.DRAFTING: 14,
    Stage.TOKENIZING: 1,
    Stage.TRAINING: 74,
    Stage.EVALUATING: 6,
    Stage.PUBLISHING: 2,
}
#: the search has the best trial's weights already; after a cross-check there is one more training
_SEARCH_WEIGHTS, _FOLDS_WEIGHTS = (
    {
        Stage.PREPARING: 3,
        Stage.DRAFTING: 14,
        Stage.TOKENIZING: 1,
        Stage.SEARCHING: searching,
        Stage.TRAINING: 74 - searching,
        Stage.EVALUATING: 6,
        Stage.PUBLISHING: 2,
    }
    for searching in (72, 54)
)
_DRAFT_WEIGHTS = {Stage.PREPARING: 5, Stage.DRAFTING: 75, Stage.EVALUATING: 15, Stage.PUBLISHING: 5}


class TrainHandler:
    name = JobKind.TRAIN.value

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        recipe = _run_of(store, job).recipe
        if recipe.technique == "draft":
            return _DRAFT_WEIGHTS
        if recipe.folds:
            return _FOLDS_WEIGHTS
        return _SEARCH_WEIGHTS if recipe.search_minutes else _WEIGHTS

    def run(self, context: JobContext) -> None:
        from core.evaluation.familiarity import FAMILIARITY_FILE
        from core.training.familiarity import settle_threshold

        files.sweep(context.work_dir)
        run = _run_of(context.store, context.job)
        dataset = context.store.datasets.get(run.dataset_id)
        context.stage(Stage.PREPARING, 0.0)
        with_unlabeled = run.recipe.pseudo_labels == "on"
        rows = _rows(context, dataset, with_unlabeled)
        data = training_data(dataset, rows, with_unlabeled=with_unlabeled)
        result = _trained(context, run, data)
        seconds = dict(result.seconds)

        started = time.monotonic()
        examined = _EXAMS[dataset.answers]
        report, exam, answers, familiarity = examined(context, data, rows, result.draft_score)
        seconds[Stage.EVALUATING.value] = round(time.monotonic() - started, 2)

        started = time.monotonic()
        context.stage(Stage.PUBLISHING, 0.0)
        model_id = context.store.models.reserve(context.job.id, context.job.attempt)
        model_dir = context.settings.models_dir / str(model_id)
        with files.folder_aside(model_dir) as aside:
            _link_tree(_bundle_dir(context), aside)
            exam.to_parquet(aside / "exam.parquet", index=False)
            if familiarity is not None:
                (aside / FAMILIARITY_FILE).write_text(json.dumps(familiarity.report.to_json()))
                settle_threshold(aside, familiarity.threshold)
            answers.save(aside, "exam")
        seconds[Stage.PUBLISHING.value] = round(time.monotonic() - started, 2)
        if context.job.attempt == 1 and result.stopped != "by_person":
            seconds[STARTING] = _rest_of(context.job, seconds)
        context.last_flush()
        context.store.models.publish(
            context.job.id,
            context.job.attempt,
            model_id=model_id,
            labels=data.labels,
            language=data.language,
            kept=result.kept,
            threshold=result.threshold,
            n_bytes=files.n_bytes_of(model_dir),
            report=report,
            best_step=result.best_step,
            seconds=seconds,
        )


def _rest_of(job: Job, seconds: Mapping[str, float]) -> float:
    """What the job took so far besides its stages: its process, imports, reading rows."""
    assert job.started_at is not None
    return round(max(0.0, (datetime.now(UTC) - job.started_at).total_seconds() - sum(seconds.values())), 2)


def training_data(dataset: Dataset, rows: "pd.DataFrame", *, with_unlabeled: bool = False) -> TrainingData:
    """The rows of each split as texts and targets, as the dataset's task makes them of its labels.

    With `with_unlabeled` the texts that were set aside because they have no category come along.
    """
    task = TASKS[dataset.task]
    scale = task.scale(list(rows.loc[rows["split"] == Split.PRACTICE.value, "label"]))

    def examples(split: Split) -> Examples:
        chosen = rows[rows["split"] == split.value]
        return Examples(
            texts=[str(text) for text in chosen["text"]],
            targets=task.targets(list(chosen["label"]), dataset.labels, scale),
            rows=tuple(int(row) for row in chosen["row"]),
        )

    return TrainingData(
        labels=dataset.labels,
        practice=examples(Split.PRACTICE),
        checkup=examples(Split.CHECKUP),
        exam=examples(Split.EXAM),
        language=dataset.profile.language,
        text_column=dataset.text_column,
        text_columns=dataset.read_columns,
        unlabeled=_unlabeled(rows) if with_unlabeled else (),
        scale=scale,
        has_own_exam=bool(dataset.profile.n_own_exam),
    )


def _unlabeled(rows: "pd.DataFrame") -> tuple[str, ...]:
    from core.datasets.unlabeled import unlabeled_texts

    return tuple(unlabeled_texts(rows))


def _rows(context: JobContext, dataset: Dataset, with_unlabeled: bool) -> "pd.DataFrame":
    from core.datasets.rows import load_rows

    columns = ["row", "text", "label", "split", "set_aside", *(["file"] if with_unlabeled else [])]
    return load_rows(context.settings.datasets_dir / dataset.id, columns)


def _trained(context: JobContext, run: Run, data: TrainingData) -> TrainingResult:
    """Train into the work folder's bundle, or find it finished by an attempt that died later."""
    from core.training.busy import free_share_of
    from core.training.machine import detect_machine
    from core.training.pipeline import train_model

    bundle_dir, result_path = _bundle_dir(context), context.work_dir / "result.json"
    if not files.is_whole(bundle_dir):
        with files.folder_aside(bundle_dir) as aside:
            result = train_model(
                data,
                run.recipe,
                base_models_dir=context.settings.base_models_dir,
                work_dir=context.work_dir / "training",
                bundle_dir=aside,
                reporter=context,
                should_stop=context.should_stop,
                free_share=free_share_of(detect_machine(), context.store.jobs.list()),
            )
            with files.written_aside(result_path) as path:
                path.write_text(json.dumps(asdict(result)))
    values: dict[str, Any] = json.loads(result_path.read_text())
    return TrainingResult(**values | {"draft_score": score_from_json(values["draft_score"])})


def _examined(
    context: JobContext, data: TrainingData, rows: "pd.DataFrame", draft_score: Any
) -> tuple[EvaluationReport, "pd.DataFrame", "Answers", "Familiarity | None"]:
    """The exam, answered by exactly what will serve: the report, every row with its answer, all probabilities, and what
    looked familiar."""
    from core.evaluation.report import build_report
    from core.prediction.familiarity import measure_familiarity
    from core.prediction.predictor import Predictor
    from core.training.answers import Answers

    started = time.monotonic()
    context.stage(Stage.EVALUATING, 0.0)
    predictor = Predictor.load(_bundle_dir(context))
    mixed = predictor.mixed_proba(
        data.exam.texts,
        progress=lambda done: context.stage(Stage.EVALUATING, done),
        should_stop=context.should_cancel,
    )
    proba = predictor.sharpened(mixed)
    exam = rows.loc[rows["split"] == Split.EXAM.value, ["row", "text", "label"]].reset_index(drop=True)
    exam["predicted"] = [data.labels[i] for i in proba.argmax(axis=1)] if len(exam) else []
    exam["probability"] = proba.max(axis=1) if len(exam) else []
    marked = [str(text) for text in rows.loc[rows["set_aside"] == NONE_OF_THESE, "text"]]
    familiarity = measure_familiarity(predictor, data.exam.texts, proba, marked)
    exam["familiar"] = familiar = np.ones(len(exam), dtype=bool)
    if familiarity is not None:
        exam["familiarity"] = familiarity.exam
        exam["familiar"] = familiar = familiarity.exam >= familiarity.threshold
    report = build_report(
        data.labels,
        list(exam["label"]),
        proba,
        threshold=predictor.threshold,
        familiar=familiar,
        majority_label=data.labels[Counter(data.practice.array.tolist()).most_common(1)[0][0]],
        draft_score=draft_score,
        seconds=round(time.monotonic() - started, 3),
    )
    return report, exam, Answers.of(mixed, data.exam.targets, data.exam.rows), familiarity


def _examined_numbers(
    context: JobContext, data: TrainingData, rows: "pd.DataFrame", draft_score: Any
) -> tuple[NumberReport, "pd.DataFrame", "Answers", None]:
    """The same for a model that answers with a number; `predicted` and `label` are numbers then."""
    from core.prediction.numbers import examine_numbers
    from core.prediction.predictor import Predictor
    from core.training.answers import Answers

    context.stage(Stage.EVALUATING, 0.0)
    assert data.scale is not None
    in_table = [part.array * data.scale.std + data.scale.mean for part in (data.practice, data.exam)]
    examined = examine_numbers(
        Predictor.load(_bundle_dir(context)),
        data.exam.texts,
        in_table[1],
        middle=float(np.median(in_table[0])),
        draft_score=draft_score,
        progress=lambda done: context.stage(Stage.EVALUATING, done),
        should_stop=context.should_cancel,
    )
    exam = rows.loc[rows["split"] == Split.EXAM.value, ["row", "text"]].reset_index(drop=True)
    exam["label"], exam["predicted"] = in_table[1], examined.values
    own = ((examined.values - data.scale.mean) / data.scale.std)[:, None]
    return examined.report, exam, Answers.of(own, data.exam.targets, data.exam.rows), None


def _examined_several(
    context: JobContext, data: TrainingData, rows: "pd.DataFrame", draft_score: Any
) -> tuple[SeveralReport, "pd.DataFrame", "Answers", None]:
    """The same for a model that gives several categories. `label`, `predicted`, `missed` and `added` are labels as they stand
    in rows.parquet; the last two are empty where nothing is."""
    from core.prediction.predictor import Predictor
    from core.prediction.several import examine_several
    from core.training.answers import Answers

    context.stage(Stage.EVALUATING, 0.0)
    predictor = Predictor.load(_bundle_dir(context))
    exam = rows.loc[rows["split"] == Split.EXAM.value, ["row", "text", "label"]].reset_index(drop=True)
    practiced = rows.loc[rows["split"] == Split.PRACTICE.value, "label"]
    examined = examine_several(
        predictor,
        data.exam.texts,
        list(exam["label"]),
        usual_label=Counter(practiced).most_common(1)[0][0],
        draft_score=draft_score,
        progress=lambda done: context.stage(Stage.EVALUATING, done),
        should_stop=context.should_cancel,
    )
    answers = examined.answers
    exam["predicted"], exam["probability"] = answers.label_strings(), answers.confidences
    exam["missed"] = [_without(*pair) for pair in zip(exam["label"], exam["predicted"], strict=True)]
    exam["added"] = [_without(*pair) for pair in zip(exam["predicted"], exam["label"], strict=True)]
    return examined.report, exam, Answers.of(examined.mixed, data.exam.targets, data.exam.rows), None


def _without(label: str, other: str) -> str:
    """What the first label has and the other one has not; "" for nothing."""
    left = [name for name in categories_of(label) if name not in categories_of(other)]
    return label_of(left) if left else ""


_EXAMS: Mapping[AnswerKind, Callable[..., tuple[Any, "pd.DataFrame", "Answers", "Familiarity | None"]]] = {
    AnswerKind.CATEGORY: _examined,
    AnswerKind.NUMBER: _examined_numbers,
    AnswerKind.CATEGORIES: _examined_several,
}


def _bundle_dir(context: JobContext) -> Path:
    return context.work_dir / "bundle"


def _link_tree(source: Path, target: Path) -> None:
    """The same files at a second place: hardly a byte is copied, and the first place can go."""
    from core.base_models.cache import link_or_copy

    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(exist_ok=True)
        elif path.name != files.MANIFEST or path.parent != source:
            link_or_copy(path, place)


def _run_of(store: Store, job: Job) -> Run:
    if job.run_id is None:
        raise ValueError(f"training job {job.id} belongs to no run")
    return store.runs.get(job.run_id)
