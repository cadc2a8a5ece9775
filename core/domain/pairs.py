"""A pair of texts is one string everywhere: reports, tables and studies handle it as they handle any text."""

from collections.abc import Callable

SIGN = "⇄"
SEPARATOR = f" {SIGN} "
INNER_SIGN = "↔"  #: what the sign becomes inside a text


def joined(first: str, second: str) -> str:
    """The pair as one string; "" where either text is blank: half a pair is none."""
    halves = [text.strip().replace(SIGN, INNER_SIGN) for text in (first, second)]
    return SEPARATOR.join(halves) if all(halves) else ""


def parts(text: str) -> tuple[str, str]:
    """The two texts of a pair, without outer space; the second is "" where `text` is no pair."""
    first, _sign, second = text.partition(SIGN)
    return first.strip(), second.strip()


def in_halves(rewrite: Callable[[str], str]) -> Callable[[str], str]:
    """What is done to a text, done to both texts of a pair."""

    def rewritten(text: str) -> str:
        first, second = parts(text)
        return joined(rewrite(first), rewrite(second))

    return rewritten
