"""Reading texts without categories: how it is done, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.recipe import TrainingRecipe

ENOUGH_TEXTS_READ = 40_000  #: times that a text is read, all passes together; fewer texts are read more often
MAX_EPOCHS = 10
MIN_TEXTS = 100
WARMUP = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingSettings:
    """Everything that decides the result besides the texts."""

    base_model: str
    epochs: int
    learning_rate: float
    batch_size: int = 32
    max_length: int = 128  #: tokens of a text that are read
    seed: int = 0

    def recipe(self) -> TrainingRecipe:
        """The same as the optimizer and the schedule understand it."""
        return TrainingRecipe(
            base_model=self.base_model,
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            max_length=self.max_length,
            seed=self.seed,
            warmup_ratio=WARMUP,
        )


def passes_over(n_texts: int) -> int:
    """How often to read so many texts."""
    return max(1, min(MAX_EPOCHS, round(ENOUGH_TEXTS_READ / max(1, n_texts))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """How well the hidden words of texts that were held out are guessed."""

    ratio: float  #: of the words guessed right, 0 to 1
    loss: float  #: mean of -ln p(the word)
    n: int  #: hidden words

    @property
    def of_100(self) -> int:
        return round(100 * self.ratio)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """Where a base model of one's own comes from."""

    parent: str  #: name of the base model that read the texts
    parent_title: str
    n_texts: int
    before: Guesses
    after: Guesses
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainingPlan:
    """What reading the texts would take, before it is started."""

    settings: PretrainingSettings
    n_texts: int  #: at most: equal ones, and those near to the exam, are left out at the start
    n_of_dataset: int  #: of them practice texts
    n_without_category: int  #: of them texts of the dataset that have no category
    low_seconds: float
    high_seconds: float
