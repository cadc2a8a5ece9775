"""Base models of one's own: a parent that has read the person's texts. Each is one folder beside the fetched ones.

A recipe names it "own:<parent>:<folder>". The parent stands in the name, so that whatever is known of it (shape, pooling,
learning rate) is known of its child without looking into any folder.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base_models.cache import build_once, folder_slug
from core.base_models.folder import SMALL_FILES
from core.domain.message import msg
from core.domain.model import BaseModel
from core.domain.plain import from_plain, to_plain
from core.domain.pretraining import Pretrained
from core.errors import NotFound, NotPossible, WeightsUnavailable
from core.files import is_whole, n_bytes_of

if TYPE_CHECKING:
    import torch

PREFIX, FOLDER = "own:", "own-"
RECORD = "own.json"
GOOD_FOR = msg("A base model of your own: it has read your texts.")


def is_own(name: str) -> bool:
    return name.startswith(PREFIX)


def root_of(name: str) -> str:
    """The fetched base model that one's own was made from, however many times; any other name as it is."""
    return name.removeprefix(PREFIX).rsplit(":", 1)[0] if is_own(name) else name


def folder_of(name: str, cache_dir: Path) -> Path:
    """The folder of a base model of one's own.

    Raises:
        WeightsUnavailable: it was deleted or is damaged.
    """
    folder = _place(name, cache_dir)
    if not is_whole(folder):
        raise WeightsUnavailable(
            msg("The base model “{name}” is no longer here, or it is damaged.", name=name),
            hint=msg("Choose another base model, or let one read your texts again."),
        )
    return folder


def list_own(cache_dir: Path) -> list[BaseModel]:
    """Newest first."""
    found = [_record(path) for path in cache_dir.glob(f"{FOLDER}*/{RECORD}")]
    return sorted(found, key=lambda model: model.pretrained.created_at.isoformat() if model.pretrained else "")[::-1]


def describe_own(name: str, cache_dir: Path) -> BaseModel:
    """Its record; of one that was deleted, what its name tells."""
    path = _place(name, cache_dir) / RECORD
    if path.is_file():
        return _record(path)
    return BaseModel(
        name=name,
        title=_place(name, cache_dir).name.removeprefix(FOLDER),
        languages=(),
        n_parameters=0,
        n_bytes=0,
        licence="",
        source="",
        good_for=GOOD_FOR.text,
        sha256="",
        installed=False,
    )


def keep_own(
    backbone: Any, parent_dir: Path, parent: BaseModel, *, title: str, pretrained: Pretrained, cache_dir: Path
) -> BaseModel:
    """Write a network that was `parent` in `parent_dir` as a base model of one's own. The same weights under the same
    title are kept once."""
    state = dict(backbone.state_dict())
    sha256 = _sha256_of(state, title)
    folder = cache_dir / f"{FOLDER}{_slug(title)}-{sha256[:12]}"
    model = replace(
        parent,
        name=f"{PREFIX}{root_of(parent.name)}:{folder.name.removeprefix(FOLDER)}",
        title=title,
        source=f"{parent.title} ({parent.source})" if not is_own(parent.name) else parent.source,
        good_for=GOOD_FOR.text,
        sha256=sha256,
        installed=True,
        pretrained=pretrained,
    )

    def build(aside: Path) -> None:
        from core.base_models.sources import ABOUT, about

        backbone.save_pretrained(aside)
        for name in ("tokenizer.json", *SMALL_FILES):
            if (parent_dir / name).is_file() and not name.startswith("model."):
                (aside / name).write_bytes((parent_dir / name).read_bytes())
        known = replace(about(parent_dir), name=model.name, source=model.source, sha256=sha256)
        (aside / ABOUT).write_text(json.dumps(asdict(known), indent=1))
        record = replace(model, n_bytes=n_bytes_of(aside))
        (aside / RECORD).write_text(json.dumps(to_plain(record), ensure_ascii=False, indent=1), encoding="utf-8")

    return _record(build_once(folder, build) / RECORD)


def cannot_guess(name: str) -> NotPossible:
    """Why a base model that was made to write cannot read texts in this way."""
    return NotPossible(
        msg("{name} was made to write, not to guess words inside a text.", name=name),
        hint=msg("Choose a base model such as MiniLM, E5, BERT or RoBERTa."),
    )


def delete_own(name: str, cache_dir: Path) -> None:
    """Remove it, with what was made of it to read texts fast. Finished models hold all they need.

    Raises:
        NotFound: there is no such base model of one's own.
    """
    folder = _place(name, cache_dir)
    if not is_own(name) or not (folder / RECORD).is_file():
        raise NotFound(
            msg("There is no base model of your own named “{name}”.", name=name),
            hint=msg("Only base models that read your texts can be deleted."),
        )
    for path in (folder, *cache_dir.glob(f"{folder.name}-encoder-*")):
        shutil.rmtree(path, ignore_errors=True)


def _place(name: str, cache_dir: Path) -> Path:
    """Never outside `cache_dir`, whatever the name says."""
    return cache_dir / (FOLDER + folder_slug(name.rsplit(":", 1)[-1]))


def _record(path: Path) -> BaseModel:
    return from_plain(BaseModel, json.loads(path.read_text(encoding="utf-8")))


def _slug(title: str) -> str:
    return re.sub(r"-{2,}", "-", folder_slug(title.casefold()))[:40].strip(".-") or "model"


def _sha256_of(state: "Mapping[str, torch.Tensor]", title: str) -> str:
    digest = hashlib.sha256(title.encode())
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
