"""Verbs about data: uploads, previews, datasets and their rows."""

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from core import files
from core.datasets import table_cache
from core.domain.dataset import Dataset, DatasetSpec, Sample, TableFormat, TablePreview, Upload
from core.domain.message import msg, nmsg
from core.domain.task import CLASSIFICATION, SEVERAL, reads_pairs
from core.errors import NotFound, NotPossible
from core.tasks import TASKS
from core.workspace.base import WorkspaceBase

if TYPE_CHECKING:
    from core.datasets.limited_child import Progress


class DataVerbs(WorkspaceBase):
    def receive_upload(self, stream: BinaryIO, filename: str) -> Upload:
        """Stream a file into the workspace, hashed; nothing is parsed yet.

        Raises:
            UnreadableFile: it is empty or over the size limit.
        """
        return files.receive_upload(stream, filename, self.settings.uploads_dir)

    def upload(self, sha256: str) -> Upload:
        """An upload that arrived earlier, so that a page can restore itself from its URL."""
        upload = files.find_upload(sha256, self.settings.uploads_dir)
        if upload is None:
            raise NotFound(
                msg("That uploaded file is no longer here."),
                hint=msg("Upload it again; its data sets are not affected."),
            )
        return upload

    def preview(self, upload: Upload, format: TableFormat | None = None) -> TablePreview:
        """The first rows as read with `format`, unset parts guessed. Runs in a limited child process.

        Raises:
            UnreadableFile: says what was found and the way out.
        """
        from core.datasets.reading import read_preview

        return read_preview(
            self._upload_path(upload), upload.filename, format or TableFormat(), cache_dir=self.settings.tables_dir
        )

    def add_dataset(
        self,
        upload: Upload,
        *,
        format: TableFormat | None = None,
        text_column: str | None = None,
        text_columns: Sequence[str] = (),
        label_column: str | None = None,
        label_columns: Sequence[str] = (),
        label_separator: str | None = None,
        exam_upload: Upload | None = None,
        exam_format: TableFormat | None = None,
        name: str | None = None,
        sample: str | None = None,
        task: str | None = None,
        progress: "Progress | None" = None,
    ) -> Dataset:
        """Read, check, split and freeze, in a limited child process. The same content twice gives the same dataset.

        Datasets with blocking findings are kept too, so that the person sees them; training refuses them.

        Args:
            text_columns: several columns that are read as one text, or the two of a pair; `text_column` names a single one.
            label_columns: several 0/1 columns, each of them a category; `label_column` names a single column.
            label_separator: between several categories of a cell; guessed if None.
            task: name in `core.tasks.TASKS`; what the table looks like if None.
            progress: told each stage: "reading", "repairing", "checking", "splitting", "writing".
        """
        texts = tuple(text_columns) or ((text_column,) if text_column else ())
        labels = tuple(label_columns) or ((label_column,) if label_column else ())
        spec = DatasetSpec(
            upload=upload,
            format=format or TableFormat(),
            text_columns=texts,
            label_column=labels[0] if len(labels) == 1 else None,
            label_columns=labels if len(labels) > 1 else (),
            label_separator=label_separator,
            exam_upload=exam_upload,
            exam_format=exam_format or TableFormat(),
            name=name,
            sample=sample,
            task=TASKS[task].name if task else self._likely_task(upload, format, texts, labels),
        )
        return self._build(spec, progress)

    def _likely_task(
        self, upload: Upload, format: TableFormat | None, texts: tuple[str, ...], labels: tuple[str, ...]
    ) -> str:
        """The task the table looks made for, if it can be learned and the named columns are those that say so."""
        if len(labels) > 1:
            return SEVERAL
        shown = self.preview(upload, format)
        if shown.understanding is None or labels not in ((), (shown.label_column,)):
            return CLASSIFICATION
        likely = shown.understanding.task
        if reads_pairs(likely) and texts and set(texts) != set(shown.understanding.pair):
            return CLASSIFICATION
        return likely if likely in TASKS.names() else CLASSIFICATION

    def _build(self, spec: DatasetSpec, progress: "Progress | None" = None) -> Dataset:
        from core.datasets.building_child import build_in_child

        dataset = build_in_child(
            spec,
            uploads_dir=self.settings.uploads_dir,
            datasets_dir=self.settings.datasets_dir,
            tables_dir=self.settings.tables_dir,
            progress=progress,
        )
        return self._store.datasets.add(dataset)

    def dataset(self, dataset_id: str) -> Dataset:
        return self._store.datasets.get(dataset_id)

    def datasets(self) -> list[Dataset]:
        """Newest first."""
        return self._store.datasets.list()

    def delete_dataset(self, dataset_id: str, *, all_versions: bool = False) -> None:
        """Forget a dataset, or all versions of its table, and the uploads that no other one rests on.

        Raises:
            NotPossible: runs rest on one of them; then all stay.
        """
        from core.datasets.operations.append import uploads_of

        dataset = self.dataset(dataset_id)
        doomed = [d for d in self.datasets() if d.family == dataset.family] if all_versions else [dataset]
        ids = {one.id for one in doomed}
        n_runs = sum(run.dataset_id in ids for run in self._store.runs.list())
        if n_runs:
            raise NotPossible(
                nmsg("{n} training run rests on this data set.", "{n} training runs rest on this data set.", n_runs),
                hint=msg("Delete the runs in the history first."),
            )
        for one in doomed:
            self._store.datasets.delete(one.id)
            shutil.rmtree(self._dataset_dir(one.id), ignore_errors=True)
        if not any(other.family == dataset.family for other in self.datasets()):
            self._store.decisions.forget(dataset.family)
        still_used = {upload.sha256 for other in self.datasets() for upload in uploads_of(other)}
        for sha256 in {upload.sha256 for one in doomed for upload in uploads_of(one)} - still_used:
            path = self.settings.uploads_dir / sha256
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
            table_cache.forget(self.settings.tables_dir, sha256)

    def set_aside_csv(self, dataset_id: str) -> bytes:
        """Every row that was left out, with the reason in words, as a CSV that Excel opens safely."""
        from core.datasets.rows import set_aside_csv

        return set_aside_csv(self._dataset_dir(self.dataset(dataset_id).id))

    def samples(self) -> list[Sample]:
        from core.datasets.samples import list_samples

        return list(list_samples(self.settings.samples_dir))

    def open_sample(self, name: str) -> Dataset:
        """Add a built-in sample as a dataset."""
        sample = next((s for s in self.samples() if s.name == name), None)
        if sample is None:
            known = ", ".join(s.name for s in self.samples())
            raise NotFound(
                msg("There is no sample named “{name}”.", name=name), hint=msg("Known names: {known}.", known=known)
            )
        with (self.settings.samples_dir / sample.name / sample.filename).open("rb") as file:
            upload = self.receive_upload(file, sample.filename)
        return self.add_dataset(
            upload,
            text_columns=sample.text_columns,
            label_column=sample.label_column or None,
            label_columns=sample.label_columns,
            name=str(sample.title),
            sample=name,
            task=sample.task,
        )

    def template_xlsx(self) -> bytes:
        """A small Excel file that shows the expected columns."""
        from core.datasets.samples import template_xlsx

        return template_xlsx()
