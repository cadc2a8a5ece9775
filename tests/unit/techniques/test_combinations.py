"""What a recipe refuses, and what it takes."""

import json

import pytest

from core.domain.combinations import EXTRAS
from core.domain.recipe import TrainingRecipe
from core.errors import UserError


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"extras": ("fgm", "freelb")}, "three ways to do the same"),
        ({"extras": ("ema", "soup")}, "average weights"),
        ({"extras": ("l2_start", "mixout")}, "near their start"),
        ({"extras": ("mixup", "r_drop")}, "two texts as one"),
        ({"extras": ("gradual_unfreezing",), "technique": "lora"}, "nothing else to unfreeze"),
        ({"extras": ("layer_decay",), "technique": "adapters"}, "only technique “full”"),
        ({"extras": ("r_drop",), "dropout": 0.0}, "dropout must be above 0"),
        ({"extras": ("class_balanced",), "class_weights": "balanced"}, "choose one of them"),
        ({"extras": ("ema",), "technique": "draft"}, "leaves it as it is"),
        ({"extras": ("magic",)}, "extras = magic is none of"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(settings: dict[str, object], reason: str) -> None:
    with pytest.raises(UserError, match=reason) as caught:
        TrainingRecipe(**settings)  # type: ignore[arg-type]
    assert caught.value.hint or "none of" in reason


def test_the_order_in_which_extras_are_named_makes_no_difference() -> None:
    one, other = (TrainingRecipe().changed({"extras": names}) for names in ("ema, r_drop", "r_drop,ema,ema"))
    assert one == other
    assert one.fingerprint == other.fingerprint
    assert one.extras == ("r_drop", "ema")


def test_recipes_without_extras_load_and_keep_the_fingerprint_they_had() -> None:
    recipe = TrainingRecipe(epochs=4, seed=7)
    assert recipe.fingerprint == "76faf19db976"
    old = {k: v for k, v in recipe.to_json().items() if k not in ("extras", "smoothing", "adapter_size")}
    assert TrainingRecipe.from_json(json.loads(json.dumps(old))) == recipe
    assert TrainingRecipe(epochs=4, seed=7, extras=("ema",)).fingerprint != recipe.fingerprint


def test_extras_survive_json() -> None:
    recipe = TrainingRecipe(extras=tuple(name for name in EXTRAS if name in ("fgm", "ema", "label_smoothing")))
    assert TrainingRecipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe


def test_a_setting_concerns_only_those_who_chose_its_technique() -> None:
    field = TrainingRecipe.__dataclass_fields__["smoothing"]
    assert not TrainingRecipe().concerns(field)
    assert TrainingRecipe(extras=("label_smoothing",)).concerns(field)
