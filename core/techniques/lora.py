"""Low-rank adaptation through peft, merged before anything is published."""

import warnings

from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.protocol import Adaptable, Technique


class LoRA(Technique):
    """Add B A to every linear map W of the encoder and train only B (out x r) and A (r x in).

    The map becomes W + alpha / r * B A with B = 0 at the start. The head is trained as a whole; everything else stays.
    """

    name = "lora"
    title = msg("Small added weights (LoRA)")
    help = msg("Trains a small addition beside each weight. Needs less memory, likes a higher learning rate.")
    cost = msg("A little less time on a processor; training state shrinks to a few percent of that for all weights.")
    learning_rate_factor = 5.0
    paper = "Hu et al., 2021, arXiv:2106.09685"

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(r=recipe.lora_rank, lora_alpha=recipe.lora_alpha, target_modules="all-linear")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft still asks transformers by a name it deprecates
            warnings.filterwarnings("ignore", "fan_in_fan_out is set to False")  # GPT-2's maps; it is set as they need
            classifier.backbone = get_peft_model(classifier.backbone, config)

    def merge(self, classifier: Adaptable) -> None:
        classifier.backbone = classifier.backbone.merge_and_unload(safe_merge=True)
