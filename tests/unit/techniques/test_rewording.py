"""Words that become others: which may, and that the row, the pass and the seed alone decide."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from core.base_models.words import Words
from core.datasets.typos import LATIN_WORD, mistyped, sounds_alike, with_typos
from core.techniques import EXTRAS, TECHNIQUES
from core.techniques.rewording import Rewordings
from core.techniques.synonyms import Synonyms
from core.training.batches import TokenizedExamples, rewritten, seen_ids
from tests.unit.training.tiny import TinyRun, tiny_recipe

DRAWS = [np.random.default_rng(seed) for seed in range(200)]
PIECES = ["<unk>", "▁", "▁good", "▁excellent", "▁bad", "▁happy", "▁unhappy", "▁film", "ing", "味道", "口感", "好吃"]


@pytest.fixture
def words(tmp_path: Path) -> Words:
    """A vocabulary like that of E5: spaces belong to the piece behind them, Chinese letters stand together."""
    tokenizer = Tokenizer(models.Unigram([(piece, -float(i)) for i, piece in enumerate(PIECES)], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return Words(tokenizer, tmp_path)


def test_a_mistyped_latin_word_keeps_its_first_letter_and_most_others() -> None:
    forms = {mistyped("delivery", draw) for draw in DRAWS}
    assert {"deliery", "delivvery", "deilvery", "delovery"} & forms
    assert all(form[0] == "d" and 7 <= len(form) <= 9 for form in forms)
    assert mistyped("cat", DRAWS[0]) == "cat"
    assert mistyped("2026", DRAWS[0]) == "2026"


def test_a_mistyped_chinese_word_has_a_letter_that_sounds_alike() -> None:
    assert {mistyped("很慢", draw) for draw in DRAWS} == {"痕慢", "狠慢", "很曼", "很漫"}
    assert sounds_alike("a") == sounds_alike("龘") == ""


def test_a_text_gets_about_as_many_typos_as_asked_and_equal_draws_give_equal_texts() -> None:
    text = "please cancel order number 12345 " * 200
    typed = with_typos(text, np.random.default_rng(3), 0.5)
    assert typed == with_typos(text, np.random.default_rng(3), 0.5)
    wrong = sum(a != b for a, b in zip(text.split(), typed.split(), strict=True))
    assert 0.4 < wrong / len(LATIN_WORD.findall(text)) < 0.6
    assert with_typos(text, np.random.default_rng(3), 0.0) == text


def test_words_are_found_in_pieces_of_both_languages(words: Words) -> None:
    ids = np.array(words.tokenizer.encode("good filming 味道好吃").ids)
    edges = [*words.starts(ids).tolist(), len(ids)]
    found = [words.text(tuple(ids[a:b].tolist())) for a, b in pairwise(edges)]
    assert [word for word in found if word] == ["good", "filming", "味道", "好吃"]
    assert words.spans(["口感"], like=(PIECES.index("味道"),)) == [(PIECES.index("口感"),)]


def test_near_words_stand_for_a_word_opposites_and_other_scripts_do_not(words: Words) -> None:
    vectors = np.eye(len(PIECES), dtype=np.float32)
    for same in (["▁good", "▁excellent", "▁bad"], ["▁happy", "▁unhappy"], ["味道", "口感", "▁film"]):
        vectors[[PIECES.index(piece) for piece in same]] = vectors[PIECES.index(same[0])]
    words.vectors = vectors  # type: ignore[misc]
    others = Synonyms.others(words, [(i,) for i in range(len(PIECES))], tiny_recipe())
    named = {PIECES[span[0]]: [PIECES[other[0]] for other in near] for span, near in others.items()}
    assert named == {
        "▁good": ["▁excellent"],
        "▁excellent": ["▁good"],
        "味道": ["口感"],
        "口感": ["味道"],
    }


def test_a_base_model_without_readable_word_vectors_has_no_synonyms(words: Words) -> None:
    assert Synonyms.others(words, [(2,)], tiny_recipe()) == {}


@pytest.mark.parametrize("name", ["synonyms", "typos"])
def test_seed_row_and_pass_decide_and_what_comes_in_can_be_learned(name: str, base_dir: Path, tmp_path: Path) -> None:
    recipe = tiny_recipe(extras=(name,), **{f"{name.removesuffix('s')}_share": 0.9})
    run = TinyRun(base_dir, recipe, TECHNIQUES["full"], tmp_path)
    words = Words(Tokenizer.from_file(str(base_dir / "tokenizer.json")), base_dir)
    common = words.common(run.practice.ids, run.practice.offsets, 10)
    made = Rewordings(words=words, others={span: [(20, 21)] for span in common if words.text(span)})
    examples = replace(run.practice, rewordings={name: made})
    extra = EXTRAS[name](recipe)
    extra.rewordings, extra.share, extra.longest = made, 0.5, 9  # type: ignore[attr-defined]
    first, again, other = (rewritten(examples, np.arange(60), [extra], 0, epoch)[0] for epoch in (1, 1, 2))
    assert np.array_equal(first.ids, again.ids)
    assert not np.array_equal(first.ids, other.ids)
    assert {20, 21} <= set(first.ids.tolist()) <= set(seen_ids([examples], 0).tolist())
    grown = first.lengths > examples.lengths[:60]
    assert grown.any() and (first.lengths[grown] <= 9).all()


def test_a_text_of_several_windows_stays_as_it_is_and_none_outgrows_its_window() -> None:
    class Doubler:
        def rewrite(self, ids: np.ndarray, draw: np.random.Generator) -> np.ndarray:
            return np.repeat(ids, 2)

    ids = np.arange(12, dtype=np.int32)
    examples = TokenizedExamples(
        ids=ids, offsets=np.array([0, 2, 5, 12]), targets=np.zeros(3, dtype=np.int64), window=4
    )
    changed, _ = rewritten(examples, np.arange(3), [Doubler()], 0, 0)
    assert np.diff(changed.offsets).tolist() == [4, 3, 7]
    assert changed.window == 4
