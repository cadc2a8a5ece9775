"""Where a job's files lie, and what may be swept away."""

import shutil
from pathlib import Path

from core import files
from core.domain.job import JobStatus
from core.settings import Settings
from core.store import Store


def job_dir(settings: Settings, job_id: int) -> Path:
    return settings.jobs_dir / str(job_id)


def work_dir(settings: Settings, job_id: int) -> Path:
    """Checkpoints, draft and the bundle in the making; kept over crashes and failures, gone after the end."""
    return job_dir(settings, job_id) / "work"


def log_path(settings: Settings, job_id: int) -> Path:
    return job_dir(settings, job_id) / "log.txt"


def lock_path(settings: Settings, job_id: int) -> Path:
    return job_dir(settings, job_id) / "lock"


def worker_lock_path(settings: Settings) -> Path:
    return settings.home / "worker.lock"


def sweep(settings: Settings, store: Store) -> None:
    """Remove what ended or crashed jobs left. Only the worker calls it, and only while none of its children lives.

    Gone are: files aside, the work of jobs that are done, cancelled or deleted, and bundles that were never published.
    """
    files.sweep(settings.models_dir)
    for model_id in store.models.unpublished_ids():
        shutil.rmtree(settings.models_dir / str(model_id), ignore_errors=True)
    keeping = {str(job.id) for job in store.jobs.list() if job.status.is_active or job.status is JobStatus.FAILED}
    for folder in _folders(settings.jobs_dir):
        files.sweep(folder)
        if folder.name not in keeping:
            shutil.rmtree(folder / "work", ignore_errors=True)


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []
