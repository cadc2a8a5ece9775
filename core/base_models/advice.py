"""How a base model is best trained, told from its name alone: the catalog's word, or what a folder's config.json says."""

from dataclasses import dataclass
from pathlib import Path

from core.base_models.architecture import architecture_of
from core.base_models.catalog import BASE_RATE, BY_NAME, LORA_RATE, SMALL_RATE
from core.base_models.own import root_of

SMALL_HIDDEN = 512  # vectors up to this length are those of a small model


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    technique: str
    learning_rate: float  #: for that technique
    pooling: str


def advice_for(name: str) -> Advice:
    """For a catalog name, a folder or a Hugging Face id; one's own is like the one it was made from. What is not known yet
    is taken for an encoder like BERT base."""
    name = root_of(name)
    entry = BY_NAME.get(name)
    if entry is not None:
        is_decoder, rate, pooling = entry.is_decoder, entry.learning_rate, entry.pooling
    else:
        is_decoder, rate, pooling = _of_folder(Path(name).expanduser())
    if is_decoder:
        return Advice(technique="lora", learning_rate=rate, pooling="last")
    return Advice(technique="full", learning_rate=rate, pooling=pooling)


def _of_folder(folder: Path) -> tuple[bool, float, str]:
    try:
        architecture = architecture_of(folder)
    except (OSError, ValueError, AttributeError):  # no folder, or one that `fetch` will name as damaged
        return False, BASE_RATE, "mean"
    rate = LORA_RATE if architecture.is_decoder else SMALL_RATE if architecture.hidden <= SMALL_HIDDEN else BASE_RATE
    return architecture.is_decoder, rate, "mean"
