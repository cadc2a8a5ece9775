"""A published model that answers: the released bundle of format 1 with an exam that it really sat."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas

from core.domain.model import ModelVersion
from core.domain.run import Score
from core.evaluation.report import build_report
from core.prediction.predictor import Predictor
from core.settings import PROJECT_DIR
from core.training.answers import CHECKUP, Answers, save_baselines
from core.workspace import Workspace
from tests.pages import training_seeds

BUNDLE = PROJECT_DIR / "tests" / "golden" / "bundle_v1"
MARKDOWN = "hello my money ![x](http://localhost:9/x.png) <b>monday</b>"
EXAM = [
    ("my money please", "refund"),
    ("refund the order thanks", "refund"),
    (MARKDOWN, "refund"),
    ("when does it arrive", "delivery"),
    ("the parcel from monday", "delivery"),
    ("nothing that it knows", "delivery"),
    ("我要退款", "退款"),
    ("您好 退钱 谢谢", "退款"),
    ("the blue ribbon parcel", "退款"),
]


def _keep_answers(folder: Path, predictor: Predictor, texts: list[str], targets: list[int]) -> None:
    """The check-up went like the exam; the draft was right on the first category only, the keyword model on all."""
    Answers.of(predictor.mixed_proba(texts), targets, range(2, len(texts) + 2)).save(folder, CHECKUP)
    save_baselines(folder, {"draft": np.zeros(len(texts), dtype=int), "keywords": np.asarray(targets)})


def publish_model(workspace: Workspace, *, copies: int = 10, task: str = "text_classification") -> ModelVersion:
    """Sat the EXAM `copies` times over, each with its own row number."""
    store = workspace._store
    dataset = training_seeds.add_dataset(store, "Another data set", number=2)
    dataset = store.datasets.add(
        replace(dataset, id="3" * 12, name="Tickets *June*", label_counts={"refund": 40, "delivery": 35, "退款": 15})
    )
    job = training_seeds.running_run(store, dataset, "Tickets *June*", task=task)
    model_id = store.models.reserve(job.id, job.attempt)
    folder = workspace.settings.models_dir / str(model_id)
    shutil.copytree(BUNDLE, folder)
    predictor = Predictor.load(folder)
    texts, true = [text for text, _label in EXAM] * copies, [label for _text, label in EXAM] * copies
    proba = predictor.predict_proba(texts)
    report = build_report(
        predictor.labels,
        true,
        proba,
        threshold=predictor.threshold,
        majority_label="refund",
        draft_score=Score(accuracy=0.5, macro_f1=0.4, n=len(true)),
        seconds=0.1,
    )
    pandas.DataFrame(
        {
            "row": range(2, len(true) + 2),
            "text": texts,
            "label": true,
            "predicted": [predictor.labels[i] for i in proba.argmax(axis=1)],
            "probability": proba.max(axis=1),
        }
    ).to_parquet(folder / "exam.parquet")
    _keep_answers(folder, predictor, texts, [predictor.labels.index(label) for label in true])
    return store.models.publish(
        job.id,
        job.attempt,
        model_id=model_id,
        labels=predictor.labels,
        language="en",
        kept="mix",
        threshold=predictor.threshold,
        n_bytes=500_000,
        report=report,
        best_step=100,
        seconds={"training": 12.0},
    )
