"""What a training technique may change. Every hook does nothing unless a technique overrides it."""

from typing import Any, Protocol

from core.domain.message import Message
from core.domain.recipe import TrainingRecipe


class Adaptable(Protocol):
    """What a technique sees of the classifier (`core.training.model.Classifier`)."""

    backbone: Any  #: the transformers encoder; a technique may wrap it
    head: Any  #: the linear layer on top


class Technique:
    """A way to adapt the base model. The loop calls the hooks in the order they stand here."""

    name: str  #: stored; stays for ever
    title: Message  #: shown; may change
    help: Message
    paper: str = ""  #: where it was published, e.g. "Hu et al., 2021, arXiv:2106.09685"
    changes_weights: bool = True  #: False: nothing is fine-tuned, the loop does not run

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        """Freeze, wrap or add weights, right after the classifier was built from the recipe's seed."""

    def after_backward(self, classifier: Adaptable, step: int) -> None:
        """Gradients of update `step` are complete; they are clipped and applied next."""

    def after_step(self, classifier: Adaptable, step: int, n_steps: int) -> None:
        """Update `step` of `n_steps` was made."""

    def merge(self, classifier: Adaptable) -> None:
        """Fold added weights into the encoder, so that serving needs to know no technique."""
