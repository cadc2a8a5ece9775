"""A published model that answers with a number: a real draft on the encoder of the released bundle, and its exam."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas

from core.base_models.encoder import FrozenEncoder
from core.domain.dataset import Dataset
from core.domain.model import ModelVersion
from core.domain.number import NumberProfile, NumberScore
from core.files import folder_aside
from core.prediction.numbers import examine_numbers
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.training.number_draft import fit_number_draft
from core.workspace import Workspace
from tests.pages import training_seeds
from tests.pages.model_seeds import BUNDLE

MARKDOWN = "my order ![x](http://localhost:9/x.png) <b>blue</b>"
GRADES = {"my money please": 1.0, "when does it arrive": 3.0, "the blue ribbon parcel": 5.0, MARKDOWN: 4.0}


def add_scores(workspace: Workspace) -> Dataset:
    dataset = training_seeds.add_dataset(workspace._store, "Grades", number=7)
    numbers = NumberProfile(
        n=2980,
        low=1.0,
        high=5.0,
        mean=3.2,
        median=3.0,
        edges=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        counts=(580, 600, 600, 600, 600),
    )
    profile = replace(dataset.profile, n_labels=1)
    return workspace._store.datasets.add(
        replace(
            dataset, id="7" * 12, name="Grades *June*", task="score", label_counts={}, numbers=numbers, profile=profile
        )
    )


def publish_number_model(workspace: Workspace) -> ModelVersion:
    """Learned GRADES by heart, each with a number behind it, and sat an exam of 40 others."""
    store, task = workspace._store, TASKS["score"]
    dataset = add_scores(workspace)
    job = training_seeds.running_run(store, dataset, "Grades *June*", task="score")
    texts = [f"{text} {i}" for i in range(30) for text in GRADES]
    labels = [str(grade + i % 3 / 10) for i in range(30) for grade in GRADES.values()]
    scale = task.scale(labels)
    model_id = store.models.reserve(job.id, job.attempt)
    folder = workspace.settings.models_dir / str(model_id)
    with folder_aside(folder) as aside:
        shutil.copytree(BUNDLE / "encoder", aside / "encoder")
        vectors = FrozenEncoder.load(aside / "encoder").embed(texts)
        targets = task.targets(labels, (), scale)
        fit_number_draft(texts, targets, vectors, seed=0, language="en").save(aside / "draft")
        about = json.loads((BUNDLE / "model.json").read_text(encoding="utf-8"))
        about |= {"task": "score", "labels": [], "kept": "draft", "members": [{"kind": "draft", "weight": 1.0}]}
        about |= {"scale": {"mean": scale.mean, "std": scale.std, "low": scale.low, "high": scale.high}}
        (aside / "model.json").write_text(json.dumps(about | {"half_width": 0.3}), encoding="utf-8")
    asked = [f"{text} {i}" for i in range(30, 40) for text in GRADES]
    truth = np.array([grade + i % 4 / 10 for i in range(10) for grade in GRADES.values()])
    draft = NumberScore(mae=0.5, r2=0.4, n=40)
    examined = examine_numbers(Predictor.load(folder), asked, truth, middle=3.0, draft_score=draft)
    pandas.DataFrame({"row": range(2, 42), "text": asked, "label": truth, "predicted": examined.values}).to_parquet(
        folder / "exam.parquet"
    )
    return store.models.publish(
        job.id,
        job.attempt,
        model_id=model_id,
        labels=(),
        language="en",
        kept="mix",
        threshold=0.0,
        n_bytes=500_000,
        report=examined.report,
        best_step=100,
        seconds={"training": 12.0},
    )
