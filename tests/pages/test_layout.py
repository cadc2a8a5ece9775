"""Words and numbers as the pages write them."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.layout import format_bytes, format_percent, format_seconds_range, plain

HOSTILE = [
    "![x](http://127.0.0.1:9/x.png)",
    "[click](http://example.org)",
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ `code` ~~gone~~",
    ":red[red] :material/home: :smile:",
    "$x^2$ and $$y$$",
    "# heading",
    "1. list",
    "- list",
    "| a | b |",
    "&lt;b&gt; &copy;",
    "back\\slash",
    "two\n\nparagraphs",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_leaves_no_markdown_character_unescaped(text: str) -> None:
    safe = plain(text)
    position = 0
    while position < len(safe):
        if safe[position] == "\\":
            position += 2
            continue
        assert safe[position] not in "\\`*_{}[]()#+-.!|<>~$&:\n", safe
        position += 1


@pytest.mark.parametrize("text", ["https://example.org", "www.example.org", "a@example.org"])
def test_plain_keeps_addresses_from_becoming_links(text: str) -> None:
    assert "\u2060" in plain(text)
    assert plain(text).replace("\u2060", "").replace("\\", "") == text


def test_plain_leaves_ordinary_words_alone() -> None:
    assert plain("退款 refund 12") == "退款 refund 12"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (5, 20, "under a minute"),
        (40, 59, "about a minute"),
        (50, 80, "about 1 minute"),
        (360, 540, "6–9 minutes"),
        (7200, 10800, "2–3 hours"),
        (7200, 7201, "about 2 hours"),
    ],
)
def test_durations_are_ranges_a_person_can_plan_with(low: float, high: float, words: str) -> None:
    assert format_seconds_range(low, high) == words


def test_numbers() -> None:
    assert format_percent(0.923) == "92%"
    assert format_percent(0.9234, 1) == "92.3%"
    assert format_bytes(300 << 20) == "300.0 MB"
    assert format_bytes(12) == "12 B"


def test_error_shows_what_and_what_next_with_user_text_inert() -> None:
    def script() -> None:
        from core.domain.message import msg
        from core.errors import UserError
        from pages.components.layout import show_error

        show_error(UserError(msg("“{name}” is empty.", name="![x](http://h/x)"), hint=msg("Export it again.")))

    test = AppTest.from_function(script).run()
    assert not test.exception
    assert "![x](" not in test.error[0].value
    assert test.error[0].value.endswith("Export it again\\.")
