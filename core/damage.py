"""A published model whose files are gone, cut short or damaged: one clear word for it, wherever they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.domain.message import msg
from core.errors import DamagedModel, UserError


def damaged(model_dir: Path) -> DamagedModel:
    return DamagedModel(
        msg("The files of model {name} are missing or damaged.", name=model_dir.name),
        hint=msg("Restore the models folder from a backup, or train the model again from its run."),
    )


@contextmanager
def reading_model(model_dir: Path) -> Iterator[None]:
    """Around what reads files of a bundle.

    Raises:
        DamagedModel: a file is not there, or its content is not what was written.
    """
    from safetensors import SafetensorError

    try:
        yield
    except UserError:
        raise
    except (OSError, ValueError, KeyError, SafetensorError):  # ValueError: of JSON, and of Parquet
        raise damaged(model_dir) from None
