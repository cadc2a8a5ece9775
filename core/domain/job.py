"""A job is scheduling: what is to be done, for which ids, and how far it is. The science is in `Run`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.message import Message


class JobStatus(StrEnum):
    QUEUED = "queued"  #: waiting for a worker
    RUNNING = "running"  #: a child process is on it
    DONE = "done"  #: finished; its result is on record
    FAILED = "failed"  #: stopped by an error, see `Job.error`; can be resumed
    CANCELLED = "cancelled"  #: the person cancelled it; never comes back by itself

    @property
    def is_active(self) -> bool:
        return self in (JobStatus.QUEUED, JobStatus.RUNNING)


class JobKind(StrEnum):
    TRAIN = "train"
    SCORE = "score"  #: score a file with a finished model
    PRETRAIN = "pretrain"  #: a base model reads texts without categories
    STUDY = "study"  #: a heavy part of a model's report


class Wish(StrEnum):
    """What the person asked a running job to do. The loop asks for it between steps."""

    NONE = ""
    STOP = "stop"  #: stop now and keep the best so far
    CANCEL = "cancel"  #: stop now and throw the work away


class Stage(StrEnum):
    """Where a job is. In this order for training and (in part) pretraining; scoring and studies use
    PREPARING, SCORING or STUDYING, and PUBLISHING."""

    WAITING = "waiting"
    PREPARING = "preparing"  #: loading data and weights
    DRAFTING = "drafting"  #: the quick linear answer
    TOKENIZING = "tokenizing"
    SEARCHING = "searching"  #: trying settings; only in runs that have minutes or folds for it
    TRAINING = "training"
    EVALUATING = "evaluating"  #: the exam
    PUBLISHING = "publishing"
    SCORING = "scoring"
    STUDYING = "studying"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailure:
    """Why a job failed, in words a person can act on."""

    code: str  #: "out_of_memory", "disk_full", "weights_unavailable", "training_diverged", "bad_data", "crashed", "bug"
    message: Message
    hint: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: int
    kind: JobKind
    payload: Mapping[str, Any]  #: ids and small settings only, never rows
    title: str  #: the data set's or file's name, for lists
    status: JobStatus
    wish: Wish
    stage: Stage
    percent: float  #: 0 to 100 over the whole job
    seconds_left: tuple[float, float] | None  #: likely range, None while unknown
    queue_position: int | None  #: 1 = next; None unless queued
    attempt: int  #: counts claims, starting at 1; every write carries it
    run_id: int | None
    model_id: int | None
    error: JobFailure | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: Mapping[str, Any]  #: of a job without a run: output, counts, seconds; pretraining tells meanwhile, too
