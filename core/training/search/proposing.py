"""Which settings come next, and whether a trial is far enough behind to be given up: Optuna, asked anew for every trial.

The study is built from the trials on record each time, so what is proposed depends on them and the seed alone, whether
or not the search was killed in between.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from core.domain.search import Trial, TrialEnd
from core.training.search.space import Space, Values

if TYPE_CHECKING:
    import optuna

REDUCTION = 2  # successive halving: of those that came as far, the better half goes on
N_ASKED = 40  # proposals that are looked at before a search counts as exhausted
N_RANDOM = 8  # trials before the sampler learns from them
_STATES = {TrialEnd.FINISHED: "COMPLETE", TrialEnd.BEHIND: "PRUNED"}


class Proposal:
    """A trial to be made: its settings, and the judgement on it as it goes on."""

    def __init__(self, values: Values, trial: "optuna.trial.Trial | None") -> None:
        self.values = values
        self._trial = trial

    def is_behind(self, step: int, score: float) -> bool:
        """Whether it should be given up at point of comparison `step`: at 1, 2, 4, 8 only the better half goes on.

        The trial of the recommended recipe never is.
        """
        if self._trial is None:
            return False
        self._trial.report(score, step)
        return bool(self._trial.should_prune())


def propose(space: Space, trials: Sequence[Trial], *, seed: int, fits: Callable[[Values], bool]) -> Proposal | None:
    """The next trial after `trials` whose expected time `fits`; None when there is nothing new to try."""
    known = [dict(trial.settings) for trial in trials]
    for values in space.first():
        if values not in known and (not known or fits(values)):
            return Proposal(values, None if not known else _asked(_study(space, trials, seed), space, values))
    for attempt in range(N_ASKED):
        study = _study(space, trials, seed + 1000 * len(trials) + attempt)
        trial = _asked(study, space, None)
        if trial.params not in known and fits(trial.params):
            return Proposal(dict(trial.params), trial)
    return None


def _asked(study: "optuna.Study", space: Space, values: Values | None) -> "optuna.trial.Trial":
    if values is not None:
        study.enqueue_trial(values)
    return study.ask(_distributions(space))


def _study(space: Space, trials: Sequence[Trial], seed: int) -> "optuna.Study":
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=N_RANDOM, multivariate=True)
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=REDUCTION)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    for trial in trials:
        if trial.end in _STATES:
            study.add_trial(_frozen(trial, space))
    return study


def _frozen(trial: Trial, space: Space) -> "optuna.trial.FrozenTrial":
    import optuna

    by_step = dict(enumerate(trial.scores, start=1))
    rungs = {f"completed_rung_{rung}": by_step[2**rung] for rung in range(8) if 2**rung in by_step}
    return optuna.trial.create_trial(
        state=optuna.trial.TrialState[_STATES[trial.end]],
        value=trial.scores[-1] if trial.counts else None,
        params=dict(trial.settings),
        distributions=_distributions(space),
        intermediate_values=by_step,
        system_attrs=rungs,  # where successive halving notes who came how far
    )


def _distributions(space: Space) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution

    return {name: CategoricalDistribution(values) for name, values in space.choices.items()}
