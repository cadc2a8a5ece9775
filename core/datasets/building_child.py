"""The process that checks, splits and freezes a table, so that the pages' process stays small and answers meanwhile."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from core.datasets.limited_child import ChildKilled, Progress, answer, ask, refuse_pandas, say_stage
from core.domain.dataset import Dataset, DatasetSpec
from core.domain.message import msg
from core.domain.plain import from_plain, to_plain
from core.errors import BadData

MEMORY_BYTES = 8 << 30
BASE_SECONDS, SECONDS_PER_MB = 300, 6


def build_in_child(
    spec: DatasetSpec,
    *,
    uploads_dir: Path,
    datasets_dir: Path,
    tables_dir: Path | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """What `core.datasets.building.build_dataset` does, in a process of its own.

    Raises:
        UserError: as `build_dataset` does.
        BadData: checking took more memory or time than one table may.
    """
    from core.datasets.operations.append import uploads_of

    request = {
        "spec": to_plain(spec),
        "uploads_dir": str(uploads_dir),
        "datasets_dir": str(datasets_dir),
        "tables_dir": str(tables_dir) if tables_dir else None,
    }
    seconds = BASE_SECONDS + SECONDS_PER_MB * (sum(upload.n_bytes for upload in uploads_of(spec)) >> 20)
    with tempfile.TemporaryDirectory(prefix="tunedesk-build-") as folder:
        try:
            plain = ask(
                "core.datasets.building_child",
                Path(folder),
                request,
                memory_bytes=MEMORY_BYTES,
                seconds=seconds,
                progress=progress,
            )
        except ChildKilled:
            raise BadData(
                msg(
                    "Checking {filename} took more memory or time than one table may take.",
                    filename=spec.upload.filename,
                ),
                hint=msg("Split the table into smaller ones, or remove rows that are not needed."),
            ) from None
    return from_plain(Dataset, plain)


def build(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    from core.datasets.building import build_dataset

    dataset = build_dataset(
        from_plain(DatasetSpec, request["spec"]),
        uploads_dir=Path(request["uploads_dir"]),
        datasets_dir=Path(request["datasets_dir"]),
        tables_dir=Path(request["tables_dir"]) if request["tables_dir"] else None,
        progress=say_stage,
    )
    plain: dict[str, Any] = to_plain(dataset)
    return plain


if __name__ == "__main__":
    refuse_pandas()
    sys.exit(answer(build))
