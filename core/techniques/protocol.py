"""What a training technique may change. Every hook does nothing unless a technique overrides it.

A run has exactly one adaptation (`Technique`: which weights change) and any number of extras (`Extra`: how they are
taught). Adaptations keep nothing between hooks but what they attach to the classifier; an extra is made anew for a run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Union

import numpy as np

from core.domain.message import Message
from core.domain.recipe import TrainingRecipe

if TYPE_CHECKING:
    import torch

    from core.techniques.rewording import Rewordings

Tensors = dict[str, "torch.Tensor"]
Signal = Union[
    "torch.Tensor", float
]  #: one number; a tensor may still be on the device, and nothing writes to it later


class Adaptable(Protocol):
    """What a technique sees of the classifier (`core.training.model.Classifier`)."""

    backbone: Any  #: the transformers encoder; an adaptation may wrap it
    head: Any  #: the linear layer on top


class Weights(Protocol):
    """What a technique sees of the optimizer (`core.training.optimizer.FlatAdamW`): all trained weights in fp32."""

    def vectors(self) -> "list[torch.Tensor]":
        """The weights themselves, as a few flat vectors. Whoever writes to them calls `changed`."""

    def gradients(self) -> "list[torch.Tensor]":
        """The gradients themselves, in the same layout."""

    def changed(self) -> None: ...

    def by_name(self) -> "dict[str, tuple[torch.Tensor, torch.Tensor]]":
        """Views of every parameter's value and gradient."""

    def weights_by_name(self) -> Tensors:
        """A copy on the CPU."""


class Technique:
    """A way to adapt the base model. The loop calls the hooks in the order they stand here."""

    name: str  #: stored; stays for ever
    title: Message  #: shown; may change
    help: Message  #: what it does and when it helps
    cost: Message  #: against changing all weights
    paper: str = ""  #: where it was published, e.g. "Hu et al., 2021, arXiv:2106.09685"
    changes_weights: bool = True  #: False: nothing is fine-tuned, the loop does not run
    learning_rate_factor: float = 1.0  #: few weights must move further: what the usual learning rate is multiplied with
    signal_titles: tuple[
        tuple[str, Message], ...
    ] = ()  #: name and title of all that `signals` may tell; names stay for ever

    def prepare(self, classifier: Adaptable, recipe: TrainingRecipe) -> None:
        """Freeze, wrap or add weights, right after the classifier was built from the recipe's seed."""

    def n_positions(self, recipe: TrainingRecipe) -> int:
        """How many of the positions that the base model can read it needs for itself."""
        return 0

    def after_step(
        self, classifier: Adaptable, weights: Weights, step: int, n_steps: int, learning_rate: float
    ) -> None:
        """Update `step` of `n_steps` (from 1) was made; its gradients, clipped, are still there."""

    def signals(self, classifier: Adaptable) -> Mapping[str, Signal]:
        """What it tells of the step just made, for the chart. Asked at the steps that the chart shows; must not wait for
        the device."""
        return {}

    def state(self, classifier: Adaptable) -> Tensors:
        """What a checkpoint must hold besides the weights."""
        return {}

    def restore(self, classifier: Adaptable, state: Mapping[str, "torch.Tensor"]) -> None:
        """Go on from what `state` gave."""

    def merge(self, classifier: Adaptable) -> None:
        """Fold added weights into the encoder, so that serving needs to know no technique."""


@dataclass(slots=True, kw_only=True)
class Pass:
    """One forward and backward of a step. Extras may replace its tensors; what every row counts is settled outside."""

    ids: "torch.Tensor"  #: (rows, length); with `counts` it is (windows of the rows, length)
    mask: "torch.Tensor"
    labels: "torch.Tensor"  #: (rows,) index of each row's category
    targets: "torch.Tensor"  #: `labels`, or shares of the categories of shape (rows, n_labels) that add up to 1
    label_weights: "torch.Tensor | None"
    n_labels: int
    total: float  #: what the rows of the whole step weigh
    lengths: np.ndarray | None = None  #: tokens of each row of `ids`, where they are known without asking the device
    counts: np.ndarray | None = None  #: rows of `ids` that each text has, where long texts are read in windows
    copies: int = 1  #: how often each row stands in the tensors; the first rows first, then all of them again
    vectors: "torch.Tensor" = field(init=False)  #: (rows, hidden), once the encoder ran
    logits: "torch.Tensor" = field(init=False)

    def repeat(self, n: int) -> None:
        """Every row stands `n` times as often from now on."""
        self.copies *= n
        self.labels = self.labels.repeat(n, *[1] * (self.labels.ndim - 1))
        self.targets = self.targets.repeat(n, *[1] * (self.targets.ndim - 1))

    def shares(self) -> "torch.Tensor":
        """The targets as shares of the categories, (rows, n_labels)."""
        from torch.nn import functional

        if self.targets.ndim == 1:
            return functional.one_hot(self.targets, self.n_labels).float()
        return self.targets


class Learner(Protocol):
    """What runs a pass (the loop), for extras that run it in their own way."""

    classifier: Any

    def loss_of(self, batch: Pass) -> "torch.Tensor":
        """Run forward: the pass's part of the step's mean loss."""

    def backward(self, loss: "torch.Tensor") -> None:
        """Add its gradients to the step's."""

    def scaled(self, loss: "torch.Tensor") -> "torch.Tensor":
        """A loss whose gradient is taken by other means, as half precision needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What an extra is given at the start of a run, before its first step or what a checkpoint left."""

    classifier: Any
    weights: Weights  #: still untrained
    ids: np.ndarray  #: tokens of all practice texts end to end
    offsets: np.ndarray  #: `ids[offsets[i]:offsets[i + 1]]` are those of text i
    targets: np.ndarray  #: the category of each text
    n_labels: int
    fit_head: Callable[[], None]  #: put what a linear model learns from the practice vectors as they are into the head
    rewordings: "Mapping[str, Rewordings]" = field(default_factory=dict)  #: by the extra that asked for them


class Extra:
    """A way to teach that is added to an adaptation. The loop calls the hooks in the order they stand here.

    All losses are sums over rows, like the task's; the loop divides by what the rows of a whole step weigh.
    """

    name: ClassVar[str]  #: stored; stays for ever
    title: ClassVar[Message]  #: shown; may change
    help: ClassVar[Message]  #: one sentence: when it helps
    cost: ClassVar[Message]
    paper: ClassVar[str]
    slower: ClassVar[float] = 1.0  #: about how many times the time of a step
    layered: ClassVar[bool] = False  #: whether `layer_rate` tells something
    rewrites: ClassVar[bool] = False  #: whether `rewrite` changes something
    fits_head: ClassVar[bool] = False  #: whether it reads all of practice for every check-up, to fit the head
    shifts_words: ClassVar[bool] = False  #: whether it reads or moves the word vectors while a pass runs
    signal_titles: ClassVar[tuple[tuple[str, Message], ...]] = ()  #: as in `Technique`

    def __init__(self, recipe: TrainingRecipe) -> None:
        self.recipe = recipe

    def begin(self, running: Running) -> None: ...

    def label_weights(self, targets: np.ndarray, n_labels: int) -> np.ndarray | None:
        """How much each category counts; None leaves it to the recipe."""
        return None

    def layer_rate(self, depth: int, n_layers: int, done: float) -> float:
        """What the learning rate is multiplied with at `depth` (0 below layer 1, n_layers + 1 for the head) when the
        share `done` of the steps is made. 0: it does not learn now."""
        return 1.0

    def deal(
        self, targets: np.ndarray, n_steps: int, n_rows: int, draw: np.random.Generator
    ) -> list[np.ndarray] | None:
        """The rows of the `n_steps` steps of a pass over practice, each of about `n_rows`; None: every row once, in any
        order. `draw` depends on seed and epoch alone."""
        return None

    def before_step(self, weights: Weights) -> None:
        """The gradients are empty."""

    def rewrite(self, ids: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """Other tokens for a row, never more than the longest row of the data has. `draw` depends on seed, row and epoch
        alone."""
        return ids

    def on_tokens(self, batch: Pass) -> None:
        """The pass is built; nothing has run."""

    def learn(self, batch: Pass, learner: Learner) -> "torch.Tensor | None":
        """Run the pass forward and backward in another way, and give its loss. At most one extra of a run does."""
        return None

    def on_vectors(self, batch: Pass) -> None:
        """`batch.vectors` are there, in every forward."""

    def on_loss(self, batch: Pass, loss: "torch.Tensor") -> "torch.Tensor":
        """`batch.logits` are there, in every forward: another loss of the pass, summed over rows."""
        return loss

    def after_backward(self, weights: Weights) -> None:
        """Gradients of the step are complete; they are clipped and applied next."""

    def after_step(self, weights: Weights, step: int, learning_rate: float) -> None:
        """Update `step` (from 1) was made."""

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        """As in `Technique`; what belongs to rows is that of the step's last pass where there are several."""
        return {}

    def before_check(self, weights: Weights) -> None:
        """A check-up comes: put in place what should be judged and kept."""

    def after_check(self, weights: Weights) -> None:
        """Put back what trains on."""

    def checked(self, state: "Callable[[], Tensors]", accuracy: float, loss: float) -> None:
        """What the check-up said about the weights that `state` copies."""

    def last_try(self) -> Tensors | None:
        """Weights that one more check-up should judge at the end of the run."""
        return None

    def state(self) -> Tensors:
        """What a checkpoint must hold."""
        return {}

    def restore(self, state: Mapping[str, "torch.Tensor"]) -> None:
        """Go on from what `state` gave."""
