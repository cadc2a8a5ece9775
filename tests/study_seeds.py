"""A published model with the real rows it was examined on, for whatever studies models."""

import io
import random
import shutil

import pandas as pd

from core.domain.dataset import Dataset
from core.domain.job import Job
from core.domain.model import ModelVersion
from core.domain.recipe import TrainingRecipe
from core.evaluation.report import build_report
from core.jobs.child import run_job
from core.prediction.predictor import Predictor
from core.settings import PROJECT_DIR
from core.workspace import Workspace

BUNDLE = PROJECT_DIR / "tests" / "golden" / "bundle_v1"  # knows these words
KEYWORDS = {"refund": ("refund", "money"), "delivery": ("parcel", "arrive"), "退款": ("退款", "退钱")}
FILLERS = [
    "hello",
    "please",
    "my",
    "order",
    "from",
    "monday",
    "the",
    "one",
    "with",
    "blue",
    "ribbon",
    "thanks",
    "您好",
    "订单",
    "谢谢",
    "周一",
]


def rows(n: int) -> list[tuple[str, str]]:
    """`n` texts whose category shows in one word among fillers; the categories take turns."""
    draw = random.Random(0)
    found = []
    for i in range(n):
        label = list(KEYWORDS)[i % 3]
        words = [*draw.sample(FILLERS, 6), draw.choice(KEYWORDS[label])]
        found.append((" ".join(draw.sample(words, 7)), label))
    return found


def table(examples: list[tuple[str, str]]) -> bytes:
    return "".join(["text,label\n", *(f"{text},{label}\n" for text, label in examples)]).encode()


def studied_model(workspace: Workspace, examples: list[tuple[str, str]] | None = None) -> ModelVersion:
    """The released bundle, published as the model of these rows (180 by default), with the exam that it really sat."""
    upload = workspace.receive_upload(io.BytesIO(table(examples or rows(180))), "tickets.csv")
    return publish(workspace, workspace.add_dataset(upload, text_column="text", label_column="label"))


def publish(workspace: Workspace, dataset: Dataset) -> ModelVersion:
    store = workspace._store
    store.start_training(dataset, TrainingRecipe(base_model="tiny-bert", max_length=32), name=dataset.name)
    job = store.jobs.claim()
    assert job is not None
    model_id = store.models.reserve(job.id, job.attempt)
    folder = workspace.settings.models_dir / str(model_id)
    shutil.copytree(BUNDLE, folder)
    exam = workspace.dataset_rows(dataset.id, limit=None)
    exam = exam.loc[exam["split"] == "exam", ["row", "text", "label"]].reset_index(drop=True)
    predictor = Predictor.load(folder)
    proba = predictor.predict_proba(list(exam["text"]))
    exam["predicted"] = [predictor.labels[i] for i in proba.argmax(axis=1)]
    exam["probability"] = proba.max(axis=1)
    pd.DataFrame(exam).to_parquet(folder / "exam.parquet", index=False)
    return store.models.publish(
        job.id,
        job.attempt,
        model_id=model_id,
        labels=predictor.labels,
        language="en",
        kept="mix",
        threshold=predictor.threshold,
        n_bytes=500_000,
        report=build_report(
            predictor.labels,
            list(exam["label"]),
            proba,
            threshold=predictor.threshold,
            majority_label="refund",
            seconds=0.1,
        ),
        best_step=None,
        seconds={"training": 1.0},
    )


def work_off(workspace: Workspace) -> Job:
    """Do the job that waits longest, in this process. TUNEDESK_HOME must name the workspace."""
    job = workspace._store.jobs.claim()
    assert job is not None
    run_job(job.id, job.attempt)
    return workspace.job(job.id)
