"""A sentence for a person that is stored before its language is known.

Workers speak no language: they store the English pattern and its values, and the page renders both in the
reader's language (`core.i18n.say`). `msg` and `nmsg` are the markers that message extraction looks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An English pattern with named values, e.g. "{n} rows are blank" and {"n": 3}."""

    text: str
    plural: str = ""  #: pattern for n != 1; empty where number does not matter
    params: Mapping[str, str | int | float] = field(default_factory=dict)

    def __str__(self) -> str:
        pattern = self.plural if self.plural and self.params.get("n") != 1 else self.text
        return pattern.format_map(self.params)

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "plural": self.plural, "params": dict(self.params)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Message":
        return cls(text=value["text"], plural=value.get("plural", ""), params=dict(value.get("params", {})))


def msg(text: str, **params: str | int | float) -> Message:
    return Message(text=text, params=params)


def nmsg(singular: str, plural: str, n: int, **params: str | int | float) -> Message:
    return Message(text=singular, plural=plural, params={"n": n, **params})
