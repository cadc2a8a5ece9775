"""A text is cut into words, for Chinese into the tokenizer's pieces, and can be asked without some of them."""

from core.explanation.words import text_without, words_of


def cut(text, *pieces):
    return [text[start:end] for start, end in words_of(text, lambda _text: pieces)]


def test_letters_with_their_apostrophes_and_numbers_are_words_and_punctuation_is_none():
    assert cut("I don't owe 12.50, re-send it!") == ["I", "don't", "owe", "12.50", "re-send", "it"]
    assert cut("  ...  ") == []


def test_chinese_is_cut_where_the_tokenizer_cuts_and_emoji_stand_alone():
    text = "我要退款ok😡"
    assert cut(text, (0, 2), (2, 4), (4, 6)) == ["我要", "退款", "ok", "😡"]


def test_a_piece_that_crosses_the_bounds_of_a_run_and_a_long_run_are_cut_too():
    assert cut("ab退款了", (0, 4), (4, 5)) == ["ab", "退款", "了"]
    assert cut("一二三四五六") == ["一二三四", "五六"]


def test_what_is_left_out_leaves_no_double_spaces():
    text = "send my money back now"
    spans = words_of(text, lambda _text: [])
    assert text_without(text, [spans[2]]) == "send my back now"
    assert text_without(text, [spans[4], spans[0]]) == "my money back"
    assert text_without(text, spans) == ""
