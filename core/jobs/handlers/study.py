"""Work out a study of a model and keep what it found."""

import time
from collections.abc import Mapping

from core.domain.job import Job, JobKind, Stage
from core.jobs.context import JobContext
from core.store import Store
from core.studies import STUDIES, Study, StudyContext, Subject

LEAST_TOLD = 0.03  # of the work: before that a guess of the time left would jump about
LEFT_RANGE = (0.8, 1.4)
SPEED_KEY = "study:{name}"  #: under which `core.training.speed` keeps how often its formula's seconds a study took


class StudyHandler:
    name = JobKind.STUDY.value

    def stage_weights(self, store: Store, job: Job) -> Mapping[Stage, float]:
        return {Stage.PREPARING: 2, Stage.STUDYING: 97, Stage.PUBLISHING: 1}

    def run(self, context: JobContext) -> None:
        """A study whose model is deleted meanwhile ends with an error in words; its result is not kept."""
        from core.domain.plain import from_plain, to_plain
        from core.training.busy import Stopwatch

        settings, payload = context.settings, context.job.payload
        watch = Stopwatch()
        context.stage(Stage.PREPARING, 0.0)
        study = STUDIES[payload["study"]]
        options = from_plain(study.options, payload["options"])
        subject = subject_of(context.store, int(payload["model_id"]))
        started = time.monotonic()

        def told(share: float) -> None:
            spent = time.monotonic() - started
            left = spent * (1 - share) / share if share > LEAST_TOLD else None
            low, high = LEFT_RANGE
            context.stage(Stage.STUDYING, share, None if left is None else (low * left, high * left))

        context.stage(Stage.STUDYING, 0.0)
        found = study.run(
            StudyContext(
                subject=subject,
                model_dir=settings.models_dir / str(subject.model.id),
                dataset_dir=settings.datasets_dir / subject.dataset.id,
                base_models_dir=settings.base_models_dir,
                uploads_dir=settings.uploads_dir,
                tables_dir=settings.tables_dir,
                work_dir=context.work_dir,
                told=told,
                should_stop=context.should_cancel,
            ),
            options,
        )
        context.stage(Stage.PUBLISHING, 0.0)
        if context.job.attempt == 1:
            _remember_speed(context, study, subject, options, watch.quiet_seconds)
        context.last_flush()
        context.store.studies.publish(
            context.job.id,
            context.job.attempt,
            model_id=subject.model.id,
            name=study.name,
            options=to_plain(options),
            result=to_plain(found),
            seconds=round(watch.seconds, 1),
        )


def subject_of(store: Store, model_id: int) -> Subject:
    """Raises NotFound when the model is gone."""
    model = store.models.get(model_id)
    return Subject(
        model=model,
        report=store.models.report(model_id),
        dataset=store.datasets.get(model.dataset_id),
        recipe=store.runs.get(model.run_id).settled_recipe,
    )


def _remember_speed(context: JobContext, study: Study, subject: Subject, options: object, quiet_seconds: float) -> None:
    from core.training.machine import detect_machine
    from core.training.speed import record_ratios

    formula = study.seconds(subject, options, detect_machine())
    record_ratios(context.settings.base_models_dir, {SPEED_KEY.format(name=study.name): quiet_seconds / formula})
