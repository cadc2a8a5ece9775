"""What a search for the best settings tried, and what came of it: stored with its run."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class TrialEnd(StrEnum):
    """Why a trial ended."""

    FINISHED = "finished"  #: trained to its end
    BEHIND = "behind"  #: others were better at the same point, so it was given up
    OUT_OF_TIME = "out_of_time"  #: the minutes of the search were over
    STOPPED = "stopped"  #: the person ended the search
    DIVERGED = "diverged"  #: its loss stopped being a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One set of settings and what the check-up said about it. Trial 1 is the recommended recipe as it stands."""

    number: int  #: from 1, in the order of trying
    settings: Mapping[str, Any]  #: by name, the settings that the search chose; those of trial 1 are its recipe's own
    end: TrialEnd
    seconds: float  #: that it took
    n_asked: int = 0  #: check-up examples that it answered
    accuracy: float = 0.0  #: on those; 0 to 1
    loss: float = 0.0  #: mean -ln p(true category) of its calibrated answers
    scores: tuple[float, ...] = ()  #: what it was judged by at each point of comparison, the last one at its end
    n_gained: int | None = None  #: examples that it got right and trial 1 wrong; None where the two cannot be compared
    n_lost: int | None = None  #: the other way round

    @property
    def counts(self) -> bool:
        """Whether it may be chosen."""
        return self.end is TrialEnd.FINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRecord:
    """A whole search."""

    trials: tuple[Trial, ...]
    best: int  #: number of the trial that was chosen; 0 while there is none
    budget_seconds: float  #: that the person allowed; 0 where only the recommended recipe was judged
    folds: int  #: parts of the cross-validation; 0 where the check-up examples judged

    @property
    def seconds(self) -> float:
        return sum(trial.seconds for trial in self.trials)

    @property
    def chosen(self) -> Trial | None:
        return next((trial for trial in self.trials if trial.number == self.best), None)
