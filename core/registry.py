"""One named collection of interchangeable members (tasks, techniques, findings, job handlers).

A member is one file; the package's `__init__` lists the members it registers.
"""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from core.domain.message import msg
from core.errors import NotFound


class Named(Protocol):
    @property
    def name(self) -> str:
        """Stored in the database and in files; stays for ever."""
        ...


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Members by name, in the order they were given."""

    def __init__(self, kind: str, *members: T) -> None:
        self.kind = kind
        self._members: dict[str, T] = {}
        for member in members:
            self.add(member)

    def add(self, member: T) -> None:
        if member.name in self._members:
            raise ValueError(f"two members of the {self.kind} registry are named {member.name!r}")
        self._members[member.name] = member

    def __getitem__(self, name: str) -> T:
        try:
            return self._members[name]
        except KeyError:
            known = ", ".join(self._members)
            raise NotFound(
                msg("There is no {kind} named “{name}”.", kind=self.kind, name=name),
                hint=msg("Known names: {known}.", known=known),
            ) from None

    def __iter__(self) -> Iterator[T]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def names(self) -> tuple[str, ...]:
        return tuple(self._members)
