"""Verbs about studies: heavy parts of a model's report, worked out as jobs and kept with the model."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.domain.job import Job, JobKind, Wish
from core.domain.plain import from_plain, to_plain
from core.domain.study import StudyPlan, StudyRecord
from core.domain.task import AnswerKind
from core.errors import NotPossible
from core.workspace.base import WorkspaceBase

KNOWN_RANGE, GUESSED_RANGE = (0.75, 1.35), (0.5, 2.0)


class StudyVerbs(WorkspaceBase):
    def study_plan(self, model_id: int, name: str, /, **options: Any) -> StudyPlan:
        """What a study tells, how long it would take here, and whether it can be done. Fast enough for a page (no torch).

        Raises:
            NotFound: there is no such model or study.
            UserError: an option is unknown or wrong.
        """
        from core.jobs.handlers.study import SPEED_KEY, subject_of
        from core.studies import STUDIES
        from core.studies.options import options_of
        from core.training.busy import free_share_of
        from core.training.machine import detect_machine
        from core.training.speed import read_ratios

        study = STUDIES[name]
        self._answers_with(model_id, AnswerKind.CATEGORY)
        chosen = options_of(study, options)
        subject = subject_of(self._store, model_id)
        refusal = study.refusal(subject)
        machine = detect_machine()
        ratio = read_ratios(self.settings.base_models_dir).get(SPEED_KEY.format(name=name))
        low, high = GUESSED_RANGE if ratio is None else KNOWN_RANGE
        share = free_share_of(machine, self._store.jobs.list())
        seconds = 0.0 if refusal else study.seconds(subject, chosen, machine) * (ratio or 1.0) / share
        return StudyPlan(
            name=study.name,
            title=study.title,
            help=study.help,
            low_seconds=low * seconds,
            high_seconds=high * seconds,
            refusal=refusal,
        )

    def start_study(self, model_id: int, name: str, /, **options: Any) -> Job:
        """Queue a study of a model. The same study of it that is already queued or running gives that job.

        Raises:
            NotFound: there is no such model or study.
            NotPossible: this model cannot be studied so.
            UserError: an option is unknown or wrong.
        """
        from core.jobs.handlers.study import subject_of
        from core.studies import STUDIES
        from core.studies.options import options_of

        self._answers_with(model_id, AnswerKind.CATEGORY)
        study = STUDIES[name]
        chosen = options_of(study, options)
        subject = subject_of(self._store, model_id)
        if (refusal := study.refusal(subject)) is not None:
            raise NotPossible(refusal)
        payload = {"model_id": model_id, "study": study.name, "options": to_plain(chosen)}
        key = f"study:{model_id}:{study.name}"
        return self._store.jobs.enqueue(JobKind.STUDY, payload, subject.model.name, dedupe_key=key)

    def study(self, model_id: int, name: str) -> StudyRecord | None:
        """The newest result, `result` as the study's own record; None before there is one.

        Raises:
            NotFound: there is no such model or study.
        """
        from core.studies import STUDIES

        study = STUDIES[name]
        record = self._store.studies.get(self._store.models.get(model_id).id, study.name)
        return None if record is None else replace(record, result=from_plain(study.result, record.result))

    def studies(self, model_id: int) -> list[StudyRecord]:
        """The newest result of every study of a model, newest first; of studies that this version knows."""
        from core.studies import STUDIES

        found = self._store.studies.list(self._store.models.get(model_id).id)
        known = set(STUDIES.names())
        return [
            replace(record, result=from_plain(STUDIES[record.name].result, record.result))
            for record in found
            if record.name in known
        ]

    def study_job(self, model_id: int, name: str) -> Job | None:
        """The newest job of a study of a model, whatever became of it; None when there is none on record."""
        return next(
            (
                job
                for job in self._store.jobs.list(JobKind.STUDY)
                if (job.payload["model_id"], job.payload["study"]) == (model_id, name)
            ),
            None,
        )

    def _cancel_studies(self, model_id: int) -> None:
        """Of a model that goes."""
        for job in self._store.jobs.list(JobKind.STUDY):
            if job.payload["model_id"] == model_id and job.status.is_active:
                with suppress(NotPossible):  # it has just ended
                    self._store.jobs.set_wish(job.id, Wish.CANCEL)
