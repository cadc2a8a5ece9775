"""Verbs about likely label mistakes: decide about them one by one, and make the corrected version of the data."""

from typing import TYPE_CHECKING

from core.domain.dataset import Dataset
from core.domain.label_mistake import LabelDecision, LabelVerdict
from core.domain.message import msg
from core.domain.repair import Operation
from core.domain.rows import RowFilter
from core.errors import BadData, NotFound, NotPossible
from core.workspace.base import need_label
from core.workspace.rows import RowVerbs

if TYPE_CHECKING:
    from core.datasets.limited_child import Progress


class LabelMistakeVerbs(RowVerbs):
    def decide_label(
        self, dataset_id: str, file: str, row: int, verdict: LabelVerdict, label: str = ""
    ) -> LabelDecision:
        """Keep what a person thinks of a row's category; nothing is changed yet. It holds for all versions of the table.

        Raises:
            NotFound: there is no such row, or no such category.
            BadData: the right category is missing.
        """
        dataset = self.dataset(dataset_id)
        if self.dataset_rows(dataset.id, row_numbers=[row], file=file).empty:
            raise NotFound(msg("Data set {dataset_id} has no row {row}.", dataset_id=dataset.id, row=row))
        label = label.strip() if verdict is LabelVerdict.CHANGE else ""
        if verdict is LabelVerdict.CHANGE and not label:
            raise BadData(msg("A category needs a name."), hint=msg("To leave rows out, take them out instead."))
        if label:
            need_label(label, dataset.labels)
        decision = LabelDecision(file=file, row=row, verdict=verdict, label=label)
        self._store.decisions.put(dataset.family, decision)
        return decision

    def label_decisions(self, dataset_id: str) -> list[LabelDecision]:
        """All decisions about the rows of a table, the latest last."""
        return self._store.decisions.list(self.dataset(dataset_id).family)

    def take_back_decision(self, dataset_id: str) -> LabelDecision:
        """Forget the latest decision, and say which it was.

        Raises:
            NotPossible: there is none.
        """
        decisions = self.label_decisions(dataset_id)
        if not decisions:
            raise NotPossible(msg("There is no decision to take back."))
        self._store.decisions.take_back(self.dataset(dataset_id).family, decisions[-1])
        return decisions[-1]

    def apply_decisions(self, dataset_id: str, *, progress: "Progress | None" = None) -> Dataset:
        """The version in which the decisions are done: categories corrected, rows left out. Made once, then found again.

        Raises:
            NotPossible: no decision changes anything.
        """
        dataset = self.dataset(dataset_id)
        operations = self._decided(dataset)
        if not operations:
            raise NotPossible(
                msg("No decision changes anything."), hint=msg("Change a category or leave a row out first.")
            )
        return self._with_operations(dataset, (*dataset.operations, *operations), progress)

    def corrected_version(self, dataset_id: str) -> Dataset | None:
        """The version with all decisions done; None where it is not made yet or nothing is to be changed."""
        dataset = self.dataset(dataset_id)
        operations = self._decided(dataset)
        if not operations:
            return None
        wanted = (*dataset.operations, *operations)
        return next((one for one in self.versions(dataset.id) if one.operations == wanted), None)

    def n_corrections(self, dataset_id: str) -> int:
        """How many rows of this version the decisions would still change: 0 where all is done."""
        return sum(len(rows) for rows in self._undone(self.dataset(dataset_id)).values())

    def _decided(self, dataset: Dataset) -> list[Operation]:
        """Decisions that change this version, as repairs: the same decisions give the same list in any order."""
        return [
            Operation(name="set_label", params={"label": label, "rows": refs})
            if label
            else Operation(name="drop_rows", params={"rows": refs})
            for label, named in sorted(self._undone(dataset).items())
            for refs in self._refs(dataset, RowFilter(rows=tuple(sorted(named))))
        ]

    def _undone(self, dataset: Dataset) -> dict[str, list[tuple[str, int]]]:
        """(file, row) of what the decisions change in this version, by the new category; "" leaves out.

        A category that this version does not have was renamed or merged after the decision: that one is left undone.
        """
        decided = {(d.file, d.row): d for d in self._store.decisions.list(dataset.family)}
        if not decided:
            return {}
        rows = self.dataset_rows(dataset.id, row_numbers=sorted({row for _file, row in decided}), limit=None)
        known = {"", *dataset.labels}
        wanted: dict[str, list[tuple[str, int]]] = {}
        for file, row, label, set_aside in zip(
            rows["file"], rows["row"].tolist(), rows["label"], rows["set_aside"], strict=True
        ):
            decision = decided.get((file, row))
            if decision is None or set_aside or decision.verdict is LabelVerdict.KEEP or decision.label == label:
                continue
            if decision.label not in known:
                continue
            wanted.setdefault(decision.label, []).append((file, row))
        return wanted
