"""A text whose words are tinted by how much they moved the answer. A word that is clicked is told to the page.

The text reaches the browser as text nodes, so nothing in it is formatted, linked or fetched.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from core.domain.explanation import Answer, Explanation
from core.domain.number import NumberPrediction
from core.domain.pairs import SIGN, parts
from core.i18n import gettext as _

_Piece = dict[str, str | int | float]

_HERE = Path(__file__).parent
_LEAST = 0.5  # log-odds, or an eighth of a number's range, that get the full tint at least: where no word moves much, none shines

_component = st.components.v2.component(
    "tunedesk_marked_text",
    html='<div class="marked-text" role="group"></div>\n<p class="marked-text-legend"></p>\n',
    css=(_HERE / "marked_text.css").read_text(encoding="utf-8"),
    js=(_HERE / "marked_text.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def marked_text(
    explanation: Explanation,
    effects: Sequence[float],
    *,
    left_out: Sequence[int] = (),
    headings: Sequence[str] = (),
    key: str,
    on_word: Callable[[], None] = lambda: None,
) -> None:
    """Draw it. `effects` are of `explanation.words`, `left_out` their places, `headings` stand above the two texts of a pair;
    `on_word` is called after a click, which `st.session_state[key].word` then names by its place."""
    _component(
        key=key,
        data={
            "pieces": pieces(explanation, effects, headings),
            "left_out": list(left_out),
            "words": {
                "alt": _("The text with the words that moved the answer"),
                "for": _("speaks for it"),
                "against": _("speaks against it"),
                "click": _("Click a word to leave it out."),
            },
        },
        on_word_change=on_word,
    )


def pieces(explanation: Explanation, effects: Sequence[float], headings: Sequence[str] = ()) -> list[_Piece]:
    """The whole text in order: words with their place and tint (-1 to 1), and what stands between them.

    With `headings` the first stands before all, and the second in the place of the sign between the two texts.
    """
    text, position, found = explanation.prediction.text, 0, []
    most = max([_least(explanation.prediction), *map(abs, effects)])
    for place, (word, effect) in enumerate(zip(explanation.words, effects, strict=True)):
        found.append({"text": text[position : word.start]})
        found.append({"text": text[word.start : word.end], "place": place, "tint": round(effect / most, 3)})
        position = word.end
    found = [piece for piece in [*found, {"text": text[position:]}] if piece["text"]]
    return _with_headings(found, headings) if headings else found


def _least(prediction: Answer) -> float:
    return (prediction.high - prediction.low) / 8 if isinstance(prediction, NumberPrediction) else _LEAST


def _with_headings(found: Sequence[_Piece], headings: Sequence[str]) -> list[_Piece]:
    first, second = headings
    between = next(place for place, piece in enumerate(found) if SIGN in str(piece["text"]))
    before, after = parts(str(found[between]["text"]))
    middle = [{"text": before}, {"text": second, "heading": 1}, {"text": after}]
    return [
        {"text": first, "heading": 1},
        *found[:between],
        *(piece for piece in middle if piece["text"]),
        *found[between + 1 :],
    ]
