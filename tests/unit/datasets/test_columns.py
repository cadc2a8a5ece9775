"""The text column is free text, the category column repeats; neither is an id, a date or an address."""

from core.datasets.columns import guess_columns

MESSAGES = [
    "Where is my parcel?",
    "I want my money back",
    "The app does not start",
    "Thanks, all good now",
    "Wrong size",
]


def rows(n: int = 40) -> list[list[str]]:
    return [
        [
            str(1000 + i),
            f"2026-03-{i % 28 + 1:02d}",
            f"user{i}@mail.com",
            f"{MESSAGES[i % 5]} ({i})",
            ["delivery", "refund", "tech"][i % 3],
            f"https://shop.com/{i}",
        ]
        for i in range(n)
    ]


def test_ids_dates_and_addresses_are_never_proposed():
    assert guess_columns(("a", "b", "c", "d", "e", "f"), rows()) == ("d", "e")


def test_known_names_decide_in_both_languages():
    assert guess_columns(("id", "time", "contact", "Message", "Category", "url"), rows()) == ("Message", "Category")
    table = [[f"订单{i}的包裹还没到", ["物流", "售后"][i % 2]] for i in range(10)]
    assert guess_columns(("评论", "情感"), table) == ("评论", "情感")


def test_a_table_of_numbers_has_no_text():
    assert guess_columns(("a", "b"), [[str(i), str(i * 2.5)] for i in range(30)]) == (None, None)


def test_one_column_of_texts_has_no_category():
    assert guess_columns(("notes",), [[f"{MESSAGES[i % 5]} {i}"] for i in range(20)]) == ("notes", None)


def test_blank_columns_are_not_proposed():
    assert guess_columns(("text", "label"), [[f"some words {i}", ""] for i in range(20)]) == ("text", None)
