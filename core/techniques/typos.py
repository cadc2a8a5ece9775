"""Typos: in every pass a few words of each text are mistyped as people mistype them."""

from collections.abc import Sequence

import numpy as np

from core.base_models.words import Span, Words
from core.datasets.typos import mistyped
from core.domain.message import msg
from core.domain.recipe import TrainingRecipe
from core.techniques.rewording import Rewording

N_OTHERS = 6  # mistyped forms of a word that are prepared


class Typos(Rewording):
    """Latin words of four letters and more get one wrong key, or two letters that change places, one doubled or left out;
    a Chinese piece gets a letter that sounds alike (`core.datasets.typos`). The mistyped word is cut into pieces as the
    tokenizer would cut it, so the model meets the very pieces that a typo makes.
    """

    name = "typos"
    title = msg("Typing errors")
    help = msg(
        "Mistypes a few words anew in every pass: meant for texts typed in a hurry. On two small English sets it did not help, not even against typing errors."
    )
    cost = msg("A tenth to a third more time, as a mistyped word has more pieces.")
    paper = "Belinkov & Bisk, 2018, arXiv:1711.02173"
    slower = 1.25
    share_setting = "typo_share"

    @classmethod
    def others(cls, words: Words, spans: Sequence[Span], recipe: TrainingRecipe) -> dict[Span, list[Span]]:
        draw = np.random.default_rng(recipe.seed)
        found: dict[Span, list[Span]] = {}
        for span in spans:
            text = words.text(span)
            forms = sorted({mistyped(text, draw) for _ in range(N_OTHERS)} - {text})
            if not forms:
                continue
            same, *others = words.spans([text, *forms], like=span)
            if same == span:  # otherwise it does not read as it was written, and neither would the others
                found[span] = others
        return found
