"""What is read of a text that is too long: its start, its start and end, or all of it in windows."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from core.base_models.long_texts import MAX_WINDOWS, WAYS, Reader, averaged, read_chars, spread
from core.base_models.tokenizer import encode, load_tokenizer

WORDS = [f"w{i}" for i in range(200)]
CLS, SEP, QUERY, UNKNOWN = 200, 201, 202, 203  # word i has id i
LENGTH = 12  # ten words of a text at once


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vocabulary = {word: i for i, word in enumerate([*WORDS, "[CLS]", "[SEP]", "query", "[UNK]"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", SEP), ("[CLS]", CLS))
    folder = tmp_path_factory.mktemp("words")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def text_of(n: int) -> str:
    return " ".join(WORDS[:n])


def read(folder: Path, text: str, way: str, **options: str) -> list[int]:
    (ids,) = Reader.load(folder, LENGTH, way, **options).read([text])
    return ids.tolist()


@pytest.mark.parametrize("way", WAYS)
def test_texts_with_room_enough_are_read_whole(folder: Path, way: str) -> None:
    assert read(folder, text_of(10), way) == [CLS, *range(10), SEP]
    assert read(folder, "", way) == [CLS, SEP]


def test_the_start_is_what_the_tokenizer_truncates_to(folder: Path) -> None:
    (expected,) = encode(load_tokenizer(folder, LENGTH), [text_of(40)])
    assert read(folder, text_of(40), "start") == expected.tolist()


def test_a_quarter_is_for_the_start_and_the_rest_for_the_end(folder: Path) -> None:
    assert read(folder, text_of(40), "start_and_end") == [CLS, 0, 1, *range(32, 40), SEP]


@pytest.mark.parametrize("n_words", [11, 17, 40, 61, 200])
def test_windows_are_full_begin_and_end_with_the_text_and_overlap(folder: Path, n_words: int) -> None:
    reader = Reader.load(folder, LENGTH, "windows")
    rows, counts = spread(list(reader.read([text_of(n_words), "w7"])), reader.window)
    windows = [row.tolist() for row in rows[:-1]]
    assert counts.tolist() == [len(windows), 1] and rows[-1].tolist() == [CLS, 7, SEP]
    assert all(len(window) == LENGTH and window[0] == CLS and window[-1] == SEP for window in windows)
    assert windows[0][1] == 0 and windows[-1][-2] == n_words - 1
    gaps = [after[1] - before[-2] for before, after in pairwise(windows)]
    if len(windows) < MAX_WINDOWS:
        assert max(gaps) <= 0  # each begins at or before the last word of the one before it
    else:
        assert len(windows) == MAX_WINDOWS


def test_what_stands_before_every_text_stands_before_every_window(folder: Path) -> None:
    reader = Reader.load(folder, LENGTH, "windows", prefix="query ")
    rows, _counts = spread(list(reader.read([text_of(30)])), reader.window)
    assert len(rows) > 1 and all(row[:2].tolist() == [CLS, QUERY] for row in rows)
    both = read(folder, text_of(30), "start_and_end", prefix="query ")
    assert both == [CLS, QUERY, 0, 1, *range(23, 30), SEP]


def test_windows_of_a_text_are_averaged() -> None:
    rows = np.array([[1.0, 0.0], [3.0, 2.0], [5.0, 5.0]], dtype=np.float32)
    means = averaged(rows, np.array([2, 1]))
    assert means.dtype == np.float32 and means.tolist() == [[2.0, 1.0], [5.0, 5.0]]


def test_characters_are_cut_alike() -> None:
    text = "".join(chr(ord("a") + i) for i in range(26))
    assert read_chars(text, 8, "start") == "abcdefgh"
    assert read_chars(text, 8, "start_and_end") == "ab uvwxyz"
    assert read_chars(text, 8, "windows") == text
    assert read_chars(text * 4, 8, "windows") == f"{(text * 4)[:32]} {(text * 4)[-32:]}"


def test_many_texts_keep_their_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.base_models.long_texts.CHARS_AT_ONCE", 20)
    texts = [f"w{i} w{i + 1}" for i in range(50)]
    assert [ids[1] for ids in Reader.load(folder, LENGTH).read(texts)] == list(range(50))


def test_letters_and_digits_of_full_width_are_read_as_ordinary_ones(folder: Path) -> None:
    assert read(folder, "ｗ１７ w3", "start") == [CLS, 17, 3, SEP]
    assert read(folder, "退款 ｗ１７", "start") == [CLS, UNKNOWN, 17, SEP]
