"""Records to put into stores."""

from datetime import UTC, datetime

from core.domain.dataset import Dataset, DatasetProfile, Finding, Severity, TableFormat, Upload
from core.domain.job import Job
from core.domain.message import msg, nmsg
from core.domain.model import EvaluationReport, LabelReport, ModelVersion
from core.domain.recipe import TrainingRecipe
from core.domain.run import Score
from core.store import Store


def a_dataset(dataset_id: str = "0123456789ab", name: str = "Tickets") -> Dataset:
    finding = Finding(
        code="blank_text",
        severity=Severity.NOTE,
        count=2,
        rows=(3, 9),
        message=nmsg("{n} row is blank.", "{n} rows are blank.", 2),
        advice=msg("Fill them in."),
    )
    return Dataset(
        id=dataset_id,
        name=name,
        upload=Upload(sha256="f" * 64, filename="票.csv", n_bytes=300),
        format=TableFormat(encoding="gb18030", delimiter=",", header_row=1),
        exam_upload=None,
        exam_format=None,
        text_column="text",
        label_column="类别",
        task="text_classification",
        split_seed=0,
        n_rows=62,
        n_used=60,
        n_set_aside=2,
        split_sizes={"practice": 40, "checkup": 10, "exam": 10},
        label_counts={"退款": 30, "other": 30},
        findings=(finding,),
        profile=DatasetProfile(
            n_rows=60, n_labels=2, language="zh", mean_chars=12.5, p95_chars=20, max_chars=31, imbalance=1.0
        ),
        created_at=datetime.now(UTC),
    )


def a_report() -> EvaluationReport:
    score = Score(accuracy=0.8, macro_f1=0.79, n=10)
    return EvaluationReport(
        score=score,
        n_right=8,
        interval=(0.49, 0.94),
        majority=Score(accuracy=0.5, macro_f1=0.33, n=10),
        draft=Score(accuracy=0.7, macro_f1=0.69, n=10),
        labels=("退款", "other"),
        per_label=(
            LabelReport(label="退款", precision=0.8, recall=0.8, f1=0.8, n=5, n_predicted=5),
            LabelReport(label="other", precision=0.8, recall=0.8, f1=0.8, n=5, n_predicted=5),
        ),
        confusion=((4, 1), (1, 4)),
        threshold=0.62,
        n_sure=6,
        n_sure_right=6,
        ece=0.07,
        seconds=0.2,
    )


def start(store: Store, name: str = "Tickets", seed: int = 0) -> Job:
    """A queued training."""
    return store.start_training(store.datasets.add(a_dataset()), TrainingRecipe(seed=seed), name=name)


def claim(store: Store) -> Job:
    job = store.jobs.claim()
    assert job is not None
    return job


def publish(store: Store, job: Job) -> ModelVersion:
    return store.models.publish(
        job.id,
        job.attempt,
        model_id=store.models.reserve(job.id, job.attempt),
        labels=("退款", "other"),
        language="zh",
        kept="mix",
        threshold=0.62,
        n_bytes=1000,
        report=a_report(),
        best_step=7,
        seconds={"training": 3.5},
    )
