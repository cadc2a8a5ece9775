"""Practice rows and their encoder are opened once for all policies; the encoder remembers, and ends when asked to."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.domain.dataset import TableFormat
from core.domain.goal import Use
from core.domain.job import Wish
from core.domain.policy import Policy
from core.prediction.members import FineTunedMember, RememberingEncoder
from core.prediction.predictor import Predictor
from core.prediction.table import score_file
from core.training.familiarity import PracticeRows
from core.training.types import Cancelled


@pytest.fixture
def fine_tuned_only(bundle_dir: Path, tmp_path: Path) -> Predictor:
    """A model that kept no draft, and refuses what is unlike its practice."""
    folder = tmp_path / "bundle"
    shutil.copytree(bundle_dir, folder)
    whole = Predictor.load(folder)
    PracticeRows(vectors=whole.embed(["my money"]), rows=np.array([2], dtype=np.int32), threshold=0.0).save(folder)
    return Predictor(whole.about, [one for one in whole._members if isinstance(one[1], FineTunedMember)], folder)


def test_policies_of_one_model_share_what_is_opened(fine_tuned_only: Predictor) -> None:
    first, second = (fine_tuned_only.obeying(Policy(threshold=share), Use.FILL) for share in (0.5, 0.9))
    assert len(first.embed(["my money"])) == len(second.embed(["my money"])) == 1
    assert first.practice is not None and first.practice is second.practice is fine_tuned_only.practice
    assert first._practice.encoder is second._practice.encoder is fine_tuned_only._practice.encoder


def test_scoring_ends_while_texts_are_compared_with_practice(fine_tuned_only: Predictor, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("text\n" + "".join(f"where is {i}\n" for i in range(20)))
    answering = 0

    def should_stop() -> Wish:
        """No while the one member answers its 20 texts in one batch, then yes."""
        nonlocal answering
        answering += 1
        return Wish.NONE if answering == 1 else Wish.CANCEL

    with pytest.raises(Cancelled):
        score_file(
            fine_tuned_only, path=table, filename="in.csv", format=TableFormat(), out_path=tmp_path / "out.csv",
            text_columns=["text"], should_stop=should_stop,
        )  # fmt: skip
    assert answering == 2 and not fine_tuned_only._practice.encoder._known


def test_a_vector_that_another_thread_pushes_out_meanwhile_is_still_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RememberingEncoder, "REMEMBERED", 2)

    class Lengths:
        """Of each text its length; while it computes "new", somebody else asks for two other texts."""

        def embed(self, texts, *, long_texts, should_stop=None) -> np.ndarray:
            if "new" in texts:
                remembering.embed(["other", "others"], long_texts)
            return np.array([[len(text)] for text in texts], dtype=np.float32)

    remembering = RememberingEncoder(Lengths())
    remembering.embed(["known"], "start")
    assert remembering.embed(["known", "new", "known"], "start").tolist() == [[5], [3], [5]]
