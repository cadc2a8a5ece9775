"""Verbs about base models of one's own: let one read texts without categories, and delete it."""

from collections.abc import Sequence
from dataclasses import asdict

from core.domain.dataset import Dataset, TableFormat, Upload
from core.domain.job import Job, JobKind
from core.domain.message import msg
from core.domain.pretraining import PretrainingPlan, PretrainingSettings, passes_over
from core.errors import NotPossible
from core.workspace.data import DataVerbs

MAX_TITLE = 80
RATE_SHARE = 0.5  # of the learning rate for fine-tuning
LONGEST = 128  # tokens


class PretrainingVerbs(DataVerbs):
    def pretraining_plan(
        self,
        base_model: str,
        *,
        dataset_id: str | None = None,
        upload: Upload | None = None,
        format: TableFormat | None = None,
        text_columns: Sequence[str] = (),
        epochs: int | None = None,
    ) -> PretrainingPlan:
        """How many texts a base model would read, how, and how long it would take. Fast enough for a page (no torch).

        Raises:
            NotPossible: neither a dataset nor a file is named, or the base model was made to write.
            UnreadableFile: the file is no table.
        """
        from core.base_models.advice import advice_for
        from core.base_models.catalog import BY_NAME
        from core.base_models.own import cannot_guess, root_of
        from core.training.busy import free_share_of
        from core.training.machine import detect_machine
        from core.training.reading_forecast import Lengths, reading_seconds

        if dataset_id is None and upload is None:
            raise NotPossible(
                msg("There is nothing to read."), hint=msg("Name a data set, a file with texts, or both.")
            )
        entry = BY_NAME.get(root_of(base_model))
        if entry is not None and entry.is_decoder:
            raise cannot_guess(entry.title)
        dataset = self.dataset(dataset_id) if dataset_id is not None else None
        of_dataset, without = _n_texts(dataset)
        n_file, chars, language = self._of_file(upload, format, text_columns) if upload else (0, 0.0, "")
        n_texts = of_dataset + without + n_file
        mean_chars = chars
        if dataset is not None:
            mean_chars = (n_file * chars + (of_dataset + without) * dataset.profile.mean_chars) / max(1, n_texts)
            language = dataset.profile.language
        settings = PretrainingSettings(
            base_model=base_model,
            epochs=epochs or passes_over(n_texts),
            learning_rate=RATE_SHARE * advice_for(base_model).learning_rate,
            max_length=LONGEST,
        )
        lengths = Lengths(n_texts=n_texts, mean_chars=mean_chars, language=language)
        machine = detect_machine()
        low, high = reading_seconds(lengths, settings, machine, self.settings.base_models_dir)
        share = free_share_of(machine, self._store.jobs.list())
        return PretrainingPlan(
            settings=settings,
            n_texts=n_texts,
            n_of_dataset=of_dataset,
            n_without_category=without,
            low_seconds=low / share,
            high_seconds=high / share,
        )

    def start_pretraining(
        self,
        base_model: str,
        name: str,
        *,
        dataset_id: str | None = None,
        upload: Upload | None = None,
        format: TableFormat | None = None,
        text_columns: Sequence[str] = (),
        epochs: int | None = None,
    ) -> Job:
        """Queue the reading of texts: the practice texts of a dataset and its rows without a category, a file's texts, or
        both. Texts of the check-up and the exam, and near copies of them, are never read.

        What comes of it is a base model called `name` (`base_models`); the job's result names it. The same reading that is
        already queued or running gives that job.

        Raises:
            NotPossible: nothing to read is named, or the name is empty.
        """
        name = " ".join(name.split())[:MAX_TITLE]
        if not name:
            raise NotPossible(msg("The new base model needs a name."), hint=msg("Type a name and start again."))
        plan = self.pretraining_plan(
            base_model,
            dataset_id=dataset_id,
            upload=upload,
            format=format,
            text_columns=text_columns,
            epochs=epochs,
        )
        payload = {
            "name": name,
            "settings": asdict(plan.settings),
            "dataset_id": dataset_id,
            "upload": asdict(upload) if upload else None,
            "format": asdict(format or TableFormat()),
            "text_columns": list(text_columns),
        }
        key = f"pretrain:{name}:{plan.settings}:{dataset_id}:{upload.sha256 if upload else ''}:{list(text_columns)}"
        return self._store.jobs.enqueue(JobKind.PRETRAIN, payload, name, dedupe_key=key)

    def delete_base_model(self, name: str) -> None:
        """Remove a base model of one's own. Finished models hold all they need and stay.

        Raises:
            NotFound: it is none of one's own.
            NotPossible: a job that waits or runs starts from it.
        """
        from core.base_models.own import delete_own

        for job in self._store.jobs.list():
            if job.status.is_active and self._starts_from(job) == name:
                raise NotPossible(
                    msg("Job {job_id} starts from this base model.", job_id=job.id),
                    hint=msg("Wait until it is done, or cancel it."),
                )
        delete_own(name, self.settings.base_models_dir)

    def _starts_from(self, job: Job) -> str | None:
        if job.kind is JobKind.PRETRAIN:
            return str(job.payload["settings"]["base_model"])
        return self._store.runs.get(job.run_id).recipe.base_model if job.run_id is not None else None

    def _of_file(
        self, upload: Upload, format: TableFormat | None, text_columns: Sequence[str]
    ) -> tuple[int, float, str]:
        """Rows, mean characters of a text and language, by the first rows of the file."""
        from core.datasets.language import language_of

        preview = self.preview(upload, format)
        names = text_columns or ([preview.text_column] if preview.text_column else preview.columns[:1])
        places = [preview.columns.index(name) for name in names if name in preview.columns]
        texts = ["\n".join(row[place] for place in places) for row in preview.rows]
        return preview.n_rows, sum(map(len, texts)) / max(1, len(texts)), language_of(texts)


def _n_texts(dataset: Dataset | None) -> tuple[int, int]:
    """Practice texts, and texts without a category."""
    if dataset is None:
        return 0, 0
    return dataset.split_sizes.get("practice", 0), dataset.profile.n_unlabeled
