"""Verbs about repairs: every one makes a new version of the dataset; the upload and all other versions stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.dataset import Dataset, TableFormat, Upload
from core.domain.message import msg, nmsg
from core.domain.plain import from_plain, to_plain
from core.domain.repair import Operation, VersionComparison
from core.domain.task import reads_pairs
from core.errors import NotFound, NotPossible
from core.workspace.data import DataVerbs

if TYPE_CHECKING:
    from core.datasets.limited_child import Progress


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

    def reset(self, dataset_id: str, *, progress: "Progress | None" = None) -> Dataset:
        """The version without any repair: the table as it was uploaded.

        Raises:
            NotPossible: it has none.
        """
        return self._with_operations(self.dataset(dataset_id), (), progress)

    def versions(self, dataset_id: str) -> list[Dataset]:
        """All versions of the same table that differ in repairs only; those made, or made again, most lately come last."""
        family = self.dataset(dataset_id).family
        return [dataset for dataset in reversed(self.datasets()) if dataset.family == family]

    def compare_versions(self, before_id: str, after_id: str) -> VersionComparison:
        """Which rows, categories, repairs and findings differ between two versions, or between two tables."""
        from core.datasets.comparison import compare

        before, after = self.dataset(before_id), self.dataset(after_id)
        return compare(before, self._dataset_dir(before.id), after, self._dataset_dir(after.id))

    def export_operations(self, dataset_id: str) -> dict[str, Any]:
        """The list of repairs as JSON, to be replayed on another table."""
        from core.datasets.operations import exported

        dataset = self.dataset(dataset_id)
        columns = {"text": list(dataset.read_columns), "label": dataset.label_column}
        return {**exported(dataset.operations), "columns": columns}

    def repairs_for(self, dataset_id: str) -> list[Dataset]:
        """Other tables with the same columns whose repairs could be done here too: the newest version of each.

        The most lately repaired one comes first: last month's file, as a rule.
        """
        from core.datasets.operations import replayable

        dataset = self.dataset(dataset_id)
        newest: dict[str, Dataset] = {}
        for other in self.datasets():
            newest.setdefault(other.family, other)

        def offers_something(other: Dataset) -> bool:
            same_columns = (other.read_columns, other.learned_columns) == (
                dataset.read_columns,
                dataset.learned_columns,
            )
            if not same_columns or other.family == dataset.family:
                return False
            repairs = replayable(self.export_operations(other.id))
            return any(one not in dataset.operations for one in repairs)

        return [other for other in newest.values() if offers_something(other)]

    def replay(self, dataset_id: str, exported: Mapping[str, Any], *, progress: "Progress | None" = None) -> Dataset:
        """A version with the repairs of another table after its own; rows are found by their texts.

        Files that were added to the other table are left out; `not_replayed` names them.

        Raises:
            BadData: `exported` is no list of repairs.
            NotPossible: nothing is left to do.
        """
        from core.datasets.operations import replayable

        dataset = self.dataset(dataset_id)
        return self._with_operations(dataset, (*dataset.operations, *replayable(exported)), progress)

    def not_replayed(self, exported: Mapping[str, Any]) -> tuple[Operation, ...]:
        """What `replay` leaves out of a list of repairs."""
        from core.datasets.operations import not_replayable

        return not_replayable(exported)

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

    def export_dataset(self, dataset_id: str, out_path: Path) -> int:
        """Write every row as it is after the repairs to a .csv or .xlsx file; returns how many.

        Raises:
            NotPossible: another suffix, or too many rows for Excel.
        """
        from core.datasets.exporting import export_rows

        dataset = self.dataset(dataset_id)
        return export_rows(self._dataset_dir(dataset.id), out_path, pairs=reads_pairs(dataset.task))

    def _with_operations(
        self, dataset: Dataset, operations: Sequence[Operation], progress: "Progress | None"
    ) -> Dataset:
        """The version with exactly these repairs: one that was made before, else a new one.

        When a repair cannot be done nothing is kept, and all versions stay.
        """
        from core.datasets.operations import check_operations
        from core.datasets.rows import ROWS

        wanted = tuple(from_plain(Operation, to_plain(one)) for one in operations)  # as the store gives them back
        if wanted == dataset.operations:
            raise NotPossible(msg("That changes nothing."), hint=msg("Choose another repair."))
        check_operations(wanted)
        for version in self.versions(dataset.id):
            if version.operations == wanted and (self._dataset_dir(version.id) / ROWS).is_file():
                return self._store.datasets.add(replace(version, created_at=datetime.now(UTC)))
        return self._build(replace(dataset.spec, operations=wanted), progress)
