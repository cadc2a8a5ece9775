"""Training techniques: one file each, registered here. A run has one of TECHNIQUES and any number of EXTRAS."""

import math
from pathlib import Path

import numpy as np

from core.base_models.tokenizer import load_tokenizer
from core.base_models.words import Words
from core.domain.message import Message
from core.domain.recipe import TrainingRecipe
from core.registry import Registry
from core.techniques.adalora import AdaLoRA
from core.techniques.adapters import BottleneckAdapters
from core.techniques.class_balanced import ClassBalanced
from core.techniques.contrastive import SupervisedContrastive
from core.techniques.draft import DraftOnly
from core.techniques.ema import ExponentialMovingAverage
from core.techniques.fgm import FastGradientMethod
from core.techniques.focal_loss import FocalLoss
from core.techniques.freelb import FreeLB
from core.techniques.full import FullFineTuning
from core.techniques.gradual_unfreezing import GradualUnfreezing
from core.techniques.ia3 import IA3
from core.techniques.l2_start import PullToStart
from core.techniques.label_smoothing import LabelSmoothing
from core.techniques.layer_decay import LayerDecay
from core.techniques.lora import LoRA
from core.techniques.mixout import Mixout
from core.techniques.mixup import Mixup
from core.techniques.multi_dropout import MultiSampleDropout
from core.techniques.pairs import Pairs
from core.techniques.pgd import ProjectedGradientDescent
from core.techniques.prefix import PrefixTuning
from core.techniques.protocol import Extra, Technique
from core.techniques.r_drop import RDrop
from core.techniques.rewording import N_WORDS, Rewording, Rewordings
from core.techniques.self_distillation import SelfDistillation
from core.techniques.soup import Soup
from core.techniques.synonyms import Synonyms
from core.techniques.typos import Typos
from core.techniques.word_noise import WordNoise

TECHNIQUES: Registry[Technique] = Registry(
    "technique", FullFineTuning(), LoRA(), AdaLoRA(), BottleneckAdapters(), IA3(), PrefixTuning(), DraftOnly()
)

#: in the order in which the loop calls them (`core.domain.combinations.EXTRAS`): what changes the tokens, then the
#: targets, then the loss, then the vectors, then how a pass is run, then the steps, then what is kept: a head is fitted to averaged weights
EXTRAS: Registry[type[Extra]] = Registry(
    "extra",
    WordNoise,
    Synonyms,
    Typos,
    ClassBalanced,
    LabelSmoothing,
    FocalLoss,
    SelfDistillation,
    RDrop,
    SupervisedContrastive,
    Mixup,
    MultiSampleDropout,
    FastGradientMethod,
    ProjectedGradientDescent,
    FreeLB,
    LayerDecay,
    GradualUnfreezing,
    PullToStart,
    Mixout,
    ExponentialMovingAverage,
    Pairs,
    Soup,
)


def slowdown(recipe: TrainingRecipe) -> float:
    """About how many times the time of a step the extras make of it."""
    return math.prod(EXTRAS[name].slower for name in recipe.extras)


def chosen_extras(recipe: TrainingRecipe) -> list[Extra]:
    """The recipe's extras, made anew for one run."""
    return [EXTRAS[name](recipe) for name in recipe.extras]


def signal_titles(recipe: TrainingRecipe) -> dict[str, Message]:
    """The titles, by name, of what the recipe's technique and extras tell of each step."""
    found = dict(TECHNIQUES[recipe.technique].signal_titles)
    for extra in recipe.extras:
        found |= EXTRAS[extra].signal_titles
    return found


def rewordings_for(
    recipe: TrainingRecipe, base_dir: Path, ids: np.ndarray, offsets: np.ndarray
) -> dict[str, Rewordings]:
    """What the recipe's extras may put in the place of words of the texts `ids`, by extra; {} where none asks."""
    asking = [extra for name in recipe.extras if issubclass(extra := EXTRAS[name], Rewording)]
    if not asking:
        return {}
    words = Words(load_tokenizer(base_dir, recipe.max_length), base_dir)
    spans = words.common(ids, offsets, N_WORDS)
    return {e.name: Rewordings(words=words, others=e.others(words, spans, recipe)) for e in asking}
