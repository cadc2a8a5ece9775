"""Writes `store_v1.db` and what is in it, `store_v1.json`: a small store of schema 0001, kept in git as released.

Every later version must open it and find the same records (`test_store_v1.py`). It is never written again: a new schema
gets a file of its own. Run as `python -m tests.golden.make_store_v1 FOLDER` to see how it was made.
"""

import json
import sys
from pathlib import Path
from typing import Any

from core.domain.job import JobFailure, JobKind, Stage, Wish
from core.domain.message import msg, nmsg
from core.domain.plain import to_plain
from core.domain.recipe import Preset, TrainingRecipe
from core.domain.run import CHECKUP_ACCURACY, CHECKUP_LOSS, PRACTICE_LOSS, MetricPoint, Score
from core.store import Store
from tests.unit.store.records import a_dataset, claim, publish


def contents(store: Store) -> dict[str, Any]:
    """Every record as plain values."""
    runs, models = store.runs.list(), store.models.list()
    return {
        "datasets": [to_plain(dataset) for dataset in store.datasets.list()],
        "jobs": [to_plain(job) for job in store.jobs.list()],
        "runs": [to_plain(run) | {"recipe": run.recipe.to_json()} for run in runs],
        "points": {str(run.id): [to_plain(point) for point in store.runs.points(run.id)[1]] for run in runs},
        "models": [to_plain(model) for model in models],
        "reports": {str(model.id): to_plain(store.models.report(model.id)) for model in models},
    }


def fill(store: Store) -> None:
    """A dataset with a published, a failed, a running and a waiting training, and a cancelled scoring."""
    dataset = store.datasets.add(a_dataset())
    store.start_training(dataset, TrainingRecipe(preset=Preset.QUICK, technique="draft"), name="工单 quick")
    done = claim(store)
    store.jobs.progress(done.id, 1, stage=Stage.DRAFTING, percent=40.0, seconds_left=(3.0, 9.0))
    points = [
        MetricPoint(name=name, step=step, value=value / step)
        for step in (1, 2, 3)
        for name, value in ((PRACTICE_LOSS, 1.5), (CHECKUP_LOSS, 1.25), (CHECKUP_ACCURACY, 0.5))
    ]
    store.runs.record(
        done.id,
        1,
        points=points,
        draft=Score(accuracy=0.7, macro_f1=0.69, n=10),
        environment={"device": "cpu", "torch": "2.13.0", "n_threads": 2},
        n_steps=3,
        live_sentence=nmsg("Right on {n} of 10 example.", "Right on {n} of 10 examples.", 7),
    )
    publish(store, done)

    store.start_training(dataset, TrainingRecipe(seed=1), name="Tickets, failed")
    failed = claim(store)
    failure = JobFailure(code="disk_full", message=msg("The disk is full."), hint=msg("Make room."))
    store.jobs.fail(failed.id, 1, failure)

    scoring = store.jobs.enqueue(JobKind.SCORE, {"model_id": 1, "suffix": ".xlsx"}, "十月.xlsx", dedupe_key="score:1")
    store.jobs.set_wish(scoring.id, Wish.CANCEL)

    store.start_training(dataset, TrainingRecipe(seed=2), name="Tickets, running")
    running = claim(store)
    store.jobs.progress(running.id, 1, stage=Stage.TRAINING, percent=61.5, seconds_left=(60.0, 90.0), step=12)
    store.jobs.set_wish(running.id, Wish.STOP)
    store.start_training(dataset, TrainingRecipe(seed=3), name="Tickets, waiting")


def main(folder: Path) -> None:
    path = folder / "store_v1.db"
    store = Store.open(path)
    fill(store)
    text = json.dumps(contents(store), ensure_ascii=False, indent=1)
    store.close()
    (folder / "store_v1.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
