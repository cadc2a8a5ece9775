"""Records to JSON-ready values and back, driven by their annotations. No record needs a converter of its own."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

R = TypeVar("R")
PLAIN = frozenset({str, int, float, bool, type(None)})  # the confusion of a thousand categories is a million of them


def to_plain(value: Any) -> Any:
    """Dataclasses become dicts, tuples lists, enums their values, datetimes ISO text."""
    if type(value) in PLAIN:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): to_plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(v) for v in value]
    return value


def from_plain(kind: type[R], value: Mapping[str, Any]) -> R:
    """Rebuild a dataclass from what `to_plain` made of it.

    Fields unknown to this version are ignored and missing ones take their default: old stores still open.
    """
    hints = _hints(cast(Any, kind))
    return kind(**{name: _rebuilt(hints[name], v) for name, v in value.items() if name in hints})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _rebuilt(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, args = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        options = [a for a in args if a is not type(None)]
        records = [a for a in options if dataclasses.is_dataclass(a)] if isinstance(value, Mapping) else []
        return _rebuilt((records or options)[0], value)
    if origin is tuple:
        if args[0] in PLAIN and args[1:] == (...,):
            return tuple(value)
        kinds = [args[0]] * len(value) if args[1:] == (...,) else args
        return tuple(_rebuilt(k, v) for k, v in zip(kinds, value, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {k: _rebuilt(args[1], v) for k, v in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
