"""The complete recipe of a run. Every setting carries its label, help, unit and range: the form, the validation,
the `--set` option of the terminal and the model card are built from them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.domain.message import Message, msg
from core.errors import UserError


class Preset(StrEnum):
    QUICK = "quick"  #: frozen embeddings + TF-IDF under a linear classifier
    BALANCED = "balanced"  #: the draft, then fine-tuning with early stopping
    BEST = "best"  #: more passes and a smaller step


def setting(
    default: Any,
    *,
    label: Message,
    help: Message,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A dataclass field that knows how to show and check itself."""
    about = {"label": label, "help": help, "unit": unit, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecipe:
    """Everything that decides a training run besides the data. Equal recipes on equal data give equal curves."""

    preset: Preset = setting(
        Preset.BALANCED,
        label=msg("Preset"),
        help=msg("The dial this recipe was derived from."),
        choices=tuple(Preset),
    )
    task: str = setting("text_classification", label=msg("Task"), help=msg("What the model learns to do."))
    base_model: str = setting(
        "minilm-l6-en",
        label=msg("Base model"),
        help=msg("The pretrained model that training starts from: a catalog name, a Hugging Face id or a folder."),
    )
    technique: str = setting(
        "full",
        label=msg("Technique"),
        help=msg(
            "Which weights change: all of them (full), small added ones (lora), or none (draft: the quick linear model only)."
        ),
        choices=("full", "lora", "draft"),
    )
    seed: int = setting(0, label=msg("Seed"), help=msg("Same seed, same result."), low=0, high=2**31 - 1)
    epochs: int = setting(
        3, label=msg("Epochs"), help=msg("How many times training reads every example."), unit="passes", low=1, high=100
    )
    learning_rate: float = setting(
        1e-4, label=msg("Learning rate"), help=msg("How far one step moves the weights."), low=1e-7, high=1.0
    )
    batch_size: int = setting(
        32, label=msg("Batch size"), help=msg("Examples per step."), unit="examples", low=1, high=4096
    )
    gradient_accumulation: int = setting(
        1,
        label=msg("Gradient accumulation"),
        help=msg("Batches added up before one step, to save memory."),
        low=1,
        high=256,
    )
    schedule: str = setting(
        "linear",
        label=msg("Schedule"),
        help=msg("How the learning rate falls after the warm-up."),
        choices=("linear", "cosine", "constant"),
    )
    warmup_ratio: float = setting(
        0.06,
        label=msg("Warm-up"),
        help=msg("Share of the steps in which the learning rate rises from zero."),
        low=0.0,
        high=0.9,
    )
    weight_decay: float = setting(
        0.01, label=msg("Weight decay"), help=msg("Pulls weights towards zero against memorising."), low=0.0, high=1.0
    )
    max_grad_norm: float = setting(
        1.0,
        label=msg("Gradient clipping"),
        help=msg("Longest gradient allowed; 0 turns clipping off."),
        low=0.0,
        high=1000.0,
    )
    max_length: int = setting(
        128,
        label=msg("Text length"),
        help=msg("Longer texts are cut after this many tokens."),
        unit="tokens",
        low=8,
        high=8192,
    )
    pooling: str = setting(
        "mean",
        label=msg("Pooling"),
        help=msg("How token vectors become one text vector."),
        choices=("mean", "cls", "last"),
    )
    dropout: float = setting(
        0.1,
        label=msg("Dropout"),
        help=msg("Share of the text vector that is hidden at random before the head."),
        low=0.0,
        high=0.9,
    )
    n_layers: int = setting(
        0,
        label=msg("Layers used"),
        help=msg("Use only the first layers of the base model; 0 uses all."),
        unit="layers",
        low=0,
        high=200,
    )
    frozen_layers: int = setting(
        0,
        label=msg("Layers left as they are"),
        help=msg("The first layers and the word vectors do not learn: faster, and a little less precise."),
        unit="layers",
        low=0,
        high=200,
    )
    class_weights: str = setting(
        "auto",
        label=msg("Category weights"),
        help=msg("Count rare categories more. “auto” does so above an imbalance of 10 to 1."),
        choices=("auto", "balanced", "none"),
    )
    precision: str = setting(
        "auto",
        label=msg("Precision"),
        help=msg("Number format while training. “auto” measures which one is faster here."),
        choices=("auto", "fp32", "bf16", "fp16"),
    )
    device: str = setting(
        "auto",
        label=msg("Device"),
        help=msg("Where to train. “auto” takes CUDA, then MPS, then CPU."),
        choices=("auto", "cuda", "mps", "cpu"),
    )
    checks_per_epoch: int = setting(
        2,
        label=msg("Check-ups per epoch"),
        help=msg("How often the check-up examples are asked during a pass."),
        low=1,
        high=50,
    )
    patience: int = setting(
        4,
        label=msg("Patience"),
        help=msg("Stop after this many check-ups without a better result; 0 never stops early."),
        unit="check-ups",
        low=0,
        high=1000,
    )
    lora_rank: int = setting(8, label=msg("LoRA rank"), help=msg("Size of the added matrices."), low=1, high=256)
    lora_alpha: int = setting(
        16, label=msg("LoRA alpha"), help=msg("Strength of the added matrices."), low=1, high=1024
    )

    def __post_init__(self) -> None:
        problems = [p for field in dataclasses.fields(self) if (p := _problem(field, getattr(self, field.name)))]
        if problems:
            text = "; ".join(str(p) for p in problems)
            raise UserError(msg("The recipe cannot be used: {problems}.", problems=text))
        object.__setattr__(self, "preset", Preset(self.preset))

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)} | {"preset": self.preset.value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TrainingRecipe":
        """Settings unknown to this version are ignored, missing ones take their default: old stores still open."""
        known = {f.name for f in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in value.items() if k in known})

    def changed(self, overrides: Mapping[str, str | int | float]) -> "TrainingRecipe":
        """A copy with some settings replaced; strings (from `--set` or a form) are converted to the setting's type.

        Raises:
            UserError: a name is unknown or a value has the wrong type or range; all problems are named at once.
        """
        fields = {f.name: f for f in dataclasses.fields(self)}
        values: dict[str, Any] = {}
        for name, value in overrides.items():
            if name not in fields:
                raise UserError(
                    msg("There is no setting named “{name}”.", name=name),
                    hint=msg("Known settings: {known}.", known=", ".join(fields)),
                )
            kind = type(getattr(self, name))
            try:
                values[name] = value if isinstance(value, kind) else kind(value)
            except ValueError:
                raise UserError(
                    msg("{name} = {value} is not a valid value.", name=name, value=str(value)),
                    hint=msg("Expected a value like {example}.", example=str(getattr(self, name))),
                ) from None
        return dataclasses.replace(self, **values)

    @property
    def fingerprint(self) -> str:
        """12 hex characters that are equal for equal recipes."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:12]


def _problem(field: "dataclasses.Field[Any]", value: Any) -> Message | None:
    low, high, choices = (field.metadata.get(k) for k in ("low", "high", "choices"))
    if choices and value not in choices:
        return msg(
            "{name} = {value} is none of {choices}", name=field.name, value=str(value), choices=", ".join(choices)
        )
    if low is not None and high is not None and not (low <= value <= high):
        return msg("{name} = {value} is outside {low} to {high}", name=field.name, value=str(value), low=low, high=high)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a run is expected to take on this machine, measured by a short probe of real steps."""

    low_seconds: float
    high_seconds: float
    memory_bytes: int
    device: str  #: "cpu", "cuda:0", "mps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A recipe ready to start, why it was chosen, and what it will cost."""

    recipe: TrainingRecipe
    forecast: Forecast
    reasons: tuple[Message, ...]  #: one sentence per choice that depends on the data or the machine
    recommended: bool  #: the dial position we would pick for this data
