"""Two texts as one string and back, whatever they hold."""

from hypothesis import given
from hypothesis import strategies as st

from core.domain.pairs import SEPARATOR, in_halves, joined, parts

TEXTS = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)


@given(TEXTS, TEXTS)
def test_both_texts_come_back(first: str, second: str) -> None:
    assert parts(joined(first, second)) == (first.replace("⇄", "↔"), second.replace("⇄", "↔"))


def test_half_a_pair_is_none() -> None:
    assert joined("a", " ") == joined("", "b") == ""
    assert parts("a single text") == ("a single text", "")
    assert parts(f"a{SEPARATOR}".strip()) == ("a", "")


def test_a_text_is_rewritten_on_each_side_of_the_sign() -> None:
    assert in_halves(str.upper)("how so ⇄ why so") == "HOW SO ⇄ WHY SO"
    assert in_halves(lambda text: text[:2])("how so ⇄ why so") == "ho ⇄ wh"
    assert in_halves(lambda text: "" if "x" in text else text)("x ⇄ y") == ""
