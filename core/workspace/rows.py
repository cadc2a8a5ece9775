"""Verbs about a dataset's rows: look at any page of a million of them, correct their categories, take some out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.domain.dataset import Dataset, Split
from core.domain.message import msg, nmsg
from core.domain.picture import DatasetPicture
from core.domain.repair import Operation
from core.domain.rows import TAKEN_OUT, RowFilter, RowOrder, RowPage
from core.domain.several import NONE_OF_THEM
from core.domain.task import AnswerKind
from core.errors import BadData, NotPossible
from core.workspace.repairs import RepairVerbs

if TYPE_CHECKING:
    import pandas

    from core.datasets.limited_child import Progress

FILES = ("practice", "exam")
#: Rows that one repair names one by one: about 1 MB in the database. Whole categories are named by themselves.
MAX_NAMED_ROWS = 50_000


class RowVerbs(RepairVerbs):
    def row_page(
        self,
        dataset_id: str,
        wanted: RowFilter,
        *,
        order: RowOrder = RowOrder.ROW,
        descending: bool = False,
        number: int = 1,
        size: int = 50,
    ) -> RowPage:
        """One page of the rows that meet `wanted`, and how many there are."""
        from core.datasets.row_query import find_page

        dataset = self.dataset(dataset_id)
        return find_page(
            self._dataset_dir(dataset.id),
            self._resolved(dataset, wanted),
            order=order,
            descending=descending,
            number=number,
            size=size,
        )

    def row_labels(self, dataset_id: str) -> tuple[str, ...]:
        """Every category that stands in some row, also in rows that are set aside."""
        from core.datasets.row_query import label_names, single_names

        dataset = self.dataset(dataset_id)
        names = single_names if dataset.answers is AnswerKind.CATEGORIES else label_names
        return names(self._dataset_dir(dataset.id))

    def row_reasons(self, dataset_id: str) -> tuple[str, ...]:
        """Codes of the reasons for which rows were set aside."""
        from core.datasets.row_query import reasons

        return reasons(self._dataset_dir(self.dataset(dataset_id).id))

    def dataset_rows(
        self,
        dataset_id: str,
        *,
        split: Split | None = None,
        label: str | None = None,
        row_numbers: Sequence[int] | None = None,
        file: str | None = None,
        set_aside: bool | None = None,
        limit: int | None = 1000,
    ) -> "pandas.DataFrame":
        """Columns row, file, text, label, split, set_aside; only rows that meet every condition given."""
        from core.datasets.row_query import find_rows

        rows = None
        if row_numbers is not None:
            rows = tuple((name, row) for name in ((file,) if file else FILES) for row in row_numbers)
        dataset = self.dataset(dataset_id)
        wanted = RowFilter(
            several=dataset.answers is AnswerKind.CATEGORIES,
            split=split.value if split else "",
            labels=(label,) if label is not None else (),
            file=file or "",
            used=None if set_aside is None else not set_aside,
            rows=rows,
        )
        frame: pandas.DataFrame = find_rows(self._dataset_dir(dataset.id), wanted, limit=limit).to_pandas()
        return frame

    def profile(self, dataset_id: str) -> DatasetPicture:
        """Lengths, languages and telling words of the rows in use. Worked out once, in a limited child process.

        Raises:
            BadData: it took more memory or time than it may.
        """
        from core.datasets.profile_child import kept_picture

        dataset = self.dataset(dataset_id)
        return kept_picture(
            self._dataset_dir(dataset.id),
            language=dataset.profile.language,
            seed=dataset.split_seed,
            several=dataset.answers is AnswerKind.CATEGORIES,
        )

    def relabel(
        self,
        dataset_id: str,
        edits: Mapping[str, Sequence[tuple[str, int]]],
        *,
        progress: "Progress | None" = None,
    ) -> Dataset:
        """A version in which rows, named by file and number, have the category that they stand under in `edits`.

        Raises:
            BadData: a category is blank.
            NotPossible: that changes nothing, or too many rows are named.
        """
        dataset = self.dataset(dataset_id)
        operations = [
            operation
            for label, rows in edits.items()
            for operation in self._set_label(dataset, RowFilter(rows=tuple(rows)), label)
        ]
        return self._with_operations(dataset, (*dataset.operations, *operations), progress)

    def relabel_found(
        self, dataset_id: str, wanted: RowFilter, label: str, *, progress: "Progress | None" = None
    ) -> Dataset:
        """A version in which all rows that meet `wanted` have the category `label`.

        Raises:
            BadData: the category is blank.
            NotPossible: that changes nothing, or too many rows meet `wanted`.
        """
        dataset = self.dataset(dataset_id)
        operations = self._set_label(dataset, wanted, label)
        return self._with_operations(dataset, (*dataset.operations, *operations), progress)

    def take_out(self, dataset_id: str, wanted: RowFilter, *, progress: "Progress | None" = None) -> Dataset:
        """A version in which the rows that meet `wanted` are out of use.

        Raises:
            NotPossible: there are none, or too many.
        """
        return self._leave_out(dataset_id, wanted, "drop_labels", "drop_rows", progress)

    def none_of_these(self, dataset_id: str, wanted: RowFilter, *, progress: "Progress | None" = None) -> Dataset:
        """A version in which the rows that meet `wanted` count as examples of none of the categories. Where rows may have
        several, that is an answer like others: they stay in use.

        Raises:
            NotPossible: there are none, or too many.
        """
        if self.dataset(dataset_id).answers is AnswerKind.CATEGORIES:
            return self.relabel_found(dataset_id, wanted, NONE_OF_THEM, progress=progress)
        return self._leave_out(dataset_id, wanted, "none_of_these", "none_of_these", progress)

    def _leave_out(
        self, dataset_id: str, wanted: RowFilter, by_label: str, by_row: str, progress: "Progress | None"
    ) -> Dataset:
        dataset = self.dataset(dataset_id)
        if wanted.is_whole_labels:
            operations = [Operation(name=by_label, params={"labels": list(wanted.labels)})]
        else:
            operations = [Operation(name=by_row, params={"rows": refs}) for refs in self._refs(dataset, wanted)]
        return self._with_operations(dataset, (*dataset.operations, *operations), progress)

    def _set_label(self, dataset: Dataset, wanted: RowFilter, label: str) -> list[Operation]:
        label = label.strip()
        if not label:
            raise BadData(msg("A category needs a name."), hint=msg("To leave rows out, take them out instead."))
        if wanted.is_whole_labels and dataset.answers is AnswerKind.CATEGORY:
            return [Operation(name="merge_labels", params={"labels": list(wanted.labels), "into": label})]
        return [
            Operation(name="set_label", params={"label": label, "rows": refs}) for refs in self._refs(dataset, wanted)
        ]

    def _refs(self, dataset: Dataset, wanted: RowFilter) -> list[dict[str, Any]]:
        """The rows that meet `wanted` and are still in the table, as operations name them: one list for each file."""
        from core.datasets.operations.base import refs_of
        from core.datasets.row_query import find_rows

        table = find_rows(self._dataset_dir(dataset.id), self._resolved(dataset, wanted), limit=MAX_NAMED_ROWS + 1)
        if len(table) > MAX_NAMED_ROWS:
            raise NotPossible(
                nmsg(
                    "At most {n} row can be changed at once.",
                    "At most {n:,} rows can be changed at once.",
                    MAX_NAMED_ROWS,
                ),
                hint=msg("Search for fewer, or choose whole categories and nothing else: those may be of any size."),
            )
        rows = [row for row in table.to_pylist() if row["set_aside"] not in TAKEN_OUT]
        if not rows:
            raise NotPossible(
                msg("None of these rows can be changed: there are none, or they were taken out."),
                hint=msg("To change rows that were taken out, undo that repair first."),
            )
        return [
            refs_of(file, [row["row"] for row in of_file], [row["text"] for row in of_file])
            for file in FILES
            if (of_file := [row for row in rows if row["file"] == file])
        ]

    def _resolved(self, dataset: Dataset, wanted: RowFilter) -> RowFilter:
        """`wanted`, where a dataset of an earlier release kept no more rows of a finding than its record lists."""
        from core.datasets.rows import FINDING_ROWS

        wanted = replace(wanted, several=dataset.answers is AnswerKind.CATEGORIES)
        if not wanted.finding or (self._dataset_dir(dataset.id) / FINDING_ROWS).is_file():
            return wanted
        listed = tuple((f.file, row) for f in dataset.findings if f.code == wanted.finding for row in f.rows)
        return replace(wanted, finding="", rows=listed)
