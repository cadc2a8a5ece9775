"""The process that works out a dataset's picture, and where it is kept: the pages' process stays small."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.datasets.limited_child import ChildKilled, answer, ask
from core.datasets.rows import rows_path
from core.domain.message import msg
from core.domain.picture import DatasetPicture
from core.domain.plain import from_plain, to_plain
from core.errors import BadData
from core.files import written_aside

PICTURE = "picture-1.json"  # the number is raised when the same rows would give another picture
MEMORY_BYTES, SECONDS = 4 << 30, 120


def kept_picture(dataset_dir: Path, *, language: str, seed: int, several: bool = False) -> DatasetPicture:
    """The picture of a dataset, worked out now if it is not kept beside the rows; arguments as of `profile.picture_of`.

    Raises:
        NotFound: the dataset's folder is gone.
        BadData: it took more memory or time than it may.
    """
    path = rows_path(dataset_dir).with_name(PICTURE)
    try:
        return from_plain(DatasetPicture, json.loads(path.read_text()))
    except (OSError, ValueError):
        pass  # not there yet, or damaged
    request = {"dataset_dir": str(dataset_dir), "language": language, "seed": seed, "several": several}
    with tempfile.TemporaryDirectory(prefix="tunedesk-picture-") as folder:
        try:
            plain = ask(
                "core.datasets.profile_child", Path(folder), request, memory_bytes=MEMORY_BYTES, seconds=SECONDS
            )
        except ChildKilled:
            raise BadData(
                msg("Drawing the picture of this data took more memory or time than it may."),
                hint=msg("Everything else works without it."),
            ) from None
    with written_aside(path) as aside:
        aside.write_text(json.dumps(plain, ensure_ascii=False))
    return from_plain(DatasetPicture, plain)


def draw(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    from core.datasets.profile import picture_of

    picture = picture_of(
        Path(request["dataset_dir"]), language=request["language"], seed=request["seed"], several=request["several"]
    )
    plain: dict[str, Any] = to_plain(picture)
    return plain


if __name__ == "__main__":
    sys.exit(answer(draw))
