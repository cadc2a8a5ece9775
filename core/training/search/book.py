"""The trials of a search as they are kept in the work folder: each is whole or absent, and none is made twice."""

import json
from pathlib import Path

import numpy as np

from core.domain.plain import from_plain, to_plain
from core.domain.search import Trial
from core.files import folder_aside, is_whole, sweep, written_aside

ABOUT, ANSWERS, END = "trial.json", "answers.safetensors", "chosen.json"


class Book:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)

    def work_dir(self, number: int) -> Path:
        """Where trial `number` is made."""
        return self.folder / f"work-{number:04d}"

    def trials(self) -> list[Trial]:
        """Those that ended, in their order."""
        found: list[Trial] = []
        while is_whole(folder := self._trial_dir(len(found) + 1)):
            found.append(from_plain(Trial, json.loads((folder / ABOUT).read_text())))
        return found

    def add(self, trial: Trial, proba: np.ndarray, right: np.ndarray) -> None:
        from safetensors.numpy import save_file

        with folder_aside(self._trial_dir(trial.number)) as aside:
            (aside / ABOUT).write_text(json.dumps(to_plain(trial), indent=1))
            save_file({"proba": proba, "right": right}, aside / ANSWERS)

    def proba(self, number: int) -> np.ndarray:
        return self._answers(number)["proba"]

    def right(self, number: int) -> np.ndarray:
        return self._answers(number)["right"]

    def chosen(self) -> int | None:
        """The number of the chosen trial (0: none could be), once the search has ended."""
        path = self.folder / END
        return int(json.loads(path.read_text())["chosen"]) if path.exists() else None

    def choose(self, number: int) -> None:
        with written_aside(self.folder / END) as aside:
            aside.write_text(json.dumps({"chosen": number}))

    def _trial_dir(self, number: int) -> Path:
        return self.folder / f"trial-{number:04d}"

    def _answers(self, number: int) -> dict[str, np.ndarray]:
        from safetensors.numpy import load_file

        found: dict[str, np.ndarray] = load_file(self._trial_dir(number) / ANSWERS)
        return found
