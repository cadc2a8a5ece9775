"""The repairs a table can be given, by name. A repair is one file here and one row in this registry."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.datasets.operations.append import Append
from core.datasets.operations.base import Context, OperationKind, WorkingTable, by_text, need
from core.datasets.operations.merge_labels import MergeLabels
from core.domain.message import Message
from core.domain.repair import Effect, Operation
from core.registry import Registry

OPERATIONS: Registry[OperationKind] = Registry("repair", MergeLabels(), Append())


def apply_operations(table: WorkingTable, operations: Sequence[Operation], context: Context) -> tuple[Effect, ...]:
    """Apply them in order, in place, and say what each did."""
    return tuple(OPERATIONS[one.name].apply(table, one.params, context) for one in operations)


def check_operations(operations: Sequence[Operation]) -> None:
    """Raises NotFound for a name that is no repair, BadData for parameters that make no sense."""
    for one in operations:
        OPERATIONS[one.name].check(one.params)


def title_of(operation: Operation) -> Message:
    """The repair in words."""
    return OPERATIONS[operation.name].title(operation.params)


def replayable(exported: Mapping[str, Any]) -> tuple[Operation, ...]:
    """The repairs of an exported list, ready for another table: rows are found by their texts, files are not added.

    Raises:
        BadData: it is no such list.
    """
    need(exported, operations=list)
    operations = []
    for one in exported["operations"]:
        need(one, name=str, params=dict)
        if one["name"] != Append.name:
            operations.append(Operation(name=one["name"], params=by_text(one["params"])))
    check_operations(operations)
    return tuple(operations)
