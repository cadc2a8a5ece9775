"""How well a category is supplied with examples, as a traffic light, and what would help it most."""

from dataclasses import dataclass
from enum import StrEnum

from core.domain.message import Message, msg, nmsg


class Light(StrEnum):
    """From few examples to many. The names are colours."""

    RED = "red"  #: cannot be learned
    ORANGE = "orange"  #: few-example mode
    YELLOW = "yellow"  #: enough to try
    GREEN = "green"  #: usable
    BLUE = "blue"  #: the exam can be trusted


AT_LEAST = {Light.RED: 0, Light.ORANGE: 2, Light.YELLOW: 20, Light.GREEN: 50, Light.BLUE: 100}  #: examples
_LIGHTS = tuple(AT_LEAST)
TITLES = {
    Light.RED: msg("Cannot be learned"),
    Light.ORANGE: msg("Few examples"),
    Light.YELLOW: msg("Enough to try"),
    Light.GREEN: msg("Usable"),
    Light.BLUE: msg("Exam can be trusted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The light of one category, in words, and what to do next."""

    light: Light
    title: Message
    advice: Message
    n_missing: int  #: examples to the next light; 0 at the last one


def light_of(n_examples: int) -> Supply:
    """What `n_examples` of a category are good for."""
    light = max((light for light in _LIGHTS if AT_LEAST[light] <= n_examples), key=AT_LEAST.__getitem__)
    above = _LIGHTS[_LIGHTS.index(light) + 1 :]
    n_missing = AT_LEAST[above[0]] - n_examples if above else 0
    return Supply(light=light, title=TITLES[light], advice=_advice(light, n_examples, n_missing), n_missing=n_missing)


def _advice(light: Light, n_examples: int, n_missing: int) -> Message:
    if light is Light.RED and n_examples == 0:
        return msg("Add at least 2 examples, or leave the category out.")
    if light is Light.RED:
        return msg("Add at least one more example, merge it with another category, or drop it.")
    if light is Light.ORANGE:
        return nmsg(
            "Add {n} example to try it properly, or merge it with a category that means nearly the same.",
            "Add {n} examples to try it properly, or merge it with a category that means nearly the same.",
            n_missing,
        )
    if light is Light.YELLOW:
        return nmsg(
            "Add {n} example, so that staff can rely on its suggestions.",
            "Add {n} examples, so that staff can rely on its suggestions.",
            n_missing,
        )
    if light is Light.GREEN:
        return nmsg(
            "Add {n} example, so that the exam says for sure how good it is.",
            "Add {n} examples, so that the exam says for sure how good it is.",
            n_missing,
        )
    return msg("Nothing to add: other categories need examples more.")
