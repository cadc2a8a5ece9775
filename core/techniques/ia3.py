"""IA3 through peft: one factor per output of each linear map, merged before anything is published."""

import warnings

from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.protocol import Adaptable, Technique


class IA3(Technique):
    """Every linear map's output is multiplied, place by place, with a trained vector that starts at 1.

    The paper does so for keys, values and the inner layer; here all linear maps are scaled, which needs no names of an
    architecture. The head is trained as a whole; everything else stays.
    """

    name = "ia3"
    title = msg("Only scaling factors (IA3)")
    help = msg(
        "Trains one factor per place of each layer: almost nothing to store, for tasks near what the base model knows."
    )
    cost = msg("Training state shrinks to less than one percent.")
    paper = "Liu et al., 2022, arXiv:2205.05638"
    learning_rate_factor = 20.0

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        from peft import IA3Config, get_peft_model

        config = IA3Config(target_modules="all-linear", feedforward_modules=[])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft still asks transformers by a name it deprecates
            classifier.backbone = get_peft_model(classifier.backbone, config)

    def merge(self, classifier: Adaptable) -> None:
        classifier.backbone = classifier.backbone.merge_and_unload(safe_merge=True)
