"""How long to search, and how long a run with a search takes. No torch here: pages call this."""

import math
from collections.abc import Mapping

from core.domain.dataset import DatasetProfile
from core.domain.recipe import TrainingRecipe

FEW_ROWS = 1_000  # of practice and check-up; below, a check-up of a tenth of them cannot tell two settings apart
FEWER_ROWS = 300  # below, each part's models should know as much as they can
MANY_FOLDS, FEW_FOLDS = 5, 3
KNOWN_SHARE = 0.9  # of the rows are practice and check-up, about
N_TRIALS = 4  # whole ones; most are given up early, so about three times as many are tried
SHORTEST, LONGEST = 3, 60  # minutes that are proposed
LAST_EPOCHS = 1.2  # passes of the last training, on average of what is chosen, against the recommended


def folds_for(profile: DatasetProfile) -> int:
    """Parts of the cross-validation; 0 where the check-up examples are enough to judge by."""
    n_known = profile.n_rows - profile.n_own_exam if profile.n_own_exam else KNOWN_SHARE * profile.n_rows
    return 0 if n_known >= FEW_ROWS else FEW_FOLDS if n_known >= FEWER_ROWS else MANY_FOLDS


def minutes_for(recipe: TrainingRecipe, parts: Mapping[str, float]) -> int:
    """Minutes to look for the best settings, from the seconds of the parts of a run without a search."""
    seconds = N_TRIALS * _first_trial(recipe, _training(parts))
    return min(LONGEST, max(SHORTEST, math.ceil(seconds / 60)))


def with_search(recipe: TrainingRecipe, parts: Mapping[str, float], share: float) -> dict[str, float]:
    """Seconds of the parts of a run with its search, of which `parts` tells without. The minutes of a search are those
    on the clock: where a run gets only the `share` of a processor, no more of them go by.

    Unchanged where nothing is searched.
    """
    if recipe.technique == "draft" or not (recipe.search_minutes or recipe.folds):
        return dict(parts)
    training = _training(parts)
    searching = max(60.0 * recipe.search_minutes * share, _first_trial(recipe, training))
    rest = {name: seconds for name, seconds in parts.items() if name not in ("steps", "checks")}
    last = {"steps": LAST_EPOCHS * training} if recipe.folds else {}
    return rest | last | {"search": searching}


def _training(parts: Mapping[str, float]) -> float:
    return parts.get("steps", 0.0) + parts.get("checks", 0.0)


def _first_trial(recipe: TrainingRecipe, training: float) -> float:
    """Every fold but one is learned from in each of its trainings."""
    return training * max(1, recipe.folds - 1)
