"""What a search may try: a few values of a few settings around the recommended recipe. No torch here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.base_models.advice import advice_for
from core.base_models.catalog import BY_NAME
from core.base_models.own import root_of
from core.domain.combinations import conflicts
from core.domain.recipe import TrainingRecipe
from core.errors import UserError
from core.techniques import slowdown

Values = dict[str, Any]  #: by setting; "extras" names one extra more than the recipe's own, or ""; pairs are such a one

RATES = (1.0, 0.5, 2.0)  # times the recommended one
EPOCHS = (1.0, 1.5, 0.5)
EXTRAS = ("", "contrastive", "r_drop", "multi_dropout", "fgm", "label_smoothing", "layer_decay", "ema")
PAIRS = "pairs"  #: learning from pairs of examples, see `core.techniques.pairs`
DEEP = 12  # base models with as many layers may be better with half of them on few rows
#: what is tried first after the recommended recipe, as far as there is time: what helped most often when it was measured
FIRST = (
    {"head_start": "fitted"},
    {"learning_rate": 2.0},
    {"extras": ""},
    {"extras": "contrastive"},
    {"head_start": "fitted", "learning_rate": 2.0},
    {"epochs": 1.5, "learning_rate": 0.5},
    {"extras": "r_drop"},
)
_FACTORS = ("learning_rate", "epochs")  # settings that FIRST names as multiples


@dataclass(frozen=True, slots=True)
class Space:
    """`choices` holds the values of each setting, that of the recipe itself first."""

    recipe: TrainingRecipe
    choices: Mapping[str, tuple[Any, ...]]

    @property
    def own(self) -> Values:
        """The values of the recommended recipe."""
        return {name: values[0] for name, values in self.choices.items()}

    def first(self) -> list[Values]:
        """The trials that no sampler proposes, in this order: the recipe itself, then FIRST as far as it can be had."""
        found = [self.own]
        for changes in FIRST:
            values = self.own | {name: self._value(name, value) for name, value in changes.items()}
            if all(value in self.choices.get(name, ()) for name, value in values.items()) and values not in found:
                found.append(values)
        return found

    def recipe_of(self, values: Values) -> TrainingRecipe:
        changes = {name: value for name, value in values.items() if name != "extras"}
        extras = {*self.recipe.extras, *filter(None, [values.get("extras", "")])}
        return replace(self.recipe, **changes, extras=tuple(extras))

    def cost(self, values: Values) -> float:
        """The time of a trial, against that of others."""
        recipe = self.recipe_of(values)
        entry = BY_NAME.get(root_of(recipe.base_model))
        n_layers = (recipe.n_layers or entry.n_layers) / entry.n_layers if entry is not None else 1.0
        return recipe.epochs * slowdown(recipe) * n_layers

    def _value(self, name: str, value: Any) -> Any:
        return _times(getattr(self.recipe, name), value) if name in _FACTORS else value


def space_of(recipe: TrainingRecipe) -> Space:
    """What may be tried around `recipe` without contradicting it.

    Most extras teach answers, with which pairs do not go: where the recipe has pairs, they are one choice among the
    others. Who replaces them should start from a fitted head, which pairs end with in any case.
    """
    if PAIRS in recipe.extras:
        others = space_of(replace(recipe, extras=tuple(name for name in recipe.extras if name != PAIRS)))
        own = {"head_start": ("fitted",), "extras": (PAIRS, *others.choices["extras"])}
        return Space(others.recipe, {**others.choices, **own})
    choices: dict[str, tuple[Any, ...]] = {
        "learning_rate": tuple(dict.fromkeys(min(1.0, _times(recipe.learning_rate, r)) for r in RATES)),
        "epochs": tuple(dict.fromkeys(min(100, _times(recipe.epochs, e)) for e in EPOCHS)),
        "head_start": (recipe.head_start, "random" if recipe.head_start == "fitted" else "fitted"),
        "extras": tuple(name for name in EXTRAS if not name or _goes_with(recipe, name)),
    }
    entry = BY_NAME.get(root_of(recipe.base_model))
    if entry is not None and entry.n_layers >= DEEP and not entry.is_decoder:
        choices["n_layers"] = (recipe.n_layers, entry.n_layers // 2 if recipe.n_layers == 0 else 0)
    if entry is None and advice_for(recipe.base_model).pooling != "last":  # the catalog knows it for its own
        choices["pooling"] = (recipe.pooling, "cls" if recipe.pooling == "mean" else "mean")
    return Space(recipe, choices)


def _goes_with(recipe: TrainingRecipe, extra: str) -> bool:
    if extra in recipe.extras:
        return False
    try:
        return not conflicts(replace(recipe, extras=(*recipe.extras, extra)))
    except UserError:
        return False


def _times(value: float, factor: float) -> float:
    """Whole numbers stay whole and at least 1; rates keep six digits."""
    if isinstance(value, int):
        return max(1, round(value * factor))
    return float(f"{value * factor:.6g}")
