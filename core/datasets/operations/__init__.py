"""The repairs a table can be given, by name. A repair is one file here and one row in this registry."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.datasets.operations.append import Append
from core.datasets.operations.base import Context, OperationKind, WorkingTable, by_text
from core.datasets.operations.blank_as_none import BlankAsNone
from core.datasets.operations.blank_labels import BlankLabels
from core.datasets.operations.clean_texts import CleanTexts
from core.datasets.operations.drop_labels import DropLabels
from core.datasets.operations.drop_near_duplicates import DropNearDuplicates
from core.datasets.operations.drop_rows import DropRows
from core.datasets.operations.first_label_of_cell import FirstLabelOfCell
from core.datasets.operations.keep_languages import KeepLanguages
from core.datasets.operations.leave_out_labels import LeaveOutLabels
from core.datasets.operations.mask_personal_data import MaskPersonalData
from core.datasets.operations.merge_labels import MergeLabels
from core.datasets.operations.merge_rare_labels import MergeRareLabels
from core.datasets.operations.none_of_these import NoneOfThese
from core.datasets.operations.params import need
from core.datasets.operations.ranges_of_scores import RangesOfScores
from core.datasets.operations.resolve_conflicts import ResolveConflicts
from core.datasets.operations.set_label import SetLabel
from core.datasets.operations.shorten_texts import ShortenTexts
from core.datasets.operations.strip_labels_from_text import StripLabelsFromText
from core.datasets.operations.strip_markup import StripFooters, StripMarkup
from core.datasets.operations.swap_text_and_label import SwapTextAndLabel
from core.datasets.operations.thin_labels import ThinLabels
from core.domain.message import Message, msg
from core.domain.repair import Effect, Operation
from core.errors import BadData, UserError
from core.registry import Registry

OPERATIONS: Registry[OperationKind] = Registry(
    "repair",
    MergeLabels(),
    Append(),
    DropLabels(),
    LeaveOutLabels(),
    DropRows(),
    NoneOfThese(),
    SetLabel(),
    ResolveConflicts(),
    DropNearDuplicates(),
    MaskPersonalData(),
    StripMarkup(),
    StripFooters(),
    StripLabelsFromText(),
    ShortenTexts(),
    CleanTexts(),
    FirstLabelOfCell(),
    BlankLabels(),
    BlankAsNone(),
    KeepLanguages(),
    SwapTextAndLabel(),
    RangesOfScores(),
    MergeRareLabels(),
    ThinLabels(),
)
EXPORT_FORMAT = 1
#: what would have to choose one of a row's categories
OF_ONE_CATEGORY = frozenset(
    {"first_label_of_cell", "swap_text_and_label", "ranges_of_scores", "thin_labels", "strip_labels_from_text"}
)


def apply_operations(table: WorkingTable, operations: Sequence[Operation], context: Context) -> tuple[Effect, ...]:
    """Apply them in order, in place, and say what each did.

    Raises:
        BadData: one cannot be done on this table; names it by its place, and why.
    """
    effects = []
    for n, one in enumerate(operations, start=1):
        try:
            if table.order is not None and one.name in OF_ONE_CATEGORY:
                raise BadData(msg("It is for tables in which each text has one category; here texts have several."))
            effects.append(OPERATIONS[one.name].apply(table, one.params, context))
            table.settle()
        except UserError as error:
            raise BadData(
                msg("Repair {n}, “{name}”, cannot be done on this table.", n=n, name=one.name), hint=error.message
            ) from error
    return tuple(effects)


def check_operations(operations: Sequence[Operation]) -> None:
    """Raises BadData for a name that is no repair and for parameters that make no sense; names it by its place."""
    for n, one in enumerate(operations, start=1):
        try:
            OPERATIONS[one.name].check(one.params)
        except UserError as error:
            raise BadData(
                msg("Repair {n}, “{name}”, makes no sense.", n=n, name=one.name), hint=error.message
            ) from error


def title_of(operation: Operation) -> Message:
    """The repair in words."""
    return OPERATIONS[operation.name].title(operation.params)


def exported(operations: Sequence[Operation]) -> dict[str, Any]:
    """A list of repairs as JSON, for another table."""
    return {
        "format": EXPORT_FORMAT,
        "operations": [{"name": one.name, "params": dict(one.params)} for one in operations],
    }


def replayable(exported: Mapping[str, Any]) -> tuple[Operation, ...]:
    """The repairs of an exported list, ready for another table: rows are found by their texts, files are not added.

    Raises:
        BadData: it is no such list.
    """
    return tuple(
        Operation(name=one.name, params=by_text(one.params)) for one in _listed(exported) if one.name != Append.name
    )


def not_replayable(exported: Mapping[str, Any]) -> tuple[Operation, ...]:
    """The repairs of an exported list that belong to its own table: files that were added to it. Raises as `replayable`."""
    return tuple(one for one in _listed(exported) if one.name == Append.name)


def _listed(exported: Mapping[str, Any]) -> tuple[Operation, ...]:
    need(exported, operations=list)
    if exported.get("format", EXPORT_FORMAT) != EXPORT_FORMAT:
        raise BadData(
            msg("This list of repairs was made by a newer Tunedesk."), hint=msg("Export it again with this one.")
        )
    operations = []
    for one in exported["operations"]:
        if not isinstance(one, Mapping):
            raise BadData(msg("This is no list of repairs."), hint=msg("Use a list that Tunedesk exported, unchanged."))
        need(one, name=str, params=dict)
        operations.append(Operation(name=one["name"], params=one["params"]))
    check_operations(operations)
    return tuple(operations)
