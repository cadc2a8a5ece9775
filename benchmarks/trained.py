"""A model trained by the same verbs as a person's, for benchmarks that ask finished models. Kept, and trained only once.

A data set is a folder with train.csv and test.csv, columns text and label.
"""

import hashlib
import io
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_DIR))

CACHE = Path(tempfile.gettempdir()) / "tunedesk-bench"  # of base models, shared with accuracy.py
OPTIONS: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    space: Any  #: the Workspace
    model_id: int
    exam: Any  #: a frame with text and label, which the model has not seen


def read(folder: Path, name: str, n_rows: int = 0, seed: int = 0) -> Any:
    """Columns text and label of a file, in an order drawn by the seed; `n_rows` 0 takes all."""
    import pandas as pd

    rows = pd.read_csv(folder / name, **OPTIONS).sample(frac=1, random_state=seed)[["text", "label"]]
    return rows.head(n_rows or len(rows)).reset_index(drop=True)


def trained(
    folder: Path, rows: Any, exam: Any, *, preset: str = "quick", settings: dict[str, Any] | None = None
) -> Trained:
    """The model of these rows, from the cache or trained now in this process."""
    about = json.dumps([rows.to_csv(), exam.to_csv(), preset, settings or {}])
    home = CACHE / "trained" / f"{folder.name}-{preset}-{hashlib.sha256(about.encode()).hexdigest()[:12]}"
    os.environ["TUNEDESK_HOME"] = str(home)
    from core.domain.recipe import Preset
    from core.jobs.child import run_job
    from core.workspace import Workspace

    home.mkdir(parents=True, exist_ok=True)
    if not (home / "base_models").exists():
        (home / "base_models").symlink_to(CACHE, target_is_directory=True)
    space = Workspace.open()
    if not space.models():
        dataset = space.add_dataset(
            _uploaded(space, rows, "train.csv"),
            text_column="text",
            label_column="label",
            exam_upload=_uploaded(space, exam, "test.csv"),
        )
        plan = space.plan(dataset.id, Preset(preset), overrides=settings or {})
        space.start_training(dataset.id, plan.recipe)
        claimed = space._store.jobs.claim()
        assert claimed is not None
        run_job(claimed.id, claimed.attempt)
    return Trained(space=space, model_id=space.models()[0].id, exam=exam)


def _uploaded(space: Any, rows: Any, name: str) -> Any:
    return space.receive_upload(io.BytesIO(rows.to_csv(index=False).encode()), name)
