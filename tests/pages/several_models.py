"""A published model that gives several categories: a real draft on the encoder of the released bundle, and its exam."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas

from core.base_models.encoder import FrozenEncoder
from core.domain.dataset import Dataset
from core.domain.model import ModelVersion
from core.domain.several import SeveralScore, categories_of, label_of
from core.files import folder_aside
from core.prediction.predictor import Predictor
from core.prediction.several import examine_several
from core.tasks import TASKS
from core.training.several_draft import fit_several_draft
from core.workspace import Workspace
from tests.pages import training_seeds
from tests.pages.model_seeds import BUNDLE
from tests.pages.several_seeds import TOPICS, feedback

LABELS = tuple(TOPICS)
MARKUP = "About ![x](http://localhost:9/x.png): it broke on the first day."
FORGOTTEN = 5  # every so many exam rows the table lacks a category that the text has


def add_feedback(workspace: Workspace) -> Dataset:
    dataset = training_seeds.add_dataset(workspace._store, "Feedback", number=6)
    profile = replace(dataset.profile, n_labels=3, n_several=1490, n_without=370)
    return workspace._store.datasets.add(
        replace(
            dataset,
            id="6" * 12,
            name="Feedback *June*",
            task="several_categories",
            label_counts=dict.fromkeys(LABELS, 1490),
            label_columns=LABELS,
            label_column="delivery + price + quality",
            profile=profile,
        )
    )


def publish_several_model(workspace: Workspace) -> ModelVersion:
    """Learned 160 messages by heart and sat an exam of 81 others, in which the table lacks some categories."""
    store, task = workspace._store, TASKS["several_categories"]
    dataset = add_feedback(workspace)
    job = training_seeds.running_run(store, dataset, "Feedback *June*", task="several_categories")
    practice, asked = feedback(160), feedback(240)[160:]
    model_id = store.models.reserve(job.id, job.attempt)
    folder = workspace.settings.models_dir / str(model_id)
    texts = [text for text, _topics in practice]
    with folder_aside(folder) as aside:
        shutil.copytree(BUNDLE / "encoder", aside / "encoder")
        vectors = FrozenEncoder.load(aside / "encoder").embed(texts)
        targets = task.targets([label_of(topics) for _text, topics in practice], LABELS, None)
        fit_several_draft(texts, targets, vectors, seed=0, language="en").save(aside / "draft")
        about = json.loads((BUNDLE / "model.json").read_text(encoding="utf-8"))
        about |= {"task": task.name, "labels": list(LABELS), "kept": "draft", "temperature": 1.0, "threshold": 0.5}
        about |= {"members": [{"kind": "draft", "weight": 1.0}], "thresholds": dict.fromkeys(LABELS, 0.5)}
        (aside / "model.json").write_text(json.dumps(about), encoding="utf-8")
    asked = [*asked, (MARKUP, ("quality",))]
    truth = [label_of(topics[1:] if i % FORGOTTEN == 0 else topics) for i, (_text, topics) in enumerate(asked)]
    draft = SeveralScore(macro_f1=0.8, micro_f1=0.8, exact=0.5, n=len(asked))
    examined = examine_several(
        Predictor.load(folder), [text for text, _topics in asked], truth, usual_label="price", draft_score=draft
    )
    _exam(asked, truth, examined.answers.label_strings(), examined.answers.confidences).to_parquet(
        folder / "exam.parquet"
    )
    return store.models.publish(
        job.id,
        job.attempt,
        model_id=model_id,
        labels=LABELS,
        language="en",
        kept="mix",
        threshold=0.5,
        n_bytes=500_000,
        report=examined.report,
        best_step=100,
        seconds={"training": 12.0},
    )


def _exam(
    asked: list[tuple[str, tuple[str, ...]]], truth: list[str], answers: list[str], confidences: np.ndarray
) -> pandas.DataFrame:
    def without(label: str, other: str) -> str:
        return "|".join(name for name in categories_of(label) if name not in categories_of(other))

    return pandas.DataFrame(
        {
            "row": range(2, 2 + len(asked)),
            "text": [text for text, _topics in asked],
            "label": truth,
            "predicted": answers,
            "probability": confidences,
            "missed": [without(true, answer) for true, answer in zip(truth, answers, strict=True)],
            "added": [without(answer, true) for true, answer in zip(truth, answers, strict=True)],
        }
    )
