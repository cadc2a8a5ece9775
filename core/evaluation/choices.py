"""A setting's other value in words, for whatever speaks of one: what a search tried, what to try next."""

import dataclasses
from typing import Any

from core.domain.message import Message, msg
from core.domain.recipe import TrainingRecipe
from core.techniques import EXTRAS
from core.training.evidence import Gain

_LABELS: dict[str, Message] = {field.name: field.metadata["label"] for field in dataclasses.fields(TrainingRecipe)}
_WORDS = {
    ("head_start", "fitted"): msg("fitted"),
    ("head_start", "random"): msg("from nothing"),
    ("n_layers", 0): msg("all"),
}


def setting_text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def label_of(setting: str) -> Message:
    return _LABELS[setting]


def value_of(setting: str, value: Any) -> Message:
    return _WORDS.get((setting, value)) or Message(text="{value}", params={"value": setting_text(value)})


def choice(setting: str, value: Any, usual: Any) -> Message:
    """ "Learning rate 0.0004 instead of 0.0002"; for "extras" `value` is the name of the one that is added, or ""."""
    if setting == "extras" and not value:
        return msg("Without {extra}", extra=EXTRAS[usual].title)
    if setting == "extras":
        return msg("With {extra}", extra=EXTRAS[value].title)
    return msg(
        "{setting} {value} instead of {usual}",
        setting=label_of(setting),
        value=value_of(setting, value),
        usual=value_of(setting, usual),
    )


def points(share: float) -> str:
    return f"{100 * share:+.1f}"


def gained(gain: Gain) -> Message:
    """ "Learning rate 0.0004 instead of 0.0002: +0.8 points (likely -0.3 to +1.9)"."""
    return msg(
        "{choice}: {gain} points (likely {low} to {high})",
        choice=choice(gain.setting, gain.value, gain.usual),
        gain=points(gain.gain),
        low=points(gain.low),
        high=points(gain.high),
    )
