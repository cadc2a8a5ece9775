"""Repairs: what was done to a table since it arrived, in order, and what the checks offer to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One named repair. A dataset version is its upload's hash and its operations, applied in order from the upload.

    `params` are plain JSON values; what they mean is defined by the operation's class in `core.datasets.operations`.
    """

    name: str  #: in the operation registry; stored, stays for ever
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one operation did when a version was built."""

    n_changed: int = 0  #: rows whose text or category it changed
    n_removed: int = 0  #: rows it took out of use; they stay on record with their reason
    n_added: int = 0  #: rows it brought in


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A one-click way to mend a finding. It can be undone, so it needs no confirmation."""

    key: str  #: names it within its finding, e.g. "merge"; `data fix ID CODE --choose KEY`
    title: Message  #: the button
    operation: Operation
