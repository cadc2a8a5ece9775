"""The language of one text: told where it shows, left open where it does not."""

import pyarrow as pa
import pytest

from core.datasets.text_languages import LANGUAGES, text_languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my parcel? It was promised for today.", "en"),
        ("我的包裹在哪里", "zh"),
        ("我的 iPhone 15 Pro Max 坏了", "zh"),
        ("荷物はどこですか", "other"),
        ("где моя посылка", "other"),
        ("소포는 어디에 있나요", "other"),
        ("Je voudrais savoir quand mon colis va arriver dans la ville", "other"),
        ("Wo ist mein Paket? Ich habe es nicht bekommen.", "other"),
        ("No me llega el paquete y nadie responde por la compra", "other"),
        ("Refund status?", ""),
        ("iPhone 15 Pro Max", ""),
        ("12345", ""),
        ("", ""),
        ("👍👍", ""),
    ],
)
def test_language_of_one_text(text: str, language: str) -> None:
    (code,) = text_languages(pa.chunked_array([[text]], pa.large_string()))
    assert LANGUAGES[code] == language
