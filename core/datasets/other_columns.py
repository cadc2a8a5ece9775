"""The columns of an upload beside its texts and categories, for the rows that examine: source, region, agent, date.

A dataset keeps only text and category; the others are read from the upload when somebody first asks, and kept beside the rows.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from core.datasets.reading import read_raw
from core.domain.dataset import Dataset, Split, TableFormat, Upload
from core.domain.message import msg
from core.errors import NotFound
from core.files import written_aside

if TYPE_CHECKING:
    import pandas as pd

FILE = "exam_columns-1.parquet"  # the number is raised when the content changes


def exam_columns(dataset: Dataset, dataset_dir: Path, *, uploads_dir: Path, tables_dir: Path) -> "pd.DataFrame":
    """One row per exam row of the dataset, in their order; one column of strings for each other column of its file. Rows
    that were added from further files have blanks.

    Raises:
        NotFound: the rows or the upload are gone.
    """
    import pandas as pd

    path = dataset_dir / FILE
    if not path.is_file():
        columns = _read(dataset, dataset_dir, uploads_dir, tables_dir)
        with written_aside(path) as aside:
            columns.to_parquet(aside, index=False)
    return pd.read_parquet(path)


def _read(dataset: Dataset, dataset_dir: Path, uploads_dir: Path, tables_dir: Path) -> "pd.DataFrame":
    import pandas as pd
    import pyarrow.compute as pc

    from core.datasets.rows import load_rows

    rows = load_rows(dataset_dir, ["row", "file", "split"])
    exam = rows[rows["split"] == Split.EXAM.value]
    files: dict[str, tuple[Upload, TableFormat]] = {"practice": (dataset.upload, dataset.format)}
    if dataset.exam_upload is not None:
        files["exam"] = (dataset.exam_upload, dataset.exam_format or TableFormat())
    found: dict[str, Mapping[str, dict[int, str]]] = {}
    with ExitStack() as open_files:
        for file, (upload, format) in files.items():
            wanted = exam.loc[exam["file"] == file, "row"].to_numpy()
            if not len(wanted):
                continue
            if not (uploads_dir / upload.sha256).is_file():
                raise NotFound(
                    msg("That uploaded file is no longer here."),
                    hint=msg("Upload it again; its data sets are not affected."),
                )
            raw = open_files.enter_context(
                read_raw(uploads_dir / upload.sha256, upload.filename, format, cache_dir=tables_dir)
            )
            numbers = raw.columns.column("row").to_numpy()
            place = {int(number): i for i, number in enumerate(numbers.tolist())}
            known = [row for row in wanted.tolist() if row in place]
            positions = [place[row] for row in known]
            others = [name for name in raw.names if name not in (*dataset.read_columns, *dataset.learned_columns)]
            found[file] = {
                name: dict(zip(known, pc.take(raw.column(name), positions).to_pylist(), strict=True)) for name in others
            }
    names = list(dict.fromkeys(name for columns in found.values() for name in columns))
    places = list(zip(exam["file"], exam["row"].tolist(), strict=True))
    return pd.DataFrame(
        {name: [found.get(file, {}).get(name, {}).get(row) or "" for file, row in places] for name in names},
        index=range(len(places)),
        dtype=str,
    )
