"""Rows as a worker would leave them: a dataset, and runs in every state, written through the real store."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pandas

from core.domain.dataset import Dataset, DatasetProfile, Finding, Severity, TableFormat, Upload
from core.domain.job import Job, JobFailure, JobKind, Stage
from core.domain.message import msg
from core.domain.model import EvaluationReport, LabelReport
from core.domain.recipe import TrainingRecipe
from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint, Score
from core.store.store import Store
from core.workspace import Workspace

DRAFT = Score(accuracy=277 / 300, macro_f1=0.92, n=300)


def add_dataset(store: Store, name: str = "Support tickets", *, blocked: bool = False, number: int = 1) -> Dataset:
    finding = Finding(
        code="single_category",
        severity=Severity.BLOCKING,
        count=1,
        rows=(2,),
        message=msg("There is only one category."),
        advice=msg("Add examples of a second one."),
    )
    return store.datasets.add(
        Dataset(
            id=f"{number:012x}",
            name=name,
            upload=Upload(sha256="0" * 64, filename="tickets.csv", n_bytes=1000),
            format=TableFormat(encoding="utf-8", delimiter=",", header_row=1),
            exam_upload=None,
            exam_format=None,
            text_column="text",
            label_column="label",
            task="text_classification",
            split_seed=0,
            n_rows=3000,
            n_used=2980,
            n_set_aside=20,
            split_sizes={"practice": 2380, "checkup": 300, "exam": 300},
            label_counts={"refund": 1500, "退款": 1480},
            findings=(finding,) if blocked else (),
            profile=DatasetProfile(
                n_rows=2980, n_labels=2, language="en", mean_chars=60.0, p95_chars=120, max_chars=300, imbalance=1.0
            ),
            created_at=datetime.now(UTC),
        )
    )


def curve(first: int, last: int) -> list[MetricPoint]:
    """Falling losses of the steps `first` to `last`, with a check-up every ten."""
    points = []
    for step in range(first, last + 1):
        loss = 0.3 + 2.0 * math.exp(-step / 60) + 0.05 * math.sin(step * 12.9898)
        points.append(MetricPoint(name=PRACTICE_LOSS, step=step, value=loss))
        if step % 10 == 0:
            checkup = 0.4 + 1.8 * math.exp(-step / 70) + 0.0006 * max(0, step - 150)
            points.append(MetricPoint(name=CHECKUP_LOSS, step=step, value=checkup))
            points.append(MetricPoint(name=CHECKUP_ACCURACY, step=step, value=0.95 - 0.8 * math.exp(-step / 60)))
    return points


def queue_run(store: Store, dataset: Dataset, name: str = "A run", *, seed: int = 0, **settings: object) -> Job:
    recipe = TrainingRecipe(seed=seed, **settings)  # type: ignore[arg-type]
    return store.start_training(dataset, recipe, name=name)


def running_run(
    store: Store,
    dataset: Dataset,
    name: str = "A run",
    *,
    steps: int = 120,
    points: Sequence[MetricPoint] | None = None,
    seed: int = 0,
    **settings: object,
) -> Job:
    """Queued, claimed, drafted and in the middle of learning. Nothing else may be waiting."""
    queue_run(store, dataset, name, seed=seed, **settings)
    job = store.jobs.claim()
    assert job is not None
    store.runs.record(
        job.id,
        job.attempt,
        points=curve(1, steps) if points is None else points,
        draft=DRAFT,
        environment={"device": "cpu", "precision": "bf16"},
        n_steps=240,
        live_sentence=msg("Right on {right} of {n} check-up examples, still improving.", right=261, n=300),
    )
    store.jobs.progress(job.id, job.attempt, stage=Stage.TRAINING, percent=43.0, seconds_left=(360.0, 540.0))
    return store.jobs.get(job.id)


def done_run(
    store: Store,
    dataset: Dataset,
    name: str = "A run",
    *,
    n_right: int = 282,
    kept: str = "mix",
    points: Sequence[MetricPoint] | None = None,
    seed: int = 0,
    **settings: object,
) -> Job:
    """Published: 300 exam examples, `n_right` of them right."""
    job = running_run(store, dataset, name, steps=240, points=points, seed=seed, **settings)
    half = n_right // 2
    score = Score(accuracy=n_right / 300, macro_f1=n_right / 300 - 0.01, n=300)
    store.models.publish(
        job.id,
        job.attempt,
        model_id=store.models.reserve(job.id, job.attempt),
        labels=dataset.labels,
        language="en",
        kept=kept,
        threshold=0.6,
        n_bytes=90_000_000,
        report=EvaluationReport(
            score=score,
            n_right=n_right,
            interval=(0.9, 0.96),
            majority=Score(accuracy=0.5, macro_f1=0.33, n=300),
            draft=DRAFT,
            labels=dataset.labels,
            per_label=tuple(
                LabelReport(label=label, precision=0.94, recall=0.94, f1=0.94, n=150, n_predicted=150)
                for label in dataset.labels
            ),
            confusion=((half, 150 - half), (150 - (n_right - half), n_right - half)),
            threshold=0.6,
            n_sure=280,
            n_sure_right=272,
            ece=0.03,
            seconds=1.0,
        ),
        best_step=150,
        seconds={"preparing": 5.0, "training": 351.0, "evaluating": 16.0},
    )
    return store.jobs.get(job.id)


def leave_exam(workspace: Workspace, job: Job, *, n: int, wrong: Iterable[int]) -> None:
    """What the model of a done run answered to `n` examples of two categories in turn; `wrong` are their numbers."""
    missed = set(wrong)
    rows = []
    for i in range(n):
        label, other = ("refund", "退款") if i % 2 else ("退款", "refund")
        rows.append((i + 2, f"example {i}", label, other if i in missed else label, 0.9))
    folder = workspace.settings.models_dir / str(workspace.run(job.run_id or 0).model_id)
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["row", "text", "label", "predicted", "probability"]
    pandas.DataFrame(rows, columns=columns).to_parquet(folder / "exam.parquet")


def failed_run(store: Store, dataset: Dataset, name: str = "A run", *, seed: int = 0) -> Job:
    job = running_run(store, dataset, name, steps=40, seed=seed)
    failure = JobFailure(
        code="out_of_memory",
        message=msg("The machine ran out of memory."),
        hint=msg("Choose a smaller batch size or a smaller base model."),
    )
    return store.jobs.fail(job.id, job.attempt, failure)


def cancelled_run(store: Store, dataset: Dataset, name: str = "A run", *, seed: int = 0) -> Job:
    job = running_run(store, dataset, name, steps=20, seed=seed)
    return store.jobs.mark_cancelled(job.id, job.attempt)


def scoring(store: Store, title: str = "tickets_july.xlsx") -> Job:
    return store.jobs.enqueue(JobKind.SCORE, {"model_id": 1}, title)
