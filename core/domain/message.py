"""A sentence for a person that is stored before its language is known.

Workers speak no language: they store the English pattern and its values, and the page renders both in the
reader's language (`core.i18n.say`). `msg` and `nmsg` are the markers that message extraction looks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An English pattern with named values, e.g. "{n} rows are blank" and {"n": 3}. A value may be a message itself."""

    text: str
    plural: str = ""  #: pattern for n != 1; empty where number does not matter
    params: "Mapping[str, Param]" = field(default_factory=dict)

    def __str__(self) -> str:
        pattern = self.plural if self.plural and self.params.get("n") != 1 else self.text
        return pattern.format_map(self.params)

    def to_json(self) -> dict[str, Any]:
        params = {name: value.to_json() if isinstance(value, Message) else value for name, value in self.params.items()}
        return {"text": self.text, "plural": self.plural, "params": params}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Message":
        params = {
            name: cls.from_json(param) if isinstance(param, Mapping) else param
            for name, param in value.get("params", {}).items()
        }
        return cls(text=value["text"], plural=value.get("plural", ""), params=params)


Param = str | int | float | Message


def msg(text: str, **params: Param) -> Message:
    return Message(text=text, params=params)


def nmsg(singular: str, plural: str, n: int, **params: Param) -> Message:
    return Message(text=singular, plural=plural, params={"n": n, **params})
