"""The only reader of the environment."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent
MAX_UPLOAD_BYTES = 300 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where this process keeps its state."""

    home: Path  #: the workspace folder: database, uploads, models, logs
    samples_dir: Path = PROJECT_DIR / "data" / "samples"
    locale: str = ""  #: what the terminal speaks, e.g. "zh_CN.UTF-8"
    trackers: tuple[str, ...] = ()  #: where trainings are recorded besides, unless their start says otherwise

    @property
    def database_path(self) -> Path:
        return self.home / "tunedesk.db"

    @property
    def uploads_dir(self) -> Path:
        return self.home / "uploads"

    @property
    def datasets_dir(self) -> Path:
        return self.home / "datasets"

    @property
    def tables_dir(self) -> Path:
        """Parsed uploads; may be deleted at any time."""
        return self.home / "tables"

    @property
    def base_models_dir(self) -> Path:
        return self.home / "base_models"

    @property
    def jobs_dir(self) -> Path:
        return self.home / "jobs"

    @property
    def models_dir(self) -> Path:
        return self.home / "models"

    @property
    def tracking_dir(self) -> Path:
        """What trackers write that are told no other place."""
        return self.home / "tracking"


def load() -> Settings:
    """Read TUNEDESK_HOME (default `data/workspace` beside the code), TUNEDESK_TRACKERS ("tensorboard,mlflow") and the
    terminal's language."""
    home = os.environ.get("TUNEDESK_HOME")
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    trackers = (name.strip() for name in os.environ.get("TUNEDESK_TRACKERS", "").split(","))
    return Settings(
        home=Path(home).expanduser().resolve() if home else PROJECT_DIR / "data" / "workspace",
        locale=locale,
        trackers=tuple(dict.fromkeys(name for name in trackers if name)),
    )


def tracking_secrets() -> tuple[str, ...]:
    """What the environment tells trackers in confidence, so that it can be kept out of logs and records."""
    return tuple(
        value
        for name, value in os.environ.items()
        if value
        and name.startswith(("MLFLOW_", "WANDB_"))
        and name.endswith(("_KEY", "_TOKEN", "_PASSWORD", "_SECRET"))
    )


def job_threads() -> int:
    """The number of threads that the environment sets for what computes (OMP_NUM_THREADS); 0 where it leaves it open."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() else 0
