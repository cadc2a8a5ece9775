"""Self-distillation: the average of the last steps' weights is the teacher of those that learn."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Pass, Running, Signal, Tensors, Weights

if TYPE_CHECKING:
    import torch

DECAY = 0.99


class SelfDistillation(Extra):
    """With logits z of a row and t of the teacher, both of shape (n_labels,), the row's loss is its usual one plus
    weight * mean((z - t)^2), weight = `recipe.teacher_weight`.

    The teacher reads without dropout. After update s its weights a become d a + (1 - d) w with
    d = min(0.99, (1 + s) / (10 + s)): a running average, where the paper keeps the last K weights and takes their mean.
    """

    name = "self_distillation"
    title = msg("Learn from one's own average (self-distillation)")
    help = msg(
        "The average of the last steps teaches beside the labels: steadier where examples are few or some labels are wrong."
    )
    cost = msg("A third more time, one more copy of the weights in memory.")
    paper = "Xu et al., 2020, arXiv:2002.10345"
    slower = 1.35
    signal_titles = (("teacher_distance", msg("How far its answers are from the teacher's")),)

    def begin(self, running: Running) -> None:
        self.classifier = running.classifier
        self.average = {name: value.clone() for name, (value, _) in running.weights.by_name().items()}
        words = running.classifier.backbone.get_input_embeddings().weight
        found = {name: p for name, p in running.classifier.named_parameters() if p.requires_grad}
        own_name = next((name for name, p in found.items() if p is words), "")
        #: the names that the classifier uses, by those of the average: word rows are called otherwise there
        self.places = {name: name if name in found else own_name for name in self.average}
        self.dtypes = {place: found[place].dtype for place in self.places.values()}

    def on_tokens(self, batch: Pass) -> None:
        """The teacher reads the text before other extras repeat it, shift its words or move its vector."""
        import torch
        from torch.func import functional_call

        teacher = {place: self.average[name].to(self.dtypes[place]) for name, place in self.places.items()}
        self.classifier.eval()
        with torch.no_grad():
            read = (batch.ids, batch.mask, batch.lengths, batch.counts)
            taught = functional_call(self.classifier, teacher, read)
        self.classifier.train()
        self.taught = taught.float()

    def on_loss(self, batch: Pass, loss: "torch.Tensor") -> "torch.Tensor":
        n_times = len(batch.logits) // len(self.taught)
        apart = (batch.logits.float() - self.taught.repeat(n_times, 1)).pow(2).mean(-1)
        self.apart = apart.detach().mean()
        if batch.label_weights is not None:
            apart = apart * batch.label_weights[batch.labels]
        taught: torch.Tensor = loss + self.recipe.teacher_weight * apart.sum()
        return taught

    def after_step(self, weights: Weights, step: int, learning_rate: float) -> None:
        decay = min(DECAY, (1 + step) / (10 + step))
        for name, (value, _) in weights.by_name().items():
            self.average[name].lerp_(value, 1 - decay)

    def signals(self, weights: Weights) -> Mapping[str, Signal]:
        return {"teacher_distance": self.apart}

    def state(self) -> Tensors:
        return {name: average.cpu() for name, average in self.average.items()}

    def restore(self, state: Mapping[str, "torch.Tensor"]) -> None:
        for name, average in self.average.items():
            average.copy_(state[name])
