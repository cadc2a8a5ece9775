"""The complete recipe of a run. Every setting carries its label, help, unit and range: the form, the validation,
the `--set` option of the terminal and the model card are built from them."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.domain.combinations import EXTRAS, conflicts
from core.domain.message import Message, msg
from core.domain.task import ANSWERS, AnswerKind, answer_kind
from core.errors import UserError

SettingValue = str | int | float | tuple[str, ...]


class Preset(StrEnum):
    QUICK = "quick"  #: frozen embeddings + TF-IDF under a linear classifier
    BALANCED = "balanced"  #: the draft, then fine-tuning with early stopping
    BEST = "best"  #: a search for better settings than those of Balanced


def presets_of(task: str) -> tuple[Preset, ...]:
    """The dial positions that a task has: the search compares settings by right answers."""
    return tuple(Preset) if answer_kind(task) is AnswerKind.CATEGORY else (Preset.QUICK, Preset.BALANCED)


def setting(
    default: Any,
    *,
    label: Message,
    help: Message,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    of: tuple[str, ...] = (),
    later: bool = False,
) -> Any:
    """A dataclass field that knows how to show and check itself.

    A setting `of` some techniques means nothing without one of them. One that came `later` than the first release counts
    in the fingerprint only where it is not the default: recipes that were written without it keep theirs.
    """
    about: dict[str, Any] = {"label": label, "help": help, "unit": unit, "low": low, "high": high, "choices": choices}
    about |= {"of": of, "later": later}
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
    task: str = setting(
        "text_classification", label=msg("Task"), help=msg("What the model learns to do."), choices=tuple(ANSWERS)
    )
    base_model: str = setting(
        "minilm-l6-en",
        label=msg("Base model"),
        help=msg("The pretrained model that training starts from: a catalog name, a Hugging Face id or a folder."),
    )
    technique: str = setting(
        "full",
        label=msg("Technique"),
        help=msg(
            "Which weights change: all of them (full), small added ones (lora, adalora, adapters, ia3, prefix), or none (draft: the quick linear model only)."
        ),
        choices=("full", "lora", "adalora", "adapters", "ia3", "prefix", "draft"),
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
        help=msg("So many tokens of a text are read at once."),
        unit="tokens",
        low=8,
        high=8192,
    )
    long_texts: str = setting(
        "start",
        label=msg("Texts beyond that length"),
        help=msg(
            "What is read of a longer text: its start, a quarter from its start and the rest from its end (start_and_end), or all of it in overlapping parts whose results are averaged (windows: up to 8 times the time for such texts). “measured” tries the three on some long texts first."
        ),
        choices=("start", "start_and_end", "windows", "measured"),
        later=True,
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
        help=msg(
            "The first layers and the word vectors do not learn. They read every text once, without dropout: faster, and a little less precise."
        ),
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
    head_start: str = setting(
        "random",
        label=msg("Head start"),
        help=msg(
            "What the last step knows before training: nothing (random), or what it learns from the base model as it is (fitted)."
        ),
        choices=("random", "fitted"),
        later=True,
    )
    search_minutes: int = setting(
        0,
        label=msg("Minutes to look for the best settings"),
        help=msg(
            "Other settings are tried for this long, and the best on the check-up examples are used; 0 tries none."
        ),
        unit="minutes",
        low=0,
        high=10_000,
        later=True,
    )
    folds: int = setting(
        0,
        label=msg("Parts of the cross-check"),
        help=msg(
            "Few examples: each is answered by a model that did not learn from its part, so all of them judge instead of a few; 0 asks the check-up examples only."
        ),
        unit="parts",
        low=0,
        high=20,
        later=True,
    )
    lora_rank: int = setting(
        8, label=msg("LoRA rank"), help=msg("Size of the added matrices."), low=1, high=256, of=("lora", "adalora")
    )
    lora_alpha: int = setting(
        16,
        label=msg("LoRA alpha"),
        help=msg("Strength of the added matrices."),
        low=1,
        high=1024,
        of=("lora", "adalora"),
    )
    adapter_size: int = setting(
        32,
        label=msg("Adapter size"),
        help=msg("Width of the small layers that are added."),
        low=1,
        high=1024,
        of=("adapters",),
        later=True,
    )
    prefix_length: int = setting(
        8,
        label=msg("Prefix length"),
        help=msg("How many trained vectors stand in front of each text."),
        unit="tokens",
        low=1,
        high=128,
        of=("prefix",),
        later=True,
    )
    pseudo_labels: str = setting(
        "off",
        label=msg("Learn from texts without a category"),
        help=msg(
            "Texts that the quick model answers surely join practice under its answer, where the check-up shows that its sure answers are right."
        ),
        choices=("off", "on"),
        later=True,
    )
    extras: tuple[str, ...] = setting(
        (),
        label=msg("Extras"),
        help=msg("Further ways to teach, added to the technique. Each says when it helps and what it costs."),
        choices=EXTRAS,
        later=True,
    )
    noise_share: float = setting(
        0.1,
        label=msg("Noise"),
        help=msg("Share of a text's tokens that word noise changes."),
        low=0.01,
        high=0.5,
        of=("word_noise",),
        later=True,
    )
    synonym_share: float = setting(
        0.15,
        label=msg("Synonyms"),
        help=msg("Share of a text's words with near ones that become one of them."),
        low=0.01,
        high=0.9,
        of=("synonyms",),
        later=True,
    )
    typo_share: float = setting(
        0.15,
        label=msg("Mistyped words"),
        help=msg("Share of a text's longer words that are mistyped."),
        low=0.01,
        high=0.9,
        of=("typos",),
        later=True,
    )
    smoothing: float = setting(
        0.1,
        label=msg("Smoothing"),
        help=msg("Share of the certainty that label smoothing spreads over all categories."),
        low=0.0,
        high=0.9,
        of=("label_smoothing",),
        later=True,
    )
    focal_gamma: float = setting(
        2.0,
        label=msg("Focal gamma"),
        help=msg("How much less easy examples count; 0 counts all alike."),
        low=0.0,
        high=10.0,
        of=("focal_loss",),
        later=True,
    )
    r_drop_alpha: float = setting(
        1.0,
        label=msg("R-Drop alpha"),
        help=msg("How much the agreement of both readings counts."),
        low=0.0,
        high=100.0,
        of=("r_drop",),
        later=True,
    )
    teacher_weight: float = setting(
        1.0,
        label=msg("Weight of the teacher"),
        help=msg("How much the teacher's answers count beside the categories."),
        low=0.0,
        high=100.0,
        of=("self_distillation",),
        later=True,
    )
    contrastive_share: float = setting(
        0.2,
        label=msg("Contrastive share"),
        help=msg("Share of the contrastive term in the loss."),
        low=0.0,
        high=1.0,
        of=("contrastive",),
        later=True,
    )
    pairs_per_label: int = setting(
        4,
        label=msg("Examples of a category at once"),
        help=msg("How many examples of each of its categories a step of pairs compares."),
        unit="examples",
        low=2,
        high=256,
        of=("pairs",),
        later=True,
    )
    mixup_alpha: float = setting(
        0.4,
        label=msg("Mixup alpha"),
        help=msg("Higher mixes two texts more evenly."),
        low=0.01,
        high=10.0,
        of=("mixup",),
        later=True,
    )
    shift_size: float = setting(
        0.1,
        label=msg("Size of the shift"),
        help=msg("Longest worst-case shift, as a share of the length of a text's word vectors."),
        low=0.0,
        high=10.0,
        of=("fgm", "pgd", "freelb"),
        later=True,
    )
    layer_decay: float = setting(
        0.9,
        label=msg("Rate of the next lower layer"),
        help=msg("Learning rate of a layer as a share of the one above it."),
        low=0.1,
        high=1.0,
        of=("layer_decay",),
        later=True,
    )
    start_pull: float = setting(
        50.0,
        label=msg("Strength of the pull"),
        help=msg("Weights stay within about 1 / strength of their start."),
        low=0.0,
        high=100000.0,
        of=("l2_start",),
        later=True,
    )
    mixout_share: float = setting(
        0.5,
        label=msg("Mixout share"),
        help=msg("Share of the weights that each step sets back."),
        low=0.0,
        high=0.95,
        of=("mixout",),
        later=True,
    )

    find_learning_rate: str = setting(
        "off",
        label=msg("Find the learning rate"),
        help=msg("Tries rising learning rates for 40 steps before the training starts and takes a good one."),
        choices=("off", "on"),
        later=True,
    )
    find_batch_size: str = setting(
        "off",
        label=msg("Find the examples at once"),
        help=msg(
            "Tries before the training starts how many examples are read at once: twice as many until memory or speed says stop. The examples per step stay the same, and so does what is learned."
        ),
        choices=("off", "on"),
        later=True,
    )

    def __post_init__(self) -> None:
        chosen = set(self.extras)
        in_order = (*(name for name in EXTRAS if name in chosen), *sorted(chosen - set(EXTRAS)))
        object.__setattr__(self, "extras", in_order)  # the order of the loop, however they were named
        problems = [p for field in dataclasses.fields(self) if (p := _problem(field, getattr(self, field.name)))]
        if problems:
            text = "; ".join(str(p) for p in problems)
            raise UserError(msg("The recipe cannot be used: {problems}.", problems=text))
        object.__setattr__(self, "preset", Preset(self.preset))
        if reasons := conflicts(self):
            raise UserError(reasons[0], hint=msg("Leave one of them out, or change the setting."))

    def to_json(self) -> dict[str, Any]:
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return values | {"preset": self.preset.value, "extras": list(self.extras)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TrainingRecipe":
        """Settings unknown to this version are ignored, missing ones take their default: old stores still open."""
        known = {f.name for f in dataclasses.fields(cls)}
        values = {k: v for k, v in value.items() if k in known}
        return cls(**values | {"extras": tuple(values.get("extras", ()))})

    def changed(self, overrides: Mapping[str, SettingValue]) -> "TrainingRecipe":
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
                values[name] = value if isinstance(value, kind) else _converted(value, kind)
            except ValueError:
                raise UserError(
                    msg("{name} = {value} is not a valid value.", name=name, value=str(value)),
                    hint=msg("Expected a value like {example}.", example=str(getattr(self, name))),
                ) from None
        return dataclasses.replace(self, **values)

    @property
    def fingerprint(self) -> str:
        """12 hex characters that are equal for equal recipes."""
        return hashlib.sha256(json.dumps(self.deciding(), sort_keys=True).encode()).hexdigest()[:12]

    def deciding(self) -> dict[str, Any]:
        """The settings that make one recipe differ from another: `later` ones only where they are not the default."""
        unchanged = {
            f.name for f in dataclasses.fields(self) if f.metadata["later"] and getattr(self, f.name) == f.default
        }
        return {name: value for name, value in self.to_json().items() if name not in unchanged}

    def concerns(self, field: "dataclasses.Field[Any]") -> bool:
        """Whether a setting means anything with the chosen techniques."""
        owners = field.metadata["of"]
        return not owners or bool({self.technique, *self.extras}.intersection(owners))


def _converted(value: Any, kind: type) -> Any:
    """ "a, b" from the terminal or a list from JSON becomes a tuple of names; anything else takes the setting's type."""
    if kind is not tuple:
        return kind(value)
    names = value.split(",") if isinstance(value, str) else value
    return tuple(name.strip() for name in names if name.strip())


def _problem(field: "dataclasses.Field[Any]", value: Any) -> Message | None:
    low, high, choices = (field.metadata[k] for k in ("low", "high", "choices"))
    unknown = [name for name in (value if isinstance(value, tuple) else (value,)) if choices and name not in choices]
    if unknown:
        return msg(
            "{name} = {value} is none of {choices}", name=field.name, value=str(unknown[0]), choices=", ".join(choices)
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
