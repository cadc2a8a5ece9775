"""An ordinary Hugging Face folder: what makes it usable and safe, and how it enters our cache."""

import json
import math
from pathlib import Path
from typing import Any

from core.base_models import sentencepiece
from core.base_models.cache import link_or_copy
from core.domain.message import Message, msg
from core.errors import WeightsUnavailable

PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
SMALL_FILES = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "model.safetensors.index.json",
)
MAX_PARAMETERS = 530_000_000  # a published model is one ONNX file in fp32, and such a file holds 2 GiB
POOLING_CONFIG = "1_Pooling/config.json"  # of sentence-transformers
_POOLING = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
    "pooling_mode_mean_tokens": "mean",
}


def check_folder(folder: Path, name: str) -> None:
    """Raise unless `folder` holds a model that can be loaded without running foreign code.

    Raises:
        WeightsUnavailable: naming what is missing or unsafe.
    """
    config = _read_json(folder / "config.json", name)
    if "model_type" not in config:
        raise WeightsUnavailable(
            msg("config.json of {name} does not say what kind of model it is.", name=name),
            hint=msg("Choose a model saved by transformers."),
        )
    brings_code = "auto_map" in config or "auto_map" in _optional_json(folder / "tokenizer_config.json")
    if brings_code:
        raise WeightsUnavailable(
            msg(
                "{name} needs program code of its own to run. Such models are refused: the code could do anything.",
                name=name,
            ),
            hint=_standard_kind(),
        )
    _check_kind(config, name)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        if any(any(folder.glob(pattern)) for pattern in PICKLED):
            raise WeightsUnavailable(
                msg(
                    "{name} holds its weights only in a pickled file, which could run program code when opened.",
                    name=name,
                ),
                hint=msg("Choose a version of it with model.safetensors."),
            )
        raise WeightsUnavailable(
            msg("{name} holds no weights in safetensors format.", name=name),
            hint=msg("Give the folder that holds config.json and model.safetensors."),
        )
    n_parameters = sum(_check_weights(path, name) for path in weights)
    if n_parameters > MAX_PARAMETERS:
        raise WeightsUnavailable(
            msg(
                "{name} has {n} million weights; models of up to {limit} million can be published.",
                name=name,
                n=round(n_parameters / 1e6),
                limit=MAX_PARAMETERS // 1_000_000,
            ),
            hint=msg("Choose a smaller model of the same family."),
        )
    if not any((folder / f).is_file() for f in ("tokenizer.json", "vocab.txt", "vocab.json", *sentencepiece.FILES)):
        raise WeightsUnavailable(
            msg("{name} holds no tokenizer.", name=name),
            hint=msg("Copy tokenizer.json of the same model into the folder."),
        )


def install_folder(source: Path, folder: Path) -> str:
    """Put the model in `source` into `folder`, linking the weights. Gives the pooling the model was made for."""
    for path in sorted(source.glob("*.safetensors")):
        link_or_copy(path, folder / path.name)
    (folder / "config.json").write_bytes((source / "config.json").read_bytes())
    for file in SMALL_FILES:
        if (source / file).is_file():
            (folder / file).write_bytes((source / file).read_bytes())
    _install_tokenizer(source, folder)
    pooling = _optional_json(source / POOLING_CONFIG)
    return next((name for key, name in _POOLING.items() if pooling.get(key)), "mean")


def _install_tokenizer(source: Path, folder: Path) -> None:
    """tokenizer.json without fixed padding and truncation: batches are cut and padded to what they hold."""
    from tokenizers import Tokenizer

    try:
        if (source / "tokenizer.json").is_file():
            tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
        elif (built := sentencepiece.read_sentencepiece(source)) is not None:
            tokenizer = built
        else:
            from transformers import AutoTokenizer

            slow = AutoTokenizer.from_pretrained(source, local_files_only=True, trust_remote_code=False)
            tokenizer = slow.backend_tokenizer
    except Exception as error:  # both libraries raise bare Exception for files they do not understand
        raise WeightsUnavailable(
            msg("The tokenizer of {name} cannot be read.", name=source.name),
            hint=msg("Copy tokenizer.json of the same model into the folder."),
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def _check_kind(config: dict[str, Any], name: str) -> None:
    """Refuse what is no reader of texts, before hours are spent on it."""
    if config.get("is_encoder_decoder"):
        raise WeightsUnavailable(
            msg("{name} was made to turn texts into other texts; it cannot be trained to sort them.", name=name),
            hint=_standard_kind(),
        )
    if "vision_config" in config or "audio_config" in config:
        raise WeightsUnavailable(
            msg("{name} reads pictures or sound beside texts; such models cannot be used.", name=name),
            hint=_standard_kind(),
        )
    if "quantization_config" in config:
        raise WeightsUnavailable(
            msg("The weights of {name} are rounded to a few bits and can no longer be trained.", name=name),
            hint=msg("Choose the original model that it was made from."),
        )


def _standard_kind() -> Message:
    return msg("Choose a model of a standard kind, such as BERT or RoBERTa.")


def _check_weights(path: Path, name: str) -> int:
    """Read the header: it names every tensor's place, so a cut file is noticed without reading it all. Gives how many
    weights the file holds."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            return sum(math.prod(file.get_slice(key).get_shape()) for key in file.keys())  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise WeightsUnavailable(
            msg("{file} of {name} is damaged.", file=path.name, name=name),
            hint=msg("Download or copy the model again."),
        ) from error


def _read_json(path: Path, name: str) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsUnavailable(
            msg("{name} has no config.json.", name=name),
            hint=msg("Give the folder that holds config.json and model.safetensors."),
        ) from None
    except (OSError, ValueError) as error:
        raise WeightsUnavailable(
            msg("{file} of {name} is damaged.", file=path.name, name=name),
            hint=msg("Download or copy the model again."),
        ) from error
    return values if isinstance(values, dict) else {}


def _optional_json(path: Path) -> dict[str, Any]:
    return _read_json(path, path.parent.name) if path.is_file() else {}
