"""A shift of the word vectors of one pass, for techniques that train on the worst case near each text."""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from core.domain.message import msg
from core.techniques.protocol import Pass

if TYPE_CHECKING:
    import torch

#: titles of what those techniques tell: the mean loss of a step under its longest shift
WORST_CASE = (("worst_case_loss", msg("Practice loss with worst-case words")),)


class WordShift:
    """While entered, `shift` is added to the word vectors in every forward; its gradient is collected by backward.

    With word vectors E of a text, of shape (tokens, hidden), a length of `size` means size * ||E||: the same strength
    for any base model. Lengths are those of a whole text.
    """

    def __init__(self, classifier: Any, batch: Pass, size: float, *, random: bool = False) -> None:
        self.words, self.mask, self.size, self.random = (
            classifier.backbone.get_input_embeddings(),
            batch.mask,
            size,
            random,
        )
        self.shift: torch.Tensor | None = None

    def __enter__(self) -> "WordShift":
        self._hook = self.words.register_forward_hook(self._add)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hook.remove()

    def climb(self, step: float, slope: "torch.Tensor | None" = None) -> None:
        """Move by `step` times the allowed length along the gradient, and back into what is allowed."""
        import torch

        assert self.shift is not None
        slope = self.shift.grad if slope is None else slope
        assert slope is not None
        slope = torch.nan_to_num(slope.detach().float(), 0.0, 0.0, 0.0)  # half precision may overflow
        shift = self.shift.detach() + slope * self._spread(step * self.limit / self._lengths(slope))
        shift = shift * self._spread((self.limit / self._lengths(shift)).clamp(max=1.0))
        self.shift = shift.requires_grad_()

    def _add(self, module: Any, inputs: "tuple[torch.Tensor, ...]", output: "torch.Tensor") -> "torch.Tensor":
        if self.shift is None:
            self._begin(inputs[0], output.detach().float())
        assert self.shift is not None
        return output + self.shift.to(output.dtype)

    def _begin(self, ids: "torch.Tensor", words: "torch.Tensor") -> None:
        import torch
        from torch.nn import functional

        if ids.ndim == 1:  # without padding: the tokens of the texts end to end, the shortest text first
            lengths, order = torch.sort(self.mask.sum(1), stable=True)
            self.rows = torch.repeat_interleave(order, lengths)
            is_text = torch.ones_like(words[..., :1])
        else:
            self.rows = torch.arange(len(ids), device=ids.device).repeat_interleave(ids.shape[1])
            n_front = ids.shape[1] - self.mask.shape[1]  # places in front of the text, of `core.techniques.prefix`
            is_text = functional.pad(self.mask, (n_front, 0)).unsqueeze(-1).to(words.dtype)
        self.limit = self.size * self._lengths(words * is_text)
        self.shift = torch.zeros_like(words)
        if self.random:
            noise = (2 * torch.rand_like(words) - 1) * is_text
            self.shift = noise * self._spread(0.5 * self.limit / self._lengths(noise))
        self.shift.requires_grad_()

    def _lengths(self, values: "torch.Tensor") -> "torch.Tensor":
        """Of each text's part of `values`; never 0."""
        squares = values.flatten(0, -2).pow(2).sum(-1)
        return squares.new_zeros(len(self.mask)).index_add(0, self.rows, squares).sqrt().clamp_min(1e-12)

    def _spread(self, per_text: "torch.Tensor") -> "torch.Tensor":
        """A value per text as a factor of its tokens' vectors."""
        assert self.shift is not None
        return per_text[self.rows].view(*self.shift.shape[:-1], 1)
