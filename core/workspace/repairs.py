"""Verbs about repairs: every one makes a new version of the dataset; the upload and all other versions stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.domain.dataset import Dataset, TableFormat, Upload
from core.domain.message import msg, nmsg
from core.domain.repair import Operation
from core.errors import NotFound, NotPossible
from core.workspace.data import DataVerbs

if TYPE_CHECKING:
    from core.datasets.limited_child import Progress

OPERATIONS_FORMAT = 1


class RepairVerbs(DataVerbs):
    def repair(self, dataset_id: str, *operations: Operation, progress: "Progress | None" = None) -> Dataset:
        """A version with `operations` after those it has.

        Raises:
            NotFound: there is no such repair.
            BadData: its parameters make no sense.
        """
        dataset = self.dataset(dataset_id)
        return self._with_operations(dataset, (*dataset.operations, *operations), progress)

    def fix(
        self,
        dataset_id: str,
        code: str,
        *,
        choose: str | None = None,
        file: str = "practice",
        progress: "Progress | None" = None,
    ) -> Dataset:
        """Apply one of the fixes that a finding offers: the usual one, or the one whose key is `choose`.

        Raises:
            NotFound: the dataset has no such finding, or the finding no such fix; the real ones are named.
        """
        findings = [f for f in self.dataset(dataset_id).findings if f.code == code and f.file == file]
        if not findings:
            known = ", ".join(dict.fromkeys(f.code for f in self.dataset(dataset_id).findings)) or "-"
            raise NotFound(
                msg("Data set {dataset_id} has no finding “{code}”.", dataset_id=dataset_id, code=code),
                hint=msg("Its findings: {known}.", known=known),
            )
        fixes = [fix for finding in findings for fix in finding.fixes]
        chosen = next((fix for fix in fixes if choose in (None, fix.key)), None)
        if chosen is None:
            raise NotFound(
                msg("The finding “{code}” has no such fix.", code=code),
                hint=msg("Choose one of: {known}.", known=", ".join(fix.key for fix in fixes) or "-"),
            )
        return self.repair(dataset_id, chosen.operation, progress=progress)

    def undo(self, dataset_id: str, *positions: int, progress: "Progress | None" = None) -> Dataset:
        """A version without the repairs at `positions` (1 is the first); the others stay in order."""
        dataset = self.dataset(dataset_id)
        for position in positions:
            if not 1 <= position <= len(dataset.operations):
                raise NotFound(
                    msg("Data set {dataset_id} has no repair number {n}.", dataset_id=dataset_id, n=position),
                    hint=nmsg("It has {n} repair.", "It has {n} repairs.", len(dataset.operations)),
                )
        kept = tuple(one for n, one in enumerate(dataset.operations, start=1) if n not in positions)
        return self._with_operations(dataset, kept, progress)

    def versions(self, dataset_id: str) -> list[Dataset]:
        """All versions of the same table that differ in repairs only, oldest first."""
        family = self.dataset(dataset_id).family
        return [dataset for dataset in reversed(self.datasets()) if dataset.family == family]

    def export_operations(self, dataset_id: str) -> dict[str, Any]:
        """The list of repairs as JSON, to be replayed on another table."""
        dataset = self.dataset(dataset_id)
        return {
            "format": OPERATIONS_FORMAT,
            "columns": {"text": list(dataset.read_columns), "label": dataset.label_column},
            "operations": [{"name": one.name, "params": dict(one.params)} for one in dataset.operations],
        }

    def replay(self, dataset_id: str, exported: Mapping[str, Any], *, progress: "Progress | None" = None) -> Dataset:
        """A version with the repairs of another table after its own; rows are found by their texts.

        Raises:
            BadData: `exported` is no list of repairs.
        """
        from core.datasets.operations import replayable

        dataset = self.dataset(dataset_id)
        return self._with_operations(dataset, (*dataset.operations, *replayable(exported)), progress)

    def append(
        self,
        dataset_id: str,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        progress: "Progress | None" = None,
    ) -> Dataset:
        """A version with the rows of another file (same columns) below its own."""
        from core.datasets.operations.append import append_operation

        return self.repair(dataset_id, append_operation(upload, format or TableFormat()), progress=progress)

    def _with_operations(
        self, dataset: Dataset, operations: Sequence[Operation], progress: "Progress | None"
    ) -> Dataset:
        from core.datasets.operations import check_operations

        if tuple(operations) == dataset.operations:
            raise NotPossible(msg("That changes nothing."), hint=msg("Choose another repair."))
        check_operations(operations)
        return self._build(replace(dataset.spec, operations=tuple(operations)), progress)
