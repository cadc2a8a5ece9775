"""Score a file: the same table back with an answer in every row."""

import time
from collections.abc import Mapping

from core.domain.job import Job, JobKind, Stage
from core.jobs import folders
from core.jobs.context import JobContext
from core.store import Store


class ScoreHandler:
    name = JobKind.SCORE.value

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        return {Stage.PREPARING: 3, Stage.SCORING: 95, Stage.PUBLISHING: 2}

    def run(self, context: JobContext) -> None:
        """The result's `file` lies in the job's folder, and is whole or absent."""
        from core.domain.dataset import TableFormat
        from core.prediction.predictor import Predictor
        from core.prediction.scoring import score_any

        settings, payload = context.settings, context.job.payload
        context.stage(Stage.PREPARING, 0.0)
        model = context.store.models.get(int(payload["model_id"]))
        use = context.store.goals.get(context.store.datasets.get(model.dataset_id).family).use
        predictor = Predictor.load(settings.models_dir / str(model.id)).obeying(model.rule, use)
        out_path = folders.job_dir(settings, context.job.id) / f"scored{payload['suffix']}"
        started = time.monotonic()

        def progress(done: float) -> None:
            spent = time.monotonic() - started
            left = spent * (1 - done) / done if done > 0.02 else None  # before that a guess would jump about
            context.stage(Stage.SCORING, done, None if left is None else (0.8 * left, 1.3 * left))

        context.stage(Stage.SCORING, 0.0)
        result = score_any(
            predictor,
            path=settings.uploads_dir / payload["upload"]["sha256"],
            filename=payload["upload"]["filename"],
            format=TableFormat(**payload["format"]),
            text_columns=payload.get("text_columns") or [c for c in [payload.get("text_column")] if c],
            out_path=out_path,
            language=payload.get("language"),
            should_stop=context.should_cancel,
            progress=progress,
        )
        context.stage(Stage.PUBLISHING, 0.0)
        context.finish({"file": out_path.name, **result})
