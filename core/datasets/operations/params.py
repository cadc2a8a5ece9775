"""What the parameters of an operation may be. They may come from a file that a person edited."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

from core.domain.message import msg
from core.errors import BadData

MAX_ROW = (1 << 31) - 1
HUGE = 1e300


def need(values: Mapping[str, Any], /, **kinds: type) -> None:
    """Check that `values` has values of these kinds.

    Raises:
        BadData: one is missing or of another kind.
    """
    for name, kind in kinds.items():
        if not isinstance(values.get(name), kind) or (kind is int and isinstance(values[name], bool)):
            refuse(name)


def need_word(params: Mapping[str, Any], name: str) -> None:
    """A string that is not blank."""
    need(params, **{name: str})
    if not params[name].strip():
        refuse(name)


def need_words(params: Mapping[str, Any], name: str, choices: Collection[str] = ()) -> None:
    """A list of one or more strings, each one of `choices` where there are any."""
    need(params, **{name: list})
    words = params[name]
    if not words or not all(isinstance(word, str) and (not choices or word in choices) for word in words):
        refuse(name)


def need_choice(params: Mapping[str, Any], name: str, choices: Collection[str]) -> None:
    need(params, **{name: str})
    if params[name] not in choices:
        refuse(name)


def need_count(params: Mapping[str, Any], name: str, *, low: int) -> None:
    """A whole number from `low` on."""
    need(params, **{name: int})
    if params[name] < low:
        refuse(name)


def need_rising(params: Mapping[str, Any], name: str) -> None:
    """A list of one or more numbers, each above the one before it."""
    need(params, **{name: list})
    numbers = params[name]
    plain = all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) < HUGE for n in numbers)
    if not numbers or not plain or any(b <= a for a, b in itertools.pairwise(numbers)):
        refuse(name)


def need_refs(params: Mapping[str, Any]) -> None:
    """Check that `params["rows"]` is what `core.datasets.operations.base.row_refs` gives."""
    need(params, rows=dict)
    refs = params["rows"]
    need(refs, file=str, rows=list, keys=list)
    if not all(isinstance(row, int) and 0 < row <= MAX_ROW for row in refs["rows"]):
        refuse("rows")
    if len(refs["rows"]) != len(refs["keys"]) or not all(_is_key(key) for key in refs["keys"]):
        refuse("keys")
    if refs.get("by", "row") not in ("row", "text"):
        refuse("by")


def names_of(params: Mapping[str, Any], name: str) -> Sequence[str]:
    names: Sequence[str] = params[name]
    return names


def _is_key(key: Any) -> bool:
    return isinstance(key, str) and len(key) == 12 and not set(key) - set("0123456789abcdef")


def refuse(name: str) -> NoReturn:
    raise BadData(
        msg("This repair needs a value for “{name}”.", name=name),
        hint=msg("Use a list of repairs that Tunedesk exported, unchanged."),
    )
