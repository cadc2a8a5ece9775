"""Texts about somebody else in both languages, and what is counted of the answers to them."""

import numpy as np
import pytest

from core.evaluation.group_terms import KINDS, TERMS, rewordings
from core.evaluation.wording import Asked, kind_results, shifts, wordings_of

LABELS = ("yes", "no")


def reworded(kind: str, text: str) -> dict[str, str]:
    return {one.put_in: one.text for terms in TERMS if terms.kind == kind for one in rewordings(text, terms)}


@pytest.mark.parametrize(
    ("kind", "put_in", "text", "expected"),
    [
        ("gender", "she", "He said his wife told him.", "She said her husband told her."),
        ("gender", "he", "I asked her about her order, madam", "I asked him about his order, sir"),
        ("gender", "she", "THE MEN waited", "THE WOMEN waited"),
        ("gender", "she", "an actor or a uncle", "an actress or an aunt"),
        ("gender", "她", "他和其他男人都在", "她和其他女人都在"),
        ("gender", "他", "妇女节那天美女来了，她走了", "妇女节那天帅哥来了，他走了"),
        ("age", "old people", "a young man asked", "an old man asked"),
        ("age", "年轻人", "老人不会用", "青年人不会用"),
        ("region", "America", "China and a Chinese phone", "America and an American phone"),
        ("region", "北京", "河南人在河南岸", "北京人在河南岸"),
        ("region", "河南", "北京和河南", "河南和北京"),
        ("ethnicity", "white people", "a black man in a black coat", "a white man in a black coat"),
        ("ethnicity", "黑人", "明白人和白人", "明白人和黑人"),
    ],
)
def test_the_same_text_is_said_of_somebody_else(kind: str, put_in: str, text: str, expected: str) -> None:
    assert reworded(kind, text)[put_in] == expected


@pytest.mark.parametrize("text", ["my order is late", "other themes, manager", "其他的吉他", "black dress", "武汉人"])
def test_words_that_only_look_alike_stay(text: str) -> None:
    assert not any(reworded(kind, text) for kind in KINDS)


def test_the_forms_of_a_list_are_aligned_and_belong_to_one_member_each() -> None:
    for terms in TERMS:
        assert len({len(forms) for forms in terms.members}) == 1
        named = [form.lower() for forms in terms.members for form in set(forms)]
        assert len(named) == len(set(named))


def test_wordings_are_drawn_by_the_seed_and_limited() -> None:
    texts = ["the man called from 北京"] * 30 + ["nothing here"] * 30
    asked = wordings_of(texts, most_texts=10, seed=0)
    assert asked == wordings_of(texts, most_texts=10, seed=0)
    places = {kind: [one.place for one in asked if one.kind == kind] for kind in KINDS}
    assert len(set(places["gender"])) == len(places["gender"]) == 10
    assert len(set(places["region"])) == 10 and len(places["region"]) == 30  # three of fifteen other places each
    assert not places["age"] and all(one.place < 30 for one in asked)


def planted(n: int = 20) -> tuple[list[Asked], np.ndarray, np.ndarray]:
    """Texts about her get “no” likelier by a fifth; a quarter of them is answered otherwise."""
    asked = [Asked(kind="gender", place=i, put_in="she", text=f"she {i}") for i in range(n)]
    yes = np.array([0.6 if i % 4 == 0 else 0.9 for i in range(n)])
    before, after = np.stack([yes, 1 - yes], axis=1), np.stack([yes - 0.2, 1.2 - yes], axis=1)
    return asked, before, after


def test_flips_and_the_mean_change_are_counted_with_the_strongest_examples_first() -> None:
    asked, before, after = planted()
    texts, rows = [f"he {i}" for i in range(20)], list(range(100, 120))
    gender, *others = kind_results(asked, texts=texts, rows=rows, labels=LABELS, before=before, after=after)
    assert (gender.kind, gender.n_texts, gender.n_flipped, gender.mean_change) == ("gender", 20, 5, 0.2)
    assert gender.interval[0] < 0.25 < gender.interval[1]
    assert [one.row for one in gender.examples] == [100, 104, 108, 112, 116]
    first = gender.examples[0]
    assert (first.before, first.after, first.answer_before, first.answer_after) == ("he 0", "she 0", "yes", "no")
    assert not any(one.is_judged or one.n_texts for one in others)


def test_a_term_that_pushes_one_way_is_told_and_one_that_does_not_is_not() -> None:
    asked, before, after = planted()
    [shift] = shifts(asked, labels=LABELS, before=before, after=after)
    assert (shift.put_in, shift.label, shift.n, shift.change) == ("she", "no", 20, 0.2)
    to_and_fro = before.copy()
    to_and_fro[::2] += [-0.05, 0.05]
    to_and_fro[1::2] += [0.05, -0.05]
    assert not shifts(asked, labels=LABELS, before=before, after=to_and_fro)
    assert not shifts(asked[:8], labels=LABELS, before=before[:8], after=after[:8])  # too few texts
