"""Let a base model read texts without categories, and keep it as a base model of one's own.

Killed at any moment and started again it goes on from its checkpoint; the new base model is written aside and renamed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core import files
from core.domain.job import Job, JobKind, Stage
from core.domain.pretraining import Guesses, Pretrained, PretrainingSettings
from core.jobs.context import JobContext
from core.store import Store

_WEIGHTS = {Stage.PREPARING: 3, Stage.TOKENIZING: 2, Stage.TRAINING: 93, Stage.PUBLISHING: 2}
LEFT_RANGE = (0.85, 1.25)  # real steps were timed: little uncertainty is left
PUBLISHING_SECONDS = 5.0


class PretrainHandler:
    name = JobKind.PRETRAIN.value

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        return _WEIGHTS

    def run(self, context: JobContext) -> None:
        """The job's result: n_texts, guesses before and after, seconds, and the name of the new base model, which is None
        where no check guessed better than before."""
        from core.base_models.sources import fetch
        from core.training.busy import Stopwatch
        from core.training.pretraining import Listener, prepare_texts, pretrain

        watch = Stopwatch()
        files.sweep(context.work_dir)
        settings = PretrainingSettings(**context.job.payload["settings"])
        context.stage(Stage.PREPARING, 0.0)
        texts = texts_of(context)
        parent_dir = fetch(settings.base_model, context.settings.base_models_dir)
        context.stage(Stage.TOKENIZING, 0.0)
        prepared = prepare_texts(parent_dir, texts, settings)
        context.stage(Stage.TRAINING, 0.0)

        def progress(share: float, seconds_left: float | None, step: int) -> None:
            low, high = LEFT_RANGE
            left = None if seconds_left is None else seconds_left + PUBLISHING_SECONDS
            context.stage(Stage.TRAINING, share, None if left is None else (low * left, high * left))
            context.reached(step)

        def guessed(before: Guesses, now: Guesses) -> None:
            context.tell_result(_figures(len(texts), before, now))

        listener = Listener(progress=progress, guessed=guessed, should_stop=context.should_stop)
        result = pretrain(parent_dir, prepared, settings, work_dir=context.work_dir / "pretraining", listener=listener)
        context.stage(Stage.PUBLISHING, 0.0)
        told: dict[str, Any] = _figures(len(texts), result.before, result.after)
        told |= {"base_model": None, "stopped": result.stopped, "n_steps": result.n_steps}
        if result.state:
            told["base_model"] = _keep(context, settings, result, parent_dir, len(texts))
        if context.job.attempt == 1 and not result.stopped:
            _remember_speed(context, settings, texts, watch.quiet_seconds)
        context.finish(told | {"seconds": round(watch.seconds, 1)})


def texts_of(context: JobContext) -> list[str]:
    """The texts that the payload names: of a dataset, of an uploaded file, or of both."""
    from core.datasets.rows import load_rows
    from core.datasets.unlabeled import COLUMNS, apart_from, readable_texts
    from core.domain.dataset import TableFormat
    from core.prediction.table import texts_of_file

    payload, settings = context.job.payload, context.settings
    others: list[str] = []
    if payload["upload"] is not None:
        others = texts_of_file(
            settings.uploads_dir / payload["upload"]["sha256"],
            payload["upload"]["filename"],
            TableFormat(**payload["format"]),
            payload["text_columns"],
        )
    if payload["dataset_id"] is None:
        return apart_from(others, [])
    rows = load_rows(settings.datasets_dir / payload["dataset_id"], COLUMNS)
    return readable_texts(rows, others)


def _keep(context: JobContext, settings: PretrainingSettings, result: Any, parent_dir: Any, n_texts: int) -> str:
    from core.base_models.own import keep_own
    from core.base_models.sources import describe
    from core.training.guessing import whole_backbone

    cache_dir = context.settings.base_models_dir
    parent = describe(settings.base_model, cache_dir)
    pretrained = Pretrained(
        parent=settings.base_model,
        parent_title=parent.title,
        n_texts=n_texts,
        before=result.before,
        after=result.after,
        created_at=context.job.created_at or datetime.now(UTC),
    )
    backbone = whole_backbone(parent_dir, result.seen, result.state)
    title = str(context.job.payload["name"])
    return keep_own(backbone, parent_dir, parent, title=title, pretrained=pretrained, cache_dir=cache_dir).name


def _remember_speed(context: JobContext, settings: PretrainingSettings, texts: list[str], quiet_seconds: float) -> None:
    from core.datasets.language import language_of
    from core.training.machine import detect_machine
    from core.training.reading_forecast import Lengths, record_reading

    lengths = Lengths(
        n_texts=len(texts), mean_chars=sum(map(len, texts)) / len(texts), language=language_of(texts[:1000])
    )
    folder = context.settings.base_models_dir
    record_reading(lengths, settings, detect_machine(), folder, quiet_seconds=quiet_seconds)


def _figures(n_texts: int, before: Guesses, after: Guesses) -> dict[str, Any]:
    from core.domain.plain import to_plain

    return {"n_texts": n_texts, "before": to_plain(before), "after": to_plain(after)}
