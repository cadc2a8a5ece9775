"""A study: a heavy part of a report, worked out as a job when a person asks for it, and kept with its model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """What a study found. A model keeps the newest result of each study; it goes with the model."""

    model_id: int
    name: str  #: in the registry `core.studies.STUDIES`
    options: Mapping[str, Any]  #: what it was asked for, as plain values
    result: Any  #: the study's own record; in the store its plain values
    seconds: float  #: that it took
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What a study would tell and take, before it is started."""

    name: str
    title: Message
    help: Message  #: one sentence
    low_seconds: float
    high_seconds: float
    refusal: Message | None  #: why this model cannot be studied so, e.g. too few rows
