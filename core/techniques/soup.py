"""A soup of check-ups: the average of the best ones is tried at the end."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.domain.message import msg
from core.techniques.protocol import Extra, Tensors

if TYPE_CHECKING:
    import torch

N_BEST = 3


class Soup(Extra):
    """The weights of the best 3 check-ups of one run are averaged; the average is kept where it answers better."""

    name = "soup"
    title = msg("Average of the best check-ups")
    help = msg("Tries the average of the three best check-ups at the end: it is kept only where it answers better.")
    cost = msg("Costs one more check-up, and three copies of the weights in memory.")
    paper = "Wortsman et al., 2022, arXiv:2203.05482"

    def begin(self, running: object) -> None:
        self.best: list[tuple[float, float, Tensors]] = []  #: accuracy, -loss and weights; the best first

    def checked(self, state: Callable[[], Tensors], accuracy: float, loss: float) -> None:
        if len(self.best) == N_BEST and (accuracy, -loss) <= self.best[-1][:2]:
            return
        self.best = [*self.best, (accuracy, -loss, state())]
        self.best = sorted(self.best, key=lambda one: one[:2], reverse=True)[:N_BEST]

    def last_try(self) -> Tensors | None:
        if len(self.best) < 2:
            return None
        states = [state for _, _, state in self.best]
        return {name: sum(state[name] for state in states) / len(states) for name in states[0]}  # type: ignore[misc]

    def state(self) -> Tensors:
        import torch

        ranks = torch.tensor([one[:2] for one in self.best], dtype=torch.float64).view(-1, 2)
        states = {f"{i}.{name}": value for i, (_, _, state) in enumerate(self.best) for name, value in state.items()}
        return {"ranks": ranks, **states}

    def restore(self, state: Mapping[str, "torch.Tensor"]) -> None:
        self.best = []
        for i, (accuracy, minus_loss) in enumerate(state["ranks"].tolist()):
            prefix = f"{i}."
            weights = {name.removeprefix(prefix): v for name, v in state.items() if name.startswith(prefix)}
            self.best.append((accuracy, minus_loss, weights))
