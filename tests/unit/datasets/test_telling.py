"""Which words go with which answers of a model."""

from core.datasets.telling import words_by_label

TEXTS = ["send my money back", "the money never came back", "i want the money", "my money please"] * 30 + [
    "where is the parcel",
    "the parcel is late",
    "parcel lost again",
    "my parcel please",
] * 20
LABELS = ["refund"] * 120 + ["delivery"] * 80


def test_each_category_has_its_own_words_the_biggest_category_first():
    found = words_by_label(TEXTS, LABELS)
    assert [(one.label, one.n_texts) for one in found] == [("refund", 120), ("delivery", 80)]
    assert found[0].words[0].word == "money"
    assert found[1].words[0].word == "parcel"
    assert found[0].words[0].ratio == 1.0


def test_one_category_has_nothing_to_be_told_from():
    assert words_by_label(TEXTS, ["refund"] * 200) == ()
    assert words_by_label([], []) == ()
