"""The Hugging Face hub: only safetensors, JSON and tokenizer files, never code; short timeouts, clear words."""

from pathlib import Path
from typing import Any

from core.base_models import sentencepiece
from core.base_models.folder import POOLING_CONFIG, SMALL_FILES
from core.domain.message import Message, msg
from core.errors import WeightsUnavailable

TIMEOUT_SECONDS = 10.0
CONVERTER, CONVERTED = "SFconvertbot", "Adding `safetensors` variant of this model"  # the hub's own robot and its words
_FILES = ("config.json", "tokenizer.json", POOLING_CONFIG, *SMALL_FILES)


def download(name: str) -> Path:
    """The folder of `name` in the hub's own cache on this machine, downloaded if need be.

    Raises:
        WeightsUnavailable: no such model, no access, no safetensors, or no way to the hub.
    """
    from huggingface_hub import model_info, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        HTTPError,  # of whichever HTTP client this version uses
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    try:
        info = model_info(name, timeout=TIMEOUT_SECONDS)
        if not _weights(_files_of(info)) and (revision := _converted(name)):
            info = model_info(name, revision=revision, timeout=TIMEOUT_SECONDS)
        files = _wanted(_files_of(info), name)
        return Path(snapshot_download(name, revision=info.sha, allow_patterns=files, etag_timeout=TIMEOUT_SECONDS))
    except GatedRepoError:
        raise WeightsUnavailable(
            msg("{name} asks for an agreement on huggingface.co before it may be downloaded.", name=name),
            hint=msg("Agree there and log in on this machine, or choose another model."),
        ) from None
    except (RepositoryNotFoundError, HFValidationError):
        raise WeightsUnavailable(
            msg("There is no model named {name} on the Hugging Face hub.", name=name), hint=_use_another()
        ) from None
    except (OfflineModeIsEnabled, LocalEntryNotFoundError, HTTPError, ConnectionError, TimeoutError) as error:
        cached = _cached_snapshot(name)
        if cached is not None:
            return cached
        raise WeightsUnavailable(
            msg("{name} is not on this machine, and the Hugging Face hub cannot be reached.", name=name),
            hint=_use_another(),
        ) from error


def cached_weights(name: str) -> bool:
    """Whether the hub's own cache on this machine holds the weights of `name`."""
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(name, "model.safetensors"), str)


def _cached_snapshot(name: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    if not cached_weights(name):
        return None
    try:
        return Path(snapshot_download(name, local_files_only=True, allow_patterns=[*_FILES, "*.safetensors"]))
    except LocalEntryNotFoundError:
        return None


def _converted(name: str) -> str | None:
    """Where the hub keeps its own safetensors of an older, pickled model: proposed by its robot, not merged yet."""
    from huggingface_hub import get_repo_discussions

    proposed = get_repo_discussions(name, author=CONVERTER, discussion_type="pull_request", discussion_status="open")
    found = (one.git_reference for one in proposed if one.author == CONVERTER and one.title == CONVERTED)
    return next(found, None)


def _files_of(info: Any) -> list[str]:
    return [sibling.rfilename for sibling in info.siblings or []]


def _weights(files: list[str]) -> list[str]:
    """The weights as transformers name them, whole or in parts; a repository may hold others beside them."""
    return [f for f in files if f.startswith("model") and f.endswith(".safetensors") and "/" not in f]


def _wanted(files: list[str], name: str) -> list[str]:
    """The files worth downloading out of all `files` of a model."""
    weights = _weights(files)
    if not weights:
        raise WeightsUnavailable(msg("{name} holds no weights in safetensors format.", name=name), hint=_use_another())
    if "model.safetensors" in weights:
        weights = ["model.safetensors"]
    wanted = [f for f in files if f in _FILES]
    if "tokenizer.json" not in files:
        wanted += [f for f in files if f in sentencepiece.FILES]
    return wanted + weights


def _use_another() -> Message:
    return msg("Use a built-in base model, or give a folder with config.json, model.safetensors and tokenizer.json.")
