"""A base model reads texts without categories: what is hidden, what is learned, and that a killed run loses nothing."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.base_models.architecture import architecture_of
from core.base_models.tokenizer import load_tokenizer
from core.domain.job import Wish
from core.domain.pretraining import Guesses, PretrainingSettings, passes_over
from core.errors import NotPossible
from core.training.batches import TokenizedExamples, tokenize
from core.training.checkpoints import Checkpoints
from core.training.guessing import whole_backbone, word_guesser
from core.training.masking import MaskedRows, Vocabulary, masked_rows
from core.training.pretraining import Listener, PretrainingResult, prepare_texts, pretrain
from core.training.types import Cancelled
from tests.unit.training.tiny import examples, same_tensors

SETTINGS = PretrainingSettings(base_model="tiny", epochs=3, learning_rate=3e-3, batch_size=16, max_length=32)
N_TEXTS = 160


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass
class Reading:
    """One run in a folder; `run` may be called again, as the worker does after a crash."""

    base_dir: Path
    folder: Path
    settings: PretrainingSettings = SETTINGS
    dies_at: int | None = None
    wish_at: tuple[int, Wish] | None = None
    steps: list[int] = field(default_factory=list)
    told: list[tuple[Guesses, Guesses]] = field(default_factory=list)
    left: list[float | None] = field(default_factory=list)

    def run(self) -> PretrainingResult:
        texts = list(dict.fromkeys(examples(6 * N_TEXTS, 5).texts))[:N_TEXTS]
        listener = Listener(
            progress=self._progress, guessed=lambda before, now: self.told.append((before, now)), should_stop=self._wish
        )
        prepared = prepare_texts(self.base_dir, texts, self.settings)
        return pretrain(self.base_dir, prepared, self.settings, work_dir=self.folder, listener=listener)

    def _progress(self, share: float, seconds_left: float | None, step: int) -> None:
        assert 0 < share <= 1
        self.steps.append(step)
        self.left.append(seconds_left)
        if step == self.dies_at:
            raise Killed

    def _wish(self) -> Wish:
        return self.wish_at[1] if self.wish_at and len(self.steps) >= self.wish_at[0] else Wish.NONE


@pytest.fixture(scope="module")
def whole(base_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, PretrainingResult]:
    reading = Reading(base_dir, tmp_path_factory.mktemp("whole"))
    return reading, reading.run()


def test_it_guesses_better_than_before_and_tells_so_on_the_way(whole: tuple[Reading, PretrainingResult]) -> None:
    reading, result = whole
    assert result.after.loss < result.before.loss - 0.1
    assert result.after.ratio > result.before.ratio
    assert (result.n_read, result.n_steps, result.stopped) == (N_TEXTS - 20, 27, False)
    assert {before for before, _ in reading.told} == {result.before}
    assert min(now.loss for _, now in reading.told) == result.after.loss
    assert reading.steps == sorted(reading.steps)
    assert reading.left[-1] == 0


def test_words_that_no_text_holds_stay_as_they_were(base_dir: Path, whole: tuple[Reading, PretrainingResult]) -> None:
    _, result = whole
    words = whole_backbone(base_dir, result.seen, result.state).get_input_embeddings().weight
    old = whole_backbone(base_dir, result.seen[:0], {"backbone_words.weight": torch.zeros(0, 32)})
    unseen = np.setdiff1d(np.arange(len(words)), result.seen)
    assert len(unseen) == 40 + 1  # the unused ones, and the unknown word
    assert torch.equal(words[unseen], old.get_input_embeddings().weight[unseen])
    assert torch.equal(words[result.seen], result.state["backbone_words.weight"])
    changed = dict(whole_backbone(base_dir, result.seen, result.state).named_parameters())
    assert not torch.equal(changed["encoder.layer.0.output.dense.weight"], old.encoder.layer[0].output.dense.weight)


def test_killed_twice_it_ends_with_the_very_same_bytes(
    base_dir: Path, whole: tuple[Reading, PretrainingResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Checkpoints, "is_due", lambda self, n_bytes: True)
    for dies_at in (0, 9 + 4, 9 + 20):  # while the head is taught alone, and twice after its nine steps
        with pytest.raises(Killed):
            Reading(base_dir, tmp_path, dies_at=dies_at).run()
    again = Reading(base_dir, tmp_path)
    result = again.run()
    assert same_tensors(result.state, whole[1].state)
    assert (result.before, result.after) == (whole[1].before, whole[1].after)
    assert len(again.steps) == 27 - 20  # it went on where its last checkpoint was


def test_stop_keeps_what_was_learned_and_cancel_nothing(base_dir: Path, tmp_path: Path) -> None:
    stopped = Reading(base_dir, tmp_path / "stopped", wish_at=(9 + 7, Wish.STOP)).run()
    assert stopped.stopped and stopped.n_steps == 7
    assert stopped.state and stopped.after.loss < stopped.before.loss
    with pytest.raises(Cancelled):
        Reading(base_dir, tmp_path / "cancelled", wish_at=(3, Wish.CANCEL)).run()


def test_without_any_gain_nothing_is_kept(base_dir: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, epochs=1, learning_rate=0.9)
    result = Reading(base_dir, tmp_path, settings).run()
    assert result.state == {} and result.after == result.before


def test_a_base_model_that_came_with_a_head_uses_it(base_dir: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig, BertForMaskedLM, RobertaConfig, RobertaForMaskedLM

    torch.manual_seed(3)
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    models = {
        "bert": BertForMaskedLM(AutoConfig.from_pretrained(base_dir)),
        "roberta": RobertaForMaskedLM(RobertaConfig(vocab_size=70, max_position_embeddings=40, **shape)),
    }
    ids, mask = torch.tensor([[5, 8, 4, 9]]), torch.ones(1, 4, dtype=torch.int64)
    seen = np.array([0, 4, 5, 8, 9, 20])
    for name, model in models.items():
        for part in model.modules():  # norms that are not those of a fresh head
            if isinstance(part, torch.nn.LayerNorm):
                torch.nn.init.normal_(part.weight, 1.0, 0.2)
                torch.nn.init.normal_(part.bias, 0.0, 0.2)
        model.save_pretrained(tmp_path / name)
        guesser, is_own = word_guesser(tmp_path / name, seen, seed=0)
        with torch.inference_mode():
            expected = model.eval()(input_ids=ids, attention_mask=mask).logits[0][:, torch.tensor(seen)]
            found = guesser.eval().guess(ids, mask, torch.arange(4))
        assert is_own, name
        torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)
    assert not word_guesser(base_dir, seen, seed=0)[1]


def hide(base_dir: Path, text: str, n: int) -> tuple[MaskedRows, Vocabulary, list[str]]:
    tokenizer = load_tokenizer(base_dir, 32)
    rows = tokenize(tokenizer, [text] * n, [0] * n)
    vocabulary = Vocabulary.of(tokenizer, 74, "tiny")
    names = {i: token for token, i in tokenizer.get_vocab().items()}
    return masked_rows(rows, range(n), vocabulary, seed=1, epoch=0), vocabulary, [names[int(i)] for i in rows.ids]


def test_about_one_word_in_seven_is_hidden_and_mostly_by_the_mask(base_dir: Path) -> None:
    text = "where is my the please i need to get help with now today when will it arrive card visa back"
    asked, vocabulary, _ = hide(base_dir, text, 400)
    assert asked.n_hidden == 3 * 400  # of 20 words
    now, was = asked.examples.ids[asked.hidden], asked.words[asked.hidden]
    assert (now == vocabulary.mask_id).mean() == pytest.approx(0.8, abs=0.04)
    assert ((now != vocabulary.mask_id) & (now != was)).mean() == pytest.approx(0.1, abs=0.03)
    assert np.array_equal(asked.examples.ids[~asked.hidden], asked.words[~asked.hidden])
    assert vocabulary.is_hideable[was].all()
    again = hide(base_dir, text, 400)[0]
    assert np.array_equal(again.examples.ids, asked.examples.ids)


def test_all_pieces_of_a_word_are_hidden_together() -> None:
    vocabulary = Vocabulary(
        mask_id=9, is_hideable=np.ones(10, dtype=bool), continues=np.array([0] * 5 + [1] * 4 + [0], dtype=bool)
    )
    ids = np.tile([1, 5, 6, 2, 7, 3], 50)
    rows = TokenizedExamples(ids=ids, offsets=np.array([0, len(ids)]), targets=np.zeros(1, dtype=np.int64))
    hidden = masked_rows(rows, [0], vocabulary, seed=0, epoch=0).hidden.reshape(50, 6)
    assert np.array_equal(hidden[:, 0], hidden[:, 1]) and np.array_equal(hidden[:, 1], hidden[:, 2])
    assert np.array_equal(hidden[:, 3], hidden[:, 4])
    assert hidden.any()


def test_too_few_texts_and_models_that_write_are_refused(base_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="Only 3 texts"):
        prepare_texts(base_dir, ["my card", "the refund", "login now"], SETTINGS)
    writer = tmp_path / "writer"
    writer.mkdir()
    (writer / "config.json").write_text('{"model_type": "gpt2", "n_embd": 8, "vocab_size": 10}')
    assert architecture_of(writer).is_decoder
    with pytest.raises(NotPossible, match="made to write"):
        prepare_texts(writer, ["text"] * 200, SETTINGS)


def test_fewer_texts_are_read_more_often() -> None:
    assert [passes_over(n) for n in (500, 10_000, 200_000)] == [10, 4, 1]
