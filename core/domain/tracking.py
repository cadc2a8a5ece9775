"""Other tools that keep the curves of a run: what they are told at its start, and where they keep it."""

from dataclasses import dataclass

from core.domain.message import Message
from core.domain.recipe import TrainingRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRun:
    """What a tracker is told of a run. Never a text, a category or a secret."""

    run_id: int
    name: str
    dataset_name: str
    dataset_id: str  #: the fingerprint of the rows
    recipe: TrainingRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingPlace:
    """Where a tool keeps a run."""

    handle: str = ""  #: what the tool knows it by; a resumed job goes on under it
    where: str = ""  #: for people: a folder, an address, an experiment
    command: str = ""  #: what opens it in a terminal; empty where `where` is an address to visit
    problem: Message | None = None  #: why nothing more is kept there
