"""How pairs of texts become token ids."""

import pytest

from core.base_models.long_texts import Reader
from core.base_models.tokenizer import load_tokenizer
from tests.unit.training.tiny import build_base


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return build_base(tmp_path_factory.mktemp("pairs") / "tiny")


def words(reader: Reader, text: str) -> str:
    (ids,) = reader.read([text])
    return " ".join(reader._tokenizer.id_to_token(int(token)) for token in ids)


def test_both_texts_stand_in_the_tokenizers_own_template(base) -> None:
    reader = Reader.load(base, 16, pairs=True)
    assert words(reader, "where is my card ⇄ the card") == "[CLS] where is my card [SEP] the card [SEP]"
    assert words(reader, "⇄ the card") == "[CLS] [SEP] the card [SEP]"


def test_of_the_longer_text_is_cut_first(base) -> None:
    reader = Reader.load(base, 8, pairs=True)
    assert words(reader, "where is my card now please ⇄ the card") == "[CLS] where is my [SEP] the card [SEP]"
    assert words(reader, "the card ⇄ where is my card now please") == "[CLS] the card [SEP] where is my [SEP]"


def test_a_tokenizer_without_a_template_gets_a_sign_between_them(base) -> None:
    from tokenizers import processors

    tokenizer = load_tokenizer(base, 16)
    tokenizer.post_processor = processors.ByteLevel()
    assert words(Reader(tokenizer, 16, pairs=True), "my card ⇄ the card") == "my card [UNK] the card"


def test_pairs_are_read_from_their_start_only(base) -> None:
    with pytest.raises(ValueError, match="windows"):
        Reader.load(base, 16, "windows", pairs=True)
