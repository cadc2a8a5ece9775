"""From a recipe to seconds and memory before anything runs. No torch: pages call this.

A run is cut into parts. Each has a formula of what it must compute, with constants of the machine it was written on; what
earlier runs here really took (`core.training.speed`) corrects each part by its own ratio. Speeds are those of a quiet
machine; what else goes on when the forecast is made stretches it (`core.training.busy`).
"""

from dataclasses import dataclass
from pathlib import Path

from core.base_models.cache import folder_slug
from core.base_models.catalog import CATALOG
from core.base_models.long_texts import MAX_WINDOWS, MEASURED, OVERLAP, WINDOWS
from core.base_models.own import root_of
from core.datasets.splitting import MAX_CHECKUP_ROWS, MAX_EXAM_ROWS
from core.domain.dataset import DatasetProfile
from core.domain.recipe import Forecast, TrainingRecipe
from core.techniques import EXTRAS, slowdown
from core.training.draft import FEW_ROWS, MANY_ROWS
from core.training.drafting import MOST_ROWS
from core.training.machine import Machine
from core.training.search.minutes import with_search
from core.training.speed import read_ratios, read_speed

CHECKUP_SHARE = EXAM_SHARE = 0.1  # of the rows, about; the split decides exactly
JOINED_SHARE = 0.1  # of the texts without a category: 126 of 1,500 on snips, none on tnews
CHARS_PER_TOKEN = {"en": 4.3, "zh": 1.3}  # measured on banking77 and waimai_10k with the default models
OTHER_CHARS_PER_TOKEN = 3.0
MAX_EMBEDDED_TOKENS, MAX_FITTED_CHARS = 256, 1000  # of a text that the draft reads

FLOPS = {"mps": 1.5e12, "cuda": 15e12}  # of training, on the careful side; a processor's are measured
TRAINING_SHARE, ANSWERING_SHARE = 0.5, 0.6  # of what a core reaches in large multiplications
TECHNIQUE_COST = {
    "lora": 0.85,
    "adalora": 0.85,
    "ia3": 0.7,
    "adapters": 0.6,
}  # of a step, against "full"; measured on banking77
MAX_USEFUL_CORES = 8
REFERENCE_FLOPS = 86e9  # `Machine.core_flops` of the machine whose seconds stand below
STARTING_SECONDS = 2.5  # a process of its own, imports, rows and encoder
UNPACKING_SECONDS_PER_PARAMETER = 1.2e-7  # once for every base model; a download is not foreseen
TERMS_PER_CHAR = {"zh": 9.0}  # what the TF-IDF of a draft counts, in time
OTHER_TERMS_PER_CHAR = 4.2
TRIED_TOKENS = 350_000  # of long texts, read in all three ways (`core.training.long_choice`)
TERM_SECONDS, NUMBER_SECONDS = 2.9e-6, 8e-9  # of counting a term, and of a coefficient in a linear fit
FINISHING_SECONDS = 9.0  # imports of what trains, the probe, the finished model and its export
EMBEDDING_SECONDS = 0.5  # to load the encoder
FIRST_FIT_SECONDS = 1.5  # imports of what fits
EXAM_SECONDS = 1.2
LIBRARY_BYTES, TORCH_BYTES = 330e6, 350e6
WHOLE_MODELS = 3  # copies of the base model that are held at once when the finished one is written
UNPACKING_BYTES, UNPACKING_BYTES_PER_PARAMETER = 400e6, 11.0
TERM_BYTES = 16  # of a term of a text in the draft's tables
BEST_CHECK = 6.0  # the check-up that is the best, where nothing is known: a run ends `patience` later
MEASURED_RANGE, GUESSED_RANGE = (0.75, 1.35), (0.6, 1.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What decides the cost of a base model's token."""

    n_layers: int
    hidden: int
    draft_layers: int = 0  #: of them the draft reads; 0: all
    n_parameters: int = 110_000_000

    @property
    def layer_parameters(self) -> int:
        return 12 * self.hidden * self.hidden


SHAPES = {
    entry.name: Shape(
        n_layers=entry.n_layers,
        hidden=entry.hidden,
        draft_layers=entry.draft_layers,
        n_parameters=entry.n_parameters,
    )
    for entry in CATALOG
}
BASE_SHAPE = Shape(n_layers=12, hidden=768)  # what an unknown model is taken for


def forecast(
    profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, base_models_dir: Path, *, free_share: float = 1.0
) -> Forecast:
    """Seconds and memory of a run. `free_share` of the processors seems free for it (`core.training.busy`); what runs
    got of it so far corrects that: a system may favour some programs."""
    device = device_of(recipe, machine)
    parts = forecast_parts(profile, recipe, machine, base_models_dir)
    share = min(1.0, free_share * read_ratios(base_models_dir).get("share", 1.0))
    parts = with_search(recipe, parts, share)
    searching = min(60.0 * recipe.search_minutes, parts.get("search", 0.0) / share)  # these minutes are kept
    on_device = sum(parts.get(name, 0.0) for name in ("steps", "checks")) if device != "cpu" else 0.0
    seconds = on_device + (sum(parts.values()) - on_device) / share
    is_measured = recipe.technique == "draft" or read_speed(base_models_dir, recipe, device) is not None
    low, high = MEASURED_RANGE if is_measured else GUESSED_RANGE
    return Forecast(
        low_seconds=(seconds - searching) * low + searching,
        high_seconds=(seconds - searching) * high + searching,
        memory_bytes=memory_bytes(profile, recipe, is_new=not is_here(recipe.base_model, base_models_dir)),
        device="cuda:0" if device == "cuda" else device,
    )


def forecast_seconds(
    profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, base_models_dir: Path | None = None
) -> float:
    """The middle of the range on a quiet machine; by the formulas alone where no folder with measurements is given."""
    return sum(forecast_parts(profile, recipe, machine, base_models_dir).values())


def forecast_parts(
    profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, base_models_dir: Path | None = None
) -> dict[str, float]:
    """Seconds of each part of a run, as earlier runs correct them, on a quiet machine."""
    if base_models_dir is None:
        return formula_parts(profile, recipe, machine)
    ratios = read_ratios(base_models_dir)
    share = made_share(recipe, BEST_CHECK * ratios.get("best_check", 1.0))
    parts = formula_parts(profile, recipe, machine, share=share)
    parts = {name: seconds * ratios.get(name, 1.0) for name, seconds in parts.items()}
    speed = read_speed(base_models_dir, recipe, device_of(recipe, machine))
    if speed is not None and "steps" in parts:
        parts["steps"] = share * planned_tokens(profile, recipe) / speed
    if not is_here(recipe.base_model, base_models_dir):
        parts["unpacking"] = UNPACKING_SECONDS_PER_PARAMETER * shape_of(recipe).n_parameters
    return parts


def formula_parts(
    profile: DatasetProfile, recipe: TrainingRecipe, machine: Machine, *, share: float | None = None
) -> dict[str, float]:
    """Seconds of each part by its formula alone, by the name under which `core.training.speed` keeps its ratio.
    `share` of the planned steps is made; None: as many as are usual."""
    shape = shape_of(recipe)
    cores = min(machine.n_cores, MAX_USEFUL_CORES)
    answering = ANSWERING_SHARE * machine.core_flops * cores
    token_flops = 2 * shape.layer_parameters  # of one layer, forward only
    row_tokens = read_tokens(profile, recipe, profile.mean_chars, MAX_EMBEDDED_TOKENS)
    draft_flops = row_tokens * token_flops * (shape.draft_layers or shape.n_layers)
    fit = fit_seconds(profile, shape.hidden, machine)
    n_exam, n_checkup = exam_rows(profile), checkup_rows(profile)
    parts = {
        "starting": STARTING_SECONDS,
        "embedding": EMBEDDING_SECONDS + draft_rows(profile) * draft_flops / answering,
        "fitting": FIRST_FIT_SECONDS + fit * (2 if recipe.technique == "draft" else 1),
        "exam": EXAM_SECONDS + n_exam * draft_flops / answering,
    }
    if recipe.long_texts == MEASURED:
        parts["trying"] = TRIED_TOKENS * token_flops * (shape.draft_layers or shape.n_layers) / answering
    if recipe.technique == "draft":
        return parts
    n_layers = recipe.n_layers or shape.n_layers
    row_tokens = read_tokens(profile, recipe, profile.mean_chars)
    flops = training_flops(recipe, machine)
    whole_flops = row_tokens * token_flops * n_layers
    learning = max(0, n_layers - recipe.frozen_layers)
    share = made_share(recipe) if share is None else share
    n_checks = share * recipe.epochs * recipe.checks_per_epoch
    once = n_layers - learning if reads_once(recipe, machine) else 0  # layers that read every text a single time
    step_flops = row_tokens * token_flops * (n_layers - once + 2 * learning)
    check_flops = whole_flops * (n_layers - once) / n_layers
    slower = TECHNIQUE_COST.get(recipe.technique, 1.0) * slowdown(recipe)
    parts["steps"] = share * practice_rows(profile, recipe) * recipe.epochs * step_flops * slower / flops
    n_known = practice_rows(profile, recipe) + n_checkup
    parts["checks"] = n_checks * n_checkup * check_flops / flops
    parts["checks"] += n_known * (whole_flops - check_flops) / flops
    if any(EXTRAS[name].fits_head for name in recipe.extras):
        n_fits = 1 if recipe.folds else n_checks  # in a cross-check nothing is asked on the way
        parts["checks"] += n_fits * practice_rows(profile, recipe) * check_flops / flops
    parts["finishing"] = FINISHING_SECONDS + n_checkup * whole_flops / flops
    parts["exam"] += n_exam * whole_flops / answering
    return parts


def reads_once(recipe: TrainingRecipe, machine: Machine) -> bool:
    """Whether layers that do not learn read each text once, see `core.training.trunk`."""
    changes = any(EXTRAS[name].rewrites or EXTRAS[name].shifts_words for name in recipe.extras)
    return recipe.technique == "full" and device_of(recipe, machine) == "cpu" and not changes


def made_share(recipe: TrainingRecipe, best_check: float = BEST_CHECK) -> float:
    """The share of the planned steps that a run makes before it stops early: a few check-ups after its best one."""
    n_checks = recipe.epochs * recipe.checks_per_epoch
    if not recipe.patience:
        return 1.0
    return min(1.0, (best_check + recipe.patience) / n_checks)


def fit_seconds(profile: DatasetProfile, hidden: int, machine: Machine) -> float:
    """Of one fit of the draft: counting terms, then as many linear models as it tries (`core.training.draft`)."""
    n_rows = min(labeled_rows(profile), MOST_ROWS)
    n_terms = TERMS_PER_CHAR.get(profile.language, OTHER_TERMS_PER_CHAR) * min(MAX_FITTED_CHARS, profile.mean_chars)
    n_fits = 13 if n_rows <= FEW_ROWS else 5 if n_rows <= MANY_ROWS else 2
    n_lines = 1 if profile.n_labels == 2 else profile.n_labels
    seconds = n_rows * (TERM_SECONDS * n_terms + NUMBER_SECONDS * (hidden + n_terms) * n_lines * n_fits)
    return seconds * REFERENCE_FLOPS / machine.core_flops


def practice_rows(profile: DatasetProfile, recipe: TrainingRecipe) -> float:
    """Rows that are practiced on, with those that join without a category: about a tenth of those, never more than have one."""
    labeled = labeled_rows(profile)
    return labeled + (min(labeled, JOINED_SHARE * profile.n_unlabeled) if recipe.pseudo_labels == "on" else 0.0)


def labeled_rows(profile: DatasetProfile) -> float:
    """Rows of practice: what check-up and exam leave."""
    return profile.n_rows - checkup_rows(profile) - exam_rows(profile)


def checkup_rows(profile: DatasetProfile) -> float:
    return min(CHECKUP_SHARE * (profile.n_rows - profile.n_own_exam), MAX_CHECKUP_ROWS)


def exam_rows(profile: DatasetProfile) -> float:
    return profile.n_own_exam or min(EXAM_SHARE * profile.n_rows, MAX_EXAM_ROWS)


def draft_rows(profile: DatasetProfile) -> float:
    """Rows that the draft reads: to learn from, about as many as it takes of very many, and those it is asked."""
    return min(profile.n_rows, MOST_ROWS + checkup_rows(profile) + exam_rows(profile))


def planned_tokens(profile: DatasetProfile, recipe: TrainingRecipe) -> float:
    """Practice tokens that a run reads if it does not stop early."""
    row_tokens = read_tokens(profile, recipe, profile.mean_chars)
    return practice_rows(profile, recipe) * row_tokens * recipe.epochs


def training_flops(recipe: TrainingRecipe, machine: Machine) -> float:
    device = device_of(recipe, machine)
    return FLOPS.get(device, TRAINING_SHARE * machine.core_flops * min(machine.threads, MAX_USEFUL_CORES))


def device_of(recipe: TrainingRecipe, machine: Machine) -> str:
    return machine.kind if recipe.device == "auto" else recipe.device


def shape_of(recipe: TrainingRecipe) -> Shape:
    return SHAPES.get(root_of(recipe.base_model), BASE_SHAPE)


def n_tokens(profile: DatasetProfile, n_chars: float) -> int:
    """About how many tokens a text of `n_chars` characters has, the two special ones included."""
    return 2 + round(n_chars / CHARS_PER_TOKEN.get(profile.language, OTHER_CHARS_PER_TOKEN))


def read_tokens(profile: DatasetProfile, recipe: TrainingRecipe, n_chars: float, limit: int | None = None) -> int:
    """About how many tokens are read of a text of `n_chars` characters, `limit` (None: the recipe's) at once."""
    whole, limit = n_tokens(profile, n_chars), limit or recipe.max_length
    if recipe.long_texts != WINDOWS or whole <= limit:
        return min(whole, limit)
    return min(round(whole / (1 - OVERLAP)), MAX_WINDOWS * limit)


def is_here(base_model: str, base_models_dir: Path) -> bool:
    """Whether a catalog's base model was unpacked already. Others are copied or linked in no time once they are here."""
    return base_model not in SHAPES or any(base_models_dir.glob(f"{folder_slug(base_model)}-*"))


def memory_bytes(profile: DatasetProfile, recipe: TrainingRecipe, *, is_new: bool = False) -> int:
    """What a job's process holds at its highest, of the machine's memory: for the draft the encoder's session, vectors
    and terms; for fine-tuning weights, gradients, moments and activations; for a base model that `is_new` its unpacking.
    """
    shape = shape_of(recipe)
    n_layers = recipe.n_layers or shape.n_layers
    n_terms = TERMS_PER_CHAR.get(profile.language, OTHER_TERMS_PER_CHAR) * min(MAX_FITTED_CHARS, profile.mean_chars)
    drafting = LIBRARY_BYTES + 4 * shape.n_parameters + 6 * profile.mean_chars * profile.n_rows
    drafting += draft_rows(profile) * (8 * shape.hidden + TERM_BYTES * n_terms)
    needed = [drafting]
    if is_new:
        needed.append(UNPACKING_BYTES + UNPACKING_BYTES_PER_PARAMETER * shape.n_parameters)
    if recipe.technique != "draft":
        weights = 4 * shape.layer_parameters * shape.n_layers
        pass_tokens = min(16_384, recipe.batch_size * read_tokens(profile, recipe, profile.p95_chars))
        trained = 1.0 if recipe.technique == "full" else 0.1
        learning = weights * (1 + 3 * trained) + activation_bytes(pass_tokens, n_layers, shape.hidden)
        needed.append(drafting + TORCH_BYTES + WHOLE_MODELS * 4 * shape.n_parameters + learning)
    return int(max(needed))


def activation_bytes(n_tokens: int, n_layers: int, hidden: int) -> int:
    """About what a pass of so many padded tokens keeps for its way back."""
    return n_tokens * n_layers * hidden * 4 * 30
