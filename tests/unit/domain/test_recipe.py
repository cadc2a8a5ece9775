"""A recipe checks itself at birth and survives a round trip."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.recipe import Preset, TrainingRecipe
from core.errors import UserError


def test_every_setting_explains_itself() -> None:
    for field in dataclasses.fields(TrainingRecipe):
        assert str(field.metadata["label"]) and str(field.metadata["help"]), field.name


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(UserError) as caught:
        TrainingRecipe(epochs=0, learning_rate=-1.0, schedule="zigzag")
    assert all(name in str(caught.value) for name in ("epochs", "learning_rate", "schedule"))


def test_overrides_from_the_terminal_take_the_type_of_the_setting() -> None:
    recipe = TrainingRecipe().changed({"epochs": "7", "learning_rate": "2e-4", "preset": "best"})
    assert (recipe.epochs, recipe.learning_rate, recipe.preset) == (7, 2e-4, Preset.BEST)


@pytest.mark.parametrize(("name", "value"), [("epochs", "many"), ("epoch", "3"), ("epochs", "1.5")])
def test_override_that_cannot_be_used_says_so(name: str, value: str) -> None:
    with pytest.raises(UserError):
        TrainingRecipe().changed({name: value})


@given(
    epochs=st.integers(1, 100),
    learning_rate=st.floats(1e-7, 1.0),
    seed=st.integers(0, 2**31 - 1),
    preset=st.sampled_from(Preset),
)
def test_recipe_to_json_and_back(epochs: int, learning_rate: float, seed: int, preset: Preset) -> None:
    recipe = TrainingRecipe(epochs=epochs, learning_rate=learning_rate, seed=seed, preset=preset)
    back = TrainingRecipe.from_json(json.loads(json.dumps(recipe.to_json())))
    assert back == recipe
    assert back.fingerprint == recipe.fingerprint


def test_settings_of_a_later_version_are_ignored() -> None:
    assert TrainingRecipe.from_json({"epochs": 4, "from_the_future": 1}) == TrainingRecipe(epochs=4)
